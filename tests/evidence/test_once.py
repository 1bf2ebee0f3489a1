"""Several systems tell of one sale: each order, parcel and message stands once, the copy that tells more."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.facts import CaseFile, Message, Order, Shipment
from evidence.once import one_each
from tests.evidence.builders import ago, case, message, order, provenance, shipment, usd

SHOP, CARRIER = provenance("item-shop", "Shopify"), provenance("item-carrier", "UPS through EasyPost")
ENTERED = {"events": (), "delivered_at": None, "delivered_to": None, "signed_by": None}


def orders(*told: Order) -> list[Order]:
    return list(one_each(case(orders=told)).orders)


def parcels(*told: Shipment) -> list[Shipment]:
    return list(one_each(case(shipments=told)).shipments)


class TestOrders:
    def test_of_two_systems_with_one_number_and_customer_are_one_and_the_fuller_stays(self) -> None:
        bare = Order(order_ref="LL-1001", placed_at=ago(40), customer_email=order().customer_email)
        full = order(provenance=SHOP)
        for told in ((bare, full), (full, bare)):
            (kept,) = orders(*told)
            assert kept == full, "whole, with its own origin"

    def test_one_may_know_it_by_another_of_its_numbers(self) -> None:
        by_id = order(order_ref="5001001", numbers=("#LL-1001",))
        assert len(orders(order(), by_id)) == 1

    @pytest.mark.parametrize(
        "changes",
        [{"customer_email": "another@example.com"}, {"order_ref": "LL-1002"}],
    )
    def test_of_other_customers_or_numbers_stay_two(self, changes: dict[str, Any]) -> None:
        other = order(**{"payment_id": "ch_other", "total": usd(100)} | changes)
        assert len(orders(order(payment_id="ch_1"), other)) == 2

    def test_the_disputed_one_stays_first(self) -> None:
        further = order(order_ref="LL-0900", placed_at=ago(200), payment_id="ch_0")
        assert [each.order_ref for each in orders(order(), further, order(provenance=SHOP))] == ["LL-1001", "LL-0900"]


class TestParcels:
    def test_a_shops_entry_goes_where_the_carriers_record_is(self) -> None:
        entered, scanned = shipment(**ENTERED, provenance=SHOP), shipment(provenance=CARRIER)
        assert parcels(entered, scanned) == [scanned]

    def test_a_shops_entry_stays_where_no_carrier_saw_the_parcel(self) -> None:
        entered = shipment(**ENTERED, provenance=SHOP)
        assert parcels(entered) == [entered]

    def test_the_same_number_written_otherwise_is_the_same_parcel(self) -> None:
        number = shipment().tracking_number
        entered = shipment(**ENTERED, tracking_number=f" {number[:4]}-{number[4:]} ".lower())
        assert len(parcels(entered, shipment())) == 1

    def test_two_carriers_records_both_stay(self) -> None:
        assert len(parcels(shipment(leg="first"), shipment(leg="last"))) == 2

    def test_one_number_at_two_orders_stays_a_contradiction(self) -> None:
        assert len(parcels(shipment(**ENTERED), shipment(order_ref="LL-7777"))) == 2

    def test_a_way_back_is_no_copy_of_the_way_there(self) -> None:
        assert len(parcels(shipment(**ENTERED, is_return=True), shipment())) == 2


class TestMessages:
    def test_in_mailbox_and_help_desk_are_one(self) -> None:
        mail = message(message_id="<a@mail.example>", provenance=SHOP)
        desk = message(message_id="<A@mail.example>", channel="e-mail", recipients=())
        (kept,) = one_each(case(messages=(mail, desk))).messages
        assert isinstance(kept, Message)

    def test_that_differ_stay(self) -> None:
        told = (
            message(message_id="<a@x.example>"),
            message(message_id="<b@x.example>", body="Something else entirely."),
        )
        assert len(one_each(case(messages=told)).messages) == 2


def test_nothing_else_is_touched() -> None:
    whole = case()
    assert isinstance(whole, CaseFile)
    assert one_each(whole) == whole
