"""Events: one for every change, queued for every subscription that asked for their type."""

from __future__ import annotations

from gateways.sandbox.deliveries import enqueue
from gateways.sandbox.square import ids, subscriptions, times
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.world import MERCHANT, World
from gateways.sandbox.store import JSON

FORMERLY = {
    "dispute.state.updated": "dispute.state.changed",
    "dispute.evidence.created": "dispute.evidence.added",
    "dispute.evidence.deleted": "dispute.evidence.removed",
}
TYPES = ("dispute.created", *FORMERLY, *FORMERLY.values())


def tell(world: World, type: str, dispute: JSON, now: int) -> None:
    _emit(world, type, dispute, now)
    if type in FORMERLY and world.setting("deprecated_events"):
        _emit(world, FORMERLY[type], _formerly(world, dispute), now)


def shown(world: World, dispute: JSON) -> JSON:
    """The dispute as the API shows it: with its deprecated fields beside the new ones where the account has them."""
    if not world.setting("deprecated_fields"):
        return dispute
    return dispute | _deprecated(world, dispute)


def _emit(world: World, type: str, dispute: JSON, now: int) -> None:
    body: JSON = {
        "merchant_id": MERCHANT,
        "location_id": dispute["location_id"],
        "type": type,
        "event_id": ids.event(),
        "created_at": times.text(now),
        "data": {"type": "dispute", "id": dispute.get("id") or dispute["dispute_id"], "object": {"dispute": dispute}},
    }
    world.store.put("event", row({"id": body["event_id"], **body}, created=now, label=type))
    for subscription in subscriptions.listening(world, type):
        enqueue(world.store, world.clock, world.faults, body["event_id"], subscription.id)


def _formerly(world: World, dispute: JSON) -> JSON:
    """As the recorded deprecated events have it: the old names and not the new ones."""
    kept = {name: value for name, value in dispute.items() if name not in ("id", "reported_at")}
    return kept | _deprecated(world, dispute)


def _deprecated(world: World, dispute: JSON) -> JSON:
    evidence = world.store.find("evidence", "parent = ?", (dispute["id"],), oldest=True)
    return {
        "dispute_id": dispute["id"],
        "evidence_ids": [item.id for item in evidence],
        "reported_date": dispute["reported_at"],
    }
