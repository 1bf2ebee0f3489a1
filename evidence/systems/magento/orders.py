"""One order of Magento as facts, and as the bytes that are kept of it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any

from disputes.facts import UNNAMED_CARRIER, Message, Order, OrderLine, ProductType, Refund, Shipment
from disputes.money import Money
from disputes.phrases import phrase
from disputes.systems import Kept
from evidence.mail.hypertext import to_text
from evidence.mail.parts import TooMuch
from evidence.redaction import bare, worth_allowing
from evidence.sources.keys import keys_of
from evidence.sources.values import Unreadable
from evidence.systems import raw
from evidence.systems.mapping import Table, address, amount, at, fields, identifier, listed, text, utc, words

Thing = dict[str, Any]
ADDRESS: Table = {
    "line1": "street[0]", "line2": "street[1]", "city": "city", "region": "region_code | region",
    "postal_code": "postcode", "country": "country_id",
}  # fmt: skip
ORDER: Table = {
    "placed_at": ("created_at", utc),
    "customer_email": "customer_email | billing_address.email",
    "customer_phone": "billing_address.telephone",
}
_SHIPPING = "extension_attributes.shipping_assignments[0].shipping.address"
_AMOUNTS = {
    "subtotal": "subtotal", "shipping": "shipping_amount", "tax": "tax_amount", "discount": "discount_amount",
}  # fmt: skip
_ENDING = re.compile(r"-(?:capture|order|auth|authorization|void|refund|txn)(?:-\d+)?$")
"""Magento hangs what was done on the gateway's id: "pi_3Nab-capture"."""
_ID_KEY = re.compile(
    r"trans|txn|charge|capture|intent|payment_?id|order_?id|authorization_?id|reference|psp", re.IGNORECASE
)
_ID = re.compile(r"(?=[\w.:-]*\d)[\w.:-]{6,100}")
_PLAIN_ID = re.compile(r"(?:pi|ch|py)_[A-Za-z0-9]{8,}|[0-9A-Z]{17}")
"""What is a gateway's id wherever it stands: Stripe's, PayPal's. Other strings without a key say nothing."""
_KEPT_OF_CARD = frozenset({"cc_last4", "cc_last_4", "cc_type", "cc_avs_status", "cc_cid_status"})
_INSIDE = [ip_network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "127.0.0.0/8", "fc00::/7")]
_TYPES: dict[str, ProductType] = {"simple": "physical", "configurable": "physical", "downloadable": "digital"}
_CARRIERS = {"ups": "UPS", "usps": "USPS", "fedex": "FedEx", "dhl": "DHL"}
_MEMO_CANCELLED = 3


def kept(order: Thing, shipments: Sequence[Thing], memos: Sequence[Thing], request: str) -> Kept:
    """Raises Unreadable where the order cannot be told."""
    told = _order(order, memos)
    parcels = list(_shipments(shipments, told.order_ref))
    comments = [each for each in listed(order, "status_histories") if _shown(each)]
    messages = [message for each in comments if (message := _message(each, told))]
    own = [told.order_ref, *told.numbers, told.payment_id or "", *told.transaction_ids]
    own += [each.tracking_number for each in parcels]
    content = {
        "order": order | {"status_histories": comments, "payment": _payment(order.get("payment"))},
        "shipments": [_without_comments(each) for each in shipments],
        "creditmemos": [_without_comments(each) for each in memos],
    }
    return Kept(
        kind="order",
        external_id=str(order["entity_id"]),
        facts=(told, *parcels, *messages),
        data=raw.part(content, filter(worth_allowing, own)),
        name=f"Magento order {told.order_ref}.json",
        request=f"{request}, order {order['entity_id']}",
        keys=keys_of(told, parcels),
        at=told.placed_at,
    )


# ---- what is not stored --------------------------------------------------------------------------------------------


def _shown(comment: Thing) -> bool:
    """The customer sees it in the account. All others are between the shop's own people, or of a payment module."""
    return comment.get("is_visible_on_front") in (1, "1", True)


def _without_comments(thing: Thing) -> Thing:
    comments = [each for each in listed(thing, "comments") if _shown(each)]
    return {name: value for name, value in thing.items() if name != "shipping_label"} | {"comments": comments}


def _payment(payment: Any) -> Thing:
    """Without what may hold more of the card or the account than its last four digits, encrypted or not."""
    told = payment if isinstance(payment, dict) else {}
    return {
        name: value
        for name, value in told.items()
        if name in _KEPT_OF_CARD or not name.startswith(("cc_", "echeck_", "additional_data"))
    }


# ---- the order -----------------------------------------------------------------------------------------------------


def _order(order: Thing, memos: Sequence[Thing]) -> Order:
    found = fields(order, ORDER)
    ref = identifier(at(order, "increment_id | entity_id") or "")
    if "placed_at" not in found or not ref or not order.get("entity_id"):
        raise Unreadable(phrase("it has no date or no number"))
    currency = text(at(order, "order_currency_code | base_currency_code") or "")
    numbers = (str(order["entity_id"]), identifier(order.get("ext_order_id") or ""))
    payments = list(_payments(order))
    customer = order.get("customer_id")
    last4 = str(at(order, "payment.cc_last4 | payment.cc_last_4") or "")
    return Order(
        **found,
        order_ref=ref,
        numbers=tuple(dict.fromkeys(each for each in numbers if each and each != ref)),
        total=amount(currency)(order["grand_total"]) if order.get("grand_total") is not None else None,
        payment_id=payments[0] if payments else None,
        transaction_ids=tuple(payments[1:]),
        card_last4=last4 if re.fullmatch(r"\d{4}", last4) else None,
        customer_name=_name(order, "customer_") or _name(order.get("billing_address")),
        account_id=str(customer) if customer else None,
        ip=_ip(order),
        billing=_address(order.get("billing_address")),
        shipping=_address(at(order, _SHIPPING)),
        # What a configurable or bundled product consists of stands below it, at no price.
        lines=tuple(_line(each, currency) for each in listed(order, "items") if not each.get("parent_item_id")),
        amounts=_amounts(order, currency),
        cancelled_at=_cancelled(order),
        refunds=tuple(_refund(each, currency) for each in memos if each.get("state") != _MEMO_CANCELLED),
        customer_note=words(html.unescape(str(order.get("customer_note") or ""))),
    )


def _payments(order: Thing) -> Iterator[str]:
    """Every id the gateway may know the payment by, the last transaction's first."""
    said = [_ENDING.sub("", str(at(order, "payment.last_trans_id") or ""))]
    for each in listed(order, "extension_attributes.payment_additional_info"):
        if _ID_KEY.search(str(each.get("key"))) and isinstance(each.get("value"), (str, int)):
            said.append(_ENDING.sub("", str(each["value"])))
    plain = at(order, "payment.additional_information")
    said += [each for each in plain if isinstance(each, str) and _PLAIN_ID.fullmatch(each)] if plain else []
    yield from dict.fromkeys(each for each in said if _ID.fullmatch(each))


def _ip(order: Thing) -> str | None:
    """Behind a proxy that the shop does not know, `remote_ip` is the proxy's own."""
    remote = text(order.get("remote_ip") or "")
    forwarded = text(str(order.get("x_forwarded_for") or "").split(",")[0])
    with suppress(ValueError):
        if remote and forwarded and any(ip_address(remote) in network for network in _INSIDE):
            return str(ip_address(forwarded))
    return remote or forwarded


def _name(person: Any, prefix: str = "") -> str | None:
    parts = (str(at(person, f"{prefix}{part}") or "").strip() for part in ("firstname", "lastname"))
    return text(" ".join(parts).strip() or str(at(person, f"{prefix}company") or ""))


def _address(said: Any) -> Any:
    found = address(said, ADDRESS)
    return found.model_copy(update={"name": _name(said)}) if found else None


def _line(line: Thing, currency: str | None) -> OrderLine:
    """The price is without tax and before the discount, which stand beside the lines."""
    quantity = str(line.get("qty_ordered") or "1").partition(".")[0]
    options = listed(line, "product_option.extension_attributes.custom_options")
    chosen = [str(each["option_value"]) for each in options if isinstance(each.get("option_value"), str)]
    return OrderLine(
        description=text(html.unescape(str(line.get("name") or ""))) or "Goods without a name",
        quantity=max(1, int(quantity)) if quantity.isdecimal() else 1,
        amount=_money(line.get("row_total"), currency),
        sku=identifier(line.get("sku") or ""),
        product_type=_TYPES.get(str(line.get("product_type"))),
        chosen=text("; ".join(chosen)),
    )


def _money(said: Any, currency: str | None) -> Money | None:
    """A part of the total, without its sign: a discount is written below zero. None where it has more decimals than
    the currency: rounding is the shop's business."""
    try:
        return amount(currency)(str(said).lstrip("-")) if said not in (None, "") else None
    except ValueError:
        return None


def _amounts(order: Thing, currency: str | None) -> dict[str, Money]:
    found = {word: _money(order.get(name), currency) for word, name in _AMOUNTS.items()}
    return {word: money for word, money in found.items() if money and money.minor}


def _cancelled(order: Thing) -> datetime | None:
    """The first time the history says so; else the last change, which is the latest it can have been."""
    if order.get("state") != "canceled" and order.get("status") != "canceled":
        return None
    said = [utc(each["created_at"]) for each in listed(order, "status_histories") if each.get("status") == "canceled"]
    return min(said) if said else utc(at(order, "updated_at | created_at"))


def _refund(memo: Thing, currency: str | None) -> Refund:
    """A credit memo: the shop's own booking. Whether money went through the gateway, the gateway knows."""
    found = fields(memo, {"refund_id": ("increment_id | entity_id", identifier), "created_at": ("created_at", utc)})
    if "created_at" not in found or memo.get("grand_total") is None:
        raise Unreadable(phrase("a credit memo has no date or amount"))
    shown = [_plain(each.get("comment")) for each in listed(memo, "comments") if _shown(each)]
    total = amount(text(memo.get("order_currency_code") or "") or currency)(memo["grand_total"])
    return Refund(**found, amount=total, status="succeeded", reason=text("; ".join(filter(None, shown))))


# ---- parcels and comments ------------------------------------------------------------------------------------------


def _shipments(shipments: Iterable[Thing], order_ref: str) -> Iterator[Shipment]:
    seen: set[str] = set()
    for shipment in shipments:
        for track in listed(shipment, "tracks"):
            number = identifier(track.get("track_number") or "")
            if not number or not re.search(r"\d", number) or bare(number) in seen:
                continue
            seen.add(bare(number))
            moment = track if track.get("created_at") else shipment
            yield Shipment(
                order_ref=order_ref,
                carrier=_carrier(track),
                tracking_number=number,
                **fields(moment, {"shipped_at": ("created_at", utc)}),
            )


def _carrier(track: Thing) -> str:
    """`title` is what the shop calls it; a carrier typed in by hand has the code "custom"."""
    code, title = str(track.get("carrier_code") or "").casefold(), text(track.get("title") or "") or ""
    if code in _CARRIERS:
        return _CARRIERS[code]
    if title and title.casefold() not in ("custom value", "custom", "tracking"):
        return title
    return UNNAMED_CARRIER if code in ("", "custom") else code.replace("_", " ").title()


def _message(comment: Thing, order: Order) -> Message | None:
    body = words(_plain(comment.get("comment")))
    if not body or not comment.get("entity_id"):
        return None
    try:
        moment = utc(comment.get("created_at"))
    except Unreadable:
        return None
    return Message(
        message_id=f"magento:{comment['entity_id']}",
        at=moment,
        direction="out",
        channel="order comment",
        sender="Shop",
        recipients=(order.customer_email,) if order.customer_email else (),
        subject=f"Comment on order {order.order_ref}",
        body=body,
        order_ref=order.order_ref,
    )


def _plain(comment: Any) -> str:
    try:
        return to_text(str(comment or ""))[0]
    except TooMuch:
        return ""
