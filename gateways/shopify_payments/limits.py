"""What Shopify Payments takes, and where each exhibit is filed: data with its source and the day it was checked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from disputes.gateway_kinds import FileLimits, FileSlots, TextFigures

_HELP = (
    "help.shopify.com, chargebacks: PDF, JPEG or PNG, each file under 2 MB, all together under 4 MB, a PDF under 50 "
    "pages; a refusal seen in the wild counts 4 MB as 4,000,000 bytes"
)

FILES = FileLimits(
    total_bytes=3_990_000,
    file_bytes=1_999_999,
    total_pages=49,
    source=_HELP,
    checked="2026-11-22",
    # The page limit of the card networks holds behind every processor.
    pages_by_network={"mastercard": 19},
)
"""Ten thousand bytes are left under the whole: what Shopify itself put there may count too."""

TEXTS = TextFigures(
    field=20_000,
    total=150_000,
    source="no figure is published; Stripe's, on whose rails Shopify Payments runs",
    checked="2026-11-22",
)

FRONT = "uncategorizedFile"
_ABOUT_REFUNDS = frozenset({"CREDIT_NOT_PROCESSED", "PRODUCT_UNACCEPTABLE", "SUBSCRIPTION_CANCELLED", "GENERAL"})
_OF_STRIPE: Mapping[str, str] = {
    "cancellation_policy": "cancellationPolicyFile",
    "customer_communication": "customerCommunicationFile",
    "refund_policy": "refundPolicyFile",
    "service_documentation": "serviceDocumentationFile",
    "shipping_documentation": "shippingDocumentationFile",
}
"""Shopify has six of Stripe's nine file fields under its own names; what is in the others goes to the front one."""


@cache
def file_slots() -> FileSlots:
    from disputes.knowledge import stripe_slots

    by_item = {item: _OF_STRIPE[slot] for item, slot in stripe_slots().files.items() if slot in _OF_STRIPE}
    # Shopify's own page shows the papers of policies only where the claim is about them: elsewhere nobody would look.
    policies = dict.fromkeys(("cancellationPolicyFile", "refundPolicyFile"), _ABOUT_REFUNDS)
    return FileSlots(FRONT, by_item, policies)
