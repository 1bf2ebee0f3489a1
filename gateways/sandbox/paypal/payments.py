"""Orders, captures and refunds, as Orders v2 and Payments v2 show them.

The disputes contract has nothing of this; the shapes are the response models of PayPal's server SDK (2.4.0). What was
refunded of a capture is seen at three places, as at PayPal: `status` of the capture says that something was, the order
lists the refunds with it under `purchase_units[].payments.refunds`, and transaction search has each with the capture
as its `paypal_reference_id`. From the capture one gets to the order by `supplementary_data.related_ids.order_id`.
"""

from __future__ import annotations

from decimal import Decimal

from gateways.sandbox.paypal import amounts, ids
from gateways.sandbox.paypal.amounts import money, payment_fee, value
from gateways.sandbox.paypal.call import Call
from gateways.sandbox.paypal.errors import unprocessable
from gateways.sandbox.paypal.times import stamp
from gateways.sandbox.paypal.world import MERCHANT_EMAIL, MERCHANT_ID, World
from gateways.sandbox.store import JSON, Row

CAPTURES, REFUNDS, ORDERS = "/v2/payments/captures", "/v2/payments/refunds", "/v2/checkout/orders"
PERSON: JSON = {
    "name": "Test Buyer",
    "email": "buyer@example.com",
    "phone": "+1 503 555 0100",
    "billing": {"line1": "1 Test Street", "line2": None, "city": "Portland", "state": "OR", "postal_code": "97201",
                "country": "US"},
}  # fmt: skip


def pay(world: World, spec: JSON, paid: int) -> Row:
    """An order captured at `paid`; the words of `spec` are the builder's. Gives the capture."""
    tag, currency = spec.get("tag"), str(spec.get("currency", "EUR")).upper()
    gross = Decimal(str(spec.get("amount", "100.00")))
    if gross <= 0 or amounts.text(gross, currency) != str(spec.get("amount", "100.00")):
        raise ValueError(
            f"{spec.get('amount')!r} is no amount in {currency}; it has {amounts.decimals(currency)} places"
        )
    capture, order = f"2{tag}C00000000" if tag else ids.transaction(), f"2{tag}D00000000" if tag else ids.transaction()
    person = {**PERSON, **spec.get("customer", {})}
    number = spec.get("order", "LL-2999")
    fee = payment_fee(gross, currency)
    body: JSON = {
        "id": capture,
        "status": "COMPLETED",
        "amount": money(gross, currency),
        "invoice_id": number,
        "custom_id": number,
        "final_capture": True,
        "seller_protection": _protection(spec),
        "seller_receivable_breakdown": {
            "gross_amount": money(gross, currency),
            "paypal_fee": money(fee, currency),
            "net_amount": money(gross - fee, currency),
        },
        "payee": {"email_address": MERCHANT_EMAIL, "merchant_id": MERCHANT_ID},
        "supplementary_data": {"related_ids": {"order_id": order}},
        "create_time": stamp(paid),
        "update_time": stamp(paid),
    }
    buyer = f"2{tag}B00000000" if tag else ids.transaction()
    hidden = {"columns": {"id": capture, "created": paid, "parent": order}, "buyer_transaction_id": buyer}
    row = Row(body, hidden | {"person": person, "description": spec.get("description", "Linen cushion cover")})
    world.store.put("capture", row)
    world.store.put("order", Row(_order(order, row, spec, person), {"columns": {"id": order, "created": paid}}))
    return row


def refund(world: World, capture: Row, amount: Decimal | None, now: int, *, tag: str | None = None, note: str = "",
           arn: str | None = None) -> Row:  # fmt: skip
    """Give back a part, or what is left. Raises 422 as PayPal does for more than there is."""
    currency = capture.body["amount"]["currency_code"]
    gone = refunded(world, capture.id)
    left = value(capture.body["amount"]) - gone
    amount = left if amount is None else amount
    if amount <= 0 or amount > left:
        raise unprocessable("REFUND_AMOUNT_EXCEEDED", "/amount/value", f"There are {left} {currency} left.")
    id = tag or ids.transaction()
    body: JSON = {
        "id": id,
        "status": "COMPLETED",
        "amount": money(amount, currency),
        "invoice_id": capture.body["invoice_id"],
        "custom_id": capture.body["custom_id"],
        "seller_payable_breakdown": {
            "gross_amount": money(amount, currency),
            "paypal_fee": money("0", currency),
            "net_amount": money(amount, currency),
            "total_refunded_amount": money(gone + amount, currency),
        },
        "payer": {"email_address": MERCHANT_EMAIL, "merchant_id": MERCHANT_ID},
        "create_time": stamp(now),
        "update_time": stamp(now),
    }
    body |= {"acquirer_reference_number": arn} if arn else {}
    body |= {"note_to_payer": note} if note else {}
    row = Row(body, {"columns": {"id": id, "created": now, "parent": capture.id}})
    world.store.put("refund", row)
    capture.body |= {"status": "REFUNDED" if amount == left else "PARTIALLY_REFUNDED", "update_time": stamp(now)}
    world.store.put("capture", capture)
    return row


def refunded(world: World, capture: str) -> Decimal:
    return sum((value(row.body["amount"]) for row in world.store.find("refund", "parent = ?", (capture,))), Decimal(0))


def get_capture(world: World, call: Call) -> JSON:
    return capture_shown(world, world.need("capture", call.id))


def get_refund(world: World, call: Call) -> JSON:
    return refund_shown(world, world.need("refund", call.id))


def get_order(world: World, call: Call) -> JSON:
    row = world.need("order", call.id)
    (unit,) = row.body["purchase_units"]
    captures = world.store.find("capture", "parent = ?", (row.id,), oldest=True)
    shown = [capture_shown(world, capture) for capture in captures]
    for one in shown:  # an order's captures are the short form
        one.pop("payee"), one.pop("supplementary_data")
    payments: JSON = {"captures": shown}
    refunds = [one for capture in captures for one in world.store.find("refund", "parent = ?", (capture.id,))]
    if refunds:
        payments["refunds"] = [refund_shown(world, one) for one in refunds]
    links = [world.link(f"{ORDERS}/{row.id}", "self")]
    return {**row.body, "purchase_units": [{**unit, "payments": payments}], "links": links}


def capture_shown(world: World, row: Row) -> JSON:
    own, order = f"{CAPTURES}/{row.id}", row.body["supplementary_data"]["related_ids"]["order_id"]
    links = [world.link(own, "self"), world.link(f"{own}/refund", "refund", "POST")]
    return {**row.body, "links": [*links, world.link(f"{ORDERS}/{order}", "up")]}


def refund_shown(world: World, row: Row) -> JSON:
    capture = row.hidden["columns"]["parent"]
    return {
        **row.body,
        "links": [world.link(f"{REFUNDS}/{row.id}", "self"), world.link(f"{CAPTURES}/{capture}", "up")],
    }


def _protection(spec: JSON) -> JSON:
    if spec.get("shipping", "same") is None:
        return {"status": "NOT_ELIGIBLE"}
    return {"status": "ELIGIBLE", "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"]}


def _order(id: str, capture: Row, spec: JSON, person: JSON) -> JSON:
    gross = capture.body["amount"]
    given, _, surname = person["name"].partition(" ")
    unit: JSON = {
        "reference_id": "default",
        "amount": {**gross, "breakdown": {"item_total": gross}},
        "payee": capture.body["payee"],
        "description": capture.hidden["description"],
        "custom_id": capture.body["custom_id"],
        "invoice_id": capture.body["invoice_id"],
        "items": [_item(spec, capture)],
    }
    if (place := spec.get("shipping", "same")) is not None:
        address = person["billing"] if place == "same" else place
        unit["shipping"] = {"name": {"full_name": person["name"]}, "address": address_of(address)}
    payer: JSON = {
        "email_address": person["email"],
        "payer_id": person.get("payer_id") or payer_id(person["email"]),
        "name": {"given_name": given, "surname": surname or given},
        "address": {"country_code": person["billing"]["country"]},
    }
    wallet = {"account_id": payer["payer_id"], "account_status": "VERIFIED"}
    return {
        "id": id,
        "intent": "CAPTURE",
        "status": "COMPLETED",
        "payment_source": {"paypal": {key: payer[key] for key in ("email_address", "name", "address")} | wallet},
        "payer": payer,
        "purchase_units": [unit],
        "create_time": capture.body["create_time"],
        "update_time": capture.body["create_time"],
    }


def _item(spec: JSON, capture: Row) -> JSON:
    digital = spec.get("shipping", "same") is None
    return {
        "name": capture.hidden["description"][:127],
        "unit_amount": capture.body["amount"],
        "quantity": "1",
        "category": "DIGITAL_GOODS" if digital else "PHYSICAL_GOODS",
    }


def address_of(place: JSON) -> JSON:
    """Our words for a place in PayPal's; a province is admin_area_1, a town admin_area_2."""
    names = {"line1": "address_line_1", "line2": "address_line_2", "city": "admin_area_2", "state": "admin_area_1",
             "postal_code": "postal_code", "country": "country_code"}  # fmt: skip
    return {names[name]: place[name] for name in names if place.get(name)}


def payer_id(email: str) -> str:
    """Thirteen characters, the same for the same person every time."""
    letters = [character for character in email.upper() if character.isascii() and character.isalnum()]
    return ("".join(letters) + "X" * 13)[:13]
