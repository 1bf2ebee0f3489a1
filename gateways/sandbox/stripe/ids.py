"""Identifiers of Stripe's shape."""

from __future__ import annotations

import secrets
import string

_ALPHABET = string.ascii_letters + string.digits


def new(prefix: str) -> str:
    """new("du_1") is "du_1" and 23 more characters; object ids carry 24 after the underscore."""
    length = {"req_": 14, "cus_": 14, "file_1": 23}.get(prefix, 23)
    return prefix + "".join(secrets.choice(_ALPHABET) for _ in range(length))
