"""What a gateway offers beside the answer, as the case lists it."""

from __future__ import annotations

from dataclasses import dataclass

from disputes import links
from disputes.acts import ANSWERS, Offered
from disputes.knowledge.acts import act_form
from scheduler import asking
from templates.language import say, told
from web import words
from web.case_view import Case


@dataclass(frozen=True, slots=True)
class Other:
    """One act. Without a path only the gateway's own page can do it; there is none where there is no API."""

    title: str
    meaning: str
    path: str
    moves_money: bool


def others(case: Case) -> list[Other]:
    """Every act that is offered now beside the answer, those that are built here first."""
    here = links.case(case.visit.merchant.slug, case.dispute.id)
    found = [_other(case, offer, here) for offer in asking.offered(case.dispute) if offer.act not in ANSWERS]
    return sorted(found, key=lambda other: not other.path)


def _other(case: Case, offer: Offered, here: str) -> Other:
    form = act_form(case.dispute.gateway, offer.act)
    if case.manual:
        meaning = say("Tell %(gateway)s itself, and then enter it here as the outcome.") % {
            "gateway": case.gateway_title
        }
        return Other(words.plain(offer.act), meaning, f"{here}/entered", moves_money=True)
    if form is None:
        return Other(words.plain(offer.act), "", "", moves_money=False)
    path = "" if case.by_hand else f"{here}/acts/{offer.act}"
    return Other(told(form.title), told(form.meaning), path, form.moves_money)
