"""What a key may do: the app's own scopes, which Shopify tells every app. Who may write may read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

NEEDED: Mapping[str, str] = {
    "read_shopify_payments_disputes": "Disputes: read (read_shopify_payments_disputes)",
    "read_shopify_payments_dispute_evidences": "Dispute evidence: read (read_shopify_payments_dispute_evidences)",
    # Without the order there is no sale to prove, and no answer may be filed without looking at its refunds.
    "read_orders": "Orders: read (read_orders)",
}
FILES = ("write_shopify_payments_dispute_evidences", "write_shopify_payments_dispute_file_uploads")
OLD_ORDERS = "read_all_orders"
PAYOUTS = frozenset({"read_shopify_payments_accounts", "read_shopify_payments"})
WANTED = frozenset(
    [
        OLD_ORDERS,
        "read_customers",
        "read_returns",
        "read_legal_policies",
        "read_products",
        "read_fulfillments",
        "read_shopify_payments_dispute_file_uploads",
        *PAYOUTS,
    ]
)
"""Used where they are given, done without where they are not: by this gateway or by the shop as a source of orders."""

_IN_WORDS: Mapping[str, str] = {
    "write_orders": "can change orders and refund payments",
    "write_order_edits": "can change what was ordered",
    "write_customers": "can change customers",
    "write_draft_orders": "can make orders",
    "write_returns": "can approve and close returns",
    "write_products": "can change products",
    "write_gift_cards": "can issue gift cards",
    "write_store_credit_account_transactions": "can give customers store credit",
    "write_payment_terms": "can change when an order has to be paid",
    "write_legal_policies": "can change the shop's policies",
}


def with_reads(scopes: Collection[str]) -> frozenset[str]:
    """The scopes with every right to read that a right to write brings along."""
    return frozenset(scopes) | {f"read_{each[6:]}" for each in scopes if each.startswith("write_")}


def missing_rights(scopes: Collection[str]) -> Iterator[str]:
    yield from (words for scope, words in NEEDED.items() if scope not in with_reads(scopes))


def may_file(scopes: Collection[str]) -> bool:
    return set(FILES) <= set(scopes)


def excess_rights(scopes: Collection[str]) -> Iterator[str]:
    """Rights that are never used, those that change something first. No right here moves money by an answer."""
    beyond = sorted(set(scopes) - set(NEEDED) - WANTED - set(FILES))
    yield from (f"{scope}: {_IN_WORDS[scope]}." for scope in beyond if scope in _IN_WORDS)
    if others := [scope for scope in beyond if scope not in _IN_WORDS]:
        yield f"Rights that are never used: {', '.join(others)}."
