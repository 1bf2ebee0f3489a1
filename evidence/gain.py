"""How a case would stand with one item more than it has."""

from __future__ import annotations

from disputes.facts import Fact


class Gain(Fact):
    item: str
    points: int
    """By how much completeness would rise; 0 where the item alone changes nothing."""
    verdict: str
    """As it would be then."""
    turns: bool
    """It would be another verdict than now."""
    ready: bool
    """The answer could be filed then, and cannot now."""
