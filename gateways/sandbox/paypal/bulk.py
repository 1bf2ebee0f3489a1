"""Many disputes at once, for a bench; no events, no timers."""

from __future__ import annotations

from gateways.sandbox.paypal import acts, builder, ids
from gateways.sandbox.paypal.times import DAY, stamp
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row

BATCH = 2_000
PAID_BEFORE = 14 * DAY


def create(world: World, count: int = 100, spread_days: float = 20, page_cache: bool = True, **spec: object) -> JSON:
    """Copies of one dispute with ids of their own, opened evenly over the last `spread_days`, and their captures.
    `page_cache` keeps what it serves as bytes, so that a bench measures the reader and not this server."""
    if page_cache:
        world.change_settings({"page_cache": True})
    now = world.clock.unix()
    pattern = builder.open_dispute(world, {"order": "LL-BULK", **spec}, now)
    capture = world.need("capture", pattern.body["disputed_transactions"][0]["seller_transaction_id"])
    order = world.need("order", capture.hidden["columns"]["parent"])
    first: list[str] = []
    for start in range(0, count, BATCH):
        moments = [now - int(spread_days * DAY * n / max(count, 1)) for n in range(start, min(start + BATCH, count))]
        made = [_copy(pattern, capture, order, moment) for moment in moments]
        for place, kind in enumerate(("dispute", "capture", "order")):
            world.store.put_all(kind, [rows[place] for rows in made])
        first = first or [rows[0].id for rows in made[:10]]
    return {"created": count, "pattern": pattern.id, "first": first}


def _copy(dispute: Row, capture: Row, order: Row, moment: int) -> tuple[Row, Row, Row]:
    id, capture_id, order_id, buyers = ids.dispute(), ids.transaction(), ids.transaction(), ids.transaction()
    paid = stamp(moment - PAID_BEFORE)
    related = {"related_ids": {"order_id": order_id}}
    transaction = dispute.body["disputed_transactions"][0] | {
        "buyer_transaction_id": buyers,
        "seller_transaction_id": capture_id,
        "reference_id": order_id,
        "create_time": paid,
    }
    told = {"dispute_id": id, "create_time": stamp(moment), "update_time": stamp(moment)}
    columns = {"id": id, "created": moment, "updated": moment, "parent": capture_id, "payment_intent": buyers}
    columns["label"] = acts.state(dispute)
    return (
        Row(dispute.body | told | {"disputed_transactions": [transaction]}, dispute.hidden | {"columns": columns}),
        Row(
            capture.body | {"id": capture_id, "supplementary_data": related, "create_time": paid},
            capture.hidden
            | {"columns": {"id": capture_id, "created": moment - PAID_BEFORE, "parent": order_id}}
            | {"buyer_transaction_id": buyers},
        ),
        Row(
            order.body | {"id": order_id, "create_time": paid},
            {"columns": {"id": order_id, "created": moment - PAID_BEFORE}},
        ),
    )
