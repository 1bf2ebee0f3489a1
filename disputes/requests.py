"""When somebody who was asked for evidence is reminded, and when it is too late. Pure: the time is an argument."""

from __future__ import annotations

from datetime import datetime, timedelta

from disputes.phrases import phrase

LEAST = timedelta(hours=2)
"""Less time than this is no fair question."""
_LEFT = (2, 4)
"""Reminded when half, and when a quarter of the time is left."""


class TooLate(ValueError):
    """The message says until when an answer could have come."""


def last_moment(due_at: datetime | None, cut_off: timedelta, wanted: datetime, now: datetime) -> datetime:
    """Until when an answer is awaited: as wanted, never past the case's cut-off. Raises TooLate."""
    end = wanted if due_at is None else min(wanted, due_at - cut_off)
    if end - now < LEAST:
        hours = int(LEAST.total_seconds() // 3600)
        raise TooLate(phrase("less than {hours} hours are left for an answer", hours=hours))
    return end


def next_act(asked_at: datetime, end: datetime, reminders: int) -> datetime:
    """When the next reminder is due; after the last of them the end itself."""
    if reminders >= len(_LEFT):
        return end
    return end - (end - asked_at) / _LEFT[reminders]
