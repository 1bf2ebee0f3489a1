"""Payments with what hangs on them: order, customer, payout entry."""

from __future__ import annotations

from decimal import Decimal

from disputes.money import exponent
from gateways.sandbox.square import account, cards, ids, orders, payouts, people, times
from gateways.sandbox.square.call import Call
from gateways.sandbox.square.paging import Conditions, page
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row


def get_payment(world: World, call: Call) -> JSON:
    return {"payment": world.need("payment", call.id).body}


def list_payments(world: World, call: Call) -> JSON:
    """By default those of the last year, newest first."""
    query = call.query
    wanted: Conditions = [("created >= ?", [query.get("begin_time", call.now - 365 * times.DAY)])]
    if "end_time" in query:
        wanted.append(("created < ?", [query["end_time"]]))
    columns = {
        "location_id": "$.location_id", "total": "$.total_money.amount",
        "last_4": "$.card_details.card.last_4", "card_brand": "$.card_details.card.card_brand",
    }  # fmt: skip
    wanted += [(f"json_extract(body, '{path}') = ?", [query[name]]) for name, path in columns.items() if name in query]
    oldest = query.get("sort_order", "DESC") == "ASC"
    rows, more = page(world, call, "payment", wanted, limit=query.get("limit"), oldest=oldest)
    return {"payments": [each.body for each in rows], **more} if rows else {}


def minor(value: int | str, currency: str) -> int:
    """Minor units from an int as it is, or from "189.00" in major units."""
    return value if isinstance(value, int) else int(Decimal(value).scaleb(exponent(currency)))


def make(world: World, spec: JSON, now: int) -> Row:
    """One completed card payment. Every key of the specification may be absent."""
    tag, currency = spec.get("tag"), str(spec.get("currency", "USD")).upper()
    customer = {**people.DEFAULT, **spec.get("customer", {})}
    amount = minor(spec.get("amount", 10_000), currency)
    money, fee = {"amount": amount, "currency": currency}, amount * 29 // 1000 + 30
    id = f"{tag}Pay{'0' * 16}"[:27] + "ZY" if tag else ids.payment()
    body: JSON = {
        "id": id,
        "created_at": times.text(now),
        "updated_at": times.text(now),
        "amount_money": money,
        "status": "COMPLETED",
        "delay_duration": "PT168H",
        "source_type": "CARD",
        "card_details": cards.details(spec, customer, id, now),
        "location_id": account.location_of(currency),
        "order_id": f"{tag}Order{'0' * 16}"[:27] + "ZY" if tag else ids.order(),
        "reference_id": spec.get("order") if spec.get("payment_reference", True) else None,
        "risk_evaluation": {"created_at": times.text(now), "risk_level": spec.get("risk_level", "NORMAL")},
        "processing_fee": [
            {"effective_at": times.text(now), "type": "INITIAL", "amount_money": {**money, "amount": fee}}
        ],
        "buyer_email_address": customer["email"],
        "billing_address": people.address(customer["billing"], customer["name"]),
        "shipping_address": _shipping(spec, customer),
        "note": spec.get("description", "Order at Lale Living"),
        "customer_id": None if spec.get("guest") else people.keep(world, customer, now),
        "total_money": money,
        "approved_money": money,
        "receipt_number": people.digest(id, 4, alphabet="ABCDEFGHJKLMNPQRSTUVWXYZ0123456789"),
        "receipt_url": f"https://squareupsandbox.com/receipt/preview/{id}",
        "delay_action": "CANCEL",
        "delayed_until": times.text(now + 7 * times.DAY),
        "application_details": {"square_product": "ECOMMERCE_API" if _online(spec) else "SQUARE_POS"},
        "version_token": people.digest(id, 43),
    }
    body = {name: value for name, value in body.items() if value is not None}
    orders.make(world, spec, body, customer, now)
    payouts.charge(world, body, fee, now)
    made = row(body, created=now, parent=body["order_id"], label=body["location_id"])
    world.store.put("payment", made)
    return made


def _shipping(spec: JSON, customer: JSON) -> JSON | None:
    wanted = spec.get("shipping", "same")
    if wanted is None:
        return None
    return people.address(customer["billing"] if wanted == "same" else wanted, customer["name"])


def _online(spec: JSON) -> bool:
    return bool(spec.get("entry_method", "KEYED") in ("KEYED", "ON_FILE"))
