"""The right of withdrawal from a distance contract: which law, how many days, and its exceptions."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from disputes.facts import Fact
from disputes.knowledge.data import cited, load


class WithdrawalException(Fact):
    exception: str
    """Id, the same in every law."""
    label: str
    article: str
    words: tuple[str, ...] = ()
    """Patterns on plain lower-case text that let an order's line look like it; a person makes sure."""


class WithdrawalLaw(Fact):
    law: str
    name: str
    short: str
    days: int
    """Counted from the day after delivery; for services and digital content from the day after the order."""
    return_days: int
    """Within which the goods go back, from the notice."""
    exceptions: tuple[WithdrawalException, ...]
    sources: tuple[str, ...]
    checked: str

    def exception(self, key: str) -> WithdrawalException | None:
        return next((each for each in self.exceptions if each.exception == key), None)


def _plain(text: str) -> str:
    flat = unicodedata.normalize("NFKD", text.casefold().replace("\u0131", "i"))
    return re.sub(r"[^\w]+", " ", "".join(sign for sign in flat if not unicodedata.combining(sign))).strip()


@cache
def _countries() -> dict[str, str]:
    """Code or name in plain letters -> country code."""
    found = {}
    for law in load("withdrawal")["laws"]:
        for code, names in law["countries"].items():
            found.update(dict.fromkeys((_plain(each) for each in (code, *names)), code))
    return found


@cache
def _laws() -> dict[str, WithdrawalLaw]:
    """Country code -> its law."""
    document = load("withdrawal")
    looks = {entry["exception"]: entry for entry in document["exceptions"]}
    made = {}
    for entry in document["laws"]:
        law = WithdrawalLaw(
            **{name: entry[name] for name in ("law", "name", "short", "days", "return_days", "checked")},
            sources=cited(entry["source"]),
            exceptions=tuple(
                WithdrawalException(
                    exception=each["exception"],
                    article=each["article"],
                    label=looks.get(each["exception"], {}).get("label", each["exception"].replace("_", " ")),
                    words=tuple(looks.get(each["exception"], {}).get("words", ())),
                )
                for each in entry["exceptions"]
            ),
        )
        made.update(dict.fromkeys(entry["countries"], law))
    return made


def country_code(country: str | None) -> str | None:
    """ "TR" for "Türkiye", "DE" for "Deutschland"; None for a country without a law here."""
    return _countries().get(_plain(country)) if country else None


def withdrawal_law(country: str | None) -> WithdrawalLaw | None:
    """The law of the customer's country, given as a code or in words; None where none is held here."""
    code = country_code(country)
    return _laws()[code] if code else None


def in_eea(country: str | None) -> bool:
    law = withdrawal_law(country)
    return law is not None and law.law == "eu"
