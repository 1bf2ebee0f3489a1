"""POST /v1/disputes/{id} and its neighbours."""

from __future__ import annotations

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import events, evidence, lifecycle
from gateways.sandbox.stripe.call import Call
from gateways.sandbox.stripe.errors import StripeError, already_closed, unknown_parameter
from gateways.sandbox.stripe.shapes import EXPAND, boolean, hash_of, metadata, one_of
from gateways.sandbox.stripe.versions import CURRENT
from gateways.sandbox.stripe.world import World

UPDATE = hash_of(
    evidence=evidence.SHAPE,
    submit=boolean,
    metadata=metadata,
    expand=EXPAND,
    intended_submission_method=one_of("manual", "prefer_manual", "prefer_smart_disputes", "smart_disputes"),
)


def update(world: World, call: Call) -> JSON:
    """`submit` left out means true: whoever only wanted to stage has spent the one submission."""
    row = world.need("dispute", call.id, "dispute")
    if row.body["status"] not in lifecycle.OPEN + lifecycle.REVIEWED:
        raise already_closed()
    method = call.params.get("intended_submission_method")
    if method:
        if not world.setting("submission_methods") or call.version < CURRENT:
            raise unknown_parameter("intended_submission_method")
        row.body["intended_submission_method"] = method
    if "metadata" in call.params:
        row.body["metadata"] = merged_metadata(row.body["metadata"], call.params["metadata"])
    sent = call.params.get("evidence", {})
    if call.params.get("submit", True):
        lifecycle.submit(world, row, sent, call.now)
    elif sent:
        lifecycle.stage(world, row, sent, call.now)
    else:
        events.save(world, "dispute", row, call.now, "charge.dispute.updated")
    return row.body


def merged_metadata(before: JSON, sent: JSON | str) -> JSON:
    if isinstance(sent, str):
        return {}
    return {name: value for name, value in {**before, **sent}.items() if value != ""}


def close(world: World, call: Call) -> JSON:
    row = world.need("dispute", call.id, "dispute")
    lifecycle.close(world, row, call.now)
    return row.body


def of_charge(world: World, call: Call) -> JSON:
    world.need("charge", call.id, "charge")
    rows: list[Row] = world.store.find("dispute", "parent = ?", (call.id,), 1)
    if not rows:
        raise StripeError(f"No dispute for charge: {call.id}", 404)
    return rows[0].body
