"""The time as an argument: one port, aware UTC instants only."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Whoever needs the time is given one of these; nothing else in the house asks the system."""

    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


class ShiftedClock:
    """The system's clock moved by a fixed distance; demos and crash tests share it between processes."""

    def __init__(self, shift: timedelta = timedelta()) -> None:
        self.shift = shift

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift


class FixedClock:
    """Stands still until told otherwise."""

    def __init__(self, at: datetime) -> None:
        self._at = utc(at)

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by


def utc(instant: datetime) -> datetime:
    """The same instant in UTC; a naive one is refused because nobody can say which instant it is."""
    if instant.tzinfo is None:
        raise ValueError(f"{instant.isoformat()} has no zone; only aware instants are times here")
    return instant.astimezone(UTC)


def from_unix(seconds: int | None) -> datetime | None:
    """A gateway's unix seconds; null and 0 both mean that there is no such instant."""
    return datetime.fromtimestamp(seconds, UTC) if seconds else None


def local_day(instant: datetime, zone: str) -> date:
    """The calendar day of the instant in the merchant's zone."""
    return instant.astimezone(ZoneInfo(zone)).date()


def plainly(instant: datetime, zone: str) -> str:
    """As people read it, with its zone: "05 Nov 2026, 14:32 GMT+03:00" or "... UTC"."""
    local = instant.astimezone(ZoneInfo(zone))
    offset = local.strftime("%z")
    name = (
        "UTC"
        if zone == "UTC"
        else f"{local.tzname()}"
        if (local.tzname() or "").isalpha()
        else f"UTC{offset[:3]}:{offset[3:]}"
    )
    return f"{local:%d} {_MONTHS[local.month - 1]} {local:%Y, %H:%M} {name}"


def plain_day(day: date) -> str:
    """A day as people read it: "05 Nov 2026"."""
    return f"{day:%d} {_MONTHS[day.month - 1]} {day:%Y}"


# Not strftime's %b: that follows the process's locale, and a packet's bytes must not.
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
