"""The language of what people read: catalogues beside the templates, and how dates, money and numbers are written.

A request or a mail says its language once (`speaking`); everything under it is said in it. What a bank reads is
written by `evidence` in the bank's own language and never passes here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache, lru_cache
from gettext import c2py  # a catalogue's rule of plurals, read as gettext itself reads it
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from babel import Locale, dates, numbers
from babel.core import negotiate_locale
from babel.messages.pofile import read_po

_CATALOGUES = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "tr": "Türkçe"}
"""Each under its own name. A folder `locale/<code>` and a line here make one more."""
DEFAULT = "en"

_spoken: ContextVar[str] = ContextVar("spoken", default=DEFAULT)


def spoken() -> str:
    return _spoken.get()


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Say everything under this in that language; an unknown one is the default."""
    before = _spoken.set(language if language in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _spoken.reset(before)


def choose(language: str | None) -> None:
    """The same for the rest of this context: a request's."""
    _spoken.set(language if language in LANGUAGES else DEFAULT)


def asked_for(accept_language: str) -> str:
    """What of our languages a browser asks for first."""
    wanted = [part.partition(";")[0].strip().replace("-", "_") for part in accept_language.split(",")[:10]]
    return negotiate_locale([each for each in wanted if each], list(LANGUAGES)) or DEFAULT


# ---- words ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Catalogue:
    said: Mapping[str, tuple[str, ...]]
    """Message -> its forms."""
    form: Callable[[int], int]
    """Which form a number takes."""


@cache
def _catalogue(language: str) -> _Catalogue:
    """Read from the text catalogue as it lies there: nothing has to be built."""
    path = _CATALOGUES / language / "counterproof.po"
    if not path.is_file():
        return _Catalogue({}, int)
    with path.open("rb") as file:
        read = read_po(file, locale=language)
    said: dict[str, tuple[str, ...]] = {}
    for message in read:
        if message.id and message.string and not message.fuzzy:
            name = message.id if isinstance(message.id, str) else message.id[0]
            said[name] = (message.string,) if isinstance(message.string, str) else tuple(message.string)
    return _Catalogue(said, c2py(read.plural_expr))


def say(message: str) -> str:
    """The message in the language spoken; itself where there is no translation."""
    forms = _catalogue(spoken()).said.get(message)
    return forms[0] if forms and forms[0] else message


def say_many(one: str, many: str, number: int) -> str:
    """The form that fits the number, in the language spoken."""
    catalogue = _catalogue(spoken())
    forms = catalogue.said.get(one)
    if not forms:
        return one if number == 1 else many
    return forms[min(catalogue.form(number), len(forms) - 1)]


def told(sentence: object) -> str:
    """A stored sentence (`disputes.phrases.Phrase`) in the language spoken; a plain text where the catalogue has it."""
    template = getattr(sentence, "template", "")
    if not template:
        return say(str(sentence))
    held: Mapping[str, object] = getattr(sentence, "values", {})
    values = {name: told(value) if hasattr(value, "template") else _written(value) for name, value in held.items()}
    return say(template).format(**values) if values else say(template)


_MONEY = re.compile(r"(-?\d+(?:\.\d+)?) ([A-Z]{3})")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class _Money:
    amount: str
    currency: str


def _written(value: object) -> object:
    """Money and days that went into a sentence before anybody's language was known, as the language writes them."""
    if spoken() == DEFAULT or not isinstance(value, str):
        return value
    if money := _MONEY.fullmatch(value):
        return money_words(_Money(*money.groups()))
    return day_words(date.fromisoformat(value)) if _DAY.fullmatch(value) and _is_day(value) else value


def _is_day(value: str) -> bool:
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def marked(message: str) -> str:
    """Only marks a message for the catalogue; it is said where it is shown."""
    return message


# ---- dates, money, numbers -----------------------------------------------------------------------------------------


def locale() -> Locale:
    return Locale.parse(spoken())


def instant_words(at: datetime | None, zone: str) -> str:
    """Date, time and zone; a dash where there is no instant."""
    return "–" if at is None else _instant_words(at, zone, spoken())


# A queue shows the same instants and amounts again and again, and Babel spells each of them anew.
@lru_cache(maxsize=8192)
def _instant_words(at: datetime, zone: str, language: str) -> str:
    local = at.astimezone(ZoneInfo(zone))
    return f"{dates.format_datetime(local, 'd MMM y, HH:mm', locale=Locale.parse(language))} {zone_words(local)}"


def zone_words(local: datetime) -> str:
    """The zone's short name where it has one ("CET"), else its distance: "UTC+3", "UTC+5:30"."""
    name = local.tzname() or ""
    if name.isalpha():
        return name
    sign, hours, minutes = local.strftime("%z")[0], int(local.strftime("%z")[1:3]), local.strftime("%z")[3:5]
    return f"UTC{sign}{hours}" + (f":{minutes}" if minutes != "00" else "")


def day_words(day: date) -> str:
    return dates.format_date(day, "d MMM y", locale=locale())


class Amount(Protocol):
    """Money as the domain has it: its amount in major units as "19.99", and the currency."""

    @property
    def amount(self) -> str: ...
    @property
    def currency(self) -> str: ...


def money_words(money: Amount) -> str:
    """With the currency's code, because "$" says nothing to who sells in several; with the currency's own places."""
    return f"{_amount_words(money.amount, spoken())} {money.currency}"


@lru_cache(maxsize=8192)
def _amount_words(typed: str, language: str) -> str:
    amount = Decimal(typed)
    places = max(0, -int(amount.as_tuple().exponent))
    pattern = "#,##0" + ("." + "0" * places if places else "")
    # A true minus: a hyphen is easily overlooked beside a figure.
    return numbers.format_decimal(amount, pattern, locale=Locale.parse(language)).replace("-", "\N{MINUS SIGN}")


def number_words(number: int | Decimal) -> str:
    return numbers.format_decimal(number, locale=locale())


def share_words(share: float | None) -> str:
    """A share of one as whole per cent; a dash where there is none."""
    return "–" if share is None else numbers.format_percent(share, locale=locale())
