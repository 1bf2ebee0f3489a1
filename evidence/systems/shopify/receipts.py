"""The ids by which gateways know a payment, out of the receipts they leave at Shopify.

Shopify promises nothing about a receipt's shape, so nothing is read out of it but these ids, and they only serve to
find the order of a dispute again. Card receipts of Shopify Payments are Stripe's own objects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_STRIPE = re.compile(r"(?:pi|ch|py)_[A-Za-z0-9_]{1,80}")
_STRIPE_FIELDS = frozenset({"id", "charge", "latest_charge", "payment_intent", "charge_id", "payment_intent_id"})
_PAYPAL = re.compile(r"[0-9A-Z]{17}")
_PAYPAL_FIELDS = frozenset(
    {"transaction_id", "transactionid", "authorization_id", "capture_id", "parent_transaction_id", "id"}
)
_DEEPEST = 12


def parsed(receipt: Any) -> Any:
    """A receipt comes as an object, or as the text of one."""
    if not isinstance(receipt, str):
        return receipt
    try:
        return json.loads(receipt, parse_float=str)
    except (ValueError, RecursionError):
        return None


def ids_in(receipt: Any) -> list[str]:
    """Intents before charges, because that is what a dispute names first."""
    found = dict.fromkeys(_ids(parsed(receipt), 0))
    return sorted(found, key=lambda each: not each.startswith("pi_"))


def gateways_own(identifier: str) -> bool:
    return bool(_STRIPE.fullmatch(identifier) or _PAYPAL.fullmatch(identifier))


def _ids(content: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(content, list):
        for each in content:
            yield from _ids(each, depth + 1)
    if not isinstance(content, dict):
        return
    for name, value in content.items():
        plain = name.casefold()
        if isinstance(value, str):
            if (plain in _STRIPE_FIELDS and _STRIPE.fullmatch(value)) or (
                plain in _PAYPAL_FIELDS and _PAYPAL.fullmatch(value)
            ):
                yield value
        else:
            yield from _ids(value, depth + 1)
