"""Every order that changed, oldest change first, in pages that lose none while the shop goes on changing them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from disputes.systems import SourceError, SourceFailure
from evidence.sources.values import Unreadable
from evidence.systems.mapping import at, listed, utc
from evidence.systems.pager import MAX_PAGES
from evidence.systems.woocommerce.site import Site

SIZE = 100
OVERLAP = timedelta(minutes=10)
"""An order written in the moment of a pull may become visible a little later, under an earlier instant."""
_SECOND = timedelta(seconds=1)
_MOST = 150
"""Orders of one second that a cursor names: it has 2,000 characters."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a pull has come: every change before `changed_at`, and of that very second the orders in `done`."""

    changed_at: datetime
    done: frozenset[int] = frozenset()

    @classmethod
    def read(cls, cursor: str | None, since: datetime) -> Place:
        """Where the last pull ended, or was cut off; then orders of its last second are named."""
        if cursor is None:
            return cls(since)
        stamp, _, names = cursor.partition(" ")
        try:
            changed_at = datetime.fromisoformat(stamp).replace(tzinfo=UTC)
            done = frozenset(int(name) for name in names.split(",") if name)
        except ValueError:
            return cls(since)
        return cls(changed_at, done)

    @property
    def cursor(self) -> str:
        return f"{stamped(self.changed_at)} {','.join(str(name) for name in sorted(self.done)[:_MOST])}".strip()

    def after(self, order: dict[str, Any]) -> Place:
        """The place once this order is stored."""
        changed = changed_at(order)
        if changed is None or changed < self.changed_at:
            return self
        same = self.done if changed == self.changed_at else frozenset()
        return Place(changed, same | {_number(order)})


@dataclass(frozen=True, slots=True)
class Page:
    orders: list[dict[str, Any]]
    request: str
    total: int | None


def stamped(moment: datetime) -> str:
    """Without an offset: WordPress turns one into the shop's local time and then compares that with GMT."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def changed_at(order: dict[str, Any]) -> datetime | None:
    try:
        return utc(at(order, "date_modified_gmt | date_created_gmt"))
    except Unreadable:
        return None


def pages(site: Site, start: Place) -> Iterator[Page]:
    """The window moves with the newest change seen: by page numbers alone, an order that changes meanwhile goes to the
    end of the list, and the first one of the next page slips into the page already read."""
    after, number = start.changed_at - (_SECOND if start.done else OVERLAP), 1
    seen: set[tuple[int, datetime | None]] = {(name, start.changed_at) for name in start.done}
    before: int | None = None
    for _ in range(MAX_PAGES):
        answer = site.shop(
            "wc/v3/orders",
            {
                "per_page": SIZE, "page": number, "orderby": "modified", "order": "asc",
                "modified_after": stamped(after), "dates_are_gmt": "true",
            },
        )  # fmt: skip
        found = listed(answer.json)
        total = _total(answer.headers.get("x-wp-total"))
        fresh = [order for order in found if (_number(order), changed_at(order)) not in seen]
        yield Page(fresh, answer.request, total)
        if len(found) < SIZE:
            return
        seen |= {(_number(order), changed_at(order)) for order in fresh}
        newest = max((moment for order in found if (moment := changed_at(order))), default=after)
        if newest - _SECOND > after:
            after, number, before = newest - _SECOND, 1, None
            seen = {(name, moment) for name, moment in seen if moment and moment > after}
        elif before is not None and total is not None and total < before:
            number, before = 1, None  # the list of this one second got shorter: from its start again
        else:
            number, before = number + 1, total
    raise SourceError(SourceFailure.MALFORMED, "WooCommerce's list of orders does not come to an end.")


def _number(order: dict[str, Any]) -> int:
    found = order.get("id")
    return found if isinstance(found, int) else 0


def _total(header: str | None) -> int | None:
    return int(header) if header and header.isdigit() else None
