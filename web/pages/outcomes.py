"""What came of it: how often it was contested and won, what it cost, how close the deadlines were, and to what work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlmodel import Session
from starlette.responses import Response, StreamingResponse

from disputes import links, store_connections, store_outcomes, store_queue
from disputes.clock import local_day
from disputes.models import Dispute, RoundResult
from disputes.roles import Right
from disputes.store_outcomes import PAGE, ROUNDS
from disputes.titles import connection_title, gateway_title
from templates.language import instant_words, say
from web import outcomes_charts, outcomes_csv, outcomes_figures, outcomes_view, outcomes_words, words
from web.outcomes_view import Chosen
from web.view import page
from web.visit import AtMerchant, Reader, Visit, needs

router = APIRouter()
BASE = "/m/{slug}/outcomes"
Word = Annotated[str, Query(max_length=60)]


@router.get(BASE)
def outcomes(visit: AtMerchant, session: Reader) -> Response:
    chosen, live, context = _begin(visit, session)
    scope = outcomes_view.scope_of(visit, chosen, live=live)
    cells = store_outcomes.cells(session, scope)
    if not cells:
        ever = store_outcomes.any_decided(session, visit.merchant.id, live)
        return page(visit, "outcomes.html", **context, empty="period" if ever else "ever")
    return page(
        visit,
        "outcomes.html",
        **context,
        **_figures(session, scope, cells, chosen),
        empty="",
        may_export=visit.may(Right.EXPORT),
        words=outcomes_words,
    )


def _figures(
    session: Session, scope: store_outcomes.Scope, cells: list[store_outcomes.CellSum], chosen: Chosen
) -> dict[str, Any]:
    figures = outcomes_figures
    dimensions = {name: figures.dimension(cells, name, chosen) for name in figures.DIMENSIONS}
    months = store_outcomes.money(session, scope)
    money = figures.money_rows(months, chosen)
    monthly = [(each.label, figures.month_rows(months, each.label, chosen)) for each in money]
    margins = figures.margins(store_outcomes.margins(session, scope), cells, chosen)
    tally = figures.overall(cells)
    return {
        "tally": tally,
        "currencies": figures.currencies(tally, chosen),
        "dimensions": [
            (name, say(title), say(figures.HEADINGS[name]), dimensions[name])
            for name, title in figures.DIMENSIONS.items()
        ],
        "evidence": figures.evidence(store_outcomes.proofs(session, scope), chosen),
        "money": money,
        "monthly": monthly,
        "margins": margins,
        "work": figures.work(cells, chosen),
        "charts": {
            "rates": outcomes_charts.win_rates(
                say("Share of contested cases that were won, by reason"),
                [(each.label, each.tally.of_contested) for each in dimensions["category"]],
            ),
            "months": outcomes_charts.months(say("Withdrawn and returned, by month of the decision"), monthly[0][1])
            if monthly
            else None,
            "margins": outcomes_charts.lengths(
                say("How long before the deadline answers were filed"),
                [(name, label, number) for name, label, number, _ in margins.bands],
            ),
        },
    }


def _begin(visit: Visit, session: Session) -> tuple[Chosen, bool, dict[str, Any]]:
    """What every page of outcomes shows: the side, the filters, and what is still open."""
    sides = store_queue.sides(session, visit.merchant.id)
    chosen = outcomes_view.chosen_of(visit)
    live = chosen["side"] == "live" if chosen["side"] in ("live", "sandbox") else bool(sides and sides[0])
    counts = store_queue.counts(session, visit.merchant.id, live, visit.now)
    said = {**chosen.said, "side": "live" if live else "sandbox"} if len(sides) > 1 else chosen.said
    chosen = Chosen(visit.merchant.slug, said)
    first, last = outcomes_view.days_of(visit, chosen)
    return (
        chosen,
        live,
        {
            "nav": "outcomes",
            "sides": sides,
            "live": live,
            "chosen": chosen,
            "periods": outcomes_view.PERIODS,
            "first": first,
            "last": last,
            "gateways": [(each, say(gateway_title(each))) for each in store_queue.gateways(session, visit.merchant.id)],
            "counts": counts,
            "at_stake": store_queue.at_stake(session, visit.merchant.id, live),
            "waiting": sum(counts.get(view, 0) for view in ("under_review", "answered_elsewhere")),
            "queue": links.queue(visit.merchant.slug) + ("?side=live&view=" if live else "?side=sandbox&view="),
        },
    )


# ---- the cases behind a figure -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Row:
    """As the queue's own rows, the day of the decision in the place of the deadline."""

    dispute: Dispute
    status: str
    status_words: str
    due: str
    link: str
    gateway: str
    who: str
    left: str = ""
    urgent: bool = False


@router.get(BASE + "/cases")
def cases(visit: AtMerchant, session: Reader, after: Annotated[str, Query(max_length=120)] = "") -> Response:
    chosen, live, context = _begin(visit, session)
    scope = outcomes_view.scope_of(visit, chosen, live=live)
    wanted = outcomes_view.wanted_of(chosen, scope)
    found = store_outcomes.cases(session, wanted, outcomes_view.key_of(after))
    known = {each.id: each for each in store_connections.connections_of(session, visit.merchant.id)}
    rounds = wanted.which in ROUNDS
    last = found[PAGE - 1][0] if len(found) > PAGE else None
    return page(
        visit,
        "outcomes_cases.html",
        **context,
        title=say(outcomes_words.WHICH[wanted.which]),
        narrowed=_narrowed(chosen),
        rounds=rounds,
        rows=[
            _row(visit, each, dispute, connection_title(known[dispute.connection_id])) for each, dispute in found[:PAGE]
        ],
        several=len({connection_title(each) for each in known.values()}) > 1,
        more=chosen.more((last.decided_at, last.id)) if last else None,
        is_first=not after,
        plain=words.plain,
        verdicts=words.VERDICT,
    )


def _row(visit: Visit, each: RoundResult, dispute: Dispute, gateway: str) -> Row:
    return Row(
        dispute=dispute,
        status=each.result,
        status_words=outcomes_words.result(each.result),
        due=instant_words(each.decided_at, visit.merchant.zone),
        link=links.case(visit.merchant.slug, dispute.id),
        gateway=gateway,
        who=say(outcomes_words.ANSWERED.get(each.answered, each.answered)),
    )


def _narrowed(chosen: Chosen) -> list[tuple[str, str]]:
    """What the list was narrowed to, in words."""
    names = {**outcomes_figures.DIMENSIONS, "currency": "Currency"}
    told = [
        (say(names[name]), outcomes_words.value(name, chosen[name]) if name != "currency" else chosen[name])
        for name in ("gateway", "category", "network", "kind", "product_type", "currency")
        if chosen[name]
    ]
    for name, label in (("held", say("The answer held")), ("lacked", say("The answer lacked"))):
        if chosen[name]:
            told.append((label, outcomes_words.evidence(chosen[name])))
    if chosen["band"]:
        told.append((say("Filed"), say(outcomes_words.BAND.get(chosen["band"], chosen["band"]))))
    if chosen["month"]:
        told.append((say("Decided in"), outcomes_words.month(int(chosen["month"]))))
    return told


# ---- for the bookkeeper --------------------------------------------------------------------------------------------


@router.get(BASE + ".csv", dependencies=[needs(Right.EXPORT)])
def table(visit: AtMerchant, session: Reader) -> Response:
    chosen, live, _ = _begin(visit, session)
    scope = outcomes_view.scope_of(visit, chosen, live=live)
    side = "live" if live else "sandbox"
    name = f"outcomes-{visit.merchant.slug}-{side}-{local_day(visit.now, visit.merchant.zone).isoformat()}.csv"
    return StreamingResponse(
        outcomes_csv.lines(visit.runtime, scope, visit.merchant.zone),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"},
    )
