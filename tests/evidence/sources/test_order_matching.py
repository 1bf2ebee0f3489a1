"""Certain only where nothing else can be meant; two candidates are shown, never picked in silence."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from disputes.facts import Order, OrderLine, Refund
from disputes.money import Money
from disputes.ports import Wanted
from evidence.sources.order_matching import BY_THE_DOZEN, CERTAIN_FROM, MAX_CANDIDATES, MAX_FURTHER, OrderMatch, matched
from tests.evidence.sources.sale import ELSEWHERE, ORDERED, PAID, STRANGER, order, paid, parcel


def only(orders: list[Order], wanted: Wanted) -> OrderMatch:
    (match,) = matched(orders, wanted)
    return match


def refs(matches: list[OrderMatch]) -> list[tuple[str, str]]:
    return [(match.order.order_ref, match.confidence) for match in matches]


# ---- the number in the metadata ------------------------------------------------------------------------------------


@pytest.mark.parametrize("said", ["1042", "#1042", " # 1042 "])
def test_the_order_number_in_the_metadata_is_certain_when_the_customer_agrees(said: str) -> None:
    match = only([order("1042")], paid(metadata={"order_number": said}))
    assert match.confidence == "certain"
    assert match.score >= CERTAIN_FROM
    assert match.why == ("order number in the payment's metadata; same e-mail address, name, address, amount and hour")


def test_the_database_id_in_the_metadata_is_said_to_be_one() -> None:
    match = only([order("LL-1", numbers=("1042",))], paid())
    assert match.confidence == "certain"
    assert match.why.startswith("number 1042 in the payment's metadata is one of this order's numbers; same e-mail")


def test_a_number_that_is_one_orders_id_and_another_ones_number_gives_two_candidates() -> None:
    both = [order("1042", numbers=("77",)), order("2001", numbers=("1042",))]
    found = matched(both, paid())
    assert refs(found) == [("1042", "likely"), ("2001", "likely")]
    assert all(match.why.startswith("one of 2 orders it may be: ") for match in found)
    assert all(match.score < CERTAIN_FROM for match in found)


def test_amount_and_customer_tell_the_id_from_the_number() -> None:
    other = order("1042", numbers=("77",), total=Money(1500, "USD"), **STRANGER)
    assert refs(matched([other, order("2001", numbers=("1042",))], paid())) == [("2001", "certain")]


def test_a_number_with_another_customer_and_another_amount_is_another_shops() -> None:
    assert matched([order(total=Money(500000, "USD"), **STRANGER)], paid()) == []


def test_a_number_with_another_customer_is_never_certain_although_the_amount_agrees() -> None:
    match = only([order(**STRANGER)], paid())
    assert match.confidence == "likely"
    assert "but another shipping address and another e-mail address and name" in match.why


def test_a_number_used_before_does_not_hide_the_order_of_today() -> None:
    old = order(placed_at=ORDERED - timedelta(days=300), total=Money(1500, "USD"), **STRANGER)
    (match,) = matched([old, order()], paid())
    assert (match.order.placed_at, match.confidence) == (ORDERED, "certain")


def test_a_bare_number_without_any_customer_needs_amount_and_hour() -> None:
    nobody: dict[str, Any] = {"customer_email": None, "customer_name": None, "shipping": None}
    assert only([order()], paid(**nobody)).confidence == "certain"
    assert only([order(placed_at=PAID - timedelta(days=2))], paid(**nobody)).confidence == "likely"
    assert only([order(total=None)], paid(**nobody)).confidence == "likely"


def test_a_number_with_letters_is_hardly_another_shops() -> None:
    nobody: dict[str, Any] = {"customer_email": None, "customer_name": None, "shipping": None, "order_ref": "LL-9"}
    near = order("LL-9", total=None, placed_at=PAID - timedelta(days=2))
    assert only([near], paid(**nobody)).confidence == "certain"
    assert only([order("LL-9", placed_at=PAID - timedelta(days=20))], paid(**nobody)).confidence == "likely"


def test_a_value_under_an_unknown_name_counts_only_with_customer_amount_and_day() -> None:
    said = {"internal": "1042"}
    assert only([order()], paid(metadata=said)).confidence == "certain"
    assert only([order(customer_email="emily.c@example.com")], paid(metadata=said)).confidence == "likely"


@pytest.mark.parametrize("name", ["customer_id", "quantity", "shop_id", "order_total", "product_id", "order_item_id"])
def test_other_numbers_of_the_metadata_are_no_order_numbers(name: str) -> None:
    assert matched([order(**STRANGER)], paid(metadata={name: "1042"})) == []


def test_a_renewal_is_paid_months_after_its_order() -> None:
    long_ago = ORDERED - timedelta(days=185)
    line = OrderLine(description="Club", product_type="subscription")
    assert only([order(placed_at=long_ago, lines=(line,))], paid()).confidence == "certain"
    assert only([order("LL-1042", placed_at=long_ago)], paid(order_ref="LL-1042")).confidence == "certain"
    assert only([order(placed_at=long_ago)], paid()).confidence == "likely"


def test_an_order_written_after_its_payment_is_not_certain_but_for_the_hours_of_a_time_zone() -> None:
    assert only([order(placed_at=PAID + timedelta(hours=14))], paid()).confidence == "certain"
    assert only([order(placed_at=PAID + timedelta(days=3))], paid()).confidence == "likely"


# ---- payment ids ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("ids", [{"payment_id": "pi_A1"}, {"payment_id": "ch_A1"}, {"transaction_ids": ("x", "ch_A1")}])
def test_any_id_of_the_payment_finds_the_order(ids: dict[str, Any]) -> None:
    match = only([order(**ids)], paid(metadata={}))
    assert (match.confidence, match.why.partition(";")[0]) == ("certain", "payment number in the order")


def test_a_transaction_id_in_the_metadata_finds_the_order() -> None:
    told = order(transaction_ids=("8XK11223AB445566C",))
    assert only([told], paid(metadata={"transaction_id": "8XK11223AB445566C"})).confidence == "certain"


def test_a_terminals_running_number_is_no_payment_id() -> None:
    assert matched([order(payment_id="123456", **STRANGER)], paid(payment_ids=("123456",), metadata={})) == []


def test_an_id_beats_a_card_lent_in_the_family_but_not_when_the_amount_is_another_too() -> None:
    assert only([order(payment_id="ch_A1", **STRANGER)], paid(metadata={})).confidence == "certain"
    lent = order(payment_id="ch_A1", total=Money(90000, "USD"), **STRANGER)
    assert only([lent], paid(metadata={})).confidence == "likely"


def test_an_order_cloned_with_its_transaction_is_a_second_candidate() -> None:
    first = order("1", payment_id="ch_A1")
    clone = order("2", payment_id="ch_A1", placed_at=ORDERED + timedelta(days=1))
    assert refs(matched([first, clone], paid(metadata={}))) == [("1", "likely"), ("2", "likely")]


def test_an_order_paid_by_another_payment_of_the_same_kind_is_never_certain() -> None:
    match = only([order(payment_id="ch_B2")], paid())
    assert match.confidence == "likely"
    assert "but the order was paid by another payment" in match.why


def test_two_kinds_of_ids_cannot_contradict() -> None:
    assert only([order(payment_id="pi_B2")], paid(payment_ids=("ch_A1",))).confidence == "certain"


def test_a_bare_id_of_the_same_form_may_be_another_id_of_the_same_payment() -> None:
    told = order(payment_id="8XK11223AB445566C")
    wanted = paid(payment_id="2GG27914F11446712", payment_ids=())
    assert only([told], wanted).confidence == "certain"


def test_number_and_id_that_name_different_orders_leave_both_to_a_person() -> None:
    named, paid_for = order("1042"), order("1043", payment_id="ch_A1")
    assert refs(matched([named, paid_for], paid())) == [("1043", "likely"), ("1042", "likely")]


# ---- amounts -------------------------------------------------------------------------------------------------------


def test_an_amount_in_another_currency_neither_agrees_nor_contradicts() -> None:
    match = only([order()], paid(amount=Money(17400, "EUR")))
    assert match.confidence == "certain"
    assert "amount" not in match.why
    assert "paid" not in match.why


@pytest.mark.parametrize(("minor", "what"), [(9450, "a part"), (20790, "a tip")])
def test_a_part_or_a_tip_is_certain_with_the_customer_in_the_same_days_and_said(minor: int, what: str) -> None:
    match = only([order()], paid(amount=Money(minor, "USD")))
    assert match.confidence == "certain", what
    assert f"but {Money(minor, 'USD')} were paid and the order is 189.00 USD" in match.why


def test_a_part_is_not_certain_while_the_customer_has_another_order_of_these_days() -> None:
    other = order("1050", placed_at=ORDERED + timedelta(hours=3), total=Money(9450, "USD"))
    found = matched([order(), other], paid(amount=Money(9450, "USD")))
    assert refs(found) == [("1042", "likely"), ("1050", "likely")]


def test_a_standing_order_needs_the_hour_where_the_number_is_bare() -> None:
    row = [order(str(7000 + week), placed_at=ORDERED - timedelta(weeks=week)) for week in range(10, 13)]
    assert matched([order(), *row], paid())[0].confidence == "certain"
    late = paid(paid_at=PAID + timedelta(days=2))
    assert matched([order(), *row], late)[0].confidence == "likely"
    assert matched([order()], late)[0].confidence == "certain"
    letters = paid(paid_at=PAID + timedelta(days=2), order_ref="LL-1042")
    assert matched([order("LL-1042"), *row], letters)[0].confidence == "certain"


def test_a_part_is_not_certain_for_a_customer_who_buys_by_the_dozen() -> None:
    many = [
        order(str(7000 + day), placed_at=ORDERED - timedelta(days=70 + day), total=Money(100 + day, "USD"))
        for day in range(BY_THE_DOZEN)
    ]
    part = paid(amount=Money(9450, "USD"))
    assert matched([order(), *many], part)[0].confidence == "likely"
    assert matched([order(), *many[1:]], part)[0].confidence == "certain"


def test_what_was_refunded_before_is_taken_off() -> None:
    back = Refund(refund_id="r", amount=Money(8900, "USD"), created_at=PAID, status="succeeded")
    assert "amount" in only([order(refunds=(back,))], paid(amount=Money(10000, "USD"))).why


def test_a_number_with_quite_another_amount_is_not_certain() -> None:
    assert only([order()], paid(amount=Money(90000, "USD"))).confidence == "likely"


# ---- parcels, people -----------------------------------------------------------------------------------------------


def test_a_tracking_number_in_the_metadata_finds_the_order() -> None:
    said = paid(metadata={"tracking": "1Z 999 AA1 0123 456784"})
    (match,) = matched([order("7")], said, parcels=[parcel(order_ref="#7")])
    assert (match.confidence, match.why.partition(";")[0]) == ("certain", "tracking number in the payment's metadata")
    (used_again,) = matched([order("7", **STRANGER)], said, parcels=[parcel(order_ref="7")])
    assert used_again.confidence == "likely"


def test_a_gift_goes_to_another_address() -> None:
    match = only([order(shipping=ELSEWHERE)], paid())
    assert match.confidence == "certain"
    assert "another shipping address" in match.why


@pytest.mark.parametrize("email", ["emily+shop@example.com", "emly@example.com", "eimly@example.com"])
def test_a_mistyped_address_is_alike_and_not_the_same(email: str) -> None:
    match = only([order()], paid(customer_email=email))
    assert match.confidence == "certain"
    assert "the e-mail address is only alike" in match.why
    alone = paid(customer_email=email, customer_name=None, shipping=None, amount=Money(17400, "EUR"))
    assert only([order()], alone).confidence == "likely"


def test_turkish_names_in_capitals_are_the_same() -> None:
    told = order(customer_name="Işıl Çağlayan", customer_email=None, shipping=None)
    assert only([told], paid(customer_name="ISIL CAGLAYAN")).confidence == "certain"


def test_a_guests_zero_is_no_account() -> None:
    assert matched([order("9", account_id="0", **STRANGER)], paid(metadata={"customer_id": "0"})) == []


# ---- without a number ----------------------------------------------------------------------------------------------


def test_e_mail_amount_and_day_are_only_likely_however_much_agrees() -> None:
    match = only([order(card_last4="4242", customer_phone="+1 512 555 0148")],
                 paid(metadata={}, card_last4="4242", phone="5125550148"))  # fmt: skip
    assert match.confidence == "likely"
    assert match.score < CERTAIN_FROM
    assert match.why.endswith("the order number is not in the payment")


def test_the_same_customer_twice_the_same_day_gives_both() -> None:
    found = matched([order("1"), order("2", placed_at=ORDERED + timedelta(minutes=9))], paid(metadata={}))
    assert refs(found) == [("1", "likely"), ("2", "likely")]


def test_without_one_of_these_days_an_earlier_order_of_the_amount_is_shown() -> None:
    earlier = order("1", placed_at=PAID - timedelta(days=30))
    assert refs(matched([earlier], paid(metadata={}))) == [("1", "likely")]
    assert refs(matched([earlier, order("2")], paid(metadata={}))) == [("2", "likely")]


def test_an_order_of_another_payment_is_no_candidate() -> None:
    assert matched([order("1", payment_id="ch_B2")], paid(metadata={})) == []


def test_more_candidates_than_a_person_can_look_at_are_counted() -> None:
    many = [order(str(number)) for number in range(30)]
    found = matched(many, paid(metadata={}))
    assert len(found) == MAX_CANDIDATES
    assert found[0].why.startswith("one of 30 orders it may be")


def test_a_payment_that_could_not_be_read_still_finds_its_number() -> None:
    wanted = paid(paid_at=None, metadata={}, order_ref="1042")
    assert only([order()], wanted).confidence == "certain"


# ---- further orders ------------------------------------------------------------------------------------------------


def test_further_orders_come_only_once_the_disputed_one_is_certain() -> None:
    more = order("9", placed_at=ORDERED - timedelta(days=90), total=Money(100, "USD"))
    found = matched([order(), more], paid())
    assert [(match.order.order_ref, match.further) for match in found] == [("1042", False), ("9", True)]
    assert found[1].why == "further order of the same customer"
    assert all(not match.further for match in matched([order(**STRANGER), more], paid()))


def test_further_orders_are_the_nearest_of_the_account_or_address() -> None:
    mine = [order(f"A{day}", placed_at=ORDERED - timedelta(days=day)) for day in range(70, 130)]
    others = [
        order("B", account_id="acc", customer_email="new@example.com"),
        order("C", customer_email="x@example.com"),
    ]
    found = matched([order(account_id="acc"), *others, *mine], paid())
    further = [match.order.order_ref for match in found if match.further]
    assert further[:2] == ["B", "A70"]
    assert len(further) == MAX_FURTHER


def test_a_card_lent_in_the_family_makes_no_further_orders_of_its_holder() -> None:
    holders = order("9", customer_email="emily@example.com", total=Money(100, "USD"))
    bought = order(payment_id="ch_A1", customer_email="tom@example.com", customer_name="Tom Carter")
    assert [match.order.order_ref for match in matched([bought, holders], paid())] == ["1042"]
