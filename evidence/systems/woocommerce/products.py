"""What was sold, as the shop's catalogue has it now: kind, description, picture and the last change.

A variation's own description and whether it is virtual are questions of their own, one a product, and are not asked:
for a variation the description is its product's, and its kind stays open unless the product can be downloaded.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from disputes.facts import ProductType
from disputes.systems import SourceError, SourceFailure
from evidence.mail.hypertext import to_text
from evidence.mail.parts import TooMuch
from evidence.sources.values import Unreadable
from evidence.systems.as_sold import Picture, Product
from evidence.systems.mapping import at, listed, text, utc, words
from evidence.systems.woocommerce.site import Site

Thing = dict[str, Any]
_AT_ONCE = 100
_FIELDS = "id,name,type,virtual,downloadable,description,short_description,images,date_modified_gmt,date_created_gmt"


def of_orders(site: Site, orders: Iterable[Thing]) -> dict[int, Thing]:
    """The products of a page of orders by their ids; those deleted since are not there, and none where the key may not
    read them."""
    lines = (line for order in orders for line in listed(order, "line_items"))
    wanted = sorted({number for line in lines if (number := _number(line))})
    found: dict[int, Thing] = {}
    for start in range(0, len(wanted), _AT_ONCE):
        named = ",".join(str(each) for each in wanted[start : start + _AT_ONCE])
        asked: dict[str, str | int] = {
            "include": named, "per_page": _AT_ONCE, "status": "any", "_fields": _FIELDS,
        }  # fmt: skip
        try:
            answer = site.shop("wc/v3/products", asked, missing=True)
        except SourceError as error:
            if error.failure in (SourceFailure.UNAVAILABLE, SourceFailure.RATE_LIMITED):
                raise
            return {}
        found |= {each["id"]: each for each in listed(answer.json) if isinstance(each.get("id"), int)}
    return found


def sold(line: Thing, known: dict[int, Thing]) -> Product | None:
    product = known.get(_number(line))
    if product is None:
        return None
    changed = _instant(at(product, "date_modified_gmt | date_created_gmt"))
    # The line's own is the variation's. Addresses are kept when a picture is replaced, so the product's day tells.
    address = at(line, "image.src") or at(product, "images[0].src")
    version = str(product.get("date_modified_gmt") or "")
    return Product(
        product_id=str(product["id"]),
        title=text(html.unescape(re.sub(r"<[^<>]*>", " ", str(at(product, "name") or "")))) or "Goods without a name",
        description=_description(product),
        changed_at=changed,
        pictures=(Picture(address, version),) if isinstance(address, str) and address else (),
    )


def kind(line: Thing, known: dict[int, Thing]) -> ProductType | None:
    """A virtual product that cannot be downloaded is what WooCommerce calls a service."""
    product = known.get(_number(line))
    if product is None:
        return None
    if "subscription" in str(product.get("type")):
        return "subscription"
    if product.get("downloadable") is True:
        return "digital"
    if line.get("variation_id") or not isinstance(product.get("virtual"), bool):
        return None
    return "service" if product["virtual"] else "physical"


def _description(product: Thing) -> str | None:
    parts = []
    for name in ("short_description", "description"):
        try:
            parts.append(to_text(str(product.get(name) or ""))[0].strip())
        except TooMuch:
            continue
    return words("\n\n".join(dict.fromkeys(filter(None, parts))))


def _instant(written: Any) -> datetime | None:
    try:
        return utc(written)
    except Unreadable:
        return None


def _number(line: Thing) -> int:
    found = line.get("product_id")
    return found if isinstance(found, int) else 0
