"""A shop's list by last change, oldest first, read in pages that lose none while the shop goes on changing it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from disputes.phrases import phrase
from disputes.systems import SourceError, SourceFailure
from evidence.systems.pager import MAX_PAGES

Thing = dict[str, Any]
OVERLAP = timedelta(minutes=10)
"""An order written in the moment of a pull may become visible a little later, under an earlier instant."""
_SECOND = timedelta(seconds=1)
_MOST = 150
"""Objects of one second that a cursor names: it has 2,000 characters."""


@dataclass(frozen=True, slots=True)
class Place:
    """How far a pull has come: every change before `changed_at`, and of that very second the objects in `done`."""

    changed_at: datetime
    done: frozenset[int] = frozenset()

    @classmethod
    def read(cls, cursor: str | None, since: datetime) -> Place:
        """Where the last pull ended, or was cut off; then objects of its last second are named."""
        stamp, _, names = (cursor or "").partition(" ")
        try:
            changed_at = datetime.fromisoformat(stamp).replace(tzinfo=UTC)
            return cls(changed_at, frozenset(int(name) for name in names.split(",") if name))
        except ValueError:
            return cls(since)

    @property
    def cursor(self) -> str:
        stamp = self.changed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{stamp} {','.join(str(name) for name in sorted(self.done)[:_MOST])}".strip()

    def after(self, name: int, changed: datetime | None) -> Place:
        """The place once this object is stored."""
        if changed is None or changed < self.changed_at:
            return self
        same = self.done if changed == self.changed_at else frozenset()
        return Place(changed, same | {name})


@dataclass(frozen=True, slots=True)
class Page:
    entries: list[Thing]
    request: str
    total: int | None = None
    """How many the question finds in all, where the shop tells it."""


@dataclass(frozen=True, slots=True)
class Listing:
    """How one shop's list is asked for."""

    title: str
    size: int
    ask: Callable[[datetime, int], Page]
    """Everything changed at this instant or later, and the number of the page, from 1."""
    name: Callable[[Thing], int]
    changed: Callable[[Thing], datetime | None]


def pages(listing: Listing, start: Place) -> Iterator[Page]:
    """The window moves with the newest change seen: by page numbers alone, an object that changes meanwhile goes to the
    end of the list, and the first one of the next page slips into the page already read.

    Where more objects than a page holds changed in one second the window cannot move, and page numbers are all there
    is: then the list is gone through again until nothing new turns up.
    """
    after, number = start.changed_at - (_SECOND if start.done else OVERLAP), 1
    seen: set[tuple[int, datetime | None]] = {(name, start.changed_at) for name in start.done}
    news = False
    for _ in range(MAX_PAGES):
        page = listing.ask(after, number)
        keys = [(listing.name(each), listing.changed(each)) for each in page.entries]
        fresh = [each for each, key in zip(page.entries, keys, strict=True) if key not in seen]
        yield Page(fresh, page.request, page.total)
        seen.update(keys)
        news = news or bool(fresh)
        newest = max((moment for _, moment in keys if moment), default=after)
        # Some shops answer a page after the last with the last one again.
        if len(page.entries) < listing.size or (page.total is not None and number * listing.size >= page.total):
            if number == 1 or not news:
                return
            number, news = 1, False
        elif newest - _SECOND > after:
            after, number, news = newest - _SECOND, 1, False
            seen = {(name, moment) for name, moment in seen if moment and moment >= after}
        else:
            number += 1
    raise SourceError(
        SourceFailure.MALFORMED, phrase("{title}'s list of orders does not come to an end.", title=listing.title)
    )
