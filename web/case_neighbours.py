"""Neighbouring cases in words: what ties them to this one and what came of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from babel.lists import format_list

from disputes import links, store
from disputes.money import Money
from disputes.store_neighbours import Neighbour, Tie
from templates.language import locale, say
from templates.language import marked as _
from web import words
from web.visit import Visit

_TIES = {
    Tie.ORDER: _("the same order"),
    Tie.CARD: _("the same card"),
    Tie.EMAIL: _("the same e-mail address"),
    Tie.NAME: _("the same name and the same last four digits"),
}


@dataclass(frozen=True, slots=True)
class Row:
    title: str
    link: str
    amount: Money
    opened_at: datetime
    status: str
    status_words: str
    customer: str
    on: str
    """What it has in common with this case, in words."""


def rows_of(visit: Visit, found: Sequence[Neighbour]) -> list[Row]:
    return [_row(visit, each) for each in found]


def _row(visit: Visit, neighbour: Neighbour) -> Row:
    dispute = neighbour.dispute
    shown = store.shown(dispute, visit.now).value
    return Row(
        title=dispute.order_ref or dispute.external_id,
        link=links.case(visit.merchant.slug, dispute.id),
        amount=dispute.amount,
        opened_at=dispute.opened_at,
        status=shown,
        status_words=words.status(shown),
        customer=dispute.customer_name or "",
        on=format_list([say(_TIES[tie]) for tie in neighbour.ties], locale=locale()),
    )
