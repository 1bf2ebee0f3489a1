"""Many disputes at once, for a bench; no events, no timers."""

from __future__ import annotations

import copy

from gateways.sandbox.square import builder, ids, times
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row

BATCH = 2_000


def create(world: World, count: int = 100, spread_days: float = 20, page_cache: bool = True, **spec: object) -> JSON:
    """Copies of one dispute with ids of their own, opened evenly over the last `spread_days`. `page_cache` keeps the
    pages it serves as bytes, so that a bench measures the reader and not this server."""
    if page_cache:
        world.change_settings({"page_cache": True})
    now = world.clock.unix()
    first: list[str] = []
    pattern = builder.open_dispute(world, {"order": "LL-BULK", **spec}, now)
    payment = world.need("payment", pattern.body["disputed_payment"]["payment_id"])
    order = world.need("order", payment.body["order_id"])
    for start in range(0, count, BATCH):
        moments = [
            now - int(spread_days * times.DAY * n / max(count, 1)) for n in range(start, min(start + BATCH, count))
        ]
        made = [_copy(pattern, payment, order, moment) for moment in moments]
        with world.store.transaction():
            for place, kind in enumerate(("dispute", "payment", "order")):
                world.store.put_all(kind, [rows[place] for rows in made])
        first = first or [rows[0].id for rows in made[:10]]
    return {"created": count, "pattern": pattern.id, "first": first}


def _copy(dispute: Row, payment: Row, order: Row, opened: int) -> tuple[Row, Row, Row]:
    d, p, o = (copy.copy(each.body) for each in (dispute, payment, order))
    paid = opened - 14 * times.DAY
    p |= {"id": ids.payment(), "order_id": ids.order(), "created_at": times.text(paid), "updated_at": times.text(paid)}
    o |= {"id": p["order_id"], "tenders": [o["tenders"][0] | {"id": p["id"], "payment_id": p["id"]}]}
    d |= {"id": ids.dispute(), "disputed_payment": {"payment_id": p["id"]}, "brand_dispute_id": ids.brand_dispute()}
    d |= {"created_at": times.text(opened), "updated_at": times.text(opened)}
    d |= {"reported_at": times.text(times.midnight(opened))}
    hidden = {name: value for name, value in dispute.hidden.items() if name != "columns"}
    return (
        row(d, created=opened, parent=p["id"], label=d["state"], **hidden),
        row(p, created=paid, parent=p["order_id"], label=p["location_id"]),
        row(o, created=paid, parent=p["id"]),
    )
