"""Goods as they were shown when they were bought: read at once, kept from then on, called so only where it is so."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from disputes.clock import FixedClock
from disputes.facts import Document, Order
from disputes.systems import PICTURE, Batch, Kept, Outside
from evidence.sandbox.app import Fault, Faults
from evidence.sandbox.launch import in_thread
from evidence.sandbox.world import Thing, World
from evidence.systems.as_sold import MAX_PICTURES, Goods, Picture, Product
from evidence.systems.http import Http
from evidence.systems.woocommerce import KIND as WOOCOMMERCE
from tests.evidence.systems.builders import NOW, order, outside, picture, world
from tests.evidence.systems.shopify_shop import SINCE, records, refused, shop

BOUGHT = datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
CHANGED = "2026-09-20T08:00:00+00:00"
"""Between the purchase and now."""


def lamp(**changes: object) -> Thing:
    return {
        "sku": "LAMP-7", "title": "Walnut desk lamp", "quantity": 1, "price": "175.00", "type": "physical",
        "about": "A lamp of walnut.", "supplier": None, "supplier_order": None, "picture": picture(),
    } | changes  # fmt: skip


def sold(*lines: Thing, number: str = "LL-1001") -> Thing:
    return order(number, lines=list(lines or (lamp(),)))


def at(moment: datetime, memory: dict[tuple[str, str], bytes] | None = None) -> Outside:
    known = {} if memory is None else memory
    return replace(outside(), clock=FixedClock(moment), kept=lambda kind, name: known.get((kind, name)))


def shopify(told: World, given: Outside | None = None, faults: Faults | None = None) -> list[Batch]:
    with shop(told, given=given, faults=faults) as system:
        return list(system.pull(None, since=SINCE))


def woocommerce(told: World, given: Outside | None = None, faults: Faults | None = None) -> list[Batch]:
    with in_thread(told, faults) as base:
        keys = {"address": f"{base}/woocommerce", "key": "ck_practice", "secret": "cs_practice"}
        return list(WOOCOMMERCE.open(keys, given or outside()).pull(None, since=SINCE))


Pull = Callable[..., list[Batch]]
SHOPS = pytest.mark.parametrize("pull", [shopify, woocommerce])


def remembered(batches: list[Batch]) -> dict[tuple[str, str], bytes]:
    return {(each.kind, each.external_id): each.data for batch in batches for each in batch.records}


def order_of(batches: list[Batch]) -> Kept:
    [kept] = records(batches)
    return kept


def line_of(batches: list[Batch]) -> str | None:
    told = order_of(batches).facts[0]
    assert isinstance(told, Order)
    return told.lines[0].about


def shown(batches: list[Batch]) -> list[Document]:
    return [fact for fact in order_of(batches).facts if isinstance(fact, Document)]


@SHOPS
class TestAPicture:
    def test_is_fetched_with_the_order_and_named_by_its_bytes(self, pull: Pull) -> None:
        batches = pull(world(orders=[sold()]))
        [kept] = records(batches, PICTURE)
        [paper] = shown(batches)
        assert (paper.item, paper.order_ref, paper.sha256, paper.size) == (
            "product_description", "LL-1001", _sha256(kept.data), len(kept.data),
        )  # fmt: skip
        assert (kept.facts, kept.keys, kept.media_type) == ((), (), "image/jpeg")
        assert kept.data != base64.b64decode(picture()), "it was written anew, without what hides in a file"
        assert "/files/" in kept.request
        assert "v=" not in kept.request

    def test_is_that_of_the_variant_where_it_has_one(self, pull: Pull) -> None:
        own = picture("green")
        told = world(orders=[sold(lamp(variant_picture=own))])
        pull(told)
        assert [each.path.rpartition("/")[2] for each in told.asked("/files/")] == [f"{_named(own)}.jpg"]

    def test_that_many_orders_show_is_fetched_once(self, pull: Pull) -> None:
        told = world(orders=[sold(number=f"LL-{1000 + n}") for n in range(12)])
        batches = pull(told)
        assert len(told.asked("/files/")) == 1
        assert len(records(batches, PICTURE)) == 1
        assert all(any(isinstance(fact, Document) for fact in each.facts) for each in records(batches))

    def test_that_is_kept_already_is_not_fetched_by_another_pull(self, pull: Pull) -> None:
        told = world(orders=[sold()])
        before = pull(told)
        pictures = {key: data for key, data in remembered(before).items() if key[0] == PICTURE}
        with_memory = _same_address(told, pull, pictures)
        assert [each.sha256 for each in shown(with_memory)] == [each.sha256 for each in shown(before)]

    def test_that_is_none_is_said_and_the_order_comes_without_it(self, pull: Pull) -> None:
        batches = pull(world(orders=[sold(lamp(picture=base64.b64encode(b"RIFF....WEBPVP8 ").decode()))]))
        assert shown(batches) == []
        assert refused(batches) == ["Picture of Walnut desk lamp is no JPEG, PNG or HEIC picture."]
        assert line_of(batches) == "A lamp of walnut."

    def test_that_cannot_be_fetched_is_tried_again_with_the_next_reading(self, pull: Pull) -> None:
        told, faults = world(orders=[sold()]), Faults()
        faults.waiting.append(Fault("/files/", 404))
        before = pull(told, None, faults)
        assert shown(before) == []
        assert "could not be fetched" in refused(before)[0]
        assert len(shown(pull(told, at(NOW, remembered(before))))) == 1

    def test_is_not_fetched_without_end_for_one_order(self, pull: Pull) -> None:
        goods = [lamp(product_id=500 + n, picture=picture(f"shade {n}")) for n in range(MAX_PICTURES + 3)]
        told = world(orders=[sold(*goods)])
        assert len(shown(pull(told))) == MAX_PICTURES
        assert len(told.asked("/files/")) == MAX_PICTURES


@SHOPS
class TestAsOfThePurchase:
    def test_is_a_product_that_nobody_changed_since(self, pull: Pull) -> None:
        batches = pull(world(orders=[sold(lamp(product_changed_at="2026-08-01T08:00:00+00:00"))]))
        [paper] = shown(batches)
        assert (paper.doubt, paper.dated) == (None, NOW)
        assert paper.title == "Walnut desk lamp: picture in the shop, unchanged since 01 Aug 2026"
        assert line_of(batches) == "A lamp of walnut."

    def test_is_one_that_was_read_minutes_after_it(self, pull: Pull) -> None:
        told = world(orders=[sold(lamp(product_changed_at="2026-09-01T10:20:00+00:00"))])
        batches = pull(told, at(BOUGHT + timedelta(minutes=12)))
        [paper] = shown(batches)
        assert (paper.doubt, paper.title) == (None, "Walnut desk lamp: picture in the shop 12 minutes after the order")
        assert line_of(batches) == "A lamp of walnut."

    def test_is_not_one_that_was_changed_before_anybody_read_it(self, pull: Pull) -> None:
        batches = pull(world(orders=[sold(lamp(product_changed_at=CHANGED))]))
        [paper] = shown(batches)
        assert paper.title == "Walnut desk lamp: picture in the shop on 22 Nov 2026"
        assert paper.doubt == (
            "the product was last changed on 20 Sep 2026 and was read on 22 Nov 2026, the purchase was on 01 Sep 2026: "
            "look whether it is the picture the customer saw"
        )
        assert line_of(batches) is None

    def test_stays_as_it_was_read_first_whatever_becomes_of_the_product(self, pull: Pull) -> None:
        told = world(orders=[sold()])
        first = pull(told, at(BOUGHT + timedelta(minutes=12)))
        told.orders[0]["lines"][0] |= {
            "about": "Real walnut? No: oak.", "product_changed_at": CHANGED, "picture": picture("oak"),
        }  # fmt: skip
        told.log.clear()
        later = pull(told, at(NOW, remembered(first)))
        assert line_of(later) == "A lamp of walnut."
        assert shown(later) == shown(first)
        assert told.asked("/files/") == []

    def test_lies_with_the_order_to_the_letter(self, pull: Pull) -> None:
        batches = pull(world(orders=[sold(lamp(product_changed_at="2026-08-01T08:00:00+00:00"))]))
        [told] = json.loads(order_of(batches).data)["listings"]
        assert (told["title"], told["description"]) == ("Walnut desk lamp", "A lamp of walnut.")
        assert (told["changed_at"], told["read_at"]) == ("2026-08-01T08:00:00+00:00", "2026-11-22T09:00:00+00:00")
        assert [each["sha256"] for each in told["pictures"]] == [each.sha256 for each in shown(batches)]


class TestAtWooCommerce:
    @pytest.mark.parametrize(
        ("line", "expected"),
        [
            (lamp(), "physical"), (lamp(type="digital"), "digital"), (lamp(type="service"), "service"),
            (lamp(variation_id=23), None), (lamp(type="digital", variation_id=23), "digital"),
            (lamp(woocommerce_type="subscription"), "subscription"),
        ],
    )  # fmt: skip
    def test_goods_are_of_the_kind_the_catalogue_says(self, line: Thing, expected: str | None) -> None:
        told = order_of(woocommerce(world(orders=[sold(line)]))).facts[0]
        assert isinstance(told, Order)
        assert told.lines[0].product_type == expected

    def test_a_description_is_words_without_what_nobody_sees(self) -> None:
        page = '<h2>Walnut</h2><p>A lamp &amp; a shade.</p><p style="display:none">Refurbished.</p><script>x()</script>'
        assert line_of(woocommerce(world(orders=[sold(lamp(html=page))]))) == "Walnut\nA lamp & a shade."

    def test_a_key_that_may_not_read_products_reads_orders_all_the_same(self) -> None:
        batches = woocommerce(world(orders=[sold()], accounts={"woocommerce": {"catalogue": False}}))
        assert (line_of(batches), shown(batches), refused(batches)) == (None, [], [])

    def test_products_are_asked_for_together(self) -> None:
        told = world(orders=[sold(lamp(product_id=500 + n), number=f"LL-{1000 + n}") for n in range(12)])
        woocommerce(told)
        [asked] = told.asked("wc/v3/products")
        assert asked.query["include"] == ",".join(str(500 + n) for n in range(12))

    @pytest.mark.parametrize(
        ("meta", "accepted"),
        [
            ({"_terms_accepted": "yes"}, True), ({"_terms": "on"}, True), ({"_terms": ""}, False),
            ({"payment_terms": "yes"}, False), ({}, False),
        ],
    )  # fmt: skip
    def test_terms_were_accepted_where_the_order_says_so(self, meta: Thing, accepted: bool) -> None:
        told = order_of(woocommerce(world(orders=[sold() | {"meta": meta}]))).facts[0]
        assert isinstance(told, Order)
        assert told.terms_accepted_at == (told.placed_at if accepted else None)


class TestAnAddressOfAPicture:
    def test_on_a_machine_of_ones_own_is_not_called(self) -> None:
        given = replace(outside(), loopback=False)
        goods = Goods(Http("Shop", "https://shop.example", given), given, "Shop")
        told = Order(order_ref="1001", placed_at=BOUGHT)
        product = Product("1", "Lamp", pictures=(Picture("https://169.254.169.254/latest/meta-data"),))
        found = goods.shown(told, "1001", [product])
        assert (found.documents, found.pictures) == ((), ())
        assert "not a public address" in found.refused[0]

    def test_is_stored_without_what_may_be_a_key(self) -> None:
        batches = shopify(world(orders=[sold()]))
        [listing] = json.loads(order_of(batches).data)["listings"]
        assert all("?" not in each["url"] for each in listing["pictures"])


def _same_address(told: World, pull: Pull, pictures: dict[tuple[str, str], bytes]) -> list[Batch]:
    """The shop lies at another port each time it is started; the picture is known by its address, so any will do."""
    [data] = pictures.values()
    told.log.clear()
    given = replace(outside(), kept=lambda kind, _name: data if kind == PICTURE else None)
    batches = pull(told, given)
    assert told.asked("/files/") == []
    return batches


def _named(encoded: str) -> str:
    return _sha256(encoded.encode())[:16]


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
