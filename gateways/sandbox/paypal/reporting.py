"""GET /v1/reporting/transactions: what moved on the account, refunds with the payment they are of.

Its shape is that of PayPal's server SDK (2.4.0). A window of dates is required and has 31 days at most, so whoever
looks for a refund goes window by window or, better, over the order.
"""

from __future__ import annotations

from decimal import Decimal

from gateways.sandbox.paypal import payments, times
from gateways.sandbox.paypal.amounts import money, value
from gateways.sandbox.paypal.call import Call
from gateways.sandbox.paypal.errors import invalid, missing
from gateways.sandbox.paypal.times import DAY, stamp
from gateways.sandbox.paypal.world import MERCHANT_ID, World
from gateways.sandbox.store import JSON, Row

PATH = "/v1/reporting/transactions"
WINDOW_DAYS = 31
SIZES = (1, 500, 100)
PAYMENT, REFUND = "T0006", "T1107"


def transactions(world: World, call: Call) -> JSON:
    begin, end = (_moment(call, name) for name in ("start_date", "end_date"))
    if not 0 <= end - begin <= WINDOW_DAYS * DAY:
        raise invalid("INVALID_DATE_RANGE", "end_date", f"At most {WINDOW_DAYS} days, start before end.", "query")
    size, page = _number(call, "page_size", SIZES[2], SIZES[1]), _number(call, "page", 1, 10_000)
    fields = set((call.asked("fields") or "transaction_info").split(","))
    wanted, conditions, values = call.asked("transaction_id"), "created BETWEEN ? AND ?", [begin, end]
    rows = [_payment(row) for row in world.store.find("capture", conditions, values)]
    rows += [_refund(world, row) for row in world.store.find("refund", conditions, values)]
    rows = [row for row in rows if wanted in (None, row["transaction_info"]["transaction_id"])]
    rows.sort(key=lambda row: str(row["transaction_info"]["transaction_initiation_date"]))
    shown = rows[(page - 1) * size : page * size]
    if "all" not in fields:
        shown = [{name: part for name, part in row.items() if name in fields} for row in shown]
    return {
        "transaction_details": shown,
        "account_number": MERCHANT_ID,
        "start_date": stamp(begin),
        "end_date": stamp(end),
        "last_refreshed_datetime": stamp(call.now),
        "page": page,
        "total_items": len(rows),
        "total_pages": max(1, -(-len(rows) // size)),
        "links": [world.link(PATH, "self")],
    }


def _payment(row: Row) -> JSON:
    body, person = row.body, row.hidden["person"]
    info = _info(row.id, PAYMENT, body, body["create_time"], value(body["amount"]))
    fee = body["seller_receivable_breakdown"]["paypal_fee"]
    info["fee_amount"] = {**fee, "value": f"-{fee['value']}"}
    payer = {
        "account_id": payments.payer_id(person["email"]),
        "email_address": person["email"],
        "payer_name": {"alternate_full_name": person["name"]},
        "country_code": person["billing"]["country"],
    }
    place = {"name": person["name"], "address": _place(person["billing"])}
    cart = {"item_details": [{"item_name": row.hidden["description"], "item_quantity": "1"}]}
    return {"transaction_info": info, "payer_info": payer, "shipping_info": place, "cart_info": cart}


def _refund(world: World, row: Row) -> JSON:
    capture = world.need("capture", row.hidden["columns"]["parent"])
    info = _info(row.id, REFUND, row.body, row.body["create_time"], -value(row.body["amount"]))
    info |= {"paypal_reference_id": capture.id, "paypal_reference_id_type": "TXN"}
    return {"transaction_info": info, "payer_info": _payment(capture)["payer_info"]}


def _info(id: str, code: str, body: JSON, moment: str, amount: Decimal) -> JSON:
    return {
        "transaction_id": id,
        "transaction_event_code": code,
        "transaction_initiation_date": moment,
        "transaction_updated_date": body["update_time"],
        "transaction_amount": money(amount, body["amount"]["currency_code"]),
        "transaction_status": "S",
        "invoice_id": body["invoice_id"],
        "custom_field": body["custom_id"],
    }


def _place(place: JSON) -> JSON:
    found = {"line1": place["line1"], "line2": place.get("line2"), "city": place["city"], "state": place.get("state")}
    found |= {"country_code": place["country"], "postal_code": place.get("postal_code")}
    return {name: what for name, what in found.items() if what}


def _moment(call: Call, name: str) -> int:
    text = call.asked(name)
    if text is None:
        raise missing(name)
    try:
        return times.unix(text)
    except ValueError as error:
        raise invalid("INVALID_DATE_FORMAT", name, "The format of the date is not valid.", "query", text) from error


def _number(call: Call, name: str, usual: int, most: int) -> int:
    text = call.asked(name)
    if text is None:
        return usual
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= most:
        raise invalid("INVALID_PARAMETER_VALUE", name, f"{name} is 1 to {most}.", "query", text)
    return int(text)
