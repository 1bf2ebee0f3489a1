"""PayPal's instants and amounts as the house's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from disputes.clock import utc
from disputes.money import Money
from disputes.phrases import phrase, said_by
from gateways.paypal.contract import WHOLE_UNITS

NO_CURRENCY = "XXX"
"""ISO 4217's own code for "no currency": what an amount gets whose currency PayPal did not tell."""

_AMOUNT = re.compile(r"-?(\d{1,20}(\.\d{0,8})?|\.\d{1,8})")
_CURRENCY = re.compile(r"[A-Z]{3}")


def instant(value: Any) -> datetime | None:
    """An RFC 3339 instant ("2026-03-01T10:00:00.000Z"); None for nothing, and for what is no instant."""
    if not isinstance(value, str):
        return None
    try:
        # A leap second is told as :60, which no datetime holds.
        return utc(datetime.fromisoformat(value.strip().upper().replace(":60", ":59")))
    except ValueError:
        return None


def needed_instant(value: Any, name: str) -> datetime:
    found = instant(value)
    if found is None:
        raise ValueError(name)
    return found


def rfc3339(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def money(raw: Any) -> Money:
    """{"currency_code": "HUF", "value": "1500"}; raises ValueError for what is no amount."""
    if not isinstance(raw, Mapping):
        raise ValueError("an amount")
    currency, value = str(raw.get("currency_code") or ""), str(raw.get("value") or "")
    if not _CURRENCY.fullmatch(currency) or not _AMOUNT.fullmatch(value):
        raise ValueError(f"the amount {value[:20]!r} {currency[:20]!r}")
    return Money.parse(value, currency)


def known_money(raw: Any) -> Money | None:
    try:
        return money(raw)
    except ValueError:
        return None


def money_or_what_is_told(raw: Any) -> tuple[Money, str | None]:
    """An amount, and what was wrong with it: the sum stays even where its currency was not told."""
    try:
        return money(raw), None
    except ValueError as error:
        value = str(raw.get("value") or "") if isinstance(raw, Mapping) else ""
        try:
            return Money.parse(value if _AMOUNT.fullmatch(value) else "0", NO_CURRENCY), said_by(error)
        except ValueError:
            return Money(0, NO_CURRENCY), said_by(error)


def paypal_value(value: str, currency: str) -> str:
    """A sum as PayPal takes it in this currency. Raises ValueError for a sum that it cannot express."""
    amount = Money.parse(value, currency)
    if currency not in WHOLE_UNITS:
        return amount.amount
    whole = Decimal(amount.amount)
    if whole != whole.to_integral_value():
        raise ValueError(
            phrase(
                "PayPal takes {currency} without decimal places, and {value} has some", currency=currency, value=value
            )
        )
    return f"{whole:.0f}"
