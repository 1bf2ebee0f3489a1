"""The story's disputes, laid out around the present moment."""

from __future__ import annotations

import json
from pathlib import Path

from gateways.sandbox.shopify_payments import builder, lifecycle
from gateways.sandbox.shopify_payments.world import World

STORY = Path(__file__).with_name("seed.json")


def lay_out(world: World) -> None:
    now = world.clock.unix()
    rows = json.loads(STORY.read_text(encoding="utf-8"))["rows"]
    for row in sorted(rows, key=lambda row: -row["opened_days"]):
        builder.open_dispute(world, row, now)
    lifecycle.tick(world)
