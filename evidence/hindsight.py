"""What the records of a closed round suggest for the next case of its kind. Pure; at most three, and none unfounded.

A finding says what was there and what was not. Whether that decided the case nobody knows but the bank, so whoever
words it says "may". Of an answer that was given elsewhere nothing is known, and nothing is said about its evidence.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum

from disputes.facts import Fact
from disputes.lifecycle import GatewayStatus
from disputes.outcomes import CONTESTED, Answered
from evidence.assessment import Assessment, Verdict

MOST = 3
_NAMED = 4
"""Evidence items that one remark names at most."""
CLOSE = 24
"""Hours before the deadline from which on an answer was close to it."""


class About(StrEnum):
    GATEWAY_REASON = "gateway_reason"
    """Why, in the gateway's own word."""
    MISSED_READY = "missed_ready"
    """The deadline passed while an answer lay ready."""
    MISSED_LACKING = "missed_lacking"
    """The deadline passed while evidence was still missing."""
    MISSED = "missed"
    LACKED_REQUIRED = "lacked_required"
    CONTRADICTED = "contradicted"
    NO_TIE = "no_tie"
    LACKED_STRONG = "lacked_strong"
    CLOSE = "close"
    DECISIVE = "decisive"
    HELD = "held"


class Remark(Fact):
    about: About
    items: tuple[str, ...] = ()
    """Evidence items it is about, or titles of contradictions, as the assessment names them."""
    words: str = ""
    """The gateway's own, where it is about them."""
    hours: int | None = None


class Closed(Fact):
    """How the round ended. `margin_hours`: before the deadline; below zero after it."""

    status: GatewayStatus
    answered: Answered
    reason: str = ""
    margin_hours: int | None = None
    was_ready: bool = False
    """A packet lay ready when it ended."""


def remarks(closed: Closed, assessment: Assessment | None) -> tuple[Remark, ...]:
    """The most telling first."""
    return tuple(_found(closed, assessment))[:MOST]


def _found(closed: Closed, assessment: Assessment | None) -> Iterator[Remark]:
    if closed.status is GatewayStatus.LOST and closed.reason.strip():
        yield Remark(about=About.GATEWAY_REASON, words=closed.reason.strip())
    if closed.answered is Answered.MISSED:
        yield _missed(closed, assessment)
    if closed.answered not in CONTESTED or closed.answered is Answered.ELSEWHERE or assessment is None:
        return
    if closed.status is GatewayStatus.WON:
        yield from _of_won(assessment)
    if closed.status is GatewayStatus.LOST:
        yield from _of_lost(closed, assessment)


def _missed(closed: Closed, assessment: Assessment | None) -> Remark:
    if closed.was_ready:
        return Remark(about=About.MISSED_READY)
    lacking = _items(assessment, ("required", "one_of"), present=False) if assessment else ()
    if assessment is not None and assessment.verdict is Verdict.NEEDS_EVIDENCE and lacking:
        return Remark(about=About.MISSED_LACKING, items=lacking)
    return Remark(about=About.MISSED)


def _of_lost(closed: Closed, assessment: Assessment) -> Iterator[Remark]:
    required = _items(assessment, ("required",), present=False)
    strong = _items(assessment, ("strong", "decisive"), present=False)
    if required:
        yield Remark(about=About.LACKED_REQUIRED, items=required)
    if assessment.blocking:
        yield Remark(about=About.CONTRADICTED, items=tuple(each.title for each in assessment.blocking[:_NAMED]))
    if assessment.category in ("fraudulent", "unrecognized") and not assessment.ties:
        yield Remark(about=About.NO_TIE)
    if strong:
        yield Remark(about=About.LACKED_STRONG, items=strong)
    if (required or strong) and closed.margin_hours is not None and closed.margin_hours < CLOSE:
        yield Remark(about=About.CLOSE, hours=closed.margin_hours)


def _of_won(assessment: Assessment) -> Iterator[Remark]:
    decisive = _items(assessment, ("decisive",), present=True)
    if decisive:
        yield Remark(about=About.DECISIVE, items=decisive)
    held = _items(assessment, ("required", "one_of", "strong"), present=True)
    if held:
        yield Remark(about=About.HELD, items=held)


def _items(assessment: Assessment, weights: Iterable[str], *, present: bool) -> tuple[str, ...]:
    """By their ids, in the checklist's order; of an any-of group that is met nothing is missing."""
    met = {line.group for line in assessment.checklist if line.group is not None and line.state == "present"}
    found = (
        line.item
        for line in assessment.checklist
        if line.weight in weights
        and (line.state == "present") is present
        and (present or line.group is None or line.group not in met)
    )
    return tuple(dict.fromkeys(found))[:_NAMED]
