"""Terms accepted at checkout.

WooCommerce has a box "I have read and agree to the terms" (its field is `terms`) and keeps nothing of it. Shops that
want a record add a few lines that write it on the order, mostly under these names. Any other name may be a setting of
the shop, and is not taken for the customer's word.
"""

from __future__ import annotations

from typing import Any

_NAMES = ("_terms_accepted", "terms_accepted", "_terms", "terms")
_YES = frozenset({"yes", "on", "1", "true", "accepted"})


def accepted(meta: dict[str, Any]) -> bool:
    """`meta`: the order's, by key."""
    return any(str(meta.get(name) or "").strip().casefold() in _YES for name in _NAMES)
