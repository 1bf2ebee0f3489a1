"""Part of the demo shop's story, moved out of its import folder into the systems a shop would have it in.

Two shops of one merchant: one at Shopify with Zendesk and EasyPost, one at WooCommerce with Gorgias and AfterShip. What
moves stands in shop/systems.json; it is read with the reader of import folders, so that the story is told once.
"""

from __future__ import annotations

import json
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

from evidence.sources.library import Library, Shelf
from web.demo.systems import orders, parcels, rewriting, tickets
from web.demo.systems.accounts import accounts
from web.demo.tokens import ZONE

Thing = dict[str, Any]
WORLDS = {"shopify": ("shopify", "easypost", "zendesk"), "woocommerce": ("woocommerce", "aftership", "gorgias")}
"""Each shop with what belongs to it; the practice systems of one world all show the same shop."""


def move(folder: Path, now: datetime) -> dict[str, Thing]:
    """The worlds by their names, as `evidence.sandbox.world` has them; what they hold is taken out of the folder."""
    plan: Thing = json.loads((files("web.demo") / "shop" / "systems.json").read_text(encoding="utf-8"))
    library = Shelf(folder, str(ZONE)).library()
    found = {shop: _world(library, folder, plan, systems, now) for shop, systems in WORLDS.items()}
    for systems in WORLDS.values():
        _take_out(library, folder, plan, systems)
    return found


def _world(library: Library, folder: Path, plan: Thing, systems: tuple[str, str, str], now: datetime) -> Thing:
    shop, carrier, desk = (plan[each] for each in systems)
    return {
        "orders": [orders.order(library, ref, systems[0]) for ref in shop["orders"]],
        "policies": [orders.policy(library, name) for name in shop.get("policies", ())],
        "parcels": [parcel for ref in carrier["parcels"] for parcel in parcels.parcels(library, folder, ref, carrier)],
        "tickets": [tickets.ticket(library, folder, ref, desk, now) for ref in desk["tickets"]],
        "accounts": {each: accounts(each) for each in systems},
    }


def _take_out(library: Library, folder: Path, plan: Thing, systems: tuple[str, str, str]) -> None:
    shop, carrier, desk = (plan[each] for each in systems)
    sold, tracked = set(shop["orders"]), set(carrier["parcels"])
    scanned = {parcel.tracking_number for ref in tracked for parcel in parcels.sent(library, ref)}
    told = {parcel.tracking_number for ref in sold & tracked for parcel in parcels.sent(library, ref)}
    rewriting.leave_out(folder / "orders.csv", "order_ref", sold)
    rewriting.leave_out(folder / "order_lines.csv", "order_ref", sold)
    rewriting.leave_out(folder / "tracking.csv", "tracking_number", scanned)
    rewriting.leave_out(folder / "shipments.csv", "Tracking number", told, delimiter=";")
    for path in (
        *(path for ref in desk["tickets"] for path in tickets.mails(folder, ref)),
        *(path for ref in carrier.get("proofs", {}) for path in parcels.papers(folder, ref, carrier)),
        *(folder / name for name in shop.get("policies", ())),
    ):
        path.unlink()
