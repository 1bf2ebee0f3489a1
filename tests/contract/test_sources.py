"""Systems of ours under the suite that plug-ins have to pass."""

from __future__ import annotations

import contextlib

from evidence.sandbox.world import World
from evidence.systems.kinds import kind_named
from tests.contract.source_contract import CARD, Practice, SourceContract, Subject, house, in_sandbox
from tests.evidence.systems.builders import order, world

__all__ = ["house"]


def shop(**account: object) -> World:
    """Three orders; a customer of one wrote her card's number down."""
    told = [order(f"LL-100{number}", customer_note=f"Please charge {CARD}" if number == 1 else "")
            for number in (1, 2, 3)]  # fmt: skip
    return world(orders=told, accounts={"woocommerce": account})


def served() -> contextlib.AbstractContextManager[Practice]:
    return in_sandbox(shop())


class TestWooCommerce(SourceContract):
    subject = Subject(
        kind=kind_named("woocommerce"),
        settings=lambda address: {
            "address": f"{address}/woocommerce",
            "key": "ck_practice",
            "secret": "cs_practice",
        },
        wrong={"secret": "cs_nobody_knows"},
        serve=served,
    )


class TestShopify(SourceContract):
    subject = Subject(
        kind=kind_named("shopify"),
        settings=lambda address: {"shop": f"{address}/shopify", "token": "shpat_practice"},
        wrong={"token": "shpat_nobody_knows"},
        serve=served,
    )
