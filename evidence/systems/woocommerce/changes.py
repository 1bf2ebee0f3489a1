"""Every order that changed, oldest change first."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from typing import Any

from evidence.sources.values import Unreadable
from evidence.systems.changing import Listing, Page, Place
from evidence.systems.changing import pages as listed_pages
from evidence.systems.mapping import at, listed, utc
from evidence.systems.woocommerce.site import TITLE, Site

Thing = dict[str, Any]
SIZE = 100


def pages(site: Site, start: Place) -> Iterator[Page]:
    return listed_pages(Listing(TITLE, SIZE, partial(_page, site), number, changed_at), start)


def number(order: Thing) -> int:
    found = order.get("id")
    return found if isinstance(found, int) else 0


def changed_at(order: Thing) -> datetime | None:
    try:
        return utc(at(order, "date_modified_gmt | date_created_gmt"))
    except Unreadable:
        return None


def _page(site: Site, after: datetime, page: int) -> Page:
    """The bound is written without an offset: WordPress turns one into the shop's local time and then compares that
    with GMT. It leaves the bound itself out, a second that was read already."""
    asked: dict[str, str | int] = {
        "per_page": SIZE, "page": page, "orderby": "modified", "order": "asc",
        "modified_after": after.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"), "dates_are_gmt": "true",
    }  # fmt: skip
    answer = site.shop("wc/v3/orders", asked)
    total = answer.headers.get("x-wp-total", "")
    return Page(listed(answer.json), answer.request, int(total) if total.isdigit() else None)
