"""Stripe's bracket notation: `evidence[receipt]=file_1&expand[]=charge` as nested values."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from gateways.sandbox.stripe.errors import StripeError

_KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")


def nested(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Nested dicts of strings; a list is a dict with the keys "0", "1", ... until its shape says so."""
    root: dict[str, Any] = {}
    for key, value in pairs:
        match = _KEY.match(key)
        if match is None:
            raise StripeError(f"Invalid parameter name: {key}", param=key)
        steps = [match[1], *re.findall(r"\[([^\[\]]*)\]", match[2])]
        node = root
        for step in steps[:-1]:
            inner = node.setdefault(step or str(len(node)), {})
            if not isinstance(inner, dict):
                raise StripeError("Invalid hash", param=key)
            node = inner
        node[steps[-1] or str(len(node))] = value
    return root


def summary(value: Any, limit: int = 300) -> Any:
    """The same values, short enough to be kept in a request log."""
    if isinstance(value, dict):
        return {key: summary(inner, limit) for key, inner in value.items()}
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    return (
        value if not isinstance(value, str) or len(value) <= limit else f"{value[:limit]}... ({len(value)} characters)"
    )
