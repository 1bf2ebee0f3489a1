"""Instants, days, amounts and numbers as shops write them. What can be read in two ways is refused, never guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from disputes.money import Money, exponent
from disputes.phrases import phrase, said_by
from evidence.matching import normalise


class Unreadable(ValueError):
    """A value that cannot be read; the message is a clause for people: "'03/04/2026' could be two days"."""


_ISO = re.compile(r"(\d{4})[-./](\d{1,2})[-./](\d{1,2})")
_DOTTED = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})")
_SLASHED = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2(\d{4})")
_TIME = re.compile(
    r"(?:[T\s,]+|^)(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,]\d{1,9})?)?\s*(Z|UTC|GMT|[+-]\d{2}:?\d{2})?$", re.IGNORECASE
)


def _day_and_rest(text: str) -> tuple[date, str]:
    for pattern, order in ((_ISO, (0, 1, 2)), (_DOTTED, (2, 1, 0))):
        if found := pattern.match(text):
            parts = [int(part) for part in found.groups()]
            return _calendar(text, *(parts[place] for place in order)), text[found.end() :]
    if found := _SLASHED.match(text):
        first, second, year = int(found[1]), int(found[3]), int(found[4])
        if first <= 12 and second <= 12 and first != second:
            raise Unreadable(
                phrase(
                    "{text} could be two different days; write it as {year}-MM-DD or DD.MM.{year}",
                    text=repr(text),
                    year=year,
                )
            )
        day, month = (first, second) if first > 12 or first == second else (second, first)
        return _calendar(text, year, month, day), text[found.end() :]
    raise Unreadable(phrase("{text} is no date that can be read; write it as YYYY-MM-DD HH:MM", text=repr(text)))


def _calendar(text: str, year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Unreadable(phrase("{text} is no day of the calendar", text=repr(text))) from None


def instant(text: str, zone: str, *, not_before: datetime | None = None) -> datetime:
    """An aware UTC instant. Without an offset it is meant in `zone`; without a time it is the start of that day, but
    not earlier than `not_before` where that is on the same day."""
    text = text.strip()
    day, rest = _day_and_rest(text)
    if not rest.strip():
        return started_on(day, zone, not_before=not_before)
    found = _TIME.match(rest)
    if not found:
        raise Unreadable(phrase("{text} has a time that cannot be read; write it as YYYY-MM-DD HH:MM", text=repr(text)))
    try:
        local = datetime(day.year, day.month, day.day, int(found[1]), int(found[2]), int(found[3] or 0), tzinfo=UTC)
    except ValueError:
        raise Unreadable(phrase("{text} is no time of the day", text=repr(text))) from None
    offset = (found[4] or "").upper()
    if offset in ("Z", "UTC", "GMT"):
        return local
    if offset:
        sign, hours, minutes = offset[0], int(offset[1:3]), int(offset[-2:])
        if hours > 14 or minutes > 59:
            raise Unreadable(phrase("{text} has an offset that no zone has", text=repr(text)))
        away = timedelta(hours=hours, minutes=minutes)
        return _local(local.replace(tzinfo=timezone(-away if sign == "-" else away)))
    return _local(local.replace(tzinfo=ZoneInfo(zone)))


def started_on(day: date, zone: str, *, not_before: datetime | None = None) -> datetime:
    """The start of a day in `zone`; on the very day of `not_before`, that moment: what follows an order and has a day
    only did not happen before the order."""
    start = _local(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)))
    if not_before is not None and not_before.astimezone(ZoneInfo(zone)).date() == day:
        return max(start, not_before)
    return start


def _local(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise Unreadable(phrase("{year} is no year of a sale", year=moment.year)) from None


def calendar_day(text: str, zone: str) -> date:
    """A day as such; an instant is turned into its day in `zone`."""
    text = text.strip()
    day, rest = _day_and_rest(text)
    return instant(text, zone).astimezone(ZoneInfo(zone)).date() if rest.strip() else day


_SIGNS = {"€": "EUR", "£": "GBP", "₺": "TRY", "TL": "TRY"}
"""Only signs that mean one currency; a dollar or yen sign needs the currency column."""


def money(text: str, currency: str | None) -> Money:
    """Major units with decimal point or comma; the currency stands in its column or beside the amount."""
    bare = text.replace("\u00a0", " ").replace("\u202f", " ").strip()
    named = re.search(r"[A-Z]{3}|TL|[€£₺]", bare)
    beside = _SIGNS.get(named[0], named[0]) if named else None
    column = (currency or "").strip().upper()
    column = _SIGNS.get(column, column)
    if beside and column and beside != column:
        raise Unreadable(phrase("{text} is said to be in {column}", text=repr(text), column=column))
    chosen = column or beside
    if not chosen:
        raise Unreadable(phrase("{text} has no currency; fill the currency column", text=repr(text)))
    digits = re.sub(r"[A-Z]{3}|TL|[€£₺$¥\s'’]", "", bare)
    try:
        return Money.parse(_plain(digits, text, exponent(chosen)), chosen)
    except ValueError as error:
        raise Unreadable(said_by(error)) from None


def _plain(digits: str, text: str, places: int) -> str:
    """The amount with a point before its decimals and nothing else between the digits."""
    if len(digits) > 20 or not re.fullmatch(r"[+-]?\d+(?:[.,]\d+)*", digits):
        raise Unreadable(phrase("{text} is no amount", text=repr(text)))
    marks = re.findall(r"[.,]", digits)
    if not marks:
        return digits
    last = marks[-1]
    head, tail = digits.rsplit(last, 1)
    groups = re.split(r"[.,]", head)[1:]
    grouped = all(len(group) == 3 for group in groups)
    if len(marks) > 1 and len(set(marks)) == 1:
        if not grouped or len(tail) != 3:
            raise Unreadable(phrase("{text} is no amount", text=repr(text)))
        return re.sub(r"[.,]", "", digits)
    if len(marks) > 1 and (last in marks[:-1] or not grouped):
        raise Unreadable(phrase("{text} is no amount", text=repr(text)))
    if len(marks) == 1 and len(tail) == 3:
        if places == 0:
            return head + tail
        if places != 3 or last == ",":
            raise Unreadable(
                phrase(
                    "{text} could be thousands or decimals; write it without a thousands mark and with all decimals",
                    text=repr(text),
                )
            )
    return re.sub(r"[.,]", "", head) + "." + tail


def count(text: str) -> int:
    """A whole number of pieces: "2", "2,00"."""
    try:
        value = Decimal(text.strip().replace(",", "."))
    except InvalidOperation:
        raise Unreadable(phrase("{text} is no quantity", text=repr(text))) from None
    if not value.is_finite() or value != value.to_integral_value() or not 0 < value < 1_000_000:
        raise Unreadable(phrase("{text} is no quantity", text=repr(text)))
    return int(value)


def yes(text: str) -> bool:
    return normalise(text) in {"1", "yes", "y", "true", "evet", "e", "x"}
