"""What came of a case, round by round: who answered, how long before the deadline, and how it ended. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from disputes.acts import GatewayAct
from disputes.lifecycle import GatewayStatus

WENT_ON = "went_on"
"""A round without a decision of its own: the next one opened."""
WON, LOST = GatewayStatus.WON.value, GatewayStatus.LOST.value


class Answered(StrEnum):
    """Who answered a round."""

    RULE = "rule"
    """The desk, by a rule a person switched on."""
    PERSON = "person"
    """The desk after a person's yes, or a person who said they filed it."""
    ELSEWHERE = "elsewhere"
    """The merchant, or the gateway for them, without us."""
    ACCEPTED = "accepted"
    """Nobody contested it: it was accepted through the desk."""
    MISSED = "missed"
    """Nobody, though there was something to answer, and its deadline passed."""
    NO = "no"
    """Nobody: it asked for no answer, or ended before its deadline."""


CONTESTED = frozenset({Answered.RULE, Answered.PERSON, Answered.ELSEWHERE})


@dataclass(frozen=True, slots=True)
class RoundFacts:
    """What is stored about one round."""

    id: str
    ordinal: int
    kind: str
    opened_at: datetime
    due_at: datetime | None
    answered_at: datetime | None
    outcome: str | None
    act: str | None = None
    """The act that was filed in it; None where none was."""
    approved_by: str | None = None
    """A person's id, or "rule"."""


@dataclass(frozen=True, slots=True)
class CaseFacts:
    """A decided case. `told_answers`: how many answers the gateway says were given, None where it does not tell."""

    status: str
    decided_at: datetime
    answered_elsewhere: bool
    told_answers: int | None
    contestable: bool = True
    """False: the judgement said that nothing can be contested."""


@dataclass(frozen=True, slots=True)
class Told:
    """What came of one round."""

    result: str
    answered: Answered
    margin_hours: int | None

    @property
    def contested(self) -> bool:
        return self.answered in CONTESTED


def told_of(case: CaseFacts, rounds: Sequence[RoundFacts]) -> list[Told]:
    """One a round, in their order; one all the same for a case that asked for no answer."""
    if not rounds:
        return [Told(case.status, _elsewhere(case, ours=0), None)]
    ours = sum(1 for each in rounds if _ours(each) in CONTESTED)
    found = [Told(each.outcome or WENT_ON, _ours(each), _margin(each)) for each in rounds[:-1]]
    last = rounds[-1]
    answered = _ours(last)
    if answered is Answered.NO:
        answered = _elsewhere(case, ours=ours)
    if answered is Answered.NO and _missed(case, last):
        answered = Answered.MISSED
    return [*found, Told(case.status, answered, _margin(last))]


def _ours(each: RoundFacts) -> Answered:
    if each.answered_at is None:
        return Answered.NO
    if each.act == GatewayAct.ACCEPT:
        return Answered.ACCEPTED
    return Answered.RULE if each.approved_by == "rule" else Answered.PERSON


def _elsewhere(case: CaseFacts, *, ours: int) -> Answered:
    """A gateway that tells its answers is believed; elsewhere what was noticed while the case was open counts."""
    if case.told_answers is not None:
        return Answered.ELSEWHERE if case.told_answers > ours else Answered.NO
    return Answered.ELSEWHERE if case.answered_elsewhere else Answered.NO


def _margin(each: RoundFacts) -> int | None:
    if each.due_at is None or _ours(each) not in CONTESTED:
        return None
    assert each.answered_at is not None
    return (each.due_at - each.answered_at) // timedelta(hours=1)


def _missed(case: CaseFacts, last: RoundFacts) -> bool:
    """Lost or expired though there was something to answer, until a deadline that has passed."""
    if not case.contestable:
        return False
    if case.status == GatewayStatus.EXPIRED:
        return True
    return case.status == LOST and last.due_at is not None and last.due_at <= case.decided_at


# ---- what is counted by --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cell:
    """Everything the page counts by, as one text that sorts by gateway first. No part holds the bar."""

    gateway: str
    network: str
    category: str
    kind: str
    product_type: str
    currency: str
    result: str
    answered: str
    place: str
    """last, or earlier."""

    def __str__(self) -> str:
        return "|".join(part.replace("|", "/") for part in astuple(self))

    @classmethod
    def parse(cls, text: str) -> Cell:
        return cls(*text.split("|"))

    @property
    def is_last(self) -> bool:
        return self.place == "last"

    @property
    def contested(self) -> bool:
        return self.answered in CONTESTED


def day_number(local: datetime) -> int:
    """20261122 of a local time."""
    return local.year * 10_000 + local.month * 100 + local.day


def evidence_text(held: Mapping[str, bool]) -> str:
    """What was there and what was not, as one sorted text: "+delivery_confirmation -usage_log"."""
    return " ".join(sorted(f"{'+' if there else '-'}{item}" for item, there in held.items()))


def evidence_of(text: str) -> dict[str, bool]:
    return {token[1:]: token[0] == "+" for token in text.split()}
