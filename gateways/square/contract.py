"""What the contract knows (squareup 46.0.0.20260916, spec of 2025-08-19, checked 2026-11-22): all else is "unknown"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from disputes.lifecycle import GatewayStatus
from disputes.phrases import phrase

LIVE = "https://connect.squareup.com"
SANDBOX = "https://connect.squareupsandbox.com"

INQUIRY = "INQUIRY_"

STATES: Mapping[str, GatewayStatus] = {
    "INQUIRY_EVIDENCE_REQUIRED": GatewayStatus.NEEDS_RESPONSE,
    "INQUIRY_PROCESSING": GatewayStatus.UNDER_REVIEW,
    "INQUIRY_CLOSED": GatewayStatus.WITHDRAWN,
    "EVIDENCE_REQUIRED": GatewayStatus.NEEDS_RESPONSE,
    "PROCESSING": GatewayStatus.UNDER_REVIEW,
    "WON": GatewayStatus.WON,
    "LOST": GatewayStatus.LOST,
    "ACCEPTED": GatewayStatus.ACCEPTED,
}

OPEN_STATES = ("INQUIRY_EVIDENCE_REQUIRED", "INQUIRY_PROCESSING", "EVIDENCE_REQUIRED", "PROCESSING")
CLOSED_STATES = ("INQUIRY_CLOSED", "WON", "LOST", "ACCEPTED")
ANSWERED = frozenset({"INQUIRY_PROCESSING", "PROCESSING"})

CANNOT_BE_CHALLENGED = "EMV_LIABILITY_SHIFT"
REASONS = frozenset(
    [
        "AMOUNT_DIFFERS",
        "CANCELLED",
        "CUSTOMER_REQUESTS_CREDIT",
        "DUPLICATE",
        CANNOT_BE_CHALLENGED,
        "NOT_AS_DESCRIBED",
        "NOT_RECEIVED",
        "NO_KNOWLEDGE",
        "PAID_BY_OTHER_MEANS",
    ]
)

NETWORKS: Mapping[str, str] = {
    "VISA": "visa",
    "MASTERCARD": "mastercard",
    "AMERICAN_EXPRESS": "amex",
    "DISCOVER": "discover",
    "DISCOVER_DINERS": "diners",
    "JCB": "jcb",
    "CHINA_UNIONPAY": "unionpay",
    "INTERAC": "interac",
    "EFTPOS": "eftpos_au",
    "SQUARE_GIFT_CARD": "square_gift_card",
    "SQUARE_CAPITAL_CARD": "square_capital_card",
    "FELICA": "felica",
    "EBT": "ebt",
    "OTHER_BRAND": "other",
}

DEPRECATED = frozenset({"dispute_id", "evidence_ids", "reported_date"})
FIELDS = DEPRECATED | frozenset(
    [
        "id",
        "amount_money",
        "brand_dispute_id",
        "card_brand",
        "created_at",
        "disputed_payment",
        "due_at",
        "location_id",
        "reason",
        "reported_at",
        "state",
        "updated_at",
        "version",
    ]
)

EVENTS = frozenset(["dispute.created", "dispute.state.updated", "dispute.evidence.created", "dispute.evidence.deleted"])
DEPRECATED_EVENTS = frozenset(["dispute.state.changed", "dispute.evidence.added", "dispute.evidence.removed"])
"""Sent to older subscriptions beside the new names; they ask for the same thing."""

EXPONENTS: Mapping[str, int] = {}
"""Where Square counts differently from ISO 4217; none is known."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,192}")
DISPUTE_ID_CHARS = 40


def is_id(value: object, *, chars: int = 192) -> bool:
    """Whether it may stand in a path: the SDK escapes nothing, and "../payments/x" would reach another resource."""
    return isinstance(value, str) and len(value) <= chars and _ID.fullmatch(value) is not None


def unknown_in(raw: Mapping[str, Any]) -> Iterator[str]:
    """Names of fields and values in a dispute that the contract does not know."""
    yield from (phrase("field {name}", name=name) for name in sorted(set(raw) - FIELDS))
    for name, known in (("amount_money", {"amount", "currency"}), ("disputed_payment", {"payment_id"})):
        yield from (
            phrase("field {name}", name=f"{name}.{inner}") for inner in sorted(set(raw.get(name) or ()) - known)
        )
    if raw.get("state") not in STATES:
        yield phrase("state {name}", name=raw.get("state"))
    if raw.get("reason") is not None and raw["reason"] not in REASONS:
        yield phrase("reason {name}", name=raw["reason"])
    if raw.get("card_brand") is not None and raw["card_brand"] not in NETWORKS:
        yield phrase("card brand {name}", name=raw["card_brand"])
