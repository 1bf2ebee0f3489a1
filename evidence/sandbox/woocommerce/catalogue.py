"""The catalogue: products as they are now, which is what the newest order of each says of it."""

from __future__ import annotations

import html
from collections.abc import Callable, Container

from evidence.sandbox.pictures import address
from evidence.sandbox.world import Thing, World

_MADE, _CHANGED = "2025-01-05T08:00:00+00:00", "2025-02-01T08:00:00+00:00"
Dates = Callable[[str, str | None], Thing]


def number(line: Thing, place: int) -> int:
    return int(line.get("product_id") or 90 + place)


def products(world: World, wanted: Container[int], base: str, dates: Dates) -> list[Thing]:
    sold = {
        number(line, place): line
        for order in sorted(world.orders, key=lambda each: str(each["placed_at"]))
        for place, line in enumerate(order["lines"], 1)
    }
    return [_product(name, line, base, dates) for name, line in sorted(sold.items()) if name in wanted]


def _product(name: int, line: Thing, base: str, dates: Dates) -> Thing:
    kind, picture = line.get("type") or "physical", address(base, line.get("picture"))
    about = f"<p>{html.escape(line['about'])}</p>\n" if line.get("about") else ""
    return {
        "id": name, "name": html.escape(line["title"]),
        "type": line.get("woocommerce_type") or ("variable" if line.get("variation_id") else "simple"),
        **dates("date_created", _MADE), **dates("date_modified", line.get("product_changed_at") or _CHANGED),
        "description": line.get("html") or about, "short_description": "", "sku": line["sku"] or "",
        "virtual": kind != "physical", "downloadable": kind == "digital",
        "images": [{"id": 1, "src": picture, "name": "", "alt": ""}] if picture else [],
    }  # fmt: skip
