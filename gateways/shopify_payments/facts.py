"""The disputed payment as the house's facts: pure functions over one order of Shopify."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from disputes.facts import Address, CheckResult, Payment, Refund
from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.shopify_payments.contract import number_of
from gateways.shopify_payments.mapping import instant, money, network, paid_transaction, payment_id

Raw = Mapping[str, Any]

_AVS: Mapping[str, tuple[CheckResult, CheckResult]] = {
    **dict.fromkeys("DFMXY", ("pass", "pass")),
    "A": ("pass", "fail"),
    "B": ("pass", "unavailable"),
    **dict.fromkeys("WZ", ("fail", "pass")),
    "P": ("unavailable", "pass"),
    "N": ("fail", "fail"),
    **dict.fromkeys("CEGIRSU", ("unavailable", "unavailable")),
}
"""The letters of card networks: what they say about the street, and about the postal code."""
_CVV: Mapping[str, CheckResult] = {
    "M": "pass", "N": "fail", "P": "unchecked", "S": "unavailable", "U": "unavailable",
}  # fmt: skip
_REFUND_STATES = {
    "SUCCESS": "succeeded", "PENDING": "pending", "AWAITING_RESPONSE": "pending", "FAILURE": "failed",
    "ERROR": "failed",
}  # fmt: skip
_LAST_FOUR = re.compile(r"([0-9]{4})\s*$")


def payment(order: Raw) -> Payment:
    """All that Shopify tells about the disputed payment; amounts are those the customer was charged.

    It tells no 3-D Secure, no descriptor and no earlier payment of the card.
    """
    try:
        return _payment(order)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayError(
            GatewayFailure.MALFORMED,
            phrase("An order from Shopify lacks or garbles {field}; it was left as it was.", field=error),
        ) from error


def _payment(order: Raw) -> Payment:
    paid = paid_transaction(order)
    if not paid:
        raise GatewayError(GatewayFailure.NOT_FOUND, phrase("Shopify shows no successful payment for this order."))
    card = paid.get("paymentDetails") or {}
    amount = money(paid["amountSet"]["presentmentMoney"])
    street, postal_code = _AVS.get(str(card.get("avsResultCode") or "").upper(), (None, None))
    billing = address(order.get("billingAddress"))
    return Payment(
        payment_id=payment_id(paid) or number_of(order["id"]),
        amount=amount,
        captured=amount if "AUTHORIZATION" not in paid["kind"] else None,
        paid_at=_time(paid.get("processedAt") or paid.get("createdAt") or order.get("processedAt")),
        card_brand=network(card.get("company")),
        card_last4=_last_four(card.get("number")),
        avs_line1=street,
        avs_postal_code=postal_code,
        cvc=_CVV.get(str(card.get("cvvResultCode") or "").upper()),
        ip=order.get("clientIp"),
        customer_name=(billing.name if billing else None) or card.get("name"),
        customer_email=order.get("email"),
        billing=billing,
        shipping=address(order.get("shippingAddress")),
        refunds=tuple(_refunds(order)),
        metadata=_metadata(order),
    )


def _metadata(order: Raw) -> dict[str, str]:
    """The order's number as the customer knows it, and Shopify's own, under the keys that are looked at."""
    known = {"order_id": str(order.get("name") or "").lstrip("#").strip(),
             "shopify_order": str(order.get("legacyResourceId") or "")}  # fmt: skip
    return {name: value for name, value in known.items() if value}


def _time(text: object) -> datetime:
    at = instant(text)
    if at is None:
        raise ValueError("processedAt")
    return at


def _last_four(number: object) -> str | None:
    found = _LAST_FOUR.search(str(number or ""))
    return found.group(1) if found else None


def _refunds(order: Raw) -> Iterator[Refund]:
    """Every transaction that gave money back, by whatever way; failed ones are told as such."""
    for refund in order.get("refunds") or ():
        for each in (refund.get("transactions") or {}).get("nodes") or ():
            if each.get("kind") == "REFUND":
                state = str(each.get("status") or "unknown")
                yield Refund(
                    refund_id=number_of(each["id"]),
                    amount=money(each["amountSet"]["presentmentMoney"]),
                    created_at=_time(each.get("createdAt")),
                    status=_REFUND_STATES.get(state, state.lower()),
                    reason=refund.get("note") or None,
                )


def address(raw: Raw | None) -> Address | None:
    if not raw:
        return None
    read = Address(
        name=raw.get("name") or None,
        line1=raw.get("address1") or None,
        line2=raw.get("address2") or None,
        city=raw.get("city") or None,
        region=raw.get("provinceCode") or None,
        postal_code=raw.get("zip") or None,
        country=raw.get("countryCodeV2") or None,
    )
    return read if read.lines() else None
