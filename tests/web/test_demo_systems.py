"""The demo's story through shops, carriers and help desks over loopback: each case as it is out of the folder alone."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from disputes.facts import Document, Message, Order, Policy, Shipment
from disputes.models import SourceConnection, SourceRecord
from disputes.ports import Gathered, SourceReport
from disputes.systems import SourceError, SourceFailure
from evidence.assessment import Assessment
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import World
from evidence.sources.folder import FolderSource
from evidence.systems.kinds import kind_named
from scheduler import sources
from scheduler.runtime import Runtime
from tests.evidence.systems.builders import outside
from tests.web import demo_cases
from tests.web import test_demo_shop as stripe
from tests.web import test_demo_shop_gateways as others
from tests.web.demo_systems import Asked, asking
from web import practice_systems
from web.compose import compose
from web.demo.shop import lay_out
from web.demo.systems import WORLDS, move
from web.demo.systems.accounts import settings
from web.demo.tokens import moment
from web.first_data import DEMO_SLUG, demo_merchant
from web.settings import load
from web.sources import IMPORTS

pytestmark = pytest.mark.xdist_group("demo-systems")
NOW = stripe.NOW
SYSTEMS = [system for systems in WORLDS.values() for system in systems]
CASES = [*stripe.OPEN, *stripe.RIGHTS, "46", *others.OPEN]


@dataclass
class Shop:
    """The story twice: told whole by the folder, and by the systems with what is left in the folder."""

    whole: Path
    rest: Path
    worlds: dict[str, dict[str, Any]]
    ask: Asked

    def __post_init__(self) -> None:
        self._told: dict[str, SourceReport] = {}

    def report(self, key: str) -> SourceReport:
        """What all sources bring for a row: "20" is Stripe's, "P17" PayPal's, "S12" Square's."""
        if key not in self._told:
            self._told[key] = self.ask(wanted(key))
        return self._told[key]

    def alone(self, key: str) -> SourceReport:
        return FolderSource(self.whole, zone="Europe/Istanbul").gather(wanted(key))

    def facts(self, key: str, kind: type, adapter: str) -> list[Any]:
        return [each.fact for each in self.report(key).items if each.adapter == adapter and isinstance(each.fact, kind)]


def wanted(key: str) -> Any:
    if key in others.ROWS:
        return demo_cases.wanted(others.ROWS[key], others.payment_id(key), NOW)
    return stripe.wanted(stripe.ROWS[key])


def judged(key: str, report: SourceReport) -> Assessment:
    return others.judged(key, report) if key in others.ROWS else stripe.judged(key, report)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    whole = tmp_path_factory.mktemp("whole") / "lale-living"
    rest = tmp_path_factory.mktemp("rest") / "lale-living"
    lay_out(whole, NOW)
    shutil.copytree(whole, rest)
    worlds = move(rest, NOW)
    with asking(rest, worlds, NOW) as ask:
        yield Shop(whole, rest, worlds, ask)


# ---- the story is the same ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", dict.fromkeys(CASES))
def test_a_case_is_judged_through_the_systems_as_out_of_the_folder_alone(key: str, shop: Shop) -> None:
    through, alone = judged(key, shop.report(key)), judged(key, shop.alone(key))
    assert (through.verdict, through.ready) == (alone.verdict, alone.ready)
    assert [each.id for each in through.customer_right] == [each.id for each in alone.customer_right]
    assert [each.id for each in through.blocking] == [each.id for each in alone.blocking]
    assert bool(through.person_required) == bool(alone.person_required)


@pytest.mark.parametrize("key", dict.fromkeys(CASES))
def test_an_order_told_by_a_shop_is_the_order_of_the_story(key: str, shop: Shop) -> None:
    (told,) = [each for each in orders(shop.report(key)) if each.order_ref == wanted(key).order_ref]
    (story,) = [each for each in orders(shop.alone(key)) if each.order_ref == wanted(key).order_ref]
    for name in ("placed_at", "total", "payment_id", "customer_name", "customer_email", "customer_phone", "ip"):
        assert getattr(told, name) == getattr(story, name), name
    assert (told.billing, told.shipping, told.cancelled_at) == (story.billing, story.shipping, story.cancelled_at)
    assert [(each.description, each.quantity, each.amount) for each in told.lines] == [
        (each.description, each.quantity, each.amount) for each in story.lines
    ]


def orders(report: SourceReport) -> list[Order]:
    return [each.fact for each in report.items if isinstance(each.fact, Order)]


@pytest.mark.parametrize("key", dict.fromkeys(CASES))
def test_a_parcel_arrives_on_the_same_day_and_signed_by_the_same_name(key: str, shop: Shop) -> None:
    def arrived(report: SourceReport) -> set[tuple[object, ...]]:
        parcels = [each.fact for each in report.items if isinstance(each.fact, Shipment)]
        return {(each.tracking_number, each.delivered_at, each.signed_by) for each in parcels if each.delivered_at}

    assert arrived(shop.report(key)) == arrived(shop.alone(key))


@pytest.mark.parametrize("key", dict.fromkeys(CASES))
def test_every_message_of_the_story_comes_once(key: str, shop: Shop) -> None:
    def said(report: SourceReport) -> list[tuple[object, ...]]:
        messages = [each.fact for each in report.items if isinstance(each.fact, Message)]
        return sorted((each.at, each.direction, " ".join(each.body.split())) for each in messages)

    assert said(shop.report(key)) == said(shop.alone(key))


@pytest.mark.parametrize("key", dict.fromkeys(CASES))
def test_nothing_is_refused_but_the_broken_photo_and_parcels_of_other_carriers(key: str, shop: Shop) -> None:
    report = shop.report(key)
    known = {sentence for _, sentence in report.nothing_of}
    refused = [each for each in report.refused if each not in known]
    assert [each.partition(" is ")[0] for each in refused] == (
        ["documents/LL-1014/photos__Platter before dispatch.jpg"] if key == "13" else []
    )


# ---- where it comes from ------------------------------------------------------------------------------------------

FROM = {
    "01": {("", Order), ("", Shipment), ("zendesk/1", Message)},
    "08": {("shopify/1", Order), ("shopify/1", Shipment), ("easypost/1", Shipment), ("zendesk/1", Message)},
    "20": {("shopify/1", Order), ("easypost/1", Shipment), ("zendesk/1", Message), ("", Message), ("", Document)},
    "25": {("shopify/1", Order), ("", Shipment), ("zendesk/1", Message), ("", Document)},
    "P03": {("woocommerce/1", Order), ("aftership/1", Shipment), ("gorgias/1", Message), ("", Document)},
    "P09": {("", Order), ("gorgias/1", Message)},
    "P13": {("woocommerce/1", Order), ("gorgias/1", Message), ("gorgias/1", Document)},
    "P17": {("woocommerce/1", Order), ("aftership/1", Shipment), ("aftership/1", Document), ("gorgias/1", Message)},
    "S12": {("", Order), ("easypost/1", Shipment)},
}


@pytest.mark.parametrize("key", FROM)
def test_a_case_shows_what_came_from_which_system(key: str, shop: Shop) -> None:
    found = {(each.adapter, type(each.fact)) for each in shop.report(key).items}
    assert found >= FROM[key]


def test_an_order_lies_in_one_place_only(shop: Shop) -> None:
    for key in FROM:
        refs = [each.order_ref for each in orders(shop.report(key))]
        assert len(refs) == len(set(refs)), key


def test_terms_accepted_reach_the_desk_through_the_cart(shop: Shop) -> None:
    [order] = shop.facts("20", Order, "shopify/1")
    assert order.terms_accepted_at == order.placed_at


def test_the_terms_of_sale_come_from_the_shop_for_every_case(shop: Shop) -> None:
    for key in ("20", "P17", "S12"):
        [policy] = shop.facts(key, Policy, "shopify/1")
        assert (policy.title, policy.in_force_from) == ("Terms of sale", moment(NOW, -300).date())


def test_the_photo_of_the_delivery_comes_from_the_carrier(shop: Shop) -> None:
    [photo] = shop.facts("P17", Document, "aftership/1")
    [parcel] = shop.facts("P17", Shipment, "aftership/1")
    assert (photo.item, photo.media_type, photo.dated) == ("delivery_photo", "image/jpeg", parcel.delivered_at)


def test_two_carriers_share_one_way(shop: Shop) -> None:
    first, last = shop.facts("P11", Shipment, "aftership/1")
    assert (first.leg, last.leg, first.onward_number) == ("first", "last", last.tracking_number)
    assert (first.delivered_at, bool(last.delivered_at)) == (None, True)


def test_a_customers_photo_from_the_help_desk_waits_for_a_person(shop: Shop) -> None:
    found = [each for each in shop.report("P13").items if each.adapter == "gorgias/1"]
    assert [each.confidence for each in found if isinstance(each.fact, Document)] == ["likely"]


# ---- what must not come ------------------------------------------------------------------------------------------

INTERNAL = ("INTERNAL:", "UNSENT:", "Risk score", "cannot find")


@pytest.mark.parametrize("words", INTERNAL)
def test_notes_and_drafts_of_the_help_desks_reach_nobody(words: str, shop: Shop) -> None:
    assert words in json.dumps(shop.worlds)
    for key in CASES:
        assert not [each.name for each in shop.report(key).items if words in _all_of(each)], key


def _all_of(item: Gathered) -> str:
    return f"{item.data.decode(errors='replace')} {item.fact.model_dump_json()}"


def test_the_customers_card_number_is_masked_by_the_way_of_the_help_desk(shop: Shop) -> None:
    assert "4111 1111" in json.dumps(shop.worlds)
    [message] = [each for each in shop.facts("08", Message, "zendesk/1") if each.direction == "in"]
    assert "************1111, CVV [removed]" in message.body
    assert not [each.name for each in shop.report("08").items if "4111 1111" in _all_of(each)]


def test_what_moved_is_no_longer_in_the_folder(shop: Shop) -> None:
    rest = {path.name: path.read_text() for path in shop.rest.glob("*.csv")}
    for world in shop.worlds.values():
        for order in world["orders"]:
            assert order["number"] not in rest["orders.csv"] + rest["order_lines.csv"]
        for parcel in world["parcels"]:
            assert parcel["number"] not in rest["tracking.csv"]
        for ticket in world["tickets"]:
            assert not list((shop.rest / "mail").rglob(f"{ticket['order_number']}-*"))
    assert "LL-1008" not in rest["shipments.csv"]
    assert "LL-3012" in rest["shipments.csv"], "the order stayed, and so does the parcel it was sent with"
    assert not (shop.rest / "policies" / "terms.txt").exists()
    assert not list((shop.rest / "documents" / "LL-2018").glob("delivery_photo*"))


# ---- the practice desk ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_practice_keys_open_the_practice_systems_and_others_do_not(system: str, shop: Shop) -> None:
    world = next(shop.worlds[name] for name, systems in WORLDS.items() if system in systems)
    kind = kind_named(system)
    with in_thread(World(**world)) as base:
        right = settings(system, base)
        assert not kind.open(right, outside()).account().rights_missing
        secret = {each.name for each in kind.settings if each.secret}
        wrong = {name: f"{value}x" if name in secret else value for name, value in right.items()}
        with pytest.raises(SourceError) as error:
            kind.open(wrong, outside()).account()
    assert error.value.failure is SourceFailure.CREDENTIALS
    assert all("sandbox" in value for name, value in right.items() if name in secret)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    runtime = compose(load(tmp_path_factory.mktemp("desk") / "data"), client_only=True)
    yield runtime
    runtime.close()


def test_after_a_restart_the_addresses_are_new_and_nothing_is_doubled(desk: Runtime) -> None:
    merchant = demo_merchant(desk, in_systems=True)
    told = []
    for _ in range(2):
        with practice_systems.launched(desk.data) as addresses:
            assert demo_merchant(desk, in_systems=True) == merchant
            connected = practice_systems.connect(desk, merchant, addresses)
            assert practice_systems.read(desk, connected) == {}
            assert sources.run(desk, connected["shopify"]).startswith("read ")
            told.append((connected, _held(desk), dict(addresses)))
    (first, kept, old), (second, kept_again, new) = told
    assert sorted(first) == sorted(SYSTEMS)
    assert (first, kept) == (second, kept_again)
    assert not set(old.values()) & set(new.values())
    with desk.database.reading() as session:
        rows = session.exec(select(SourceConnection)).all()
    assert len(rows) == len(SYSTEMS)
    for row in rows:
        assert any(value.startswith(f"{new[row.system]}/") for value in row.settings.values())
        assert not {each.name for each in kind_named(row.system).settings if each.secret} & set(row.settings)
        assert (row.state, row.account_name) == ("ok", f"{kind_named(row.system).title} sandbox")


def _held(desk: Runtime) -> list[tuple[str, str]]:
    with desk.database.reading() as session:
        rows = session.exec(select(SourceRecord)).all()
    return sorted((row.kind, row.name) for row in rows)


def test_a_demo_shop_of_before_keeps_everything_in_its_folder(tmp_path: Path) -> None:
    runtime = compose(load(tmp_path / "data"), client_only=True)
    try:
        merchant = demo_merchant(runtime)
        with practice_systems.launched(runtime.data) as addresses:
            assert practice_systems.connect(runtime, merchant, addresses) == {}
        assert "LL-1008" in (runtime.data / IMPORTS / DEMO_SLUG / "orders.csv").read_text()
    finally:
        runtime.close()
