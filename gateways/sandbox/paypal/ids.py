"""Identifiers of PayPal's shape."""

from __future__ import annotations

import secrets
import string

_ALPHABET = string.digits + string.ascii_uppercase


def dispute() -> str:
    return f"PP-R-{_letters(3)}-{10_000_000 + secrets.randbelow(90_000_000)}"


def transaction() -> str:
    """Captures, refunds, orders and the buyer's side of a payment all look like this."""
    return _some(17)


def document() -> str:
    return _some(13)


def event() -> str:
    return f"WH-{_some(17)}-{_some(17)}"


def debug() -> str:
    return secrets.token_hex(7)[:13]


def token() -> str:
    return "A21AA" + secrets.token_urlsafe(60)


def _some(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _letters(length: int) -> str:
    return "".join(secrets.choice(string.ascii_uppercase) for _ in range(length))
