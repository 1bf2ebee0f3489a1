"""What came of the cases as a table for the bookkeeper: one row a case, read and sent page by page."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from zoneinfo import ZoneInfo

from disputes import store_connections, store_outcomes
from disputes.ledger import CaseMoney
from disputes.models import Connection, Dispute, RoundResult
from disputes.money import Money
from disputes.outcomes import CONTESTED
from disputes.store_outcomes import Scope, Wanted
from disputes.titles import connection_title
from scheduler.runtime import Runtime

COLUMNS = (
    "order", "gateway", "dispute_id", "payment_id", "kind", "network", "reason_code", "category", "opened_at",
    "due_at", "answered_at", "decided_at", "outcome", "contested", "answered_by", "disputed_amount",
    "disputed_currency", "booked_currency", "withdrawn", "returned", "fees", "fees_returned", "other", "net", "desk_id",
)  # fmt: skip
"""In no language: a table that a program reads must look the same for everybody."""
_CHUNK = 500
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(text: str) -> str:
    """A text that a spreadsheet takes for a text: one that begins like a formula gets an apostrophe in front."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def lines(runtime: Runtime, scope: Scope, zone: str) -> Iterator[bytes]:
    """The whole table in pieces, each read in a snapshot of its own; begins with UTF-8's mark, for spreadsheets."""
    yield b"\xef\xbb\xbf" + _written([COLUMNS])
    after = None
    while True:
        with runtime.database.reading() as session:
            found = store_outcomes.cases(session, Wanted(scope), after, most=_CHUNK)
            books = store_outcomes.books_of(session, [dispute.id for _, dispute in found])
            times = store_outcomes.times_of(session, [each.id for each, _ in found])
            known = {each.id: each for each in store_connections.connections_of(session, scope.merchant_id)}
        if not found:
            return
        yield _written(
            row
            for each, dispute in found
            for row in _rows(
                each, dispute, known[dispute.connection_id], books.get(dispute.id, []), times.get(each.id), zone
            )
        )
        after = (found[-1][0].decided_at, found[-1][0].id)


def _rows(
    each: RoundResult,
    dispute: Dispute,
    connection: Connection,
    books: list[CaseMoney],
    times: tuple[datetime | None, datetime | None] | None,
    zone: str,
) -> Iterator[list[str]]:
    """One row; a case that was booked in two currencies has one for each, and only the first tells its amount."""
    due_at, answered_at = times or (None, None)
    start = [
        safe(dispute.order_ref or ""),
        safe(connection_title(connection)),
        safe(dispute.external_id),
        safe(dispute.payment_id or ""),
        each.kind,
        safe(each.network),
        safe(dispute.reason_code or ""),
        each.category,
        *(_instant(at, zone) for at in (each.opened_at, due_at, answered_at, each.decided_at)),
        each.result,
        "yes" if each.answered in CONTESTED else "no",
        each.answered,
    ]
    for at, money in enumerate(books or [None]):
        disputed = [each.amount.amount, each.currency] if at == 0 else ["", ""]
        yield [*start, *disputed, *_booked(money), dispute.id]


def _booked(money: CaseMoney | None) -> list[str]:
    """Amounts are written by us and may begin with a minus: they are numbers, and stay numbers in a spreadsheet."""
    if money is None:
        return [""] * 7
    sums = (money.withdrawn, money.returned, money.fees, money.fees_returned, money.other)
    return [money.currency, *(Money(minor, money.currency).amount for minor in sums), money.net.amount]


def _instant(at: datetime | None, zone: str) -> str:
    """With its offset from UTC, in the shop's zone."""
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="seconds") if at else ""


def _written(rows: Iterable[Iterable[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode()
