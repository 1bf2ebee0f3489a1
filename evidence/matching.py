"""Are two names, addresses or e-mails the same? Spelling, case, accents and abbreviations are no difference."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from typing import Literal

from disputes.facts import Address

# Letters NFKD does not take apart. Both Turkish i's become one: a record in capitals no longer says which it was.
_LETTERS = str.maketrans(
    {"\u0131": "i", "\u0130": "i", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "đ": "d", "Đ": "d", "æ": "ae", "Æ": "ae"}
)

_ABBREVIATIONS = {
    "street": "st",
    "str": "st",
    "strasse": "st",
    "road": "rd",
    "avenue": "ave",
    "av": "ave",
    "boulevard": "blvd",
    "bulvar": "blvd",
    "bulvari": "blvd",
    "bul": "blvd",
    "lane": "ln",
    "drive": "dr",
    "square": "sq",
    "place": "pl",
    "apartment": "apt",
    "apartman": "apt",
    "apartmani": "apt",
    "ap": "apt",
    "flat": "apt",
    "unit": "apt",
    "suite": "ste",
    "cadde": "cad",
    "caddesi": "cad",
    "cd": "cad",
    "sokak": "sok",
    "sokagi": "sok",
    "sk": "sok",
    "mahalle": "mah",
    "mahallesi": "mah",
    "mh": "mah",
    "north": "n",
    "south": "s",
    "east": "e",
    "west": "w",
}
_NOISE = frozenset({"no", "nr", "numara", "number", "the", "daire", "kat", "d", "k"})
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "dr",
        "prof",
        "bay",
        "bayan",
        "sayin",
        "herr",
        "frau",
        "madame",
        "monsieur",
        "mme",
        "sr",
        "sra",
    ]
)

Agreement = Literal["same", "partial", "different", "unknown"]


def normalise(text: str) -> str:
    """Lower case without accents and punctuation, one blank between words."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).translate(_LETTERS).casefold())
    kept = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", kept))


def same_text(one: str | None, other: str | None) -> bool:
    return bool(one and other) and normalise(one or "") == normalise(other or "")


_INNER = tuple(
    ipaddress.ip_network(each)
    for each in (
        *("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "169.254.0.0/16", "100.64.0.0/10"),
        *("::1/128", "fc00::/7", "fe80::/10"),
    )
)


def public_address(ip: str | None) -> str | None:
    """The IP address in one spelling; None for one of an inner network, which is the shop's own and nobody's mark."""
    try:
        address = ipaddress.ip_address((ip or "").strip())
    except ValueError:
        return None
    inner = any(address.version == network.version and address in network for network in _INNER)
    return None if inner else str(address)


def same_email(one: str | None, other: str | None) -> bool:
    return bool(one and other) and (one or "").strip().casefold() == (other or "").strip().casefold()


def address_in(text: str) -> str:
    """The bare address of "Emily Carter <emily@example.com>"."""
    found = re.search(r"<([^<>]+)>", text)
    return (found.group(1) if found else text).strip().casefold()


def same_person(one: str | None, other: str | None) -> bool:
    """Same words in any order; an initial stands for a name ("E. CARTER" is Emily Carter), a surname for the whole."""
    names = [[word for word in normalise(name or "").split() if word not in _TITLES] for name in (one, other)]
    short, long = sorted(names, key=len)
    if not short:
        return False
    left = list(long)
    whole = False
    for word in sorted(short, key=len, reverse=True):
        hit = next((each for each in left if each == word), None)
        whole = whole or (hit is not None and len(word) > 1)
        hit = hit or next((each for each in left if 1 in (len(each), len(word)) and each[0] == word[0]), None)
        if hit is None:
            return False
        left.remove(hit)
    return whole


def _street(address: Address) -> set[str]:
    words = normalise(" ".join(part for part in (address.line1, address.line2) if part)).split()
    joined = [re.sub(r"(?<=\w{3})(strasse|str)$", " st", word).split() for word in words]
    flat = [part for word in joined for part in word]
    return {_ABBREVIATIONS.get(word, word) for word in flat} - _NOISE


def _houses(street: set[str]) -> set[str]:
    return {word for word in street if any(sign.isdigit() for sign in word)}


def _postal(address: Address) -> str:
    return normalise(address.postal_code or "").replace(" ", "")


def address_agreement(one: Address | None, other: Address | None) -> Agreement:
    """`partial`: one record names only town or postcode, and that agrees. Never enough to say "the same address"."""
    if one is None or other is None:
        return "unknown"
    if one.country and other.country and len(one.country) == len(other.country) == 2 and one.country != other.country:
        return "different"
    postal = _postal(one), _postal(other)
    if all(postal) and postal[0][:5] != postal[1][:5]:
        return "different"
    town_known = bool(one.city and other.city)
    if town_known and not all(postal) and not same_text(one.city, other.city):
        return "different"
    streets = _street(one), _street(other)
    place_agrees = all(postal) or (town_known and same_text(one.city, other.city))
    if not all(streets):
        return "partial" if place_agrees else "unknown"
    if _houses(streets[0]) & _houses(streets[1]) == set() and (_houses(streets[0]) or _houses(streets[1])):
        return "different"
    shared = len(streets[0] & streets[1]) / min(len(streets[0]), len(streets[1]))
    if shared < 0.6:
        return "different"
    return "same" if place_agrees else "partial"


def same_address(one: Address | None, other: Address | None) -> bool:
    """Street and town (or postcode) agree."""
    return address_agreement(one, other) == "same"


def different_payments(one: str | None, other: str | None) -> bool:
    """Two payment numbers of one system that differ; a charge's and an intent's number cannot be compared."""
    if not one or not other or one == other:
        return False
    kinds = [re.match(r"[a-z]+(?=_)", each) for each in (one, other)]
    if kinds[0] and kinds[1]:
        return kinds[0].group() == kinds[1].group()
    return not any(kinds) and len(one) == len(other)
