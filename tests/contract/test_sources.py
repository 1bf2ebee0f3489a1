"""Systems of ours under the suite that plug-ins have to pass."""

from __future__ import annotations

import contextlib

from disputes.ports import Wanted
from evidence.sandbox.world import World
from evidence.systems.kinds import kind_named
from tests.contract.source_contract import (
    CARD,
    KeptSourceContract,
    Practice,
    SourceContract,
    Subject,
    house,
    in_sandbox,
)
from tests.evidence.systems.builders import (
    message,
    order,
    parcel,
    parcel_asked,
    picture,
    ticket,
    wanted,
    world,
)

__all__ = ["house"]


def shop(**account: object) -> World:
    """Three orders; a customer of one wrote her card's number down."""
    lines = [each | {"picture": picture()} for each in order()["lines"]]
    told = [order(f"LL-100{number}", customer_note=f"Please charge {CARD}" if number == 1 else "", lines=lines)
            for number in (1, 2, 3)]  # fmt: skip
    return world(orders=told, accounts={"woocommerce": account})


def sale() -> Wanted:
    """One sale whose order and parcel are known."""
    return wanted(parcels=(parcel_asked(),))


def case() -> World:
    """A parcel that arrived, and a ticket in which the customer wrote her card's number down."""
    words = f"It came. Charge {CARD} for the next one. Order LL-1001."
    return world(parcels=[parcel()], tickets=[ticket(messages=[message(text=words)])])


def about_one_sale() -> contextlib.AbstractContextManager[Practice]:
    return in_sandbox(case())


def served() -> contextlib.AbstractContextManager[Practice]:
    return in_sandbox(shop())


class TestWooCommerce(KeptSourceContract):
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


class TestShopify(KeptSourceContract):
    subject = Subject(
        kind=kind_named("shopify"),
        settings=lambda address: {"shop": f"{address}/shopify", "token": "shpat_practice"},
        wrong={"token": "shpat_nobody_knows"},
        serve=served,
    )


class TestBigCommerce(KeptSourceContract):
    subject = Subject(
        kind=kind_named("bigcommerce"),
        settings=lambda address: {
            "address": f"{address}/bigcommerce/stores/ab12cd34ef/v3",
            "token": "bc_practice",
        },
        wrong={"token": "bc_nobody_knows"},
        serve=served,
    )


class TestMagento(KeptSourceContract):
    subject = Subject(
        kind=kind_named("magento"),
        settings=lambda address: {"address": f"{address}/magento", "token": "mg_practice"},
        wrong={"token": "mg_nobody_knows"},
        serve=served,
    )


class TestEasyPost(SourceContract):
    subject = Subject(
        kind=kind_named("easypost"),
        settings=lambda address: {"address": f"{address}/easypost/v2", "api_key": "EZAK-practice"},
        wrong={"api_key": "EZAK-nobody-knows"},
        serve=about_one_sale,
        asked=sale,
    )


class TestAfterShip(SourceContract):
    subject = Subject(
        kind=kind_named("aftership"),
        settings=lambda address: {"address": f"{address}/aftership/tracking/2026-07", "api_key": "asat_practice"},
        wrong={"api_key": "asat_nobody_knows"},
        serve=about_one_sale,
        asked=sale,
    )


class TestSeventeenTrack(SourceContract):
    subject = Subject(
        kind=kind_named("seventeentrack"),
        settings=lambda address: {"address": f"{address}/seventeentrack/track/v2.4", "api_key": "17practice"},
        wrong={"api_key": "17nobody"},
        serve=about_one_sale,
        asked=sale,
    )


class TestShippo(SourceContract):
    subject = Subject(
        kind=kind_named("shippo"),
        settings=lambda address: {"address": f"{address}/shippo", "token": "shippo_live_practice"},
        wrong={"token": "shippo_live_nobody_knows"},
        serve=about_one_sale,
        asked=sale,
    )


class TestZendesk(SourceContract):
    subject = Subject(
        kind=kind_named("zendesk"),
        settings=lambda address: {
            "address": f"{address}/zendesk",
            "client_id": "counterproof",
            "client_secret": "practice",
        },
        wrong={"client_secret": "nobody knows"},
        serve=about_one_sale,
        asked=sale,
    )


class TestGorgias(SourceContract):
    subject = Subject(
        kind=kind_named("gorgias"),
        settings=lambda address: {
            "address": f"{address}/gorgias",
            "email": "mia@lumen.example",
            "key": "practice",
        },
        wrong={"key": "nobody knows"},
        serve=about_one_sale,
        asked=sale,
    )
