"""RFC 3339 and back, and the end of a day where PayPal's clocks hang."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

DAY = 86_400
PATTERN = re.compile(
    r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[1-2][0-9]|3[0-1])[T,t]([0-1][0-9]|2[0-3]):[0-5][0-9]:([0-5][0-9]|60)"
    r"([.][0-9]+)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"
)
_PACIFIC = ZoneInfo("America/Los_Angeles")


def stamp(unix: float) -> str:
    return datetime.fromtimestamp(int(unix), UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def unix(text: str) -> int:
    """Raises ValueError for anything but the contract's date_time."""
    if not PATTERN.match(text):
        raise ValueError(f"{text!r} is no RFC 3339 time")
    return int(datetime.fromisoformat(re.sub(r"\.[0-9]+", "", text.upper())).timestamp())


def end_of_pacific_day(unix: float) -> int:
    """23:59:59 in California of that day, as the recorded claim deadlines were (06:59:59Z in summer)."""
    day = datetime.fromtimestamp(int(unix), UTC).astimezone(_PACIFIC)
    return int(day.replace(hour=23, minute=59, second=59, microsecond=0).timestamp())


def ago(now: int, days: float, minute: int | None = None) -> int:
    """Days before now; with a minute, at that minute after nine, so that a story has a steady time of day."""
    if minute is None or days < 1:
        return int(now - days * DAY)
    midnight = datetime.fromtimestamp(now, UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return int((midnight - timedelta(days=int(days)) + timedelta(minutes=9 * 60 + minute)).timestamp())
