"""What the contract knows (Customer Disputes v1.10, docs.paypal.ai, checked 2026-11-22): all else is "unknown"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from disputes.acts import GatewayAct
from disputes.lifecycle import GatewayStatus, Kind
from disputes.phrases import phrase

LIVE = "https://api-m.paypal.com"
LIVE_HOSTS = frozenset({"api-m.paypal.com", "api.paypal.com"})
SANDBOX_HOSTS = frozenset({"api-m.sandbox.paypal.com", "api.sandbox.paypal.com"})
"""Links in answers carry the older name of each pair."""

DISPUTES = "/v1/customer/disputes"

# ---- words ---------------------------------------------------------------------------------------------------------

STATUSES: Mapping[str, GatewayStatus] = {
    "OPEN": GatewayStatus.UNDER_REVIEW,
    "WAITING_FOR_SELLER_RESPONSE": GatewayStatus.NEEDS_RESPONSE,
    "WAITING_FOR_BUYER_RESPONSE": GatewayStatus.UNDER_REVIEW,
    "UNDER_REVIEW": GatewayStatus.UNDER_REVIEW,
}
"""RESOLVED is read from the outcome, OTHER says nothing."""

STATES: Mapping[str, GatewayStatus] = {
    "OPEN_INQUIRIES": GatewayStatus.UNDER_REVIEW,
    "REQUIRED_ACTION": GatewayStatus.NEEDS_RESPONSE,
    "REQUIRED_OTHER_PARTY_ACTION": GatewayStatus.UNDER_REVIEW,
    "UNDER_PAYPAL_REVIEW": GatewayStatus.UNDER_REVIEW,
}
"""dispute_state, told in lists and from the caller's side: it helps where the status is OTHER or new."""

OUTCOMES: Mapping[str, GatewayStatus] = {
    "RESOLVED_BUYER_FAVOUR": GatewayStatus.LOST,
    "RESOLVED_SELLER_FAVOUR": GatewayStatus.WON,
    "RESOLVED_WITH_PAYOUT": GatewayStatus.WON,
    "CANCELED_BY_BUYER": GatewayStatus.WITHDRAWN,
    "ACCEPTED": GatewayStatus.LOST,
    "DENIED": GatewayStatus.WON,
    "NONE": GatewayStatus.WITHDRAWN,
}
"""PayPal pays a payout itself (unless it recovers it from the seller); NONE was closed without a decision."""

PARTY_OUTCOMES: Mapping[str, GatewayStatus] = {"WON": GatewayStatus.WON, "LOST": GatewayStatus.LOST}
"""`outcome`, which the specification lacks and lists carry."""

BUYER_FAVOUR = frozenset({"RESOLVED_BUYER_FAVOUR", "RESOLVED_WITH_PAYOUT", "ACCEPTED"})

AGREED = frozenset(
    [
        "INQUIRY_OFFER_ITEM_REPLACED",
        "INQUIRY_OFFER_PARTIAL_REFUND",
        "INQUIRY_OFFER_REFUND_WITH_ITEM_RETURN",
        "INQUIRY_OFFER_REFUND_WITH_REPLACEMENT",
        "PARTIAL_REFUND_OFFER_ACCEPTED",
        "SELLER_AGREED_REFUND_WITHOUT_RETURN",
        "SELLER_AGREED_TO_ISSUE_CREDIT",
        "SELLER_ISSUED_CREDIT_TO_BUYER",
        "SELLER_ISSUED_REFUND",
    ]
)
"""Adjudication reasons by which the merchant gave in: accepted, not lost."""

KINDS: Mapping[str, Kind] = {
    "INQUIRY": Kind.INQUIRY,
    "CHARGEBACK": Kind.CHARGEBACK,
    "PRE_ARBITRATION": Kind.PRE_ARBITRATION,
    "ARBITRATION": Kind.ARBITRATION,
}
"""CHARGEBACK is PayPal's claim stage, whoever the buyer complained to."""

CHANNELS = frozenset({"INTERNAL", "EXTERNAL", "ALERT"})

REASONS = frozenset(
    [
        "MERCHANDISE_OR_SERVICE_NOT_RECEIVED",
        "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED",
        "UNAUTHORISED",
        "CREDIT_NOT_PROCESSED",
        "DUPLICATE_TRANSACTION",
        "INCORRECT_AMOUNT",
        "PAYMENT_BY_OTHER_MEANS",
        "CANCELED_RECURRING_BILLING",
        "PROBLEM_WITH_REMITTANCE",
        "OTHER",
    ]
)

MOVEMENTS: Mapping[tuple[str, str], str] = {
    ("DISPUTE_SETTLEMENT", "DEBIT"): "withdrawal",
    ("DISPUTE_SETTLEMENT", "CREDIT"): "reversal",
    ("DISPUTE_SETTLEMENT_FEE", "DEBIT"): "fee",
    ("DISPUTE_SETTLEMENT_FEE", "CREDIT"): "fee_returned",
    ("DISPUTE_FEE", "DEBIT"): "fee",
    ("DISPUTE_FEE", "CREDIT"): "fee_returned",
    ("CHARGEBACK_FEE", "DEBIT"): "fee",
    ("CHARGEBACK_FEE", "CREDIT"): "fee_returned",
}

WHOLE_UNITS = frozenset({"HUF", "JPY", "TWD"})
"""Currencies that PayPal takes without decimal places; ISO 4217 gives HUF and TWD two."""

# ---- acts ----------------------------------------------------------------------------------------------------------

RELS: Mapping[GatewayAct, str] = {
    GatewayAct.SUBMIT: "provide_evidence",
    GatewayAct.APPEAL: "appeal",
    GatewayAct.ACCEPT: "accept_claim",
    GatewayAct.MESSAGE: "send_message",
    GatewayAct.OFFER: "make_offer",
    GatewayAct.ESCALATE: "escalate",
    GatewayAct.ACKNOWLEDGE_RETURN: "acknowledge_return_item",
    GatewayAct.SUPPORTING_INFO: "provide_supporting_info",
}
"""Act -> link. The path is the same word with hyphens; no link, no act."""

OPTIONS: Mapping[GatewayAct, tuple[str, str, str]] = {
    GatewayAct.ACCEPT: ("accept_claim_type", "accept_claim", "accept_claim_types"),
    GatewayAct.OFFER: ("offer_type", "make_offer", "offer_types"),
    GatewayAct.ACKNOWLEDGE_RETURN: ("acknowledgement_type", "acknowledge_return_item", "acknowledgement_types"),
}
"""Act -> our field, and where allowed_response_options names its only legal values."""

NAVIGATION = frozenset({"self", "first", "next", "prev", "last", "detail", "up", "information_link"})

# ---- limits --------------------------------------------------------------------------------------------------------

FILE_BYTES = 10_000_000
"""Less than 10 MB each, counted in the smaller megabytes."""
CALL_BYTES = 50_000_000
NOTES, MESSAGE = 2000, 2000
TRACKING_NUMBERS, REFUND_IDS, DOCUMENTS = 10, 100, 100
SUFFIXES = frozenset({"jpg", "jpeg", "gif", "png", "pdf"})

# ---- events --------------------------------------------------------------------------------------------------------

DISPUTE_EVENTS = ("CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.UPDATED", "CUSTOMER.DISPUTE.RESOLVED")
LEGACY_EVENTS = ("RISK.DISPUTE.CREATED",)

# ---- names ---------------------------------------------------------------------------------------------------------

FIELDS = frozenset(
    [
        "adjudications",
        "allowed_response_options",
        "buyer_response_due_date",
        "communication_details",
        "create_time",
        "dispute_amount",
        "dispute_asset",
        "dispute_channel",
        "dispute_flow",
        "dispute_id",
        "dispute_life_cycle_stage",
        "dispute_outcome",
        "dispute_state",
        "disputed_transactions",
        "evidences",
        "extensions",
        "external_reason_code",
        "fee_policy",
        "indicators",
        "links",
        "messages",
        "money_movements",
        "offer",
        "outcome",
        "reason",
        "refund_details",
        "seller_response_due_date",
        "status",
        "supporting_info",
        "update_time",
    ]
)
"""The specification's, and those it lacks though PayPal sends them (outcome, dispute_flow, indicators)."""

TRANSACTION_FIELDS = frozenset(
    [
        "buyer",
        "buyer_transaction_id",
        "create_time",
        "custom",
        "gross_amount",
        "gross_asset",
        "invoice_number",
        "items",
        "payment_processor",
        "reference_id",
        "seller",
        "seller_protection_eligible",
        "seller_protection_type",
        "seller_transaction_id",
        "transaction_status",
    ]
)

SOURCES = frozenset(
    [
        "REQUESTED_FROM_BUYER",
        "REQUESTED_FROM_SELLER",
        "SUBMITTED_BY_BUYER",
        "SUBMITTED_BY_SELLER",
        "SUBMITTED_BY_PARTNER",
    ]
)

_WORDS: Mapping[str, frozenset[str]] = {
    "status": frozenset({*STATUSES, "RESOLVED", "OTHER"}),
    "dispute_life_cycle_stage": frozenset(KINDS),
    "dispute_channel": CHANNELS,
    "reason": REASONS,
    "outcome": frozenset(PARTY_OUTCOMES),
}


def unknown_in(raw: Mapping[str, Any]) -> Iterator[str]:
    """Names of fields and values in a dispute that the contract does not know."""
    yield from (phrase("field {name}", name=name) for name in sorted(set(raw) - FIELDS))
    for field, words in _WORDS.items():
        if raw.get(field) is not None and str(raw[field]) not in words:
            yield f"{field} {str(raw[field])[:60]}"
    code = part(raw.get("dispute_outcome")).get("outcome_code")
    if code is not None and str(code) not in OUTCOMES:
        yield f"outcome_code {str(code)[:60]}"
    extra = {name for each in rows(raw.get("disputed_transactions")) for name in set(each) - TRANSACTION_FIELDS}
    yield from (phrase("field {name}", name=f"disputed_transactions.{name}") for name in sorted(extra))
    sources = {str(each["source"]) for each in rows(raw.get("evidences")) if each.get("source")}
    yield from (phrase("evidence source {name}", name=source) for source in sorted(sources - SOURCES))


def rows(value: Any) -> list[Mapping[str, Any]]:
    """A list of objects; whatever else stands there is none."""
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, list) else []


def part(value: Any) -> Mapping[str, Any]:
    """An object inside an answer; whatever else stands there is an empty one."""
    return value if isinstance(value, Mapping) else {}
