"""Events: one for every change, kept for 30 days, and queued for every endpoint that asked for their type."""

from __future__ import annotations

from fnmatch import fnmatchcase

from gateways.sandbox.deliveries import enqueue
from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import ids, webhooks
from gateways.sandbox.stripe.versions import CURRENT
from gateways.sandbox.stripe.world import World

KEPT_SECONDS = 30 * 86_400


def emit(world: World, type: str, subject: JSON, now: int, previous: JSON | None = None) -> JSON:
    data: JSON = {"object": subject}
    if previous is not None:
        data["previous_attributes"] = previous
    waiting = [row for row in webhooks.endpoints(world) if wants(row.body["enabled_events"], type)]
    body: JSON = {
        "id": ids.new("evt_1"),
        "object": "event",
        "api_version": CURRENT,
        "created": now,
        "data": data,
        "livemode": False,
        "pending_webhooks": len(waiting),
        "request": {"id": world.cause.request_id, "idempotency_key": world.cause.idempotency_key},
        "type": type,
    }
    world.store.put("event", Row(body))
    for endpoint in waiting:
        enqueue(world.store, world.clock, world.faults, body["id"], endpoint.id)
    return body


def wants(enabled: list[str], type: str) -> bool:
    return any(fnmatchcase(type, pattern) for pattern in enabled)


def save(world: World, kind: str, row: Row, now: int, *types: str) -> None:
    """Store a changed object and tell of it; `*.updated` events carry what it was before."""
    before = world.store.get(kind, row.id)
    world.store.put(kind, row)
    previous = changed(before.body, row.body) if before else {}
    for type in types:
        emit(world, type, row.body, now, previous if type.endswith(".updated") else None)


def changed(before: JSON, after: JSON) -> JSON:
    """The old values of whatever differs; hashes only with the keys that do."""
    result: JSON = {}
    for name, old in before.items():
        new = after.get(name)
        if old == new:
            continue
        result[name] = changed(old, new) if isinstance(old, dict) and isinstance(new, dict) else old
    return result | {name: None for name in after if name not in before}
