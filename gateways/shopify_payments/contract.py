"""What is known of the Admin API: types and names by the schema of 2026-10 (checked 2026-11-22); all else is "unknown".

How files are uploaded stands in no schema: 2026-10 has a staged-upload resource for disputes and nowhere to put what it
stages. What works is the older endpoint `dispute_file_uploads.json`, whose numbers GraphQL knows as file ids.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from disputes.lifecycle import GatewayStatus, Kind
from disputes.phrases import phrase

NAME, TITLE = "shopify_payments", "Shopify Payments"
API_VERSION = "2026-10"
LIVE_ENDING = ".myshopify.com"

STATUSES: Mapping[str, GatewayStatus] = {
    "NEEDS_RESPONSE": GatewayStatus.NEEDS_RESPONSE,
    "UNDER_REVIEW": GatewayStatus.UNDER_REVIEW,
    "WON": GatewayStatus.WON,
    "LOST": GatewayStatus.LOST,
    "ACCEPTED": GatewayStatus.ACCEPTED,
    "PREVENTED": GatewayStatus.PREVENTED,
    # Of old: a refund had ended it.
    "CHARGE_REFUNDED": GatewayStatus.WITHDRAWN,
}
OPEN = ("NEEDS_RESPONSE", "UNDER_REVIEW")
CLOSED = tuple(status for status in STATUSES if status not in OPEN)

KINDS: Mapping[str, Kind] = {"INQUIRY": Kind.INQUIRY, "CHARGEBACK": Kind.CHARGEBACK}

REASONS: Mapping[str, str] = {
    "BANK_CANNOT_PROCESS": "bank_debit",
    "CREDIT_NOT_PROCESSED": "credit_not_processed",
    "CUSTOMER_INITIATED": "general",
    "DEBIT_NOT_AUTHORIZED": "bank_debit",
    "DUPLICATE": "duplicate",
    "FRAUDULENT": "fraudulent",
    "GENERAL": "general",
    "INCORRECT_ACCOUNT_DETAILS": "processing_error",
    "INSUFFICIENT_FUNDS": "bank_debit",
    "NONCOMPLIANT": "compliance",
    "PRODUCT_NOT_RECEIVED": "not_received",
    "PRODUCT_UNACCEPTABLE": "not_as_described",
    "SUBSCRIPTION_CANCELLED": "subscription_canceled",
    "UNRECOGNIZED": "unrecognized",
}
"""Shopify's reason -> our category. "The customer initiated the dispute" says nothing about why."""

NETWORKS: Mapping[str, str] = {
    "visa": "visa",
    "mastercard": "mastercard",
    "american express": "amex",
    "discover": "discover",
    "diners club": "diners",
    "jcb": "jcb",
    "unionpay": "unionpay",
    "elo": "elo",
    "cartes bancaires": "cartes_bancaires",
    "interac": "interac",
    "eftpos": "eftpos_au",
}

# ---- evidence ------------------------------------------------------------------------------------------------------

TEXT_FIELDS = (
    "accessActivityLog",
    "cancellationPolicyDisclosure",
    "cancellationRebuttal",
    "refundPolicyDisclosure",
    "refundRefusalExplanation",
    "uncategorizedText",
)
"""Texts an answer may write. The customer's name, address and e-mail are Shopify's own, from the order, and stay so."""

DOCUMENT_TYPES: Mapping[str, str] = {
    "cancellationPolicyFile": "cancellation_policy_file",
    "customerCommunicationFile": "customer_communication_file",
    "refundPolicyFile": "refund_policy_file",
    "serviceDocumentationFile": "service_documentation_file",
    "shippingDocumentationFile": "shipping_documentation_file",
    "uncategorizedFile": "uncategorized_file",
}
"""File slot -> what an upload has to be called for it; a file goes into the slot of its type and into no other."""

FILE_FIELDS = tuple(DOCUMENT_TYPES)
MERCHANTS_OWN = frozenset(
    [
        "cancellationRebuttal",
        "refundRefusalExplanation",
        "uncategorizedText",
        "customerCommunicationFile",
        "serviceDocumentationFile",
        "uncategorizedFile",
    ]
)
"""What only a person at Shopify fills in. The other fields Shopify fills from the order by itself, policies and a paper
about the parcel among them, and nothing says which of the two it was."""
TOLD_BY_SHOPIFY = ("customerEmailAddress", "customerFirstName", "customerLastName", "customerPurchaseIp",
                   "productDescription")  # fmt: skip

MEDIA_TYPES = frozenset({"application/pdf", "image/jpeg", "image/png"})

ALREADY_IN = "EVIDENCE_ALREADY_ACCEPTED"
PAST_DUE = "EVIDENCE_PAST_DUE_DATE"

# ---- ids -----------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(r"[0-9]{1,20}")
_GID = re.compile(r"gid://shopify/[A-Za-z]{1,60}/([0-9]{1,20})(?:\?.*)?")
_DISPUTE, _FILE = "ShopifyPaymentsDispute", "ShopifyPaymentsDisputeFileUpload"


def is_number(value: object) -> bool:
    """Whether it may stand in a path and in an id."""
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def dispute_gid(number: str) -> str:
    return f"gid://shopify/{_DISPUTE}/{number}"


def file_gid(number: str) -> str:
    return f"gid://shopify/{_FILE}/{number}"


def number_of(gid: object) -> str:
    """The number at the end of an id; "" where there is none."""
    found = _GID.fullmatch(str(gid or ""))
    return found.group(1) if found else ""


def unknown_in(raw: Mapping[str, Any]) -> Iterator[str]:
    """Values of a dispute that the contract does not know. Unknown fields cannot come: only what is asked for comes."""
    for name, known in (("status", STATUSES), ("type", KINDS)):
        if raw.get(name) not in known:
            yield f"{name} {raw.get(name)}"
    reason = (raw.get("reasonDetails") or {}).get("reason")
    if reason not in REASONS:
        yield phrase("reason {name}", name=reason)
