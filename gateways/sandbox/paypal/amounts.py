"""Money as PayPal writes it: a currency and a decimal string, whole for the currencies it takes without decimals."""

from __future__ import annotations

import re
from decimal import Decimal

from gateways.sandbox.paypal.errors import unprocessable
from gateways.sandbox.store import JSON

WHOLE = ("HUF", "JPY", "TWD")
VALUE = re.compile(r"^((-?[0-9]+)|(-?([0-9]+)?[.][0-9]+))$")
# What a lost dispute costs on top, and what a payment does: made up, but of a likely size.
DISPUTE_FEE = {"USD": "15", "EUR": "14", "GBP": "12", "HUF": "4500", "TWD": "450"}
PERCENT, FIXED = Decimal("0.0349"), {"USD": "0.49", "EUR": "0.39", "GBP": "0.30", "HUF": "160", "TWD": "15"}


def decimals(currency: str) -> int:
    return 0 if currency in WHOLE else 2


def text(value: Decimal | str, currency: str) -> str:
    return str(Decimal(value).quantize(Decimal(1).scaleb(-decimals(currency))))


def money(value: Decimal | str, currency: str) -> JSON:
    return {"currency_code": currency, "value": text(value, currency)}


def value(sent: JSON) -> Decimal:
    return Decimal(sent["value"])


def checked(sent: JSON, field: str, currency: str) -> Decimal:
    """An amount somebody sent, in the dispute's currency and with no more decimals than it has."""
    if sent["currency_code"] != currency:
        raise unprocessable("CURRENCY_MISMATCH", f"{field}/currency_code", f"The dispute is in {currency}.")
    amount = value(sent)
    if amount <= 0 or amount != amount.quantize(Decimal(1).scaleb(-decimals(currency))):
        raise unprocessable("INVALID_AMOUNT", f"{field}/value", f"No amount in {currency}: {sent['value']}.")
    return amount


def payment_fee(amount: Decimal, currency: str) -> Decimal:
    return Decimal(text(amount * PERCENT + Decimal(FIXED.get(currency, "0.49")), currency))


def dispute_fee(currency: str) -> Decimal:
    return Decimal(DISPUTE_FEE.get(currency, "15"))
