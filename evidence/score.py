"""A score from 0 to 100 with its factors: how complete the case is, not how likely the win."""

from __future__ import annotations

from disputes.facts import Fact
from disputes.phrases import Phrase, phrase
from evidence.contradictions import Contradiction
from evidence.playbook import CheckItem, Completeness

NOT_READY_CAP = 40
"""However much paper there is: without what the reason requires it stays below."""


class Factor(Fact):
    words: Phrase
    points: int


class Score(Fact):
    points: int
    factors: tuple[Factor, ...]


def _share(lines: list[CheckItem], points: int) -> int:
    return points * sum(line.state == "present" for line in lines) // len(lines) if lines else points


def score_of(complete: Completeness, found: tuple[Contradiction, ...]) -> Score:
    """Required 45, supporting 30, cardholder tie 25 (spread over the others where none is needed)."""
    required = [line for line in complete.checklist if line.weight == "required"]
    strong = [line for line in complete.checklist if line.weight == "strong"]
    top = (45, 30) if complete.tie_needed else (65, 35)
    factors = []
    if complete.decided_by:
        factors.append(Factor(words=phrase("One item settles the case alone"), points=95))
    else:
        factors.append(Factor(words=phrase("Required evidence"), points=_share(required, top[0])))
        factors.append(Factor(words=phrase("Supporting evidence"), points=_share(strong, top[1])))
        if complete.tie_needed:
            factors.append(Factor(words=phrase("Tie between cardholder and order"), points=25 if complete.ties else 0))
    blocking = sum(each.severity == "blocks" for each in found)
    if blocking:
        factors.append(Factor(words=phrase("Contradictions in the records"), points=-20 * blocking))
    notes = sum(each.severity == "note" for each in found)
    if notes:
        factors.append(Factor(words=phrase("Weak points in the records"), points=-5 * notes))
    total = max(0, min(100, sum(each.points for each in factors)))
    if not complete.ready and total > NOT_READY_CAP:
        factors.append(Factor(words=phrase("Required proof is missing"), points=NOT_READY_CAP - total))
        total = NOT_READY_CAP
    return Score(points=total, factors=tuple(factors))
