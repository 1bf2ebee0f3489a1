"""The spelling in which order numbers, payment ids, addresses and tracking numbers are kept and looked up."""

from __future__ import annotations

import re
from collections.abc import Iterable

from disputes.facts import Order, Shipment
from disputes.ports import Wanted
from disputes.systems import Key, KeyKind
from evidence.redaction import bare

LONGEST = 200


def order_number(text: str | None) -> str:
    """An order number without its mark, blanks and case: "# 1001 " is "1001"."""
    return (text or "").strip().lstrip("#").strip().casefold()


def phone_number(text: str | None) -> str:
    """The last nine digits: enough to tell people apart, and the same with and without a country's prefix."""
    digits = re.sub(r"\D", "", text or "")
    return digits[-9:] if len(digits) >= 7 else ""


def keys_of(order: Order, parcels: Iterable[Shipment] = ()) -> tuple[Key, ...]:
    """Everything by which a kept order may be found again."""
    return _keys(
        (KeyKind.ORDER, [order_number(each) for each in (order.order_ref, *order.numbers)]),
        (KeyKind.PAYMENT, [order.payment_id, *order.transaction_ids]),
        (KeyKind.EMAIL, [_email(order.customer_email)]),
        (KeyKind.PHONE, [phone_number(order.customer_phone)]),
        (KeyKind.ACCOUNT, [order.account_id]),
        (KeyKind.TRACKING, [bare(each.tracking_number) for each in parcels]),
    )


def keys_wanted(wanted: Wanted) -> tuple[Key, ...]:
    """Everything by which the disputed order may be found, the values of the payment's metadata among it: plug-ins
    write the order number under names of their own."""
    said = (wanted.order_ref, *wanted.metadata.values())
    return _keys(
        (KeyKind.ORDER, [order_number(each) for each in said if each and len(each) <= 60]),
        (KeyKind.PAYMENT, [wanted.payment_id, *wanted.payment_ids, *wanted.metadata.values()]),
        (KeyKind.EMAIL, [_email(wanted.customer_email)]),
        (KeyKind.PHONE, [phone_number(wanted.phone)]),
        (KeyKind.ACCOUNT, [wanted.metadata.get("customer_id")]),
    )


def _email(text: str | None) -> str:
    return (text or "").strip().casefold()


def _keys(*groups: tuple[KeyKind, Iterable[str | None]]) -> tuple[Key, ...]:
    found = (Key(kind, value.strip()) for kind, values in groups for value in values if value and value.strip())
    return tuple(dict.fromkeys(key for key in found if len(key.value) <= LONGEST))
