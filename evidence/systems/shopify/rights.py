"""What a key may read, in words for a merchant."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from disputes.phrases import phrase

NEEDED = {"read_orders": phrase("read_orders: reads the orders; without it there is nothing to connect")}
HELPFUL = {
    "read_all_orders": phrase(
        "The right read_all_orders is missing: only the last 60 days of orders are visible, "
        "and disputes come up to 120 days after the sale."
    ),
    "read_customers": phrase(
        "The right read_customers is missing: whether the customer has an account, and since when, stays unknown."
    ),
    "read_returns": phrase("The right read_returns is missing: returns cannot be shown."),
    "read_legal_policies": phrase("The right read_legal_policies is missing: the shop's policies have to be uploaded."),
    "read_products": phrase("The right read_products is missing: the goods' descriptions cannot be shown."),
}


def readable(handles: Iterable[str]) -> frozenset[str]:
    """Every right to read; who may write may read."""
    given = set(handles)
    return frozenset(given | {f"read_{each.removeprefix('write_')}" for each in given if each.startswith("write_")})


def missing(scopes: Collection[str]) -> tuple[str, ...]:
    return tuple(words for scope, words in NEEDED.items() if scope not in scopes)


def warnings(scopes: Collection[str]) -> tuple[str, ...]:
    return tuple(words for scope, words in HELPFUL.items() if scope not in scopes)


def too_many(scopes: Iterable[str]) -> tuple[str, ...]:
    """Counterproof never writes to a shop."""
    return tuple(
        phrase(
            "{right}: may change {things} in the shop", right=each, things=each.removeprefix("write_").replace("_", " ")
        )
        for each in sorted(scopes)
        if each.startswith("write_")
    )
