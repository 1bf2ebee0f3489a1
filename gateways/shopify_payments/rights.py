"""What a key may do: the app's own scopes, which Shopify tells every app. Who may write may read."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from disputes.phrases import Phrase, phrase

NEEDED: Mapping[str, Phrase] = {
    "read_shopify_payments_disputes": phrase("Disputes: read (read_shopify_payments_disputes)"),
    "read_shopify_payments_dispute_evidences": phrase(
        "Dispute evidence: read (read_shopify_payments_dispute_evidences)"
    ),
    # Without the order there is no sale to prove, and no answer may be filed without looking at its refunds.
    "read_orders": phrase("Orders: read (read_orders)"),
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

_IN_WORDS: Mapping[str, Phrase] = {
    "write_orders": phrase("can change orders and refund payments"),
    "write_order_edits": phrase("can change what was ordered"),
    "write_customers": phrase("can change customers"),
    "write_draft_orders": phrase("can make orders"),
    "write_returns": phrase("can approve and close returns"),
    "write_products": phrase("can change products"),
    "write_gift_cards": phrase("can issue gift cards"),
    "write_store_credit_account_transactions": phrase("can give customers store credit"),
    "write_payment_terms": phrase("can change when an order has to be paid"),
    "write_legal_policies": phrase("can change the shop's policies"),
}


def with_reads(scopes: Collection[str]) -> frozenset[str]:
    """The scopes with every right to read that a right to write brings along."""
    return frozenset(scopes) | {f"read_{each[6:]}" for each in scopes if each.startswith("write_")}


def missing_rights(scopes: Collection[str]) -> Iterator[Phrase]:
    yield from (words for scope, words in NEEDED.items() if scope not in with_reads(scopes))


def found_rights(scopes: Collection[str]) -> Iterator[Phrase]:
    """Scopes that the app has and the desk uses, those it cannot do without first."""
    held = with_reads(scopes)
    yield from (words for scope, words in NEEDED.items() if scope in held)
    yield from (Phrase(scope) for scope in sorted((held & WANTED) | (held & set(FILES))))


def may_file(scopes: Collection[str]) -> bool:
    return set(FILES) <= set(scopes)


def excess_rights(scopes: Collection[str]) -> Iterator[Phrase]:
    """Rights that are never used, those that change something first. No right here moves money by an answer."""
    beyond = sorted(set(scopes) - set(NEEDED) - WANTED - set(FILES))
    yield from (
        phrase("{right}: {what}.", right=scope, what=_IN_WORDS[scope]) for scope in beyond if scope in _IN_WORDS
    )
    if others := [scope for scope in beyond if scope not in _IN_WORDS]:
        yield phrase("Rights that are never used: {rights}.", rights=", ".join(others))
