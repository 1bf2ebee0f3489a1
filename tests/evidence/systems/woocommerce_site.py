"""A WooCommerce shop of the tests over loopback, and what is read from it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from disputes.systems import Batch, Kept
from evidence.sandbox.app import Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.systems.woocommerce import WooCommerce
from tests.evidence.systems.builders import outside, world

CONTRACT = Path(__file__).resolve().parents[3].parent / "shared" / "contracts" / "sources" / "woocommerce.json"
SINCE = datetime(2025, 11, 1, tzinfo=UTC)


def shop(address: str, **settings: str) -> WooCommerce:
    told = {"address": f"{address}/woocommerce", "key": "ck_practice", "secret": "cs_practice"} | settings
    return WooCommerce(told, outside())


@contextmanager
def site(*told_orders: dict[str, Any], faults: Faults | None = None, **account: Any) -> Iterator[tuple[World, str]]:
    told = world(orders=list(told_orders), accounts={"woocommerce": account})
    with in_thread(told, faults) as address:
        yield told, address


def pulled(system: WooCommerce, cursor: str | None = None) -> list[Batch]:
    return list(system.pull(cursor, since=SINCE))


def only(told: dict[str, Any], **account: Any) -> Kept:
    with site(told, **account) as (_, address):
        (kept,) = (each for batch in pulled(shop(address)) for each in batch.records)
    return kept


def fact(kept: Kept, kind: type) -> Any:
    (found,) = (each for each in kept.facts if isinstance(each, kind))
    return found
