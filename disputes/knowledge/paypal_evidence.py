"""Which types of evidence PayPal takes for each reason when it names none itself, and how many entries of a kind."""

from __future__ import annotations

from functools import cache

from disputes.knowledge.data import load


@cache
def _by_reason() -> dict[str, tuple[str, ...]]:
    return {entry["reason"]: tuple(entry["evidence"]) for entry in load("paypal_evidence")["reasons"]}


def evidence_for(reason: str) -> tuple[str, ...]:
    """In PayPal's own order; an unknown reason gets what any takes."""
    return _by_reason().get(reason, ("OTHER",))


def figure(name: str) -> int:
    """One of PayPal's limits by its name in the data: "tracking_entries_max", "refund_ids_max"."""
    entry = next(each for each in load("packet_limits")["limits"] if each["who"] == "paypal")
    return int(entry[name])
