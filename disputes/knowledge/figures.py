"""Limits, fees and priors with the source of each figure."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from disputes.facts import Fact
from disputes.knowledge.data import cited, load
from disputes.knowledge.slots import stripe_limit
from disputes.money import Money


class Limits(Fact):
    """What one packet may weigh; pages are inclusive."""

    total_bytes: int
    total_pages: int
    file_bytes: int
    source: str
    checked: str


class Fees(Fact):
    """What a gateway books for a dispute by its published table; the ledger beats it once it exists."""

    received: Money
    countered: Money
    countered_returned_on_win: bool
    compliance_case: Money
    source: str
    checked: str


class WinPrior(Fact):
    """A published share of won cases: a starting point, not a forecast."""

    permille: int
    source: str
    checked: str

    @property
    def share(self) -> Fraction:
        return Fraction(self.permille, 1000)


def packet_limits(gateway: str, network: str | None) -> Limits:
    """The strictest limits for this gateway and network; an unknown gateway gets the strictest known profile."""
    pages = stripe_limit("total_pages_mastercard" if network == "mastercard" else "total_pages")
    entry = next(each for each in load("stripe_limits")["entries"] if each["limit"] == "total_bytes")
    return Limits(
        total_bytes=stripe_limit("total_bytes"),
        total_pages=pages if gateway == "stripe" else stripe_limit("total_pages_mastercard"),
        file_bytes=stripe_limit("file_bytes"),
        source="; ".join(cited(entry["source"])),
        checked=entry["checked"],
    )


def _for_country(entries: list[dict[str, Any]], country: str | None) -> dict[str, Any] | None:
    for wanted in (country, "*"):
        for entry in entries:
            if entry["country"] == wanted:
                return entry
    return None


def fees(gateway: str, country: str | None = None) -> Fees | None:
    """The published fees, or None where nobody has published any."""
    entry = _for_country([each for each in load("fees")["fees"] if each["gateway"] == gateway], country)
    if entry is None:
        return None
    return Fees(
        received=Money(entry["received"], entry["currency"]),
        countered=Money(entry["countered"], entry["currency"]),
        countered_returned_on_win=entry["countered_returned_on_win"],
        compliance_case=Money(entry["compliance_case"], entry["currency"]),
        source="; ".join(cited(entry["source"])),
        checked=entry["checked"],
    )


def win_prior(key: str, country: str | None = None) -> WinPrior:
    """Prior by key ("contested", "fraud", "friendly_fraud") and country, else the world's."""
    entry = _for_country([each for each in load("priors")["priors"] if each["key"] == key], country)
    if entry is None:
        raise KeyError(key)
    return WinPrior(permille=entry["permille"], source="; ".join(cited(entry["source"])), checked=entry["checked"])
