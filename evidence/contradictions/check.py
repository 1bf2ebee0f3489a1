"""What a check is: an id, a severity, words for the merchant, and the function that finds the pairs of passages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from disputes.facts import Fact
from disputes.phrases import Phrase
from evidence.passages import Passage
from evidence.sale import Sale

Severity = Literal["blocks", "note"]
"""`blocks`: the case waits for a person until the contradiction was read. `note`: shown, nothing more."""
Pair = tuple[Passage, Passage]
Finder = Callable[[Sale], Iterator[Pair]]


class Contradiction(Fact):
    id: str
    severity: Severity
    title: Phrase
    meaning: Phrase
    """What it means for the merchant and what to do."""
    passages: tuple[Passage, Passage]


@dataclass(frozen=True, slots=True)
class Check:
    id: str
    severity: Severity
    title: Phrase
    meaning: Phrase
    find: Finder
    silences: tuple[str, ...] = ()
    """Facts that no sentence of the letter may use while this stands."""

    def look(self, sale: Sale) -> tuple[Contradiction, ...]:
        return tuple(
            Contradiction(id=self.id, severity=self.severity, title=self.title, meaning=self.meaning, passages=pair)
            for pair in self.find(sale)
        )


class Register:
    """Collects the checks of one file in their order."""

    def __init__(self) -> None:
        self.checks: list[Check] = []

    def __call__(
        self, id: str, severity: Severity, title: Phrase, meaning: Phrase, *, silences: tuple[str, ...] = ()
    ) -> Callable[[Finder], Finder]:
        def register(find: Finder) -> Finder:
            self.checks.append(Check(id, severity, title, meaning, find, silences))
            return find

        return register
