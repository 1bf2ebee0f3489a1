"""Identifiers of Square's shapes."""

from __future__ import annotations

import secrets
import string
import uuid

_MIXED = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits


def dispute() -> str:
    return _of(_MIXED, 22)


def evidence() -> str:
    return _of(_MIXED, 22)


def payment() -> str:
    return _of(_MIXED, 27) + "ZY"


def order() -> str:
    return _of(_MIXED, 27) + "ZY"


def refund(payment_id: str) -> str:
    """A refund's id begins with its payment's."""
    return f"{payment_id}_{_of(_MIXED, 43)}"


def customer() -> str:
    return _of(_UPPER, 26)


def payout() -> str:
    return f"po_{uuid.uuid4()}"


def payout_entry() -> str:
    return f"poe_{_of(_MIXED, 22)}"


def subscription() -> str:
    return f"wbhk_{uuid.uuid4().hex}"


def event() -> str:
    return str(uuid.uuid4())


def brand_dispute() -> str:
    """The card brand's own number for the case."""
    return f"1000{_of(string.digits, 8)}"


def version_token() -> str:
    return _of(_MIXED, 43)


def uid() -> str:
    return _of(_MIXED, 22)


def _of(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
