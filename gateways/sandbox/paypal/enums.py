"""The contract's closed lists, as data with their source: `enums.json`."""

from __future__ import annotations

import json
from pathlib import Path

_LISTS = json.loads(Path(__file__).with_name("enums.json").read_text(encoding="utf-8"))

REASONS: tuple[str, ...] = tuple(_LISTS["reasons"])
EVIDENCE_TYPES = frozenset(_LISTS["evidence_types"])
ADJUDICATION_REASONS = frozenset(_LISTS["adjudication_reasons"])
CARRIERS = frozenset(_LISTS["carriers"])
STAGES = ("INQUIRY", "CHARGEBACK", "PRE_ARBITRATION", "ARBITRATION")
CHANNELS = ("INTERNAL", "EXTERNAL", "ALERT")
STATES = (
    "REQUIRED_ACTION",
    "REQUIRED_OTHER_PARTY_ACTION",
    "UNDER_PAYPAL_REVIEW",
    "RESOLVED",
    "OPEN_INQUIRIES",
    "APPEALABLE",
)
ASKED_BY_REASON: dict[str, tuple[str, ...]] = {
    "MERCHANDISE_OR_SERVICE_NOT_RECEIVED": ("PROOF_OF_FULFILLMENT",),
    "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED": ("OTHER",),
    "UNAUTHORISED": ("PROOF_OF_FULFILLMENT", "OTHER"),
    "CREDIT_NOT_PROCESSED": ("PROOF_OF_REFUND",),
    "DUPLICATE_TRANSACTION": ("OTHER",),
    "INCORRECT_AMOUNT": ("OTHER",),
    "PAYMENT_BY_OTHER_MEANS": ("OTHER",),
    "CANCELED_RECURRING_BILLING": ("OTHER",),
    "PROBLEM_WITH_REMITTANCE": (),
    "OTHER": ("OTHER",),
}
"""What a claim asks the seller for, out of the two or three the documentation takes for each reason."""
