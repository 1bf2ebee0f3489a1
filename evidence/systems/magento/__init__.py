"""Magento 2 and Adobe Commerce: orders with their parcels, credit memos and the comments the customer sees.

No recorded answer of a real shop was at hand. The names of the fields and of the routes are those of the public
OpenAPI page. What rests on general knowledge alone: that `updated_at` is filtered and written in UTC, that a page after
the last is answered with the last one again, that 401 is said for a missing right as well as for a wrong token, that
`last_trans_id` carries endings such as "-capture", and under which keys payment modules write a gateway's ids.

Descriptions and pictures of the goods are not read: the catalogue is a right of its own, and its shape is not among
what is known here for sure. Terms that were accepted are not kept with an order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
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
from evidence.systems.auth import HeaderKey
from evidence.systems.base import BaseSystem
from evidence.systems.changing import Listing, Page, Place, pages
from evidence.systems.http import Answer, Http
from evidence.systems.magento import orders
from evidence.systems.mapping import at, listed, text, utc

Thing = dict[str, Any]
TITLE = "Magento"
SIZE = 100
_AT_ONCE = 50
"""Orders a batch; their parcels and credit memos are asked for together."""
_MOST_PAGES = 50
_ORDERS = phrase("Read orders: the integration needs the resource Sales > Operations > Orders > Actions > View.")
_REFUSED = phrase(
    "Magento refuses the token. It has to be the access token of an active integration "
    "with the resource Sales, and since Magento 2.4.4 the shop must allow it to be used "
    "by itself: Stores > Configuration > Services > OAuth > Consumer Settings > Allow "
    "OAuth Access Tokens to be used as standalone Bearer tokens."
)
_WITHOUT = {
    "shipments": phrase("The token may not read shipments: tracking numbers will be missing."),
    "creditmemos": phrase("The token may not read credit memos: refunds will be missing."),
}
_WRITES = phrase(
    "Whether the token may also write cannot be seen without trying it, which is not done. Reading is enough."
)


class Magento(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._address = settings["address"].strip().rstrip("/").partition("/rest/")[0]
        signing = HeaderKey("authorization", f"Bearer {settings['token'].strip()}")
        self._http = Http(TITLE, f"{self._address}/rest/V1", outside, auth=signing)
        self._absent: set[str] = set()

    # ---- who it is -------------------------------------------------------------------------------------------------

    def account(self) -> SystemAccount:
        parts = urlsplit(self._address)
        name = f"{parts.netloc}{parts.path}".rstrip("/").casefold()
        try:
            self._search("orders", [], page=1, size=1)
        except SourceError as error:
            if error.failure is not SourceFailure.RIGHTS:
                raise
            return SystemAccount(name, name, rights_missing=(_ORDERS,))
        for route in _WITHOUT:
            self._of_orders(route, [])
        warnings = [_WRITES, *(words for route, words in _WITHOUT.items() if route in self._absent)]
        currency = self._currency()
        return SystemAccount(name, f"{name} ({currency})" if currency else name, warnings=tuple(warnings))

    def _currency(self) -> str | None:
        try:
            configured = listed(self._http.get("store/storeConfigs", missing=True).json)
        except SourceError as error:
            if error.failure in (SourceFailure.UNAVAILABLE, SourceFailure.RATE_LIMITED):
                raise
            return None
        return text(at(configured, "[0].base_currency_code") or "")

    # ---- what it has -----------------------------------------------------------------------------------------------

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        place = Place.read(cursor, since)
        total: int | None = None
        for page in pages(Listing(TITLE, SIZE, self._page, _number, _changed), place):
            total = page.total if total is None else total
            waiting = iter(page.entries)
            while group := list(islice(waiting, _AT_ONCE)):
                records, refused = self._read(group, page.request)
                for order in group:
                    place = place.after(_number(order), _changed(order))
                yield Batch(tuple(records), place.cursor, total, tuple(refused))
        yield Batch((), Place(place.changed_at).cursor, total)

    def _page(self, after: datetime, number: int) -> Page:
        moment = after.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
        answer = self._search("orders", [("updated_at", "gteq", moment)], page=number, sort=("updated_at", "entity_id"))
        return Page(listed(answer.json, "items"), answer.request, _total(answer))

    def _read(self, group: Sequence[Thing], request: str) -> tuple[list[Kept], list[str]]:
        numbers = [_number(order) for order in group]
        shipments, memos = (self._of_orders(route, numbers) for route in ("shipments", "creditmemos"))
        records: list[Kept] = []
        refused: list[str] = []
        for order in group:
            try:
                records.append(orders.kept(order, _of(order, shipments), _of(order, memos), request))
            except (Unreadable, ValueError, TypeError) as error:
                refused.append(
                    phrase(
                        "Magento order {order}: {why}; it was left out.",
                        order=order.get("increment_id"),
                        why=said_by(error),
                    )
                )
        return records, refused

    # ---- asking ----------------------------------------------------------------------------------------------------

    def _of_orders(self, route: str, numbers: Sequence[int]) -> list[Thing]:
        """Of all these orders in one search; without numbers only whether it may be read. A token that reads orders is
        good, so a refusal here is a missing right, whatever number it has."""
        if route in self._absent:
            return []
        found: list[Thing] = []
        wanted = ",".join(str(number) for number in numbers or (0,))
        try:
            for page in range(1, _MOST_PAGES + 1):
                answer = self._search(route, [("order_id", "in", wanted)], page=page, sort=("entity_id",))
                found += listed(answer.json, "items")
                if page * SIZE >= (_total(answer) or 0):
                    return found
        except SourceError as error:
            if error.failure not in (SourceFailure.RIGHTS, SourceFailure.CREDENTIALS):
                raise
            self._absent.add(route)
            return []
        raise SourceError(
            SourceFailure.MALFORMED, phrase("Magento's list of {route} does not come to an end.", route=route)
        )

    def _search(
        self, route: str, wanted: Sequence[tuple[str, str, str]], *, page: int, size: int = SIZE,
        sort: Sequence[str] = (),
    ) -> Answer:  # fmt: skip
        asked: dict[str, str | int] = {"searchCriteria[pageSize]": size, "searchCriteria[currentPage]": page}
        for place, (name, condition, value) in enumerate(wanted):
            group = f"searchCriteria[filterGroups][{place}][filters][0]"
            asked |= {f"{group}[field]": name, f"{group}[value]": value, f"{group}[conditionType]": condition}
        for place, name in enumerate(sort):
            asked[f"searchCriteria[sortOrders][{place}][field]"] = name
            asked[f"searchCriteria[sortOrders][{place}][direction]"] = "ASC"
        try:
            return self._http.get(route, asked)
        except SourceError as error:
            if error.failure is SourceFailure.CREDENTIALS:
                raise SourceError(error.failure, _REFUSED) from None
            raise


def _of(order: Thing, found: Sequence[Thing]) -> list[Thing]:
    return [each for each in found if each.get("order_id") == _number(order)]


def _total(answer: Answer) -> int | None:
    total = at(answer.json, "total_count")
    return total if isinstance(total, int) else None


def _number(order: Thing) -> int:
    found = order.get("entity_id")
    return found if isinstance(found, int) else 0


def _changed(order: Thing) -> datetime | None:
    try:
        return utc(at(order, "updated_at | created_at"))
    except Unreadable:
        return None


KIND = SystemKind(
    name="magento",
    title=TITLE,
    version=1,
    brings=(Brings.ORDERS,),
    gives=phrase(
        "Orders with goods, addresses, IP address, gateway ids, credit memos, tracking numbers and the "
        "comments the "
        "customer sees."
    ),
    needs=phrase(
        "The access token of an integration (System > Extensions > Integrations) with the resource "
        "Sales. Since "
        "Magento 2.4.4 the shop must also allow access tokens to be used as standalone Bearer tokens."
    ),
    settings=(
        Setting("address", phrase("Address of the shop"), example="https://shop.example.com", address=True),
        Setting("token", phrase("Access token"), secret=True),
    ),
    open=Magento,
)
