"""What of a closed case is a customer's and goes, and when it may go. Figures, dates, hashes and outcomes stay."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from disputes.lifecycle import ENDED, GatewayStatus

LEAST_DAYS = 90
MOST_DAYS = 3650
"""An outcome can be appealed or turn for months; before that there is nothing to erase a case for."""

OF_CUSTOMER: Mapping[str, Any] = {
    "payment_id": None,
    "order_ref": None,
    "customer_name": None,
    "customer_email": None,
    "card_fingerprint": None,
    "card_last4": None,
    "search_text": "",
    "unknown": [],
    "compelling": {},
    "contradictions_read": [],
    "raw": {},
}
"""Columns of a dispute, and what stands in them afterwards. Its number at the gateway stays: the books name it."""

STAYS_OF_READ_BACK = ("by_hand", "filed_at")
"""Of what lay at the gateway after a filing."""


def may_go(*, status: GatewayStatus, is_open: bool, under_way: bool, asked: bool) -> bool:
    """Nothing of it is open: it is decided, nothing is being filed, nobody outside is asked."""
    return status in ENDED and not (is_open or under_way or asked)


def before(now: datetime, days: int) -> datetime:
    """What ended before this instant has been kept long enough."""
    return now - timedelta(days=days)


def is_code(words: str) -> bool:
    """A gateway's own code, which names nobody: "NO_PROOF_OF_DELIVERY"."""
    return bool(words) and words.replace("_", "").isalnum() and " " not in words and len(words) <= 60
