"""One order of WooCommerce as facts, and as the bytes that are kept of it."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from disputes.facts import Message, Order, OrderLine, Refund
from disputes.money import Money
from disputes.phrases import phrase
from disputes.systems import Kept
from evidence.mail.hypertext import to_text
from evidence.mail.parts import TooMuch
from evidence.matching import normalise
from evidence.redaction import worth_allowing
from evidence.sources.keys import keys_of
from evidence.sources.values import Unreadable
from evidence.systems import raw
from evidence.systems.as_sold import Goods
from evidence.systems.mapping import (
    Table,
    address,
    amount,
    at,
    fields,
    identifier,
    listed,
    text,
    utc,
    words,
)
from evidence.systems.woocommerce import products, terms, tracking

Thing = dict[str, Any]
ADDRESS: Table = {
    "line1": "address_1", "line2": "address_2", "city": "city", "region": "state", "postal_code": "postcode",
    "country": "country",
}  # fmt: skip
ORDER: Table = {
    "placed_at": ("date_created_gmt", utc),
    "customer_email": "billing.email",
    "customer_phone": "billing.phone | shipping.phone",
    "ip": "customer_ip_address",
    "user_agent": "customer_user_agent",
    "customer_note": ("customer_note", words),
}
REFUND: Table = {"refund_id": ("id", identifier), "created_at": ("date_created_gmt", utc), "reason": "reason"}
_NUMBERS = (
    "_order_number_formatted", "_alg_wc_full_custom_order_number", "_ywson_custom_number_order_complete",
    "_order_number", "_alg_wc_custom_order_number", "_wcj_order_number",
)  # fmt: skip
"""Where plug-ins for custom order numbers write them, the whole numbers before their bare digits."""
_GATEWAY_IDS = (
    "_stripe_intent_id", "_stripe_charge_id", "_intent_id", "_charge_id", "_ppcp_paypal_order_id",
    "_ppcp_paypal_capture_id", "_paypal_order_id", "_paypal_capture_id", "_paypal_transaction_id", "_transaction_id",
    "_wc_square_credit_card_square_order_id",
)  # fmt: skip
_LAST4 = re.compile(r"_account_four|_card_last4?|last4")
_CANCELLED = re.compile(r"\b(?:cancel|iptal|stornier|annul|geannuleerd|anulowan)")
_SYSTEM = frozenset({"system", "woocommerce"})
_SUPPLIER = {"supplier": "supplier", "tedarikci": "supplier", "supplier order": "supplier_order",
             "supplier order number": "supplier_order", "tedarikci siparis no": "supplier_order"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Further:
    """What was asked about one order beside the order itself."""

    refunds: list[Thing] = field(default_factory=list)
    notes: list[Thing] = field(default_factory=list)
    parcels: list[tuple[str, Thing]] = field(default_factory=list)
    answers: dict[str, Any] = field(default_factory=dict)
    """Of the routes that were asked about parcels."""
    customer_since: datetime | None = None
    products: dict[int, Thing] = field(default_factory=dict)
    """Of this page's orders, by their ids, as they are now."""


def kept(order: Thing, further: Further, request: str, zone: str, goods: Goods, refused: list[str]) -> list[Kept]:
    """The order, after the pictures of its goods. Raises Unreadable where the order cannot be told."""
    told = _order(order, further)
    sold = [products.sold(line, further.products) for line in listed(order, "line_items")]
    shown = goods.shown(told, str(order["id"]), filter(None, sold))
    told = shown.described(told, sold)
    refused += shown.refused
    parcels = tracking.shipments(further.parcels, told.order_ref, told.placed_at, zone)
    messages = [message for note in further.notes if (message := _message(note, told))]
    own = [told.order_ref, *told.numbers, told.payment_id or "", *told.transaction_ids]
    own += [each.tracking_number for each in parcels]
    content = {
        "order": {name: value for name, value in order.items() if name != "_links"},
        "refunds": further.refunds,
        "customer_notes": [note["answer"] for note in further.notes if note["shown"]],
        "tracking_in_notes": [each for place, each in further.parcels if place == "note"],
        **further.answers,
        "listings": list(shown.listings),
    }
    kept = Kept(
        kind="order",
        external_id=str(order["id"]),
        facts=(told, *parcels, *messages, *shown.documents),
        data=raw.part(content, filter(worth_allowing, own)),
        name=f"WooCommerce order {told.order_ref}.json",
        request=f"{request}, order {order['id']}",
        keys=keys_of(told, parcels),
        at=told.placed_at,
    )
    return [*shown.pictures, kept]


def _order(order: Thing, further: Further) -> Order:
    found = fields(order, ORDER)
    if "placed_at" not in found or not order.get("id"):
        raise Unreadable(phrase("it has no date or no id"))
    currency = text(order.get("currency") or "")
    meta = {str(each.get("key")): each.get("value") for each in listed(order, "meta_data")}
    ref, others = _numbers(order, meta)
    payments = _payments(order, meta)
    customer = order.get("customer_id")
    return Order(
        **found,
        order_ref=ref,
        numbers=others,
        total=amount(currency)(order.get("total")) if order.get("total") not in (None, "") else None,
        payment_id=payments[0] if payments else None,
        transaction_ids=tuple(payments[1:]),
        card_last4=_last4(meta),
        customer_name=_name(order.get("billing")),
        account_id=str(customer) if customer else None,
        account_since=further.customer_since,
        billing=_address(order.get("billing")),
        shipping=_address(order.get("shipping")),
        lines=tuple(_line(line, currency, further.products) for line in listed(order, "line_items")),
        amounts=_amounts(order, currency),
        cancelled_at=_cancelled(order, further.notes),
        refunds=tuple(_refund(each, currency) for each in further.refunds),
        terms_accepted_at=found["placed_at"] if terms.accepted(meta) else None,
    )


def _numbers(order: Thing, meta: Thing) -> tuple[str, tuple[str, ...]]:
    """The number the customer knows, and every other one: gateways are told the database's id or the custom number."""
    written = [identifier(meta[name]) for name in _NUMBERS if isinstance(meta.get(name), (str, int))]
    database, shown = str(order["id"]), identifier(order.get("number") or "") or str(order["id"])
    ref = (shown if shown != database else next(filter(None, written), shown)).lstrip("#").strip() or database
    rest = (each.lstrip("#").strip() for each in (shown, database, *filter(None, written)))
    return ref, tuple(dict.fromkeys(each for each in rest if each and each != ref))


def _payments(order: Thing, meta: Thing) -> list[str]:
    named = [order.get("transaction_id"), *(meta.get(name) for name in _GATEWAY_IDS)]
    named += [value for name, value in meta.items() if name.endswith("_trans_id")]
    ids = [identifier(each) for each in named if isinstance(each, (str, int))]
    return list(dict.fromkeys(each for each in ids if each and re.fullmatch(r"[\w.:-]{6,}", each)))


def _last4(meta: Thing) -> str | None:
    values = (str(value) for name, value in meta.items() if _LAST4.search(name))
    return next((value for value in values if re.fullmatch(r"\d{4}", value)), None)


def _name(person: Any) -> str | None:
    whole = " ".join(str(at(person, part) or "").strip() for part in ("first_name", "last_name")).strip()
    return text(html.unescape(whole or str(at(person, "company") or "")))


def _address(said: Any) -> Any:
    found = address(said, ADDRESS)
    return found.model_copy(update={"name": _name(said)}) if found else None


def _line(line: Thing, currency: str | None, known: dict[int, Thing]) -> OrderLine:
    """The price is the one before coupons, without tax; discount and tax stand beside the lines."""
    shown = [each for each in listed(line, "meta_data") if not str(each.get("key", "_")).startswith("_")]
    said = {_heading(each): text(_plain(each.get("display_value") or each.get("value"))) for each in shown}
    supplied = {_SUPPLIER[name]: value for heading, value in said.items() if (name := normalise(heading)) in _SUPPLIER}
    chosen = [f"{heading}: {value}" for heading, value in said.items() if value and normalise(heading) not in _SUPPLIER]
    quantity = line.get("quantity")
    return OrderLine(
        description=text(_plain(line.get("name"))) or "Goods without a name",
        quantity=quantity if isinstance(quantity, int) and quantity > 0 else 1,
        amount=_money(line.get("subtotal"), currency),
        sku=identifier(line.get("sku") or ""),
        product_type=products.kind(line, known),
        chosen="; ".join(chosen) or None,
        supplier=supplied.get("supplier"),
        supplier_order=supplied.get("supplier_order"),
    )


def _heading(meta: Thing) -> str:
    return (text(_plain(meta.get("display_key") or meta.get("key"))) or "").removeprefix("pa_")


def _plain(value: Any) -> str:
    """Names are stored with entities ("&ndash;") and sometimes with markup."""
    if not isinstance(value, (str, int)) or isinstance(value, bool):
        return ""
    return html.unescape(re.sub(r"<[^<>]*>", " ", str(value)))


def _money(said: Any, currency: str | None) -> Money | None:
    """A part of the total. None where it has more decimals than the currency: rounding is the shop's business."""
    try:
        return amount(currency)(said) if said not in (None, "") else None
    except ValueError:
        return None


def _amounts(order: Thing, currency: str | None) -> dict[str, Money]:
    parts = {
        "subtotal": [line.get("subtotal") for line in listed(order, "line_items")],
        "discount": [order.get("discount_total")],
        "shipping": [order.get("shipping_total")],
        "fees": [fee.get("total") for fee in listed(order, "fee_lines")],
        "tax": [order.get("total_tax")],
    }
    found = {}
    for word, said in parts.items():
        sums = [_money(each, currency) for each in said]
        minor = sum(each.minor for each in sums if each)
        if minor and all(sums):
            found[word] = Money(minor, (currency or "").upper())
    return found


def _refund(refund: Thing, currency: str | None) -> Refund:
    """The shop's own booking: whether the money went through the gateway, the gateway knows."""
    found = fields(refund, REFUND)
    if "created_at" not in found or refund.get("amount") in (None, ""):
        raise Unreadable(phrase("a refund has no date or amount"))
    return Refund(**found, amount=amount(currency)(str(refund["amount"]).lstrip("-")), status="succeeded")


def _cancelled(order: Thing, notes: list[Thing]) -> datetime | None:
    """WooCommerce keeps no time of cancellation: the system's last note that says it, else the last change, which is
    the latest it can have been."""
    if order.get("status") != "cancelled":
        return None
    said = [note["at"] for note in notes if note["system"] and _CANCELLED.search(normalise(note["words"]))]
    return max(said) if said else utc(at(order, "date_modified_gmt | date_created_gmt"))


# ---- notes ---------------------------------------------------------------------------------------------------------


def read_note(answer: Thing) -> Thing | None:
    """A note as {id, at, words, shown, author, system, answer}; `shown`: it was mailed to the customer."""
    try:
        moment = utc(answer.get("date_created_gmt"))
        plain, _ = to_text(str(answer.get("note") or ""))
    except (Unreadable, TooMuch):
        return None
    author = text(answer.get("author") or "") or ""
    return {
        "id": answer.get("id"),
        "at": moment,
        "words": plain,
        "shown": answer.get("customer_note") is True,
        "author": author,
        "system": author.casefold() in _SYSTEM,
        "answer": {name: value for name, value in answer.items() if name != "_links"},
    }


def _message(note: Thing, order: Order) -> Message | None:
    """A note to the customer, which WooCommerce mails. A private one is never a message."""
    body = words(note["words"])
    if not note["shown"] or not body:
        return None
    return Message(
        message_id=f"woocommerce:{note['id']}",
        at=note["at"],
        direction="out",
        channel="order note",
        sender=note["author"] if note["author"] and not note["system"] else "Shop",
        recipients=(order.customer_email,) if order.customer_email else (),
        subject=f"Note to order {order.order_ref}",
        body=body,
        automatic=note["system"],
        order_ref=order.order_ref,
    )
