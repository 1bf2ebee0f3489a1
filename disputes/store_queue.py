"""The queue: pages by keyset over partial indexes, counters kept by the writers, search through the trigram index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from disputes.database import UtcDateTime
from disputes.lifecycle import Shown
from disputes.models import Connection, Dispute, OpenStake, ViewCount
from disputes.money import Money
from disputes.store_search import matches

OPEN: sa.ColumnElement[bool] = sa.literal_column("dispute.is_open")
"""Literally so: SQLite uses a partial index only where its WHERE stands in the query word for word."""
PAGE = 50

_SHOWN_COLUMNS = (
    "id", "merchant_id", "connection_id", "gateway", "live", "external_id", "kind", "gateway_status", "raw_status",
    "raw_reason", "network", "reason_code", "category", "amount_minor", "currency", "opened_at", "due_at", "due_sort",
    "queue_rank", "settlement_minor", "settlement_currency", "assigned_to",
    "order_ref", "customer_name", "can_submit", "answered_elsewhere", "work_state", "is_open", "view", "verdict",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the queue is wanted.

    `view` is "now" (a person is needed), "open", "past_due", or one of the shown statuses. Amounts are minor units of
    `currency` and mean nothing without it: amounts of different currencies are never compared.
    """

    live: bool
    view: str = "open"
    gateway: str | None = None
    network: str | None = None
    kind: str | None = None
    category: str | None = None
    verdict: str | None = None
    assigned_to: str | None = None
    """A person's id, or NOBODY."""
    currency: str | None = None
    least: int | None = None
    most: int | None = None
    text: str = ""
    now: datetime | None = None
    """What the clock says; "past_due" needs it."""


NOBODY = "nobody"
NEEDS_A_PERSON = (Shown.UNCLEAR.value, Shown.NEEDS_EVIDENCE.value, Shown.AWAITING_APPROVAL.value)
"""Nothing goes on in these before somebody did something."""

Key = tuple[datetime, str, str]
"""Where a page ended: (due_sort, queue_rank, id)."""

_ORDER = (col(Dispute.due_sort), col(Dispute.queue_rank), col(Dispute.id))


def page(session: Session, merchant_id: str, wanted: Wanted, after: Key | None = None) -> list[Dispute]:
    """One page and one row more, if there is more. Open cases in the order of their deadline, others newest first."""
    query = _narrowed(session, merchant_id, wanted)
    newest_first = not wanted.text and wanted.view in _CLOSED_VIEWS
    if after is not None:
        here = sa.tuple_(*_ORDER)
        there = sa.tuple_(sa.literal(after[0], UtcDateTime()), sa.literal(after[1]), sa.literal(after[2]))
        query = query.where(here < there if newest_first else here > there)
    query = query.order_by(*(column.desc() if newest_first else column for column in _ORDER)).limit(PAGE + 1)
    shown = load_only(*(getattr(Dispute, name) for name in _SHOWN_COLUMNS), raiseload=True)
    return list(session.exec(query.options(shown)))


def _narrowed(session: Session, merchant_id: str, wanted: Wanted) -> SelectOfScalar[Dispute]:
    query = select(Dispute).where(Dispute.live == wanted.live)
    if wanted.text:
        # The merchant is compared as an expression, or SQLite walks all the merchant's rows instead of these ids.
        query = query.where(
            col(Dispute.merchant_id).concat("") == merchant_id,
            col(Dispute.id).in_(matches(session, merchant_id, wanted.text, live=wanted.live)),
        )
    else:
        query = query.where(Dispute.merchant_id == merchant_id, *_of_view(wanted))
    for name in ("gateway", "network", "kind", "category", "verdict", "currency"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Dispute, name) == value)
    if wanted.assigned_to is not None:
        whose = None if wanted.assigned_to == NOBODY else wanted.assigned_to
        query = query.where(col(Dispute.assigned_to) == whose)
    if wanted.currency is not None:
        if wanted.least is not None:
            query = query.where(col(Dispute.amount_minor) >= wanted.least)
        if wanted.most is not None:
            query = query.where(col(Dispute.amount_minor) <= wanted.most)
    return query


def _of_view(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    if wanted.view == "open":
        return [OPEN]
    if wanted.view == "now":
        return [OPEN, col(Dispute.view).in_(NEEDS_A_PERSON)]
    if wanted.view == "past_due":
        return [OPEN, col(Dispute.due_sort) <= wanted.now]
    return [col(Dispute.view) == wanted.view]


_CLOSED_VIEWS = frozenset(
    view.value
    for view in (
        Shown.UNDER_REVIEW, Shown.CANNOT_CONTEST, Shown.ANSWERED_ELSEWHERE, Shown.ALERT, Shown.WON, Shown.LOST,
        Shown.ACCEPTED, Shown.EXPIRED, Shown.WITHDRAWN, Shown.PREVENTED,
    )
)  # fmt: skip
_OPEN_VIEWS = frozenset(view.value for view in Shown) - _CLOSED_VIEWS
COUNTED = 1_000
"""Up to here cases of a view are counted that no counter is kept for."""


def counts(session: Session, merchant_id: str, live: bool, now: datetime) -> dict[str, int]:
    """How many cases each view has, from the counters; "open" and "now" are sums of them, "past_due" is counted."""
    rows = session.exec(
        select(ViewCount.view, ViewCount.count).where(ViewCount.merchant_id == merchant_id, ViewCount.live == live)
    )
    found = {view: number for view, number in rows if number}
    found["open"] = sum(number for view, number in found.items() if view in _OPEN_VIEWS)
    found["now"] = sum(found.get(view, 0) for view in NEEDS_A_PERSON)
    late = select(Dispute.id).where(
        Dispute.merchant_id == merchant_id, Dispute.live == live, OPEN, col(Dispute.due_sort) <= now
    )
    found["past_due"] = session.exec(select(sa.func.count()).select_from(late.limit(COUNTED + 1).subquery())).one()
    return found


def at_stake(session: Session, merchant_id: str, live: bool) -> list[Money]:
    """What the open cases dispute, one sum a currency."""
    rows = session.exec(
        select(OpenStake.currency, OpenStake.minor)
        .where(OpenStake.merchant_id == merchant_id, OpenStake.live == live, OpenStake.cases > 0)
        .order_by(col(OpenStake.currency))
    )
    return [Money(minor, currency) for currency, minor in rows]


def chosen(session: Session, merchant_id: str, ids: Sequence[str]) -> list[Dispute]:
    """The merchant's cases of these ids, in the queue's order; ids of others are not found."""
    return list(
        session.exec(
            select(Dispute).where(Dispute.merchant_id == merchant_id, col(Dispute.id).in_(ids)).order_by(*_ORDER)
        )
    )


def sides(session: Session, merchant_id: str) -> list[bool]:
    """Which of live and sandbox the merchant has, by connection: two queues that are never mixed."""
    modes = set(session.exec(select(Connection.mode).where(Connection.merchant_id == merchant_id).distinct()))
    return [side for side in (True, False) if (side and "live" in modes) or (not side and modes - {"live"})]


def gateways(session: Session, merchant_id: str) -> Sequence[str]:
    return session.exec(
        select(Connection.gateway)
        .where(Connection.merchant_id == merchant_id)
        .distinct()
        .order_by(col(Connection.gateway))
    ).all()
