"""Days and hours as forms give them, in the merchant's zone."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from disputes.phrases import phrase
from web.visit import Invalid, Posted

_FIRST, _LAST = 2000, 2100


def moment(form: Posted, name: str, label: str, zone: str, *, at: time | None = None) -> datetime:
    """`<name>_day` and `<name>_time`; without an hour it is `at`, and where there is no `at` the hour is asked for."""
    day = _day(form.line(f"{name}_day", 10), label)
    typed = form.line(f"{name}_time", 8)
    if not typed and at is None:
        raise Invalid(phrase("{field}: the hour is missing.", field=label))
    try:
        hour = time.fromisoformat(typed) if typed else at or time()
    except ValueError:
        raise Invalid(phrase("{field}: {typed} is no hour like 14:30.", field=label, typed=repr(typed))) from None
    return datetime.combine(day, hour.replace(tzinfo=None), ZoneInfo(zone))


def _day(text: str, label: str) -> date:
    if not text:
        raise Invalid(phrase("{field}: the day is missing.", field=label))
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise Invalid(
            phrase("{field}: {typed} is no day. Type it as YYYY-MM-DD.", field=label, typed=repr(text))
        ) from None
    if not _FIRST <= day.year <= _LAST:
        raise Invalid(phrase("{field}: the year {year} cannot be right.", field=label, year=day.year))
    return day


def day_and_hour(instant: datetime, zone: str) -> tuple[str, str]:
    """As the two fields of a form show it."""
    local = instant.astimezone(ZoneInfo(zone))
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"
