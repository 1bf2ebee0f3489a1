"""Early fraud warnings: actionable while the charge is neither refunded nor disputed."""

from __future__ import annotations

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import events, ids
from gateways.sandbox.stripe.world import World

KIND = "radar.early_fraud_warning"


def warn(world: World, charge: str, fraud_type: str, now: int) -> JSON:
    on = world.need("charge", charge, "charge").body
    body: JSON = {
        "id": ids.new("issfr_1"), "object": "radar.early_fraud_warning",
        "actionable": not on["disputed"] and not on["refunded"], "charge": charge, "created": now,
        "fraud_type": fraud_type,
        "livemode": False, "payment_intent": on["payment_intent"],
    }  # fmt: skip
    world.store.put("radar.early_fraud_warning", Row(body))
    events.emit(world, "radar.early_fraud_warning.created", body, now)
    return body


def settle(world: World, charge: str, now: int) -> None:
    """The charge was disputed or refunded: there is nothing left to do about the warning."""
    for row in world.store.find(KIND, "parent = ?", (charge,)):
        if row.body["actionable"]:
            row.body["actionable"] = False
            events.save(world, KIND, row, now, f"{KIND}.updated")
