"""Where a pull stands: what it asks for, the page it is at, and the newest change it has seen."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from disputes.clock import utc
from disputes.phrases import phrase
from disputes.systems import SourceError, SourceFailure

OVERLAP = timedelta(minutes=15)
"""Shopify's search learns of a change a little later than it happens."""
MOST = 20_000
"""Orders read by one filter; Shopify pages through no more than 25,000."""


@dataclass(frozen=True, slots=True)
class Place:
    """Instants are kept as ISO 8601 in UTC, so that later ones compare greater."""

    start: str
    newest: str
    after: str | None = None
    """The next page's cursor while a pull is under way; None between pulls."""
    read: int = 0
    total: int | None = None

    @classmethod
    def of(cls, cursor: str | None, since: datetime) -> Place:
        if cursor is None:
            return cls(written(since), written(since))
        try:
            place = cls(**json.loads(cursor))
        except (ValueError, TypeError):
            raise SourceError(
                SourceFailure.MALFORMED, phrase("The place where the last pull ended cannot be read.")
            ) from None
        return place if place.after else place.again()

    def again(self) -> Place:
        """The beginning of a new pull, a little before the newest change seen."""
        start = written(datetime.fromisoformat(self.newest) - OVERLAP)
        return Place(max(start, self.start), self.newest)

    def onwards(self, newest: str, after: str | None, count: int) -> Place:
        """After a page. A filter that has brought very many is narrowed to what changed since."""
        newest = max(self.newest, newest)
        read = self.read + count
        if after and read >= MOST and newest > self.start:
            return Place(newest, newest, None, 0, self.total)
        return replace(self, newest=newest, after=after, read=read)

    @property
    def query(self) -> str:
        return f"updated_at:>='{self.start}'"

    @property
    def text(self) -> str:
        return json.dumps(asdict(self), separators=(",", ":"))


def written(moment: datetime) -> str:
    return utc(moment).strftime("%Y-%m-%dT%H:%M:%SZ")
