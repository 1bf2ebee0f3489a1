"""Refunds made by somebody else: the product has no call for one, and this server's API has no endpoint."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import balance, early_fraud, events, ids
from gateways.sandbox.stripe.errors import refused
from gateways.sandbox.stripe.world import World


def make(
    world: World,
    charge_id: str,
    now: int,
    amount: int | None = None,
    *,
    arn: str | None = None,
    reason: str | None = None,
) -> JSON:
    """A refund made by somebody else: the product has no call for this, and neither has this server's API."""
    charge = world.need("charge", charge_id, "charge", 400)
    left = charge.body["amount"] - charge.body["amount_refunded"]
    amount = left if amount is None else amount
    if charge.body["disputed"] and not _refundable(world, charge_id):
        error = refused(f"Charge {charge_id} has been charged back; cannot issue a refund.")
        error.code = "charge_disputed"
        raise error
    if not 0 < amount <= left:
        raise refused(f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})", "amount")
    body = _refund(charge.body, amount, now, arn, reason)
    txn = balance.book(
        world, now=now, amount=-amount, currency=charge.body["currency"], type="refund", category="refund",
        source=body["id"], description=f"REFUND FOR CHARGE ({charge.body['description']})",
    )  # fmt: skip
    body["balance_transaction"] = txn["id"]
    world.store.put("refund", Row(body))
    charge.body["amount_refunded"] += amount
    charge.body["refunded"] = charge.body["amount_refunded"] == charge.body["amount"]
    events.emit(world, "refund.created", body, now)
    events.save(world, "charge", charge, now, "charge.refunded")
    if charge.body["refunded"]:
        early_fraud.settle(world, charge_id, now)
    return body


def _refund(charge: JSON, amount: int, now: int, arn: str | None, reason: str | None) -> JSON:
    details: Any = {
        "reference": arn,
        "reference_status": "available",
        "reference_type": "acquirer_reference_number",
        "type": "refund",
    }
    if arn is None:
        details = {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}
    kind = charge["payment_method_details"]["type"]
    return {
        "id": ids.new("re_3"), "object": "refund", "amount": amount, "balance_transaction": None,
        "charge": charge["id"],
        "created": now, "currency": charge["currency"],
        "destination_details": {"card": details, "type": "card"} if kind == "card" else {"type": kind, kind: {}},
        "metadata": {}, "payment_intent": charge["payment_intent"], "reason": reason, "receipt_number": None,
        "source_transfer_reversal": None, "status": "succeeded", "transfer_reversal": None,
    }  # fmt: skip


def _refundable(world: World, charge: str) -> bool:
    return all(row.body["is_charge_refundable"] for row in world.store.find("dispute", "parent = ?", (charge,)))
