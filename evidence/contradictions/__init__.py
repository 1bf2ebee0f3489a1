"""Named checks for records that contradict the answer or each other, with both passages. Ids are append-only."""

from __future__ import annotations

from evidence.contradictions.check import Check, Contradiction, Finder, Severity
from evidence.contradictions.customer_words import CHECKS as WORDS
from evidence.contradictions.money import CHECKS as MONEY
from evidence.contradictions.parcels import CHECKS as PARCELS
from evidence.contradictions.people import CHECKS as PEOPLE
from evidence.contradictions.terms import CHECKS as TERMS
from evidence.passages import Passage
from evidence.sale import Sale

CHECKS: tuple[Check, ...] = (*PARCELS, *PEOPLE, *MONEY, *WORDS, *TERMS)


def check_ids() -> tuple[str, ...]:
    """Every check there is, in the order they are shown."""
    return tuple(each.id for each in CHECKS)


def contradictions(sale: Sale) -> tuple[Contradiction, ...]:
    """All that was found, in the order of the checks."""
    return tuple(found for each in CHECKS for found in each.look(sale))


def silenced(sale: Sale) -> frozenset[str]:
    """Facts no sentence may use: a contradiction that stands says otherwise."""
    return frozenset(fact for each in CHECKS if each.silences and each.look(sale) for fact in each.silences)


__all__ = [
    "CHECKS",
    "Check",
    "Contradiction",
    "Finder",
    "Passage",
    "Severity",
    "check_ids",
    "contradictions",
    "silenced",
]
