"""Limits, fees and priors with the source of each figure."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from disputes.facts import Fact
from disputes.gateway_kinds import gateway_kind
from disputes.knowledge.data import cited, load
from disputes.knowledge.slots import stripe_limit
from disputes.knowledge.withdrawal import in_eea
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
    received_returned_on_win: bool = False
    """Won, it is not charged or comes back: contesting can save it."""
    countered: Money
    countered_returned_on_win: bool
    compliance_case: Money
    free_below_fees: int = 0
    """No fee at all where the amount is below so many times the fee."""
    free_categories: tuple[str, ...] = ()
    free_kinds: tuple[str, ...] = ()
    since: str | None = None
    """Day from which these figures hold, where the source says it."""
    note: str = ""
    source: str
    checked: str


class WinPrior(Fact):
    """A published share of won cases: a starting point, not a forecast."""

    permille: int
    weight: int = 0
    """How many cases of one's own it is worth: few, so that it says little and yields soon."""
    source: str
    checked: str

    @property
    def share(self) -> Fraction:
        return Fraction(self.permille, 1000)


def packet_limits(gateway: str, network: str | None) -> Limits:
    """The strictest limits for this gateway and network; a plug-in brings its own.

    PayPal names bytes and no pages: there the most pages that any gateway takes are allowed, and a card network's
    fewer where a card stands behind the case. Square and processors without an API publish no size: they get the
    strictest profile known.
    """
    if (kind := gateway_kind(gateway)) is not None:
        files = kind.files
        return Limits(
            total_bytes=files.total_bytes,
            total_pages=files.pages(network),
            file_bytes=files.file_bytes,
            source=files.source,
            checked=files.checked,
        )
    entries = load("stripe_limits")["entries"]
    entry = next(each for each in entries if each["limit"] == "total_bytes")
    pages = stripe_limit("total_pages_mastercard" if network == "mastercard" else "total_pages")
    total, each_file = stripe_limit("total_bytes"), stripe_limit("file_bytes")
    if gateway == "paypal":
        entry = next(each for each in load("packet_limits")["limits"] if each["who"] == "paypal")
        total, each_file = entry["total_mb"] * 1_000_000, entry["per_file_mb_lt"] * 1_000_000 - 1
        total = min(total, each_file)  # the packet is one file there
    elif gateway != "stripe":
        pages = stripe_limit("total_pages_mastercard")
    return Limits(
        total_bytes=total,
        total_pages=pages,
        file_bytes=each_file,
        source="; ".join(cited(entry["source"])),
        checked=entry["checked"],
    )


def _for_country(entries: list[dict[str, Any]], country: str | None) -> dict[str, Any] | None:
    for wanted in (country, "EEA" if in_eea(country) else None, "*"):
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
        received_returned_on_win=entry["received_returned_on_win"],
        countered=Money(entry["countered"], entry["currency"]),
        countered_returned_on_win=entry["countered_returned_on_win"],
        free_below_fees=entry.get("free_below_fees", 0),
        free_categories=tuple(entry.get("free_categories", ())),
        free_kinds=tuple(entry.get("free_kinds", ())),
        since=entry["since"],
        note=entry.get("note", ""),
        compliance_case=Money(entry["compliance_case"], entry["currency"]),
        source="; ".join(cited(entry["source"])),
        checked=entry["checked"],
    )


def win_prior(key: str, country: str | None = None) -> WinPrior:
    """Prior by key ("contested", "fraud", "friendly_fraud") and country, else the world's."""
    entry = _for_country([each for each in load("priors")["priors"] if each["key"] == key], country)
    if entry is None:
        raise KeyError(key)
    return WinPrior(
        permille=entry["permille"],
        weight=entry.get("weight", 0),
        source="; ".join(cited(entry["source"])),
        checked=entry["checked"],
    )
