"""What the shops said goes into the question to carriers and mailboxes."""

from __future__ import annotations

from datetime import timedelta

from disputes.facts import UNNAMED_CARRIER, Order, Shipment
from disputes.money import Money
from disputes.ports import Gathered, SourceReport
from evidence.sources.asking import enriched
from evidence.sources.clues import phone_in
from tests.evidence.sources.sale import ELSEWHERE, HOME, ORDERED, STRANGER, order, paid, parcel


def report(*facts: Order | Shipment, confidence: str = "certain", further: bool = False) -> SourceReport:
    return SourceReport(
        tuple(Gathered(b"", "application/json", "x", "GET", fact, confidence, further=further) for fact in facts)
    )


def test_the_certain_order_and_its_parcel_are_asked_about() -> None:
    asked = enriched(paid(), [report(order(), parcel())])
    assert (asked.orders, asked.certain) == ((order(),), True)
    (sent,) = asked.parcels
    assert (sent.carrier, sent.number, sent.order_ref) == ("UPS", "1Z999AA10123456784", "1042")
    assert (sent.since, sent.destination, sent.confidence) == (ORDERED, HOME, "certain")


def test_all_likely_orders_are_asked_about_and_none_is_certain() -> None:
    two = report(order("1"), parcel("A-1000001", order_ref="1"), order("2"), confidence="likely")
    asked = enriched(paid(), [two])
    assert ([each.order_ref for each in asked.orders], asked.certain) == (["1", "2"], False)
    assert [(each.number, each.confidence) for each in asked.parcels] == [("A-1000001", "likely")]


def test_a_certain_order_of_one_system_beats_a_likely_one_of_another() -> None:
    likely = report(order("7", **STRANGER), parcel("B-1000001", order_ref="7"), confidence="likely")
    asked = enriched(paid(), [likely, report(order())])
    assert ([each.order_ref for each in asked.orders], asked.certain, asked.parcels) == (["1042"], True, ())


def test_two_systems_that_are_sure_of_different_orders_leave_both_to_a_person() -> None:
    asked = enriched(paid(), [report(order()), report(order(**STRANGER), parcel())])
    assert (len(asked.orders), asked.certain) == (2, False)
    assert [(each.destination, each.confidence) for each in asked.parcels] == [(ELSEWHERE, "likely")]


def test_one_order_in_two_systems_is_one_with_the_numbers_of_both() -> None:
    shop = order("LL-1042", numbers=("5001042",), payment_id="pi_A1")
    labels = order("#5001042", numbers=("L-9",), transaction_ids=("ch_A1",), total=None)
    sent = [parcel("1Z1000001", order_ref="5001042"), parcel("1Z1000002", order_ref="LL-1042")]
    asked = enriched(paid(), [report(labels, sent[0]), report(shop, sent[1])])
    (one,) = asked.orders
    assert one.order_ref == "#5001042"
    assert set(one.numbers) == {"L-9", "LL-1042"}
    assert set(one.transaction_ids) == {"ch_A1", "pi_A1"}
    assert asked.certain
    assert [each.number for each in asked.parcels] == ["1Z1000001", "1Z1000002"]


def test_the_system_that_is_sure_speaks_for_the_merged_order() -> None:
    asked = enriched(paid(), [report(order(total=None), confidence="likely"), report(order())])
    assert (asked.orders[0].total, asked.certain) == (Money(18900, "USD"), True)


def test_without_an_address_one_number_and_one_amount_are_one_order() -> None:
    bare = order(customer_email=None, customer_name=None)
    assert len(enriched(paid(), [report(order()), report(bare)]).orders) == 1
    other = order(customer_email=None, customer_name="Zoe Long")
    assert len(enriched(paid(), [report(order()), report(other)]).orders) == 2


def test_further_orders_and_their_parcels_are_not_asked_about() -> None:
    more = report(order("9"), parcel(order_ref="9"), further=True)
    asked = enriched(paid(), [report(order()), more])
    assert ([each.order_ref for each in asked.orders], asked.parcels) == (["1042"], ())


def test_a_return_parcel_and_a_word_for_no_number_are_not_asked_about() -> None:
    asked = enriched(paid(), [report(order(), parcel(is_return=True), parcel("n/a"))])
    assert asked.parcels == ()


def test_the_same_parcel_in_two_systems_is_asked_about_once_with_its_carrier() -> None:
    first = report(order(), parcel("1Z 1000001", carrier=UNNAMED_CARRIER))
    asked = enriched(paid(), [first, report(order(), parcel("1z1000001"))])
    assert [each.carrier for each in asked.parcels] == ["UPS"]


def test_the_last_leg_of_a_parcel_is_asked_about_too() -> None:
    asked = enriched(paid(), [report(order(), parcel("LP0000001", leg="first", onward_number="1Z0000002"))])
    assert [(each.number, each.carrier) for each in asked.parcels] == [
        ("LP0000001", "UPS"), ("1Z0000002", UNNAMED_CARRIER),
    ]  # fmt: skip


def test_a_number_that_stands_at_two_orders_is_only_likely() -> None:
    more = order("9", placed_at=ORDERED + timedelta(days=1))
    both = SourceReport((*report(order(), parcel()).items, *report(more, parcel(order_ref="9"), further=True).items))
    assert [each.confidence for each in enriched(paid(), [both]).parcels] == ["likely"]


def test_a_parcel_of_a_system_without_orders_is_taken_by_its_number() -> None:
    asked = enriched(paid(), [report(order("LL-1042", numbers=("77",))), report(parcel(order_ref="#77"))])
    assert [each.order_ref for each in asked.parcels] == ["LL-1042"]


def test_without_an_order_the_question_stays_as_it_was() -> None:
    assert enriched(paid(), [report(parcel())]) == paid()
    assert enriched(paid(), []) == paid()


def test_the_customers_telephone_is_asked_with() -> None:
    assert enriched(paid(), [report(order(customer_phone="+1 512 555 0148"))]).phone == "+1 512 555 0148"
    assert enriched(paid(), [report(order())]).phone is None


def test_what_the_payment_said_of_it_stays() -> None:
    told = enriched(paid(phone="5125550100"), [report(order(customer_phone="+1 512 555 0148"))])
    assert told.phone == "5125550100"


def test_two_orders_with_two_telephones_say_nothing_of_it() -> None:
    two = [order("1", customer_phone="5125550148"), order("2", customer_phone="5125550100")]
    assert enriched(paid(), [report(*two, confidence="likely")]).phone is None


def test_a_telephone_beside_the_payment_is_the_customers_unless_it_is_the_shops() -> None:
    assert phone_in({"order_id": "1042", "billing_phone": " +1 512 555 0148 "}) == "+1 512 555 0148"
    assert phone_in({"shop_phone": "+1 512 555 0148", "phone": "none"}) is None
