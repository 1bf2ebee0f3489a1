"""What a key may do, found out by reading only: Stripe has no call that lists a restricted key's rights."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import stripe

from disputes.phrases import Phrase, phrase

_ONE: Any = {"limit": 1}

NEEDED: Mapping[Phrase, Callable[[stripe.StripeClient], object]] = {
    phrase("Disputes: read"): lambda client: client.v1.disputes.list(_ONE),
    phrase("Charges: read"): lambda client: client.v1.charges.list(_ONE),
    phrase("Refunds: read"): lambda client: client.v1.refunds.list(_ONE),
    phrase("Files: read"): lambda client: client.v1.files.list(_ONE),
    phrase("Events: read"): lambda client: client.v1.events.list(_ONE),
    phrase("Balance transactions: read"): lambda client: client.v1.balance_transactions.list(_ONE),
    phrase("Early fraud warnings: read"): lambda client: client.v1.radar.early_fraud_warnings.list(_ONE),
}

NOT_NEEDED: Mapping[Phrase, Callable[[stripe.StripeClient], object]] = {
    phrase("Customers: read"): lambda client: client.v1.customers.list(_ONE),
    phrase("Payouts: read"): lambda client: client.v1.payouts.list(_ONE),
    phrase("Balance: read"): lambda client: client.v1.balance.retrieve(),
}


def reading_rights(client: stripe.StripeClient) -> tuple[tuple[Phrase, ...], tuple[Phrase, ...]]:
    """Of the rights that reading needs those that the key has, and those it lacks. Writing rights show at the first
    staging, before a submission."""
    allowed = {right: _allowed(client, probe) for right, probe in NEEDED.items()}
    return tuple(right for right in allowed if allowed[right]), tuple(right for right in allowed if not allowed[right])


def excess_rights(client: stripe.StripeClient, key: str) -> Iterator[Phrase]:
    """Rights that Counterproof never uses. A full secret key can do everything, refunds and payouts too."""
    if key.startswith("sk_"):
        yield phrase("Everything: this is a full secret key, which can also refund and pay out. Use a restricted key.")
        return
    yield from (right for right, probe in NOT_NEEDED.items() if _allowed(client, probe))


def _allowed(client: stripe.StripeClient, probe: Callable[[stripe.StripeClient], object]) -> bool:
    try:
        probe(client)
    except stripe.PermissionError:
        return False
    return True
