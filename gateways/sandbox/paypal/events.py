"""A dispute is stored, and every webhook that asked hears of it."""

from __future__ import annotations

from gateways.sandbox.deliveries import enqueue
from gateways.sandbox.paypal import acts, ids, shown
from gateways.sandbox.paypal.times import stamp
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row

CREATED, UPDATED, RESOLVED = (f"CUSTOMER.DISPUTE.{what}" for what in ("CREATED", "UPDATED", "RESOLVED"))
SUMMARY = {
    CREATED: "A new dispute opened with Case # {id}",
    UPDATED: "An update has occurred on Case # {id}",
    RESOLVED: "A dispute was resolved with Case # {id}",
}


def save(world: World, row: Row, now: int, type: str = UPDATED) -> None:
    """Store a changed dispute, found from now on by its new time and state, and tell of it."""
    keep(world, row, now)
    emit(world, type, shown.detail(world, row), row.id, now)


def keep(world: World, row: Row, now: int) -> None:
    row.body["update_time"] = stamp(now)
    (transaction, *_) = row.body["disputed_transactions"]
    row.hidden["columns"] |= {
        "updated": now,
        "parent": transaction["seller_transaction_id"],
        "payment_intent": transaction["buyer_transaction_id"],
        "label": acts.state(row),
    }
    world.store.put("dispute", row)


def emit(world: World, type: str, resource: JSON, id: str, now: int) -> None:
    waiting = [row for row in world.store.find("webhook") if wants(row.body, type)]
    if not waiting:
        return
    event = ids.event()
    body: JSON = {
        "id": event,
        "event_version": "1.0",
        "create_time": stamp(now),
        "resource_type": "dispute",
        "resource_version": "1.0",
        "event_type": type,
        "summary": SUMMARY[type].format(id=id),
        "resource": resource,
        "links": [
            world.link(f"/v1/notifications/webhooks-events/{event}", "self"),
            world.link(f"/v1/notifications/webhooks-events/{event}/resend", "resend", "POST"),
        ],
    }
    world.store.put("event", Row(body, {"columns": {"id": event, "created": now, "label": type}}))
    for webhook in waiting:
        enqueue(world.store, world.clock, world.faults, event, webhook.id)


def wants(webhook: JSON, type: str) -> bool:
    return any(one["name"] in ("*", type) for one in webhook["event_types"])
