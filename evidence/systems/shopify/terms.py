"""Terms accepted at checkout: a shop's box "I accept the terms" comes with the order as an attribute.

Attributes may also hold what staff write for each other, so only those about terms are kept.
"""

from __future__ import annotations

import re
from typing import Any

from evidence.systems.mapping import listed

_TERMS = re.compile(r"\b(?:terms|conditions|agb|tos|sözleşme\w*|koşul\w*|şart\w*)\b")
_YES = frozenset({"yes", "true", "1", "on", "accepted", "agreed", "i agree", "i accept", "evet", "kabul", "ja"})


def about_terms(attribute: Any) -> bool:
    return bool(_TERMS.search(re.sub(r"[_-]+", " ", str(attribute.get("key") or "")).casefold()))


def accepted(order: Any) -> bool:
    return any(
        about_terms(each) and str(each.get("value") or "").strip().casefold() in _YES
        for each in listed(order, "customAttributes")
    )
