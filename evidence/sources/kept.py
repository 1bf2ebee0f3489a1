"""Orders and policies that are kept from a shop, found again for one dispute."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from disputes.facts import Record
from disputes.ports import SourceReport, Wanted
from disputes.systems import Key


@dataclass(frozen=True, slots=True)
class KeptRecord:
    facts: list[Record]
    sha256: str
    name: str
    media_type: str
    request: str
    at: datetime | None


class KeptSource:
    asks_first = True

    def __init__(
        self,
        name: str,
        title: str,
        adapter: str,
        *,
        lookup: Callable[[tuple[Key, ...]], list[KeptRecord]],
        policies: Callable[[], list[KeptRecord]],
        file: Callable[[str], bytes],
        zone: str,
    ) -> None:
        self.name, self.title = name, title

    def gather(self, wanted: Wanted) -> SourceReport:
        return SourceReport(())
