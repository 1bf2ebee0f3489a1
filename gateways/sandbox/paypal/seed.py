"""The demo's story, laid out around the present moment."""

from __future__ import annotations

import json
from pathlib import Path

from gateways.sandbox.paypal import builder, clockwork
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON

STORY = Path(__file__).with_name("seed.json")


def lay_out(world: World) -> None:
    now = world.clock.unix()
    rows = json.loads(STORY.read_text(encoding="utf-8"))["rows"]
    for row in sorted(rows, key=lambda row: -row["paid_days"]):
        _lay_row(world, row, now)
    clockwork.tick(world)


def _lay_row(world: World, row: JSON, now: int) -> None:
    """A row without a dispute is a payment nobody disputes."""
    number = int(row["nn"])
    spec = {name: value for name, value in row.items() if name not in ("nn", "dispute")}
    spec |= {"tag": f"{row['order'].removeprefix('LL-')}{row['nn']}0", "minute": number * 7}
    if "dispute" in row:
        builder.open_dispute(world, spec | row["dispute"], now)
    else:
        builder.pay(world, spec, now)
