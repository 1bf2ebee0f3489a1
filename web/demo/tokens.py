"""Days and times in the demo's files: written as a distance from the day the demo is set up.

{{-34d 14:20}} is an instant (UTC); "|mail" and "|mbox" write it as mail does, "|day" as a day, "|words" and "|gün" as
people read it in English and Turkish.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Istanbul")
_TOKEN = re.compile(r"\{\{(-?\d{1,4})d(?: (\d{2}):(\d{2}))?(?:\|(\w+))?\}\}")
_ENGLISH = "January February March April May June July August September October November December".split()  # noqa: SIM905
_TURKISH = "Ocak Şubat Mart Nisan Mayıs Haziran Temmuz Ağustos Eylül Ekim Kasım Aralık".split()  # noqa: SIM905
_SHORT = [month[:3] for month in _ENGLISH]
_DAYS = "Mon Tue Wed Thu Fri Sat Sun".split()  # noqa: SIM905


def render(text: str, now: datetime) -> str:
    """The text with every token in place. A token nobody knows is an error, not text for a bank."""
    done = _TOKEN.sub(lambda found: _written(found, now), text)
    if "{{" in done:
        raise ValueError(f"a token that is not known: {done[done.index('{{') :][:40]}")
    return done


def moment(now: datetime, days: int, hour: int = 12, minute: int = 0) -> datetime:
    midnight = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=days, hours=hour, minutes=minute)


def _written(found: re.Match[str], now: datetime) -> str:
    at = moment(now, int(found[1]), int(found[2] or 12), int(found[3] or 0))
    local = at.astimezone(ZONE)
    clock = f"{local:%H:%M:%S}"
    match found[4]:
        case None:
            return f"{at:%Y-%m-%dT%H:%M:%SZ}"
        case "mail":
            return (
                f"{_DAYS[local.weekday()]}, {local.day:02d} {_SHORT[local.month - 1]} {local.year} {clock} {local:%z}"
            )
        case "mbox":
            return f"{_DAYS[at.weekday()]} {_SHORT[at.month - 1]} {at.day:2d} {at:%H:%M:%S} {at.year}"
        case "day":
            return local.date().isoformat()
        case "words":
            return f"{local.day} {_ENGLISH[local.month - 1]} {local.year}"
        case "gün":
            return f"{local.day} {_TURKISH[local.month - 1]} {local.year}"
        case "time":
            return f"{local:%H:%M}"
    raise ValueError(f"a date cannot be written as {found[4]!r}")
