"""An order and a policy of the import folder, as the world of the practice systems has them."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from html import escape
from typing import Any

from disputes.facts import Address, Order, OrderLine, Shipment
from disputes.money import Money
from evidence.sources.library import Library
from web.demo.systems.parcels import sent
from web.demo.tokens import ZONE

Thing = dict[str, Any]
_FIRST_ID = {"shopify": 5_600_000_000_000, "woocommerce": 40_000}
_GATEWAY = {"shopify": "stripe", "woocommerce": "paypal"}
_ACCEPTED = {"key": "I accept the terms of sale", "value": "Yes"}


class NotThere(LookupError):
    """The plan names something that the folder does not have."""


def order(library: Library, ref: str, shop: str) -> Thing:
    """`shop`: shopify or woocommerce, which number orders and name gateways differently."""
    told = next((each.order for each in library.orders if each.order.order_ref == ref), None)
    if told is None or told.total is None:
        raise NotThere(f"order {ref}")
    number = digits(ref)
    goods = sum((each.amount.minor for each in told.lines if each.amount), 0)
    parts = {"subtotal": Money(goods, told.total.currency)} | dict(told.amounts)
    parcels = sent(library, ref)
    changed = [told.placed_at, told.cancelled_at, *(each.shipped_at for each in parcels)]
    return {
        "id": _FIRST_ID[shop] + number, "number": ref, "placed_at": written(told.placed_at),
        "updated_at": written(max(each for each in changed if each)), "currency": told.total.currency,
        "total": plain(told.total), "subtotal": plain(parts["subtotal"]), "shipping_cost": plain(parts.get("shipping")),
        "tax": plain(parts.get("tax")), "discount": plain(parts.get("discount")),
        "payment": {"gateway": _GATEWAY[shop], "transaction_id": told.payment_id, "transaction_ids": [],
                    "last4": None, "brand": None, "avs": None, "cvv": None},
        "customer": _customer(told, number, shop), "customer_note": "", "ip": told.ip, "user_agent": None,
        "billing": _address(told.billing), "shipping": _address(told.shipping),
        "lines": [_line(each) for each in told.lines], "shipping_method": "Standard", "promised_by": None,
        "cancelled_at": written(told.cancelled_at), "cancel_reason": "customer" if told.cancelled_at else None,
        "terms_accepted_at": written(told.terms_accepted_at), "refunds": [], "returns": [],
        "parcels": [_parcel(each) for each in parcels], "notes": [],
        "shopify": {"attributes": [_ACCEPTED] if told.terms_accepted_at else [], "guest": told.account_id is None},
    }  # fmt: skip


def policy(library: Library, name: str) -> Thing:
    """`name`: its file in the folder. A page has been what it is since the day it came into force."""
    found = next((each.policy for each in library.policies if each.name == name), None)
    if found is None:
        raise NotThere(name)
    since = written(datetime.combine(found.in_force_from, time(9), ZONE))
    slug = found.title.casefold().replace(" ", "-")
    return {
        "id": 1, "kind": found.kind, "title": found.title, "url": f"https://lale.example/policies/{slug}",
        "html": "".join(f"<p>{escape(part)}</p>" for part in found.text.split("\n\n")), "created_at": since,
        "updated_at": since,
    }  # fmt: skip


def digits(ref: str) -> int:
    return int("".join(sign for sign in ref if sign.isdigit()))


def written(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def plain(amount: Money | None) -> str:
    """A decimal string in major units, without its currency."""
    return str(amount).partition(" ")[0] if amount else "0"


def _customer(told: Order, number: int, shop: str) -> Thing:
    """Shopify has a record of every buyer; WooCommerce of those who made themselves an account."""
    known = digits(told.account_id) if told.account_id else 0
    return {
        "id": known or (900_000 + number if shop == "shopify" else 0), "name": told.customer_name,
        "email": told.customer_email, "phone": told.customer_phone,
        "since": written(told.account_since or told.placed_at), "orders": 1,
    }  # fmt: skip


def _parcel(told: Shipment) -> Thing:
    """As a shop knows it: what it was handed over with, not what became of it."""
    return {"carrier": told.carrier, "number": told.tracking_number, "shipped_at": written(told.shipped_at),
            "service": None}  # fmt: skip


def _line(line: OrderLine) -> Thing:
    amount = Decimal(plain(line.amount))
    price = amount / line.quantity
    if price * line.quantity != amount:
        raise ValueError(f"{line.description}: {amount} is no price of {line.quantity} pieces")
    return {
        "sku": line.sku, "title": line.description, "quantity": line.quantity, "price": str(price),
        "type": line.product_type, "about": None, "supplier": None, "supplier_order": None,
    }  # fmt: skip


def _address(told: Address | None) -> Thing | None:
    if told is None:
        return None
    return {name: getattr(told, name) or ("" if name == "line2" else None) for name in (
        "name", "line1", "line2", "city", "region", "postal_code", "country",
    )}  # fmt: skip
