"""What the templates of a case are filled with: all of it for the page, the moving parts for what follows a change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from sqlmodel import Session
from starlette.responses import HTMLResponse, Response

from disputes import links, store_walk
from disputes.knowledge import evidence_items, sub_conditions
from disputes.ledger import balance
from disputes.lifecycle import ENDED, GatewayStatus
from disputes.money import Money
from evidence.editing import Clash, Wish
from scheduler.requests import ROLES
from templates import asking, render
from templates.language import LANGUAGES, money_words, say
from web import case_facts, case_packet, case_view, changes, words
from web.beside import others
from web.case_letter import editor
from web.case_parts import parts_of
from web.case_view import Case
from web.filed import filed
from web.next_step import next_step
from web.pages.letterhead import PRODUCT_TYPES
from web.pages.moments import day_and_hour
from web.remarks import remarks
from web.view import page, when_in
from web.visit import Visit

ANSWER_WITHIN = timedelta(days=4)
"""What somebody outside is given by default."""


def show(
    session: Session, case: Case, *, wishes: Iterable[Wish] = (), clashes: Iterable[Clash] = (), status: int = 200
) -> Response:
    """The whole page. `wishes` and `clashes`: of a letter form that could not be taken."""
    return page(
        case.visit,
        "case.html",
        status=status,
        nav="queue",
        **parts_of(session, case, shown=case.visit.request.query_params.get("show", "")),
        **moving(case, wishes, clashes),
        **_resting(case),
        **_walk(session, case),
        swap=False,
    )


def moving(case: Case, wishes: Iterable[Wish] = (), clashes: Iterable[Clash] = ()) -> dict[str, Any]:
    """The parts that change while somebody looks: head, next step, checklist, letter, exhibits, packet."""
    letter = case.letter
    shown = case_packet.shown_exhibits(case, letter)
    asks = case.dispute.status is GatewayStatus.NEEDS_RESPONSE
    return {
        "case": case,
        "head": case_view.headline(case),
        "claim": case_facts.claimed(case),
        "step": next_step(case),
        "filed": filed(case),
        "balance": balance(case.ledger),
        "ended": case.dispute.status in ENDED,
        "checklist": case_facts.checklist(case),
        "others": others(case),
        "due": case.dispute.due_at if asks else None,
        "letter": letter,
        "editor": editor(case, letter, shown, wishes, clashes) if letter else None,
        "order": case_packet.order_of(case, shown),
        "pane": case_packet.pane(case),
        "seq": changes.last_seq(case),
        "shape": shape(case),
        "here": links.case(case.visit.merchant.slug, case.dispute.id),
        "words": words,
        "dispute": case.dispute,
        "assessment": case.assessment,
        "changed": [],
    }


def shape(case: Case) -> str:
    """Changes where the page needs other parts than it has, so that it has to be loaded anew."""
    live, round_id = case.live, case.current.id[-6:] if case.current else ""
    can = f"{case.may_edit:d}{case.idle:d}"
    return ".".join((round_id, can, live.state if live else "", case.dispute.gateway_status))


def _resting(case: Case) -> dict[str, Any]:
    return {
        "facts": case_facts.facts(case),
        "remarks": remarks(case),
        "money": lambda minor, currency: money_words(Money(minor, currency)),
        "product_types": PRODUCT_TYPES,
        "all_items": sorted(evidence_items().values(), key=lambda info: say(info.label)),
        "conditions": sub_conditions(case.dispute.network, case.dispute.reason_code),
        **_asking(case),
    }


def _walk(session: Session, case: Case) -> dict[str, Any]:
    """To the open case before and after this one in the queue."""
    slug = case.visit.merchant.slug
    before, after = store_walk.previous_and_next(session, case.dispute)
    return {
        "previous_case": links.case(slug, before) if before else "",
        "next_case": links.case(slug, after) if after else "",
    }


def _asking(case: Case) -> dict[str, Any]:
    """What the form needs by which somebody outside is asked; what is missing in this case comes first."""
    labels = case_facts.labels()
    missing = [line.item for line in case.assessment.missing] if case.assessment else []
    order = [*missing, *sorted(labels, key=lambda name: labels[name])]
    askable = [each for each in dict.fromkeys(order) if each in asking.askable()]
    soon = case.visit.now + ANSWER_WITHIN
    end = min(soon, case.act.machine_until) if case.act.machine_until else soon
    return {
        "askable_items": [("", say("Choose …")), *((name, labels[name]) for name in askable)],
        "item_label": lambda name: labels.get(name, name),
        "roles": ROLES,
        "languages": asking.languages(),
        "ask_by": day_and_hour(end, case.visit.merchant.zone)[0],
    }


# ---- parts that follow a change --------------------------------------------------------------------------------------


def follow(case: Case, since: int, *, first: str = "", **more: Any) -> HTMLResponse:
    """The moving parts, each to be laid over its place on the page; `first`: the template the form itself gets."""
    filled = {
        **_known(case.visit),
        **moving(case),
        "changed": changes.by_others(case, since),
        "first": first,
        "swap": True,
        **more,
    }
    return HTMLResponse(render.html("web/case/live.html", **filled))


def part(case: Case, template: str, **more: Any) -> HTMLResponse:
    """One part by itself."""
    filled = {**_known(case.visit), **moving(case), "swap": False, **more}
    return HTMLResponse(render.html(f"web/case/{template}", **filled))


def letter_again(case: Case, wishes: Iterable[Wish], clashes: Iterable[Clash]) -> dict[str, Any]:
    """The letter's editor with what was typed, beside what stands."""
    letter = case.letter
    shown = case_packet.shown_exhibits(case, letter)
    return {"editor": editor(case, letter, shown, wishes, clashes) if letter else None}


def _known(visit: Visit) -> dict[str, Any]:
    return {
        "visit": visit,
        "merchant": visit.merchant,
        "csrf": visit.visitor.csrf,
        "now": visit.now,
        "when": when_in(visit.merchant.zone),
        "links": links,
        "languages": LANGUAGES,
    }
