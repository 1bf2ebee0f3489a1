"""Use of what was bought, as the shop's own application sent it in: one log a system for one sale."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from disputes.facts import UsageEvent, UsageLog
from disputes.files import FileMissing
from disputes.phrases import phrase
from disputes.ports import Gathered, SourceReport, Wanted
from disputes.systems import Key, KeyKind
from evidence.sources.kept import KeptRecord
from evidence.sources.keys import keys_of

MOST = 5000
"""Events of one sale; more than a bank reads, and no memory is in danger."""


@dataclass(slots=True)
class PushedSource:
    """Asked about the order that the shops named: by its account, its number and the customer's address."""

    name: str
    title: str
    adapter: str
    lookup: Callable[[tuple[Key, ...]], list[KeptRecord]]
    file: Callable[[str], bytes]
    asks_first: bool = False

    def gather(self, wanted: Wanted) -> SourceReport:
        by_system: dict[str, list[tuple[UsageEvent, KeptRecord]]] = defaultdict(list)
        for record in self.lookup(_keys(wanted))[:MOST]:
            for log in record.facts:
                if isinstance(log, UsageLog):
                    by_system[log.system] += [(event, record) for event in log.events]
        refused: list[str] = []
        items = [self._log(system, found, wanted, refused) for system, found in sorted(by_system.items())]
        return SourceReport(tuple(item for item in items if item), refused=tuple(refused))

    def _log(
        self, system: str, found: list[tuple[UsageEvent, KeptRecord]], wanted: Wanted, refused: list[str]
    ) -> Gathered | None:
        found.sort(key=lambda pair: (pair[0].at, pair[1].name))
        kept, raw = [], []
        for event, record in found:
            try:
                raw.append(json.loads(self.file(record.sha256)))
                kept.append(event)
            except (FileMissing, ValueError):
                refused.append(
                    phrase(
                        "{title}: the stored file of {name} is missing or was changed.",
                        title=self.title,
                        name=record.name,
                    )
                )
        if not kept:
            return None
        data = json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        confidence, why = _sure(kept, wanted)
        log = UsageLog(system=system, events=tuple(kept))
        request = f"{self.title}: {len(kept)} events of {system}"
        return Gathered(data, "application/json", f"{system}.json", request, log, confidence, why, self.adapter)


def _keys(wanted: Wanted) -> tuple[Key, ...]:
    theirs = (KeyKind.ORDER, KeyKind.ACCOUNT, KeyKind.EMAIL)
    keys = [key for order in wanted.orders for key in keys_of(order) if key.kind in theirs]
    return tuple(dict.fromkeys([*keys, *(Key(KeyKind.EMAIL, each) for each in wanted.emails)]))


def _sure(events: Iterable[UsageEvent], wanted: Wanted) -> tuple[str, str]:
    """An address alone is the customer's, and still not surely the account that bought."""
    accounts = {order.account_id for order in wanted.orders} - {None}
    numbers = {number.casefold() for number in wanted.order_numbers}
    named = [each for each in events if _names(each, accounts, numbers)]
    if wanted.certain and named:
        return "certain", phrase("names the order or the account it was placed with")
    return "likely", phrase("with the customer's address, account or order number; which order it is was not certain")


def _names(event: UsageEvent, accounts: set[Any], numbers: set[str]) -> bool:
    return (event.account_id in accounts) or ((event.order_ref or "").casefold() in numbers)
