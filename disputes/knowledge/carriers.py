"""Carriers as PayPal's closed list names them. Who is not on it is sent as OTHER with the name as people know it."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from disputes.knowledge.data import load

OTHER = "OTHER"
_NO_CARRIER = re.compile(r"OTHER$|CANNOT_PROV|PICKUP|INTANGIBLE")
_LETTERS = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae"})


def paypal_carrier(name: str) -> tuple[str, str | None]:
    """A carrier's name as a shop writes it -> (PayPal's carrier_name, carrier_name_other where that is OTHER).

    Exact names first, then PayPal's own words ("Royal Mail" is ROYAL_MAIL), then a worldwide carrier followed by one
    of its services ("UPS Ground"). Anything else stays OTHER: a wrong carrier is a tracking number that leads nowhere.
    """
    if not name.strip():
        raise ValueError("a parcel without a carrier's name cannot be told to PayPal")
    words = _words(name)
    carrier = _names().get(words) or _spelled().get("_".join(words).upper()) or _worldwide(words) or OTHER
    return carrier, name.strip() if carrier == OTHER else None


@cache
def paypal_carriers() -> frozenset[str]:
    """Every carrier_name that PayPal takes."""
    return frozenset(load("paypal_carriers")["carriers"])


def _words(name: str) -> tuple[str, ...]:
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    kept = "".join(char for char in plain if not unicodedata.combining(char) and char not in ".'’")
    return tuple(re.findall(r"[^\W_]+", kept))


@cache
def _names() -> dict[tuple[str, ...], str]:
    return {_words(name): entry["carrier"] for entry in load("paypal_carriers")["names"] for name in entry["names"]}


@cache
def _spelled() -> dict[str, str]:
    return {carrier: carrier for carrier in paypal_carriers() if not _NO_CARRIER.search(carrier)}


@cache
def _with_services() -> frozenset[tuple[str, ...]]:
    entries = load("paypal_carriers")["names"]
    return frozenset(_words(name) for entry in entries if entry.get("services") for name in entry["names"])


def _worldwide(words: tuple[str, ...]) -> str | None:
    found = [words[:length] for length in range(len(words), 0, -1) if words[:length] in _with_services()]
    return _names()[found[0]] if found else None
