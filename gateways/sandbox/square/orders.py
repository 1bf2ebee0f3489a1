"""Orders: what was bought, to be read by the payment's order_id."""

from __future__ import annotations

from gateways.sandbox.square import ids, people, times
from gateways.sandbox.square.call import Call
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON


def get_order(world: World, call: Call) -> JSON:
    return {"order": world.need("order", call.id).body}


def make(world: World, spec: JSON, payment: JSON, customer: JSON, now: int) -> None:
    """The order that a payment paid, complete since then. `payment` is the payment's body."""
    total = payment["amount_money"]
    nothing = {"amount": 0, "currency": total["currency"]}
    body: JSON = {
        "id": payment["order_id"],
        "location_id": payment["location_id"],
        "reference_id": spec.get("order"),
        "source": {"name": "Lale Living online shop" if _shipped(spec) else "Point of sale"},
        "customer_id": payment.get("customer_id"),
        "line_items": [_line(spec, total, nothing)],
        "fulfillments": _fulfillments(spec, customer, now),
        "net_amounts": {
            "total_money": total, "tax_money": nothing, "discount_money": nothing, "tip_money": nothing,
            "service_charge_money": nothing,
        },
        "tenders": [_tender(payment)],
        "metadata": {"order_id": spec["order"]} if "order" in spec else None,
        "created_at": times.text(now - 60),
        "updated_at": times.text(now),
        "closed_at": times.text(now),
        "state": "COMPLETED",
        "version": 4,
        "total_money": total,
        "total_tax_money": nothing,
        "total_discount_money": nothing,
        "total_tip_money": nothing,
        "total_service_charge_money": nothing,
        "net_amount_due_money": nothing,
    }  # fmt: skip
    world.store.put("order", row({k: v for k, v in body.items() if v}, created=now, parent=payment["id"]))


def _line(spec: JSON, total: JSON, nothing: JSON) -> JSON:
    return {
        "uid": ids.uid(), "name": spec.get("description", "Order at Lale Living"), "quantity": "1",
        "item_type": "ITEM", "base_price_money": total, "variation_total_price_money": total,
        "gross_sales_money": total, "total_tax_money": nothing, "total_discount_money": nothing, "total_money": total,
        "total_service_charge_money": nothing,
    }  # fmt: skip


def _fulfillments(spec: JSON, customer: JSON, now: int) -> list[JSON]:
    """Where the parcel should go; who carries it and how it went is in the shop's records, not in Square's."""
    if not _shipped(spec):
        return []
    wanted = spec.get("shipping", "same")
    to = customer["billing"] if wanted == "same" else wanted
    recipient = {
        "display_name": customer["name"], "email_address": customer["email"],
        "address": people.address(to, customer["name"]),
    }  # fmt: skip
    details = {"recipient": recipient, "placed_at": times.text(now)}
    return [{"uid": ids.uid(), "type": "SHIPMENT", "state": "PROPOSED", "shipment_details": details}]


def _tender(payment: JSON) -> JSON:
    card = payment["card_details"]
    return {
        "id": payment["id"], "location_id": payment["location_id"], "transaction_id": payment["order_id"],
        "created_at": payment["created_at"], "amount_money": payment["amount_money"], "type": "CARD",
        "card_details": {"status": card["status"], "card": card["card"], "entry_method": card["entry_method"]},
        "payment_id": payment["id"],
    }  # fmt: skip


def _shipped(spec: JSON) -> bool:
    return spec.get("shipping", "same") is not None
