"""WooCommerce, REST v3: orders with their refunds, notes and parcels, and the site's policy pages."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

from disputes.phrases import phrase, said_by
from disputes.systems import (
    Batch,
    Brings,
    Kept,
    Outside,
    Setting,
    SourceError,
    SourceFailure,
    SystemAccount,
    SystemKind,
)
from evidence.sources.values import Unreadable
from evidence.systems.as_sold import Goods
from evidence.systems.base import BaseSystem
from evidence.systems.changing import Place
from evidence.systems.mapping import at, listed, text, utc
from evidence.systems.woocommerce import changes, orders, policies, products, tracking
from evidence.systems.woocommerce.site import TITLE, Site

Thing = dict[str, Any]
_AT_ONCE = 20
"""Orders a batch: each needs questions of its own, and what is stored is not asked again after an interruption."""
_NO_ORDERS = frozenset({"checkout-draft", "auto-draft", "trash"})
_NEVER_PAID = frozenset({"pending", "failed"})
_OLDEST = (5, 8)
"""The first version that tells what changed since an instant."""
_WRITES = phrase(
    "Whether the key may also write cannot be seen without trying it, which is not done. "
    "Reading is all that is needed: WooCommerce > Settings > Advanced > REST API shows "
    "the key's permission."
)


class WooCommerce(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._zone, self._outside = outside.zone, outside
        self._site = Site(settings["address"], settings["key"], settings["secret"], outside)
        self._pages = policies.Wanted(settings.get("pages", ""))

    # ---- who it is -------------------------------------------------------------------------------------------------

    def account(self) -> SystemAccount:
        index = self._site.index()
        missing = self._rights_missing()
        if missing:
            return SystemAccount(self._name(index), text(index.get("name") or "") or TITLE, rights_missing=missing)
        status = self._status()
        version = text(at(status, "environment.version") or "")
        if version and _numbers(version) < _OLDEST:
            raise SourceError(
                SourceFailure.REFUSED,
                phrase(
                    "The shop has WooCommerce {version}, which cannot tell what changed; 5.8 or newer is needed.",
                    version=version,
                ),
            )
        facts = [text(at(status, "settings.currency") or ""), f"WooCommerce {version}" if version else None]
        facts += [f"WordPress {word}" if (word := text(at(status, "environment.wp_version") or "")) else None]
        name = html.unescape(text(index.get("name") or "") or "") or self._name(index)
        known = ", ".join(filter(None, facts))
        return SystemAccount(
            account_id=self._name(index),
            name=f"{name} ({known})" if known else name,
            warnings=tuple(self._warnings(status)),
        )

    def _rights_missing(self) -> tuple[str, ...]:
        try:
            self._site.shop("wc/v3/orders", {"per_page": 1})
        except SourceError as error:
            if error.failure is not SourceFailure.RIGHTS:
                raise
            return (phrase("Read orders: the user the key belongs to has to be an administrator or shop manager."),)
        return ()

    def _status(self) -> Thing:
        try:
            status = self._site.shop("wc/v3/system_status", {"_fields": "environment,settings"}).json
        except SourceError as error:
            if error.failure in (SourceFailure.UNAVAILABLE, SourceFailure.RATE_LIMITED):
                raise
            return {}
        return status if isinstance(status, dict) else {}

    def _warnings(self, status: Thing) -> Iterator[str]:
        yield _WRITES
        if not status:
            yield phrase("The key may not read the system status, so that currency and versions are unknown.")
        for entry in self._pages.unknown:
            yield (
                phrase(
                    "The policy page {entry} is not understood; write it as kind = page, the kind being "
                    "return, refund, cancellation, shipping, terms or renewal.",
                    entry=repr(entry),
                )
            )

    def _name(self, index: Thing) -> str:
        home = str(index.get("home") or index.get("url") or "")
        parts = urlsplit(home if "//" in home else self._site.address)
        return f"{parts.netloc}{parts.path}".rstrip("/").casefold()

    # ---- what it has -----------------------------------------------------------------------------------------------

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        place = Place.read(cursor, since)
        total: int | None = None
        goods = Goods(self._site.files, self._outside, TITLE)
        for page in changes.pages(self._site, place):
            total = page.total if total is None else total
            ages, sold = self._ages(page.entries), products.of_orders(self._site, page.entries)
            waiting = iter(page.entries)
            while group := list(islice(waiting, _AT_ONCE)):
                records: list[Kept] = []
                refused: list[str] = []
                for order in group:
                    further = partial(self._further, order, ages, sold)
                    _take(order, further, page.request, self._zone, goods, records, refused)
                    place = place.after(changes.number(order), changes.changed_at(order))
                yield Batch(tuple(records), place.cursor, total, tuple(refused))
        refused = []
        found = tuple(self._policies(refused))
        yield Batch(found, Place(place.changed_at).cursor, total, tuple(refused))

    def _further(self, order: Thing, ages: dict[int, datetime], sold: dict[int, Thing]) -> orders.Further:
        number = order.get("id")
        refunds = self._site.optional("refunds", f"wc/v3/orders/{number}/refunds") if order.get("refunds") else []
        since = ages.get(order.get("customer_id") or 0)
        if order.get("status") in _NEVER_PAID:
            return orders.Further(refunds=refunds, customer_since=since, products=sold)
        said = self._site.optional("notes", f"wc/v3/orders/{number}/notes")
        notes = [note for each in said if (note := orders.read_note(each))]
        found, answers = tracking.parcels(self._site, order, notes)
        return orders.Further(refunds, notes, found, answers, since, sold)

    def _ages(self, page: list[Thing]) -> dict[int, datetime]:
        """Since when the customers of these orders have had their accounts: one question a page."""
        ids = sorted({each["customer_id"] for each in page if isinstance(each.get("customer_id"), int)} - {0})
        if not ids:
            return {}
        named = ",".join(str(each) for each in ids)
        try:
            answer = self._site.shop("wc/v3/customers", {"include": named, "per_page": changes.SIZE, "role": "all"})
            people = listed(answer.json)
        except SourceError as error:
            if error.failure in (SourceFailure.UNAVAILABLE, SourceFailure.RATE_LIMITED):
                raise
            return {}
        found: dict[int, datetime] = {}
        for each in people:
            with suppress(Unreadable, KeyError):
                found[each["id"]] = utc(each["date_created_gmt"])
        return found

    def _policies(self, refused: list[str]) -> Iterator[Kept]:
        try:
            yield from policies.pages(self._site, self._pages, self._zone, refused)
        except SourceError as error:
            if error.failure in (SourceFailure.UNAVAILABLE, SourceFailure.RATE_LIMITED):
                raise
            refused.append(phrase("The site's pages could not be read as policies. {why}", why=said_by(error)))


def _take(
    order: Thing, further: Callable[[], orders.Further], request: str, zone: str, goods: Goods, records: list[Kept],
    refused: list[str],
) -> None:  # fmt: skip
    if order.get("status") in _NO_ORDERS:
        return
    try:
        records += orders.kept(order, further(), request, zone, goods, refused)
    except (Unreadable, ValueError, TypeError) as error:
        refused.append(
            phrase("WooCommerce order {order}: {why}; it was left out.", order=order.get("id"), why=said_by(error))
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:2])


KIND = SystemKind(
    name="woocommerce",
    title=TITLE,
    version=1,
    brings=(Brings.ORDERS, Brings.POLICIES),
    gives=phrase(
        "Orders with goods, their descriptions and pictures as they were when sold, addresses, IP "
        "address, refunds, "
        "notes to the customer and tracking numbers, and the site's policy pages."
    ),
    needs=phrase(
        "A REST API key with the permission Read, made in WooCommerce > Settings > Advanced > REST API for an "
        "administrator or shop manager. Permalinks must not be plain."
    ),
    settings=(
        Setting("address", phrase("Address of the shop"), example="https://shop.example.com", address=True),
        Setting("key", phrase("Consumer key"), secret=True, example="ck_..."),
        Setting("secret", phrase("Consumer secret"), secret=True, example="cs_..."),
        Setting(
            "pages",
            phrase("Policy pages"),
            phrase(
                "Which pages are policies, by their slug or title. Left empty, pages with the usual names are taken."
            ),
            required=False,
            example=phrase("return = refund_returns, terms = terms-and-conditions"),
        ),
    ),
    open=WooCommerce,
)
