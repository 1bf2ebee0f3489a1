"""BigCommerce (Orders V2, payments V3): orders with their goods, parcels, payments, refunds and messages.

Descriptions and pictures of the goods are not read: they lie in the catalogue, whose shape is not among what is known
here for sure, and which needs a scope of its own. An order keeps only the goods' names and what was chosen of them, and
nothing of terms that were accepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

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
from evidence.systems.bigcommerce import orders
from evidence.systems.changing import Listing, Page, Place, pages
from evidence.systems.http import Http
from evidence.systems.mapping import at, listed, rfc2822, text

Thing = dict[str, Any]
TITLE = "BigCommerce"
SIZE = 100
_MOST_PAGES = 20
_AT_ONCE = 20
"""Orders a batch: each needs questions of its own, and what is stored is not asked again after an interruption."""
_INCOMPLETE = 0
_NEVER_PAID = frozenset({_INCOMPLETE, 1, 6, 7})
"""Incomplete, pending, declined, awaiting payment."""
_WRITES = phrase(
    "BigCommerce does not tell which rights a token has, and trying whether it may write "
    "is not done. Reading is all that is needed: give the API account read-only scopes."
)
_NO_PAYMENTS = phrase(
    "The token may not read payments (scope Order Transactions, read-only): the card's "
    "last four digits and the gateway's further ids will be missing."
)


class BigCommerce(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        base = re.sub(r"/v[23]/?$", "", settings["address"].strip().rstrip("/"))
        self._hash = base.rpartition("/")[2]
        self._http = Http(TITLE, base, outside, auth=HeaderKey("x-auth-token", settings["token"].strip()))
        self._absent: set[str] = set()

    # ---- who it is -------------------------------------------------------------------------------------------------

    def account(self) -> SystemAccount:
        try:
            first = listed(_json(self._http.get("v2/orders", {"limit": 1, "page": 1})))
        except SourceError as error:
            if error.failure is not SourceFailure.RIGHTS:
                raise
            missing = phrase("Read orders: the API account needs the scope Orders, read-only.")
            return SystemAccount(self._hash, TITLE, rights_missing=(missing,))
        store = self._optional("store", "v2/store")
        known = store[0] if store else {}
        # Of an order that is not there the answer still tells whether the question was allowed.
        self._optional("transactions", f"v3/orders/{first[0]['id'] if first else 0}/transactions")
        warnings = [_WRITES, *([_NO_PAYMENTS] if "transactions" in self._absent else [])]
        name = text(known.get("name") or "") or TITLE
        currency = text(known.get("currency") or "")
        return SystemAccount(self._hash, f"{name} ({currency})" if currency else name, warnings=tuple(warnings))

    # ---- what it has -----------------------------------------------------------------------------------------------

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        place = Place.read(cursor, since)
        listing = Listing(TITLE, SIZE, self._page, _number, _changed)
        for page in pages(listing, place):
            waiting = iter(page.entries)
            while group := list(islice(waiting, _AT_ONCE)):
                records: list[Kept] = []
                refused: list[str] = []
                for order in group:
                    self._take(order, page.request, records, refused)
                    place = place.after(_number(order), _changed(order))
                yield Batch(tuple(records), place.cursor, None, tuple(refused))
        yield Batch((), Place(place.changed_at).cursor)

    def _page(self, after: datetime, number: int) -> Page:
        asked: dict[str, str | int] = {
            # One second earlier: it is not said whether the bound itself is within.
            "min_date_modified": (after - timedelta(seconds=1)).astimezone(UTC).isoformat(timespec="seconds"),
            "sort": "date_modified:asc", "limit": SIZE, "page": number,
        }  # fmt: skip
        answer = self._http.get("v2/orders", asked)
        return Page(listed(_json(answer)), answer.request)

    def _take(self, order: Thing, request: str, records: list[Kept], refused: list[str]) -> None:
        if order.get("status_id") == _INCOMPLETE or order.get("is_deleted") is True:
            return
        try:
            records.append(orders.kept(order, self._further(order), request))
        except (Unreadable, ValueError, TypeError) as error:
            refused.append(
                phrase("BigCommerce order {order}: {why}; it was left out.", order=order.get("id"), why=said_by(error))
            )

    def _further(self, order: Thing) -> orders.Further:
        """One question each, and none where the order itself says that there is nothing."""
        here = f"orders/{_number(order)}"
        paid = order.get("status_id") not in _NEVER_PAID
        return orders.Further(
            products=self._all(f"v2/{here}/products"),
            addresses=self._all(f"v2/{here}/shipping_addresses") if order.get("shipping_address_count") != 0 else [],
            shipments=self._all(f"v2/{here}/shipments") if order.get("items_shipped") != 0 else [],
            messages=self._all(f"v2/{here}/messages"),
            transactions=self._optional("transactions", f"v3/{here}/transactions") if paid else [],
            refunds=self._optional("refunds", f"v3/{here}/payment_actions/refunds") if orders.refunded(order) else [],
        )

    def _all(self, path: str) -> list[Thing]:
        found: list[Thing] = []
        for number in range(1, _MOST_PAGES + 1):
            answer = self._http.get(path, {"limit": SIZE, "page": number}, missing=True)
            entries = [] if answer.status == 404 else listed(_json(answer))
            found += entries
            if len(entries) < SIZE:
                return found
        raise SourceError(
            SourceFailure.MALFORMED, phrase("BigCommerce's list {path} does not come to an end.", path=path)
        )

    def _optional(self, name: str, path: str) -> list[Thing]:
        """What the token may not see is asked no more in this pull."""
        if name in self._absent:
            return []
        try:
            answer = self._http.get(path, missing=True)
        except SourceError as error:
            if error.failure is not SourceFailure.RIGHTS:
                raise
            self._absent.add(name)
            return []
        content = None if answer.status == 404 else _json(answer)
        return listed(content, "data") or ([content] if isinstance(content, dict) and "data" not in content else [])


def _json(answer: Any) -> Any:
    """V2 answers an empty list with 204 and no body."""
    return answer.json if answer.data.strip() else []


def _number(order: Thing) -> int:
    found = order.get("id")
    return found if isinstance(found, int) else 0


def _changed(order: Thing) -> datetime | None:
    try:
        return rfc2822(at(order, "date_modified | date_created"))
    except (ValueError, TypeError, OverflowError):
        return None


KIND = SystemKind(
    name="bigcommerce",
    title=TITLE,
    version=1,
    brings=(Brings.ORDERS,),
    gives=phrase(
        "Orders with goods, addresses, IP address, gateway ids, refunds, tracking numbers and the "
        "messages exchanged "
        "with the customer about the order."
    ),
    needs=phrase(
        "A store-level API account (Settings > Store-level API accounts) with the scopes Orders and Order "
        "Transactions, both read-only. Information & Settings, read-only, adds the shop's name."
    ),
    settings=(
        Setting(
            "address",
            phrase("API path"),
            phrase("BigCommerce shows it together with the token."),
            example="https://api.bigcommerce.com/stores/ab12cd34ef/v3/",
            address=True,
        ),
        Setting("token", phrase("Access token"), secret=True),
    ),
    open=BigCommerce,
)
