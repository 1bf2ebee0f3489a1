"""The queue: pages by keyset over partial indexes, counters kept by the writers, search through the trigram index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from disputes.database import UtcDateTime
from disputes.lifecycle import Shown
from disputes.models import Connection, Dispute, ViewCount
from disputes.search import normal_form

OPEN: sa.ColumnElement[bool] = sa.literal_column("dispute.is_open")
"""Literally so: SQLite uses a partial index only where its WHERE stands in the query word for word."""
PAGE = 50
CANDIDATES = 1000
_LOOKED_AT = 20_000
"""Hits of the whole installation that one search looks through to find a merchant's own."""

_SHOWN_COLUMNS = (
    "id", "merchant_id", "connection_id", "gateway", "live", "external_id", "kind", "gateway_status", "raw_status",
    "raw_reason", "network", "reason_code", "category", "amount_minor", "currency", "opened_at", "due_at", "due_sort",
    "order_ref", "customer_name", "can_submit", "answered_elsewhere", "work_state", "is_open", "view", "verdict",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the queue is wanted. `view` is "open", or one of the shown statuses."""

    live: bool
    view: str = "open"
    gateway: str | None = None
    kind: str | None = None
    category: str | None = None
    verdict: str | None = None
    text: str = ""


Key = tuple[datetime, str]
"""Where a page ended: (due_sort, id)."""


def page(session: Session, merchant_id: str, wanted: Wanted, after: Key | None = None) -> list[Dispute]:
    """One page and one row more, if there is more. Open cases in the order of their deadline, others newest first."""
    query = select(Dispute).where(Dispute.live == wanted.live)
    order = [col(Dispute.due_sort), col(Dispute.id)]
    newest_first = False
    if wanted.text:
        # The merchant is compared as an expression, or SQLite walks all the merchant's rows instead of these ids.
        query = query.where(
            col(Dispute.merchant_id).concat("") == merchant_id,
            col(Dispute.id).in_(_matches(session, merchant_id, wanted)),
        )
    elif wanted.view == "open":
        query = query.where(Dispute.merchant_id == merchant_id, OPEN)
    else:
        query = query.where(Dispute.merchant_id == merchant_id, Dispute.view == wanted.view)
        newest_first = wanted.view not in _OPEN_VIEWS
    for name in ("gateway", "kind", "category", "verdict"):
        value = getattr(wanted, name)
        if value is not None:
            query = query.where(getattr(Dispute, name) == value)
    if after is not None:
        here, there = (
            sa.tuple_(*order),
            sa.tuple_(sa.literal(after[0], UtcDateTime()), sa.literal(after[1])),
        )
        query = query.where(here < there if newest_first else here > there)
    query = query.order_by(*(column.desc() if newest_first else column for column in order)).limit(PAGE + 1)
    shown = load_only(*(getattr(Dispute, name) for name in _SHOWN_COLUMNS), raiseload=True)
    return list(session.exec(query.options(shown)))


_CLOSED_VIEWS = frozenset(
    view.value
    for view in (
        Shown.UNDER_REVIEW, Shown.CANNOT_CONTEST, Shown.ANSWERED_ELSEWHERE, Shown.ALERT, Shown.WON, Shown.LOST,
        Shown.ACCEPTED, Shown.EXPIRED, Shown.WITHDRAWN, Shown.PREVENTED,
    )
)  # fmt: skip
_OPEN_VIEWS = frozenset(view.value for view in Shown) - _CLOSED_VIEWS


def counts(session: Session, merchant_id: str, live: bool) -> dict[str, int]:
    """How many cases each view has, from the counters; "open" is the sum of the open ones."""
    rows = session.exec(
        select(ViewCount.view, ViewCount.count).where(ViewCount.merchant_id == merchant_id, ViewCount.live == live)
    )
    found = {view: number for view, number in rows if number}
    found["open"] = sum(number for view, number in found.items() if view in _OPEN_VIEWS)
    return found


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


# ---- search --------------------------------------------------------------------------------------------------------


def _matches(session: Session, merchant_id: str, wanted: Wanted) -> list[str]:
    """Ids of at most CANDIDATES cases: exact numbers first, then the words anywhere in number, name or e-mail."""
    # Two questions, each with an index of its own; with "or" between them every row of the merchant is read.
    by_order = select(Dispute.id).where(Dispute.merchant_id == merchant_id, Dispute.order_ref == wanted.text)
    by_number = (
        select(Dispute.id)
        .join(Connection, col(Connection.id) == col(Dispute.connection_id))
        .where(Connection.merchant_id == merchant_id, Dispute.external_id == wanted.text)
    )
    found = [*session.exec(by_number.limit(CANDIDATES)), *session.exec(by_order.limit(CANDIDATES))]
    words = normal_form(wanted.text)
    if len(words) >= 3:
        sqlite = session.get_bind().dialect.name == "sqlite"
        found += (_by_trigrams if sqlite else _by_like)(session, merchant_id, wanted.live, words)
    return list(dict.fromkeys(found))[:CANDIDATES]


def _by_trigrams(session: Session, merchant_id: str, live: bool, words: str) -> list[str]:
    phrase = '"' + words.replace('"', '""') + '"'
    rows = session.execute(
        sa.text(
            "SELECT dispute.id FROM "
            "(SELECT rowid AS hit FROM dispute_search WHERE dispute_search MATCH :phrase LIMIT :looked_at) "
            "CROSS JOIN dispute ON dispute.search_key = hit "
            "WHERE dispute.merchant_id = :merchant AND dispute.live = :live LIMIT :most"
        ),
        {"phrase": phrase, "merchant": merchant_id, "live": live, "looked_at": _LOOKED_AT, "most": CANDIDATES},
    )
    return [str(row[0]) for row in rows]


def _by_like(session: Session, merchant_id: str, live: bool, words: str) -> list[str]:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return list(
        session.exec(
            select(Dispute.id)
            .where(
                Dispute.merchant_id == merchant_id,
                Dispute.live == live,
                col(Dispute.search_text).like(f"%{escaped}%", escape="\\"),
            )
            .limit(CANDIDATES)
        )
    )
