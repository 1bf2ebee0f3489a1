"""One function answers "can we act, and how long" for page, mail, API and scheduler."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from disputes.lifecycle import GatewayStatus
from disputes.phrases import Phrase, phrase

CUT_OFF = timedelta(hours=6)
"""Machines stop this long before the gateway's due date unless the merchant's setting says otherwise."""


class Window(StrEnum):
    OPEN = "open"
    PAST_CUT_OFF = "past_cut_off"
    """A person may still file; no machine does."""
    PAST_DUE = "past_due"
    """A person may try with a warning while the gateway still offers the act."""
    NONE_KNOWN = "none_known"
    """The gateway named no deadline: persons only, never "the best day"."""
    CLOSED = "closed"
    """There is nothing to answer."""


@dataclass(frozen=True, slots=True)
class Act:
    """Whether a response can be filed now, by whom, and until when.

    `until` is the last instant at which anybody may file, `machine_until` the one for rules; None where there is none.
    """

    window: Window
    person: bool
    machine: bool
    until: datetime | None
    machine_until: datetime | None
    reason: Phrase

    def left(self, now: datetime) -> timedelta | None:
        return max(self.until - now, timedelta()) if self.until else None


def act_window(
    *,
    status: GatewayStatus,
    due_at: datetime | None,
    can_submit: bool,
    answered: bool,
    now: datetime,
    cut_off: timedelta = CUT_OFF,
) -> Act:
    """`can_submit` is what the gateway offers for this dispute now; `answered` says that this round has an answer."""
    if status is not GatewayStatus.NEEDS_RESPONSE or answered:
        return _act(Window.CLOSED, phrase("There is nothing to answer in this case."))
    if not can_submit:
        return _act(Window.CLOSED, phrase("The gateway takes no answer for this case."))
    if due_at is None:
        return _act(
            Window.NONE_KNOWN, phrase("The gateway named no deadline; a person decides when to file."), person=True
        )
    if now >= due_at:
        words = phrase("The deadline has passed; the gateway may refuse or ignore an answer.")
        return _act(Window.PAST_DUE, words, person=True)
    if now >= due_at - cut_off:
        words = phrase("Too close to the deadline for automatic filing; a person can still file.")
        return _act(Window.PAST_CUT_OFF, words, person=True, until=due_at)
    return Act(Window.OPEN, True, True, due_at, due_at - cut_off, phrase("An answer can be filed."))


def _act(window: Window, reason: Phrase, *, person: bool = False, until: datetime | None = None) -> Act:
    """A window in which no machine acts."""
    return Act(window, person, False, until, None, reason)


_FIXED = (
    ("7d", timedelta(days=7)),
    ("72h", timedelta(hours=72)),
    ("24h", timedelta(hours=24)),
    ("missed", timedelta()),
)


def flags(due_at: datetime, cut_off: timedelta = CUT_OFF) -> list[tuple[str, datetime]]:
    """Every threshold of a deadline and when it is crossed, in the order of time."""
    at = [(name, due_at - before) for name, before in (*_FIXED, ("cut_off", cut_off))]
    return sorted(at, key=lambda flag: flag[1])


def next_flag(due_at: datetime | None, after: datetime, cut_off: timedelta = CUT_OFF) -> tuple[str, datetime] | None:
    """The next threshold strictly after the instant: its name and when; None when all have passed."""
    ahead = (flag for flag in flags(due_at, cut_off) if flag[1] > after) if due_at else iter(())
    return next(ahead, None)


def current_flag(due_at: datetime | None, now: datetime, cut_off: timedelta = CUT_OFF) -> str | None:
    """The latest threshold that has passed at `now`."""
    passed = [name for name, at in flags(due_at, cut_off) if at <= now] if due_at else []
    return passed[-1] if passed else None


def reminder_due(due_at: datetime, now: datetime, hours: Iterable[int], *, told: int | None) -> int | None:
    """The nearest of these thresholds that was crossed and not told yet; None where there is nothing to tell.

    `told`: the nearest threshold at which this deadline was told already. What was missed is not told one by one.
    """
    crossed = [each for each in hours if now < due_at <= now + timedelta(hours=each)]
    nearest = min(crossed, default=None)
    return nearest if nearest is not None and (told is None or nearest < told) else None
