"""Many disputes at once, for a bench; no events, no timers."""

from __future__ import annotations

import copy

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import builder, ids
from gateways.sandbox.stripe.world import World

BATCH = 2_000


def create(world: World, count: int = 100, spread_days: float = 20, page_cache: bool = True, **spec: object) -> JSON:
    """Copies of one dispute with ids of their own, opened evenly over the last `spread_days`. `page_cache` keeps the
    list pages it serves as bytes, so that a bench measures the reader and not this server."""
    if page_cache:
        world.change_settings({"page_cache": True})
    now = world.clock.unix()
    first: list[str] = []
    pattern = builder.open_dispute(world, {"order": "LL-BULK", **spec}, now)
    charge = world.need("charge", pattern.body["charge"], "charge")
    intent = world.need("payment_intent", charge.body["payment_intent"], "payment_intent")
    for start in range(0, count, BATCH):
        moments = [now - int(spread_days * 86_400 * n / max(count, 1)) for n in range(start, min(start + BATCH, count))]
        made = [_copy(pattern, charge, intent, moment) for moment in moments]
        with world.store.transaction():
            for place, kind in enumerate(("dispute", "charge", "payment_intent")):
                world.store.put_all(kind, [rows[place] for rows in made])
        first = first or [rows[0].id for rows in made[:10]]
    return {"created": count, "pattern": pattern.id, "first": first}


def _copy(dispute: Row, charge: Row, intent: Row, moment: int) -> tuple[Row, Row, Row]:
    rows = tuple(Row(copy.copy(row.body), row.hidden) for row in (dispute, charge, intent))
    d, c, p = (row.body for row in rows)
    d |= {"id": ids.new("du_1"), "charge": ids.new("ch_3"), "payment_intent": ids.new("pi_3"), "created": moment}
    d["balance_transactions"] = [
        line | {"id": ids.new("txn_1"), "source": d["id"]} for line in d["balance_transactions"]
    ]
    c |= {"id": d["charge"], "dispute": d["id"], "payment_intent": d["payment_intent"], "created": moment - 14 * 86_400}
    p |= {"id": d["payment_intent"], "latest_charge": d["charge"], "created": moment - 14 * 86_400}
    return rows[0], rows[1], rows[2]
