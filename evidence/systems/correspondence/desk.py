"""What every help desk does alike: one ticket after the other, as far as the time reaches, and then what belongs."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from disputes.phrases import phrase
from disputes.ports import SourceReport, Wanted
from disputes.systems import Outside
from evidence.mail import Own
from evidence.systems.base import BaseSystem
from evidence.systems.correspondence.report import SPARE_SECONDS, Found, report
from evidence.systems.correspondence.ticket import read_ticket
from evidence.systems.correspondence.told import Told

Pieces = Iterable[Callable[[], Told]]
"""How each message of a ticket is told; may raise Unreadable."""
Ticket = tuple[Any, Callable[[], Pieces]]
"""Its number, and how it is read."""


class HelpDesk(BaseSystem):
    """`called`: what the help desk calls a ticket; `piece`: and one message of it; each with a place for {number}."""

    called = phrase("ticket {number}")
    piece = phrase("A message of ticket {number}")
    _outside: Outside

    @abstractmethod
    def tickets(self, wanted: Wanted, refused: list[str], people: set[str]) -> Iterator[Ticket]:
        """Those that may be about the sale. `people`: takes what the help desk calls the customer by beside the
        addresses of `wanted`; a ticket may add to it when it is read."""

    def gather(self, wanted: Wanted) -> SourceReport:
        refused: list[str] = []
        found: list[Found] = []
        people: set[str] = set()
        seen: set[Any] = set()
        for number, pieces in self.tickets(wanted, refused, people):
            if number in seen:
                continue
            if self._outside.left() < SPARE_SECONDS:
                refused.append(
                    phrase(
                        "The time was over before {called} and those after it were read.",
                        called=phrase(self.called, number=number),
                    )
                )
                break
            seen.add(number)
            found += read_ticket(
                pieces(),
                wanted,
                self._outside,
                system=self.kind.name,
                called=phrase(self.piece, number=number),
                refused=refused,
            )
        return report(found, wanted, self._outside, adapter=self.kind.adapter, people=people, refused=refused)

    def _warnings(self) -> list[str]:
        if Own.of(self._outside.own_addresses):
            return []
        return [phrase("Add the shop's own mail addresses in the settings: they help to tell who wrote.")]
