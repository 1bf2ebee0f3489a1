"""The queue: what needs an answer, most urgent first; views, filters and search. Live and sandbox are two tabs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query
from starlette.responses import Response

from disputes import links, store, store_connections, store_queue
from disputes.clock import plainly
from disputes.lifecycle import Kind
from disputes.models import Connection, Dispute
from disputes.store_queue import PAGE, Wanted
from disputes.titles import connection_title, gateway_title
from scheduler.digest import left_words
from web import words
from web.view import page
from web.visit import AtMerchant, Invalid, Reader, Visit

router = APIRouter()

VIEWS = (
    "open", "needs_evidence", "awaiting_approval", "scheduled", "submitting", "unclear", "new", "gathering",
    "under_review", "answered_elsewhere", "cannot_contest", "alert", "unknown", "won", "lost", "accepted", "expired",
    "withdrawn", "prevented",
)  # fmt: skip
_ALWAYS_SHOWN = frozenset({"open", "needs_evidence", "awaiting_approval", "under_review"})
CATEGORIES = (
    "fraudulent", "unrecognized", "not_received", "not_as_described", "credit_not_processed", "canceled",
    "subscription_canceled", "duplicate", "paid_by_other_means", "incorrect_amount", "processing_error",
    "authorization", "compliance", "inquiry", "no_reply", "bank_debit", "general",
)  # fmt: skip

URGENT = timedelta(days=3)

Word = Annotated[str, Query(max_length=40)]


@dataclass(frozen=True, slots=True)
class Row:
    dispute: Dispute
    status: str
    status_words: str
    due: str
    left: str
    urgent: bool
    link: str
    gateway: str
    """As people read it: a processor without an API by its own name."""


@router.get("/m/{slug}/")
def queue(
    visit: AtMerchant,
    session: Reader,
    side: Word = "",
    view: Word = "open",
    gateway: Word = "",
    kind: Word = "",
    category: Word = "",
    verdict: Word = "",
    q: Annotated[str, Query(max_length=200)] = "",
    after: Annotated[str, Query(max_length=120)] = "",
) -> Response:
    sides = store_queue.sides(session, visit.merchant.id)
    live = side == "live" if side in ("live", "sandbox") else bool(sides and sides[0])
    wanted = Wanted(
        live=live,
        view=view if view in VIEWS else "open",
        gateway=gateway or None,
        kind=kind or None,
        category=category or None,
        verdict=verdict or None,
        text=q.strip(),
    )
    found = store_queue.page(session, visit.merchant.id, wanted, _key(after))
    known = {each.id: each for each in store_connections.connections_of(session, visit.merchant.id)}
    rows = [row_of(visit, dispute, known[dispute.connection_id]) for dispute in found[:PAGE]]
    chosen = {
        "side": "live" if live else "sandbox", "view": wanted.view, "gateway": gateway, "kind": kind,
        "category": category, "verdict": verdict, "q": wanted.text,
    }  # fmt: skip
    return page(
        visit,
        "queue.html",
        nav="queue",
        rows=rows,
        more=_more(visit, chosen, found[PAGE - 1]) if len(found) > PAGE else None,
        first=not after,
        chosen=chosen,
        sides=sides,
        live=live,
        views=_views(visit, store_queue.counts(session, visit.merchant.id, live), chosen),
        gateways=[(each, gateway_title(each)) for each in store_queue.gateways(session, visit.merchant.id)],
        several=len({connection_title(each) for each in known.values()}) > 1,
        kinds=[each.value for each in Kind],
        categories=CATEGORIES,
        verdicts=words.VERDICT,
        plain=words.plain,
        filtered=any((gateway, kind, category, verdict, wanted.text)),
        address=lambda **changed: _address(visit, {**chosen, **changed}),
    )


def row_of(visit: Visit, dispute: Dispute, connection: Connection) -> Row:
    act = store.window_of(dispute, visit.now, visit.merchant.cut_off_hours)
    status = store.shown(dispute, visit.now)
    left = left_words(act, visit.now)
    return Row(
        dispute=dispute,
        status=status.value,
        status_words=words.status(status.value, by_hand=connection.by_hand),
        due=plainly(dispute.due_at, visit.merchant.zone) if dispute.due_at and act.person else "",
        left=left,
        urgent=act.person and act.until is not None and act.until - visit.now < URGENT,
        link=links.case(visit.merchant.slug, dispute.id),
        gateway=connection_title(connection),
    )


def _views(visit: Visit, counts: dict[str, int], chosen: dict[str, str]) -> list[dict[str, object]]:
    return [
        {
            "name": "Open" if view == "open" else words.status(view),
            "count": counts.get(view, 0),
            "here": view == chosen["view"] and not chosen["q"],
            "link": _address(visit, {"side": chosen["side"], "view": view}),
        }
        for view in VIEWS
        if view in _ALWAYS_SHOWN or counts.get(view) or view == chosen["view"]
    ]


def _address(visit: Visit, chosen: dict[str, str]) -> str:
    query = urlencode({name: value for name, value in chosen.items() if value and (name, value) != ("view", "open")})
    return links.queue(visit.merchant.slug) + (f"?{query}" if query else "")


def _more(visit: Visit, chosen: dict[str, str], last: Dispute) -> str:
    return _address(visit, {**chosen, "after": f"{last.due_sort.isoformat()}~{last.id}"})


def _key(after: str) -> store_queue.Key | None:
    if not after:
        return None
    at, _, dispute_id = after.partition("~")
    damaged = Invalid("This address of a page in the middle of the queue is damaged. Start from the first page.")
    try:
        instant = datetime.fromisoformat(at)
    except ValueError:
        raise damaged from None
    if instant.tzinfo is None or not dispute_id:
        raise damaged
    return instant, dispute_id
