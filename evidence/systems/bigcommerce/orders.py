"""One order of BigCommerce as facts, and as the bytes that are kept of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from disputes.facts import UNNAMED_CARRIER, Message, Order, OrderLine, ProductType, Refund, Shipment
from disputes.money import Money
from disputes.phrases import phrase
from disputes.systems import Kept
from evidence.redaction import bare, worth_allowing
from evidence.sources.keys import keys_of
from evidence.sources.values import Unreadable
from evidence.systems import raw
from evidence.systems.mapping import (
    Table,
    address,
    amount,
    at,
    fields,
    identifier,
    listed,
    rfc2822,
    text,
    utc,
    words,
)

Thing = dict[str, Any]
ADDRESS: Table = {
    "line1": "street_1", "line2": "street_2", "city": "city", "region": "state", "postal_code": "zip",
    "country": "country_iso2 | country",
}  # fmt: skip
ORDER: Table = {
    "placed_at": ("date_created", rfc2822),
    "customer_email": "billing_address.email",
    "customer_phone": "billing_address.phone",
    "ip": "ip_address | ip_address_v6",
    "customer_note": ("customer_message", words),
}
_NUMBERS = ("external_order_id", "external_id", "ebay_order_id")
_AMOUNTS = {
    "subtotal": ("subtotal_ex_tax",),
    "shipping": ("shipping_cost_ex_tax",),
    "fees": ("handling_cost_ex_tax", "wrapping_cost_ex_tax"),
    "tax": ("total_tax",),
    "discount": ("discount_amount", "coupon_discount"),
    "gift certificate": ("gift_certificate_amount",),
    "store credit": ("store_credit_amount",),
}
_INTERNAL = {
    "order": frozenset({"staff_notes"}),
    "products": frozenset({"base_cost_price", "cost_price_inc_tax", "cost_price_ex_tax", "cost_price_tax"}),
    "shipments": frozenset({"comments", "merchant_shipping_cost"}),
}
"""What the shop writes for itself; it is not even stored."""
_CANCELLED = 5
_DIRECTIONS: dict[str, Literal["in", "out"]] = {"customer": "in", "admin": "out", "merchant": "out"}
"""Who wrote a message. Any other kind of message is the shop's own business."""
_TYPES: dict[str, ProductType] = {"physical": "physical", "digital": "digital", "giftcertificate": "digital"}
_CARRIERS = {
    "ups": "UPS", "upsready": "UPS", "upsonline": "UPS", "usps": "USPS", "endicia": "USPS", "fedex": "FedEx",
    "auspost": "Australia Post", "canadapost": "Canada Post", "royalmail": "Royal Mail",
}  # fmt: skip
_NO_CARRIERS = frozenset({"", "custom", "other", "none", "shipperhq"})


@dataclass(frozen=True, slots=True)
class Further:
    """What was asked about one order beside the order itself."""

    products: list[Thing] = field(default_factory=list)
    addresses: list[Thing] = field(default_factory=list)
    shipments: list[Thing] = field(default_factory=list)
    messages: list[Thing] = field(default_factory=list)
    transactions: list[Thing] = field(default_factory=list)
    refunds: list[Thing] = field(default_factory=list)


def kept(order: Thing, further: Further, request: str) -> Kept:
    """Raises Unreadable where the order cannot be told."""
    told = _order(order, further)
    parcels = list(_shipments(further.shipments, told.order_ref))
    shared = [each for each in further.messages if each.get("type") in _DIRECTIONS]
    messages = [message for each in shared if (message := _message(each, told))]
    own = [told.order_ref, *told.numbers, told.payment_id or "", *told.transaction_ids]
    own += [each.tracking_number for each in parcels]
    content = {
        "order": _without(order, "order"),
        "products": [_without(each, "products") for each in further.products],
        "shipping_addresses": further.addresses,
        "shipments": [_without(each, "shipments") for each in further.shipments],
        "messages": shared,
        "transactions": further.transactions,
        "refunds": further.refunds,
    }
    return Kept(
        kind="order",
        external_id=told.order_ref,
        facts=(told, *parcels, *messages),
        data=raw.part(content, filter(worth_allowing, own)),
        name=f"BigCommerce order {told.order_ref}.json",
        request=f"{request}, order {told.order_ref}",
        keys=keys_of(told, parcels),
        at=told.placed_at,
    )


def refunded(order: Thing) -> bool:
    return bool(re.search(r"[1-9]", str(order.get("refunded_amount") or "")))


def _without(thing: Thing, part: str) -> Thing:
    return {name: value for name, value in thing.items() if name not in _INTERNAL[part]}


# ---- the order -----------------------------------------------------------------------------------------------------


def _order(order: Thing, further: Further) -> Order:
    found = fields(order, ORDER)
    ref = identifier(order.get("id") or "")
    if "placed_at" not in found or not ref:
        raise Unreadable(phrase("it has no date or no id"))
    # `currency_code` is only the one that prices were shown in.
    currency = text(at(order, "default_currency_code | currency_code") or "")
    payments = _payments(order, further.transactions)
    customer = order.get("customer_id")
    place = further.addresses[0] if further.addresses else None
    return Order(
        **found,
        order_ref=ref,
        numbers=tuple(_numbers(order)),
        total=amount(currency)(order["total_inc_tax"]) if order.get("total_inc_tax") not in (None, "") else None,
        payment_id=payments[0] if payments else None,
        transaction_ids=tuple(payments[1:]),
        card_last4=_last4(further.transactions),
        customer_name=_name(order.get("billing_address")),
        account_id=str(customer) if customer else None,
        billing=_address(order.get("billing_address")),
        shipping=_address(place),
        lines=tuple(_line(each, currency) for each in further.products),
        amounts=_amounts(order, currency),
        # The time of a cancellation is not kept; the last change is the latest it can have been.
        cancelled_at=rfc2822(order["date_modified"]) if order.get("status_id") == _CANCELLED else None,
        refunds=tuple(_refund(each, currency) for each in further.refunds),
    )


def _numbers(order: Thing) -> Iterator[str]:
    for name in _NUMBERS:
        number = identifier(order.get(name) or "")
        if number and number != "0":
            yield number


def _payments(order: Thing, transactions: Iterable[Thing]) -> list[str]:
    """Refunds have ids of their own, which are no payment's."""
    paid = [each for each in transactions if each.get("event") not in ("refund", "void")]
    said = [order.get("payment_provider_id"), *(each.get("gateway_transaction_id") for each in paid)]
    ids = [identifier(each) for each in said if isinstance(each, (str, int)) and each]
    return list(dict.fromkeys(each for each in ids if each and len(each) >= 6))


def _last4(transactions: Iterable[Thing]) -> str | None:
    said = (str(at(each, "credit_card.card_last4") or "") for each in transactions)
    return next((each for each in said if re.fullmatch(r"\d{4}", each)), None)


def _name(person: Any) -> str | None:
    whole = " ".join(str(at(person, part) or "").strip() for part in ("first_name", "last_name")).strip()
    return text(html.unescape(whole or str(at(person, "company") or "")))


def _address(said: Any) -> Any:
    found = address(said, ADDRESS)
    return found.model_copy(update={"name": _name(said)}) if found else None


def _line(line: Thing, currency: str | None) -> OrderLine:
    """The price is without tax; tax and discounts stand beside the lines."""
    quantity = line.get("quantity")
    chosen = []
    for each in listed(line, "product_options"):
        name = text(at(each, "display_name_customer | display_name") or "")
        value = at(each, "display_value_customer | display_value")
        if name and isinstance(value, (str, int)):
            chosen.append(f"{name}: {text(value)}")
    return OrderLine(
        description=text(html.unescape(str(at(line, "name_customer | name") or ""))) or "Goods without a name",
        quantity=quantity if isinstance(quantity, int) and quantity > 0 else 1,
        amount=_money(line.get("total_ex_tax"), currency),
        sku=identifier(line.get("sku") or ""),
        product_type=_TYPES.get(str(line.get("type"))),
        chosen="; ".join(chosen) or None,
    )


def _money(said: Any, currency: str | None) -> Money | None:
    """A part of the total. None where it has more decimals than the currency: rounding is the shop's business."""
    try:
        return amount(currency)(said) if said not in (None, "") else None
    except ValueError:
        return None


def _amounts(order: Thing, currency: str | None) -> dict[str, Money]:
    found = {}
    for word, names in _AMOUNTS.items():
        sums = [_money(order.get(name), currency) for name in names if order.get(name) not in (None, "")]
        minor = sum(each.minor for each in sums if each)
        if minor and all(sums):
            found[word] = Money(minor, (currency or "").upper())
    return found


def _refund(refund: Thing, currency: str | None) -> Refund:
    """The shop's own booking: whether the money went through the gateway, the gateway knows."""
    found = fields(refund, {"refund_id": ("id", identifier), "created_at": ("created", utc), "reason": "reason"})
    if "created_at" not in found or refund.get("total_amount") in (None, ""):
        raise Unreadable(phrase("a refund has no date or amount"))
    payments = listed(refund, "payments")
    declined = bool(payments) and all(each.get("is_declined") is True for each in payments)
    return Refund(
        **found, amount=amount(currency)(refund["total_amount"]), status="failed" if declined else "succeeded"
    )


# ---- parcels and messages ------------------------------------------------------------------------------------------


def _shipments(shipments: Iterable[Thing], order_ref: str) -> Iterator[Shipment]:
    seen: set[str] = set()
    for each in shipments:
        number = identifier(each.get("tracking_number") or "")
        if not number or not re.search(r"\d", number) or bare(number) in seen:
            continue
        seen.add(bare(number))
        service = text(each.get("shipping_method") or "")
        yield Shipment(
            order_ref=order_ref,
            carrier=_carrier(each),
            tracking_number=number,
            **fields(each, {"shipped_at": ("date_created", rfc2822)}),
            service=service if service and service.casefold() != "none" else None,
        )


def _carrier(shipment: Thing) -> str:
    code = str(shipment.get("shipping_provider") or "").strip().casefold()
    if code in _CARRIERS:
        return _CARRIERS[code]
    slug = str(shipment.get("tracking_carrier") or "").strip().casefold()
    if slug not in _NO_CARRIERS:
        return _CARRIERS.get(slug) or " ".join(
            word.upper() if len(word) <= 4 else word.capitalize() for word in re.split(r"[-_]", slug) if word
        )
    shown = text(shipment.get("shipping_provider_display_name") or "") or ""
    return UNNAMED_CARRIER if shown.casefold() in _NO_CARRIERS else shown


def _message(message: Thing, order: Order) -> Message | None:
    body = words(html.unescape(str(message.get("message") or "")))
    if not body or not message.get("id"):
        return None
    try:
        moment = rfc2822(message.get("date_created"))
    except (ValueError, TypeError):
        return None
    direction = _DIRECTIONS[str(message["type"])]
    customer = order.customer_email or order.customer_name or "Customer"
    return Message(
        message_id=f"bigcommerce:{message['id']}",
        at=moment,
        direction=direction,
        channel="order message",
        sender=customer if direction == "in" else "Shop",
        recipients=(customer,) if direction == "out" and order.customer_email else (),
        subject=text(html.unescape(str(message.get("subject") or ""))),
        body=body,
        order_ref=order.order_ref,
    )
