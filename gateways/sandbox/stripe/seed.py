"""The demo's story, laid out around the present moment."""

from __future__ import annotations

import json
from pathlib import Path

from gateways.sandbox.store import JSON
from gateways.sandbox.stripe import builder, clockwork, early_fraud
from gateways.sandbox.stripe.world import World

STORY = Path(__file__).with_name("seed.json")


def lay_out(world: World) -> None:
    now = world.clock.unix()
    rows = json.loads(STORY.read_text(encoding="utf-8"))["rows"]
    for row in sorted(rows, key=lambda row: -row["paid_days"]):
        _lay_row(world, row, now)
    world.timers.run(now, lambda at, subject, action: clockwork.act(world, at, subject, action))


def _lay_row(world: World, row: JSON, now: int) -> None:
    number = int(row["nn"])
    spec = {name: value for name, value in row.items() if name not in ("nn", "dispute", "early_fraud_warning")}
    spec |= {"tag": f"Lale{row['nn']}{'0' * 16}", "minute": number * 7}
    if "dispute" in row:
        builder.open_dispute(world, spec | row["dispute"], now)
        return
    charge = builder.pay(world, spec, now)
    if warning := row.get("early_fraud_warning"):
        early_fraud.warn(world, charge.id, warning["fraud_type"], builder.ago(now, warning["days"], number))
