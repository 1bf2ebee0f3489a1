"""Orders and policies that lie in the database: looked up by their keys, given with their bytes."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import Any

from disputes.facts import Document, Order, Policy, Record, Return, Shipment
from disputes.files import FileMissing
from disputes.money import Money
from disputes.ports import SourceReport, Wanted
from disputes.systems import Key, KeyKind
from evidence.sources.kept import KeptRecord, KeptSource
from evidence.sources.keys import keys_of
from tests.evidence.sources.sale import ORDERED, STRANGER, order, paid, parcel


def record(*facts: Record, name: str = "") -> KeptRecord:
    first = facts[0]
    name = name or (f"order {first.order_ref}.json" if isinstance(first, Order) else "policy.json")
    sha256 = hashlib.sha256(f"{name}{first!r}".encode()).hexdigest()
    at = first.placed_at if isinstance(first, Order) else None
    return KeptRecord(list(facts), sha256, name, "application/json", "GET /orders", at)


def kept_by(each: KeptRecord) -> tuple[Key, ...]:
    first = each.facts[0]
    assert isinstance(first, Order)
    return keys_of(first, [fact for fact in each.facts if isinstance(fact, Shipment)])


class Shelf:
    """What the database would do, and what it was asked."""

    def __init__(self, *records: KeptRecord, policies: tuple[Policy, ...] = (), most: int = 200) -> None:
        self.records = records
        self.rules = [record(each, name=f"{number}.json") for number, each in enumerate(policies)]
        self.most = most
        self.asked: list[tuple[Key, ...]] = []
        self.gone: set[str] = set()

    def lookup(self, keys: tuple[Key, ...]) -> list[KeptRecord]:
        self.asked.append(keys)
        hits = [each for each in self.records if set(kept_by(each)) & set(keys)]
        return hits[: self.most]

    def file(self, sha256: str) -> bytes:
        if sha256 in self.gone:
            raise FileMissing("gone")
        return sha256.encode()

    def gather(self, wanted: Wanted | None = None) -> SourceReport:
        source = KeptSource("src_1", "Shop", "shop/1", self.lookup, lambda: self.rules, self.file, "Europe/Istanbul")
        return source.gather(wanted or paid())


def told(report: SourceReport) -> list[tuple[str, str, bool]]:
    return [(type(item.fact).__name__, item.confidence, item.further) for item in report.items]


def test_an_order_comes_with_its_parcels_and_returns_and_their_bytes() -> None:
    back = Return(return_id="r1", order_ref="1042")
    kept = record(order(), parcel(), back)
    report = Shelf(kept).gather()
    assert told(report) == [(kind, "certain", False) for kind in ("Order", "Shipment", "Return")]
    assert {item.data for item in report.items} == {kept.sha256.encode()}
    assert {(item.adapter, item.request, item.media_type) for item in report.items} == {
        ("shop/1", "GET /orders", "application/json")
    }
    assert [item.why for item in report.items][1:] == ["parcel of order 1042", "return of order 1042"]


def test_two_candidates_come_whole_and_only_likely() -> None:
    first = record(order("1042", numbers=("77",)), parcel())
    report = Shelf(first, record(order("2001", numbers=("1042",)))).gather()
    assert told(report) == [("Order", "likely", False), ("Shipment", "likely", False), ("Order", "likely", False)]


def test_further_orders_are_looked_up_by_the_certain_orders_customer() -> None:
    mine = order(customer_email="tom@example.com", account_id="acc", payment_id="ch_A1")
    more = order("9", customer_email="tom@example.com", placed_at=ORDERED - timedelta(days=90))
    shelf = Shelf(record(mine), record(more, parcel("1Z1", order_ref="9")))
    assert told(shelf.gather()) == [
        ("Order", "certain", False), ("Order", "certain", True), ("Shipment", "certain", True),
    ]  # fmt: skip
    assert Key(KeyKind.ACCOUNT, "acc") in shelf.asked[-1]


def test_a_customer_with_hundreds_of_orders_does_not_crowd_the_right_one_out() -> None:
    many = [record(order(str(number), placed_at=ORDERED - timedelta(days=3))) for number in range(2000, 2300)]
    report = Shelf(*many, record(order()), most=200).gather()
    assert report.items[0].fact == order()
    assert report.items[0].confidence == "certain"


def test_metadata_finds_what_the_payment_itself_does_not_name() -> None:
    shelf = Shelf(record(order("7"), parcel(order_ref="7")))
    said = paid(metadata={"tracking": "1Z999AA10123456784"}, customer_email=None)
    assert told(shelf.gather(said)) == [("Order", "certain", False), ("Shipment", "certain", False)]
    plug_in = paid(metadata={"customer_email": "Emily@example.com"}, customer_email=None)
    assert told(shelf.gather(plug_in))[0] == ("Order", "likely", False)


def test_the_policies_of_the_day_come_along() -> None:
    def rule(day: int, text: str, **changes: Any) -> Policy:
        return Policy(
            **({"kind": "return", "title": "Returns", "text": text, "in_force_from": date(2026, 9, day)} | changes)
        )

    late = order(placed_at=ORDERED.replace(hour=22))
    shelf = Shelf(record(late), policies=(rule(1, "old"), rule(2, "right"), rule(3, "later")))
    report = shelf.gather(paid(paid_at=late.placed_at))
    (item,) = [item for item in report.items if isinstance(item.fact, Policy)]
    assert item.fact.text == "right", "at 22:00 UTC it is the second of September in Istanbul"
    assert (item.why, item.adapter) == ("in force on 2026-09-02, the day of the order", "shop/1")


def test_a_guest_has_no_account_and_the_source_says_so() -> None:
    assert Shelf(record(order())).gather().unavailable == ("customer_account_id",)
    assert Shelf(record(order(account_id="acc"))).gather().unavailable == ()
    assert Shelf(record(order(**STRANGER))).gather().unavailable == (), "it is not certain whose order that is"


def test_a_stored_file_that_is_gone_is_named_and_the_rest_goes_on() -> None:
    first = record(order())
    shelf = Shelf(first, record(order("9", total=Money(100, "USD"), placed_at=ORDERED - timedelta(days=9))))
    shelf.gone.add(first.sha256)
    report = shelf.gather()
    assert told(report) == [("Order", "certain", True)]
    assert report.refused == ("Shop: the stored file of order 1042.json is missing or was changed; it was left out.",)


def test_nothing_found_is_nothing_said() -> None:
    assert Shelf().gather() == SourceReport(())


def test_a_parcel_that_comes_back_is_said_to_be_a_return() -> None:
    back = parcel(is_return=True)
    report = Shelf(record(order(), back)).gather()
    assert [item.why for item in report.items if isinstance(item.fact, Shipment)] == ["return of order 1042"]


class TestPicturesOfTheGoods:
    def paper(self, **changes: Any) -> Document:
        told: dict[str, Any] = {
            "item": "product_description", "title": "Lamp", "media_type": "image/jpeg", "sha256": "f" * 64,
            "size": 9000, "order_ref": "1042",
        }  # fmt: skip
        return Document(**(told | changes))

    def test_come_with_their_order_and_their_own_bytes(self) -> None:
        report = Shelf(record(order(), self.paper())).gather()
        [found] = [item for item in report.items if isinstance(item.fact, Document)]
        assert (found.data, found.media_type, found.confidence, found.name) == (
            b"f" * 64, "image/jpeg", "certain", "Lamp.jpg",
        )  # fmt: skip

    def test_that_may_show_something_else_wait_for_a_person_who_is_told_why(self) -> None:
        report = Shelf(record(order(), self.paper(doubt="the product was changed since"))).gather()
        [found] = [item for item in report.items if isinstance(item.fact, Document)]
        assert (found.confidence, found.why) == ("likely", "goods of order 1042; the product was changed since")
        assert report.items[0].confidence == "certain", "the order itself is none the worse for it"

    def test_whose_bytes_are_gone_are_named_and_the_order_comes(self) -> None:
        shelf = Shelf(record(order(), self.paper()))
        shelf.gone.add("f" * 64)
        report = shelf.gather()
        assert [type(item.fact) for item in report.items] == [Order]
        assert report.refused == ("Shop: the stored file of Lamp is missing or was changed; it was left out.",)

    def test_of_other_orders_of_the_customer_are_nobodys_business(self) -> None:
        other = order(order_ref="1041", payment_id="pi_other", placed_at=ORDERED - timedelta(days=90))
        report = Shelf(record(order()), record(other, self.paper(order_ref="1041"))).gather()
        assert [item.further for item in report.items if isinstance(item.fact, Order)] == [False, True]
        assert not any(isinstance(item.fact, Document) for item in report.items)


class TestAShopThatDoesNotHaveTheDisputedOrder:
    def asked(self, *kept: Order, **changes: Any) -> SourceReport:
        known = paid(orders=(order(**changes),), certain=True)
        return Shelf(*map(record, kept)).gather(known)

    def test_brings_what_the_same_address_ordered_there(self) -> None:
        before = order("A-7", placed_at=ORDERED - timedelta(days=60), payment_id="pi_7")
        report = self.asked(before, order("A-8", **STRANGER))
        assert [(item.fact, item.further, item.why) for item in report.items] == [
            (before, True, "further order of the same customer")
        ]

    def test_does_not_take_the_disputed_sale_itself_for_another_one(self) -> None:
        assert self.asked(order("A-7", numbers=("1042",))).items == ()

    def test_brings_nothing_of_an_account_that_is_another_shops(self) -> None:
        other = order("A-7", account_id="55", customer_email="somebody@example.org")
        assert self.asked(other, account_id="55").items == ()
