"""What the contract knows (stripe-python 16.1.0, API 2026-10-28.endive, checked 2026-11-22): all else is "unknown"."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from disputes.lifecycle import GatewayStatus, Kind
from disputes.phrases import phrase

STATUSES: Mapping[str, GatewayStatus] = {
    "needs_response": GatewayStatus.NEEDS_RESPONSE,
    "warning_needs_response": GatewayStatus.NEEDS_RESPONSE,
    "appeal_needs_response": GatewayStatus.NEEDS_RESPONSE,
    "under_review": GatewayStatus.UNDER_REVIEW,
    "warning_under_review": GatewayStatus.UNDER_REVIEW,
    "appeal_under_review": GatewayStatus.UNDER_REVIEW,
    "won": GatewayStatus.WON,
    "lost": GatewayStatus.LOST,
    "warning_closed": GatewayStatus.WITHDRAWN,
    "charge_refunded": GatewayStatus.WITHDRAWN,
    "prevented": GatewayStatus.PREVENTED,
}

KINDS: Mapping[str, Kind] = {
    "inquiry": Kind.INQUIRY,
    "chargeback": Kind.CHARGEBACK,
    "compliance": Kind.COMPLIANCE,
    "block": Kind.CHARGEBACK,
    "resolution": Kind.CHARGEBACK,
}

REASONS = frozenset(
    [
        "bank_cannot_process",
        "check_returned",
        "credit_not_processed",
        "customer_initiated",
        "debit_not_authorized",
        "duplicate",
        "fraudulent",
        "general",
        "incorrect_account_details",
        "insufficient_funds",
        "noncompliant",
        "product_not_received",
        "product_unacceptable",
        "subscription_canceled",
        "unrecognized",
    ]
)

FIELDS = frozenset(
    [
        "id",
        "object",
        "amount",
        "balance_transaction",
        "balance_transactions",
        "charge",
        "created",
        "currency",
        "customer",
        "enhanced_eligibility_types",
        "evidence",
        "evidence_details",
        "intended_submission_method",
        "is_charge_refundable",
        "livemode",
        "metadata",
        "network_reason_code",
        "payment_intent",
        "payment_method_details",
        "reason",
        "status",
        "account",
    ]
)

DETAILS = frozenset(
    ["due_by", "has_evidence", "past_due", "submission_count", "enhanced_eligibility", "submission_method"]
)

FILE_FIELDS = (
    "cancellation_policy",
    "customer_communication",
    "customer_signature",
    "duplicate_charge_documentation",
    "receipt",
    "refund_policy",
    "service_documentation",
    "shipping_documentation",
    "uncategorized_file",
)

TEXT_FIELDS = frozenset(
    [
        "access_activity_log",
        "billing_address",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "customer_email_address",
        "customer_name",
        "customer_purchase_ip",
        "duplicate_charge_explanation",
        "duplicate_charge_id",
        "product_description",
        "refund_policy_disclosure",
        "refund_refusal_explanation",
        "service_date",
        "shipping_address",
        "shipping_carrier",
        "shipping_date",
        "shipping_tracking_number",
        "uncategorized_text",
    ]
)

STRUCTURED = frozenset({"enhanced_evidence", "appeal"})

PREFILLED_BY_STRIPE = frozenset(
    [
        "customer_name",
        "customer_email_address",
        "product_description",
        "billing_address",
        "customer_purchase_ip",
        "receipt",
    ]
)
"""Fields that Stripe itself fills seconds after a dispute appears."""

DISPUTE_EVENTS = (
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.closed",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "radar.early_fraud_warning.created",
    "radar.early_fraud_warning.updated",
)

EXPONENTS = {"ISK": 2, "UGX": 2}
"""Where Stripe counts differently from ISO 4217: two decimals, the last two always zero."""


def unknown_in(raw: Mapping[str, Any]) -> Iterator[str]:
    """Names of fields and values in a dispute that the contract does not know."""
    yield from (phrase("field {name}", name=name) for name in sorted(set(raw) - FIELDS))
    evidence = set(raw.get("evidence") or ()) - set(FILE_FIELDS) - TEXT_FIELDS - STRUCTURED
    yield from (phrase("field {name}", name=f"evidence.{name}") for name in sorted(evidence))
    yield from (
        phrase("field {name}", name=f"evidence_details.{name}")
        for name in sorted(set(raw.get("evidence_details") or ()) - DETAILS)
    )
    if raw.get("status") not in STATUSES:
        yield phrase("status {name}", name=raw.get("status"))
    if raw.get("reason") not in REASONS:
        yield phrase("reason {name}", name=raw.get("reason"))
    case_type = ((raw.get("payment_method_details") or {}).get("card") or {}).get("case_type")
    if case_type is not None and case_type not in KINDS:
        yield phrase("case type {name}", name=case_type)
