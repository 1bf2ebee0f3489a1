"""Refunds. They are found by the payment's refund_ids: Square's list has no filter for a payment."""

from __future__ import annotations

from gateways.sandbox.square import ids, payouts, times
from gateways.sandbox.square.call import Call
from gateways.sandbox.square.errors import SquareError
from gateways.sandbox.square.lifecycle import OPEN, REVIEWED
from gateways.sandbox.square.paging import Conditions, page
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON

_REFUND_ERROR = "REFUND_ERROR"


def get_refund(world: World, call: Call) -> JSON:
    return {"refund": world.need("refund", call.id).body}


def list_refunds(world: World, call: Call) -> JSON:
    """By default those of the last year, newest first."""
    query = call.query
    wanted: Conditions = [("created >= ?", [query.get("begin_time", call.now - 365 * times.DAY)])]
    if "end_time" in query:
        wanted.append(("created < ?", [query["end_time"]]))
    if "status" in query:
        wanted.append(("label = ?", [query["status"]]))
    if "location_id" in query:
        wanted.append(("json_extract(body, '$.location_id') = ?", [query["location_id"]]))
    if "source_type" in query:
        wanted.append(("json_extract(body, '$.destination_type') = ?", [query["source_type"]]))
    oldest = query.get("sort_order", "DESC") == "ASC"
    rows, more = page(world, call, "refund", wanted, limit=query.get("limit"), oldest=oldest)
    return {"refunds": [each.body for each in rows], **more} if rows else {}


def make(world: World, payment_id: str, now: int, amount: int | None = None, *, reason: str | None = None) -> JSON:
    """A refund made by somebody else: the product has no call for this, and neither has this server's API."""
    payment = world.need("payment", payment_id)
    money = payment.body["amount_money"]
    before = payment.body.get("refunded_money", {"amount": 0})["amount"]
    amount = money["amount"] - before if amount is None else amount
    disputed = world.store.find("dispute", "parent = ?", (payment_id,))
    if any(one.body["state"] in OPEN[1:] + REVIEWED[1:] for one in disputed):
        raise SquareError("PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE", "The payment is disputed.", category=_REFUND_ERROR)
    if not 0 < amount <= money["amount"] - before:
        raise SquareError(
            "REFUND_AMOUNT_INVALID", "The requested refund amount exceeds the amount available to refund.",
            category=_REFUND_ERROR, field="amount_money.amount",
        )  # fmt: skip
    body = _refund(payment.body, {**money, "amount": amount}, now, reason)
    payment.body |= {
        "refunded_money": {**money, "amount": before + amount},
        "refund_ids": [*payment.body.get("refund_ids", []), body["id"]],
        "updated_at": times.text(now),
    }
    world.store.put("payment", payment)
    world.store.put("refund", row(body, created=now, parent=payment_id, label=body["status"]))
    payouts.refund(world, body, now)
    return body


def _refund(payment: JSON, money: JSON, now: int, reason: str | None) -> JSON:
    card = payment["card_details"]
    details = {
        "card": card["card"], "entry_method": card["entry_method"], "auth_result_code": card["auth_result_code"],
    }  # fmt: skip
    body = {
        "id": ids.refund(payment["id"]), "status": "COMPLETED", "amount_money": money, "payment_id": payment["id"],
        "order_id": ids.order(), "created_at": times.text(now), "updated_at": times.text(now),
        "location_id": payment["location_id"], "reason": reason, "destination_type": "CARD",
        "destination_details": {"card_details": details},
    }  # fmt: skip
    return {name: value for name, value in body.items() if value is not None}
