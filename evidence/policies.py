"""Which policies bound a sale: in force on its day, not yet replaced, and with something in them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from disputes.facts import Policy
from evidence.junk import junk

_FEWEST_WORDS = 5


def in_force(policies: Iterable[Policy], day: date | None) -> tuple[Policy, ...]:
    """Of every policy the version that held on that day; without a day the newest."""
    begun = [each for each in policies if day is None or each.in_force_from <= day]
    return tuple(each for each in begun if _says_something(each) and not _replaced(each, begun))


def _says_something(policy: Policy) -> bool:
    return len(policy.text.split()) >= _FEWEST_WORDS and not junk(policy.text)


def _replaced(policy: Policy, begun: list[Policy]) -> bool:
    same = (each for each in begun if (each.kind, each.title) == (policy.kind, policy.title))
    return any(each.in_force_from > policy.in_force_from for each in same)
