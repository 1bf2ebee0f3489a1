"""Example Ledger: a shop whose orders are one list, paged by number.

Its API: GET /me, GET /orders?changed_after=&page=.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from disputes.facts import Order, OrderLine
from disputes.systems import Batch, Brings, Kept, Outside, Setting, SystemAccount, SystemKind
from evidence.sources.keys import keys_of
from evidence.systems import mapping, raw
from evidence.systems.auth import HeaderKey
from evidence.systems.base import BaseSystem
from evidence.systems.http import Http

_OVERLAP = timedelta(minutes=5)


class ExampleLedger(BaseSystem):
    def __init__(self, settings: Mapping[str, str], outside: Outside) -> None:
        self.kind = KIND
        self._http = Http(
            "Example Ledger", settings["address"], outside, auth=HeaderKey("X-Ledger-Key", settings["key"])
        )

    def account(self) -> SystemAccount:
        told = self._http.get("me").json
        return SystemAccount(account_id=str(told["id"]), name=str(told["name"]))

    def pull(self, cursor: str | None, *, since: datetime) -> Iterator[Batch]:
        """Oldest change first. The cursor is the newest change seen and the page within it."""
        changed, _, page = (cursor or "").partition(" ")
        start = changed or since.isoformat()
        number = int(page or 1)
        newest = start
        while True:
            after = (datetime.fromisoformat(start) - _OVERLAP).isoformat()
            answer = self._http.get("orders", {"changed_after": after, "page": number})
            orders = answer.json["orders"]
            records = tuple(self._kept(each, answer.request) for each in orders)
            newest = max([newest, *(str(each["changed_at"]) for each in orders)])
            if not answer.json["more"]:
                yield Batch(records, newest)
                return
            number += 1
            yield Batch(records, f"{start} {number}")

    def _kept(self, content: Any, request: str) -> Kept:
        found = mapping.fields(content, {
            "placed_at": ("placed_at", mapping.utc),
            "customer_name": "customer.name",
            "customer_email": ("customer.email", mapping.identifier),
            "total": ("total", mapping.amount(content["currency"])),
            "customer_note": ("note", mapping.words),
        })  # fmt: skip
        lines = tuple(
            OrderLine(description=str(mapping.text(each["title"])), quantity=int(each["quantity"]))
            for each in content["lines"]
        )
        order = Order(order_ref=str(content["number"]), lines=lines, **found)
        return Kept(
            kind="order",
            external_id=str(content["number"]),
            facts=(order,),
            data=raw.part(content, (order.order_ref,)),
            name=f"order-{content['number']}.json",
            request=request,
            keys=keys_of(order, ()),
            at=order.placed_at,
        )


def opened(settings: Mapping[str, str], outside: Outside) -> ExampleLedger:
    return ExampleLedger(settings, outside)


KIND = SystemKind(
    name="example_ledger",
    title="Example Ledger",
    version=1,
    brings=(Brings.ORDERS,),
    gives="Orders with their customer, total and goods.",
    needs="A key of the ledger that may read orders.",
    settings=(
        Setting("address", "Address", "Where the ledger's API is.", example="https://ledger.example", address=True),
        Setting("key", "Key", "From the ledger's settings.", secret=True),
    ),
    open=opened,
)
