"""A practice shop at Shopify, and what is pulled out of it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from disputes.facts import Order
from disputes.systems import Batch, Kept, Outside
from evidence.sandbox.app import Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.shopify import TOKEN
from evidence.sandbox.world import World
from evidence.systems.shopify import KIND
from evidence.systems.shopify.system import Shopify
from tests.evidence.systems.builders import order, outside, world

SINCE = datetime(2026, 1, 1, tzinfo=UTC)
Thing = dict[str, Any]


@contextmanager
def shop(
    told: World, *, settings: Mapping[str, str] | None = None, faults: Faults | None = None,
    given: Outside | None = None,
) -> Iterator[Shopify]:  # fmt: skip
    with in_thread(told, faults) as base:
        keys = {"token": TOKEN} if settings is None else settings
        system = KIND.open({"shop": f"{base}/shopify", **keys}, given or outside())
        assert isinstance(system, Shopify)
        yield system


def pulled(told: World, cursor: str | None = None, **how: Any) -> list[Batch]:
    with shop(told, **how) as system:
        return list(system.pull(cursor, since=SINCE))


def records(batches: list[Batch], kind: str = "order") -> list[Kept]:
    return [each for batch in batches for each in batch.records if each.kind == kind]


def refused(batches: list[Batch]) -> list[str]:
    return [each for batch in batches for each in batch.refused]


def sole(told: Thing, **account: Any) -> Kept:
    [kept] = records(pulled(world(orders=[told], accounts={"shopify": account})))
    return kept


def sold(told: Thing, **account: Any) -> Order:
    fact = sole(told, **account).facts[0]
    assert isinstance(fact, Order)
    return fact


def of_shopify(told: World) -> list[tuple[str, Thing, int]]:
    """Every question the shop was asked, with its variables and what it cost."""
    return [tuple(each) for each in told.memory("shopify")["asked"]]


def many(count: int) -> list[Thing]:
    return [
        order(f"LL-{1000 + n}", updated_at=f"2026-09-01T{10 + n // 60}:{n % 60:02d}:00+00:00") for n in range(count)
    ]


def policy(**changes: Any) -> Thing:
    return {
        "id": 5, "kind": "return", "title": "Refund policy", "url": "https://lumen.example/policies/refund-policy",
        "html": "<h1>Returns</h1><p>You may return goods within 30 days of delivery.</p>",
        "created_at": "2025-01-01T08:00:00+00:00", "updated_at": "2026-05-04T22:30:00+00:00",
    } | changes  # fmt: skip


def sent(number: str, **changes: Any) -> Thing:
    return {"carrier": "UPS", "number": number, "shipped_at": "2026-09-02T08:00:00+00:00", "service": None} | changes
