"""Messages find their sale by order number, parcel, thread and the customer's address."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from disputes.facts import Message
from disputes.ports import Parcel, Wanted
from evidence.sources.message_matching import judged
from tests.evidence.sources.sale import ORDERED, message, order, paid

OTHER = {"sender": "Zoe <zoe@example.org>"}


def known(**changes: Any) -> Wanted:
    return paid(**({"orders": (order("LL-1042"),), "certain": True} | changes))


def found(
    messages: list[Message], wanted: Wanted | None = None, people: tuple[str, ...] = (), **answers: tuple[str, ...]
) -> dict[str, str]:
    """By the message's number what it was judged; `answers` by "m2"."""
    linked = {name(number): tuple(map(name, ids)) for number, ids in answers.items()}
    told = judged(messages, wanted or known(), people=frozenset(people), answers=linked)
    return {each.message_id[1:].partition("@")[0]: confidence for each, confidence, _ in told}


def name(number: str) -> str:
    return f"<{number}@example.com>"


def test_the_order_number_and_the_customers_address_are_certain() -> None:
    ((judged_message, confidence, why),) = judged(
        [message(1, "Where is LL-1042?")], known(), people=frozenset(), answers={}
    )
    assert (judged_message.order_ref, confidence) == ("LL-1042", "certain")
    assert why == "names order LL-1042 or its parcel, with the customer's address"


def test_a_message_to_the_customer_counts_like_one_from_them() -> None:
    sent = message(1, "LL-1042 is on its way", sender="help@lumen.example", recipients=("Emily <EMILY@example.com>",))
    assert found([sent]) == {"m1": "certain"}


def test_the_parcels_number_names_the_order() -> None:
    parcel = Parcel("UPS", "1Z999AA10123456784", "LL-1042", ORDERED)
    assert found([message(1, "1Z 999 AA1 0123 4567 84?")], known(parcels=(parcel,))) == {"m1": "certain"}


def test_a_number_in_the_subject_is_enough() -> None:
    assert found([message(1, subject="Re: order LL-1042")]) == {"m1": "certain"}


def test_the_number_alone_or_the_address_alone_is_likely() -> None:
    assert found([message(1, "LL-1042", **OTHER), message(2, "Where is it?")]) == {"m1": "likely", "m2": "likely"}


def test_another_order_of_the_customer_is_left_out() -> None:
    assert found([message(1, "Where is LL-1050?"), message(2, "order 7 of mine")]) == {"m2": "likely"}
    assert found([message(1, "LL-1042 and LL-1050 came together")]) == {"m1": "certain"}


def test_known_numbers_of_other_orders_are_left_out_whatever_they_look_like() -> None:
    told = judged([message(1, "about KD-9")], known(), people=frozenset(), answers={}, others=["KD-9"])
    assert told == []


def test_a_reply_to_such_a_message_is_certain_and_so_is_a_reply_to_the_reply() -> None:
    thread = [message(1, "LL-1042"), message(2, "thanks"), message(3, "you are welcome")]
    assert found(thread, m2=("m1",), m3=("m2",)) == dict.fromkeys(["m1", "m2", "m3"], "certain")


def test_a_reply_about_another_order_or_by_somebody_else_is_not_drawn_in() -> None:
    thread = [message(1, "LL-1042"), message(2, "and LL-1050?"), message(3, "hello", **OTHER)]
    assert found(thread, m2=("m1",), m3=("m1",)) == {"m1": "certain"}


def test_in_a_ticket_the_first_question_belongs_to_the_answer_that_names_the_order() -> None:
    ticket = [message(1, "Where is it?"), message(2, "LL-1042 is on its way")]
    assert found(ticket, m1=("m1", "m2"), m2=("m1", "m2")) == {"m1": "certain", "m2": "certain"}


def test_a_ticket_about_two_orders_leaves_its_other_messages_to_a_person() -> None:
    ticket = [message(1, "Where is LL-1050?"), message(2, "And it?"), message(3, "LL-1042 is on its way")]
    everyone = ("m1", "m2", "m3")
    assert found(ticket, m1=everyone, m2=everyone, m3=everyone) == {"m2": "likely", "m3": "certain"}


def test_before_the_order_only_what_names_it_belongs() -> None:
    before = ORDERED - timedelta(days=20)
    assert found([message(1, "Do you have lamps?", at=before), message(2, "LL-1042", at=before)]) == {"m2": "certain"}


def test_further_addresses_and_the_phone_number_are_the_customers_too() -> None:
    work = message(1, "LL-1042", sender="e.carter@work.example")
    assert found([work], people=("e.carter@work.example",)) == {"m1": "certain"}
    call = message(2, "LL-1042", sender="+1 (512) 555-0148", recipients=(), channel="phone")
    assert found([call], known(phone="512 555 0148")) == {"m2": "certain"}


def test_nothing_is_certain_while_the_order_is_not() -> None:
    two = known(orders=(order("LL-1042"), order("LL-1050")), certain=False)
    told = judged([message(1, "LL-1042"), message(2, "LL-1050"), message(3, "hi")], two, people=frozenset(), answers={})
    assert [(each.order_ref, confidence) for each, confidence, _ in told] == [
        ("LL-1042", "likely"), ("LL-1050", "likely"), (None, "likely"),
    ]  # fmt: skip


def test_without_a_shop_the_payments_own_number_names_the_sale() -> None:
    alone = paid(order_ref="#1042")
    told = judged([message(1, "order 1042"), message(2, "order 2077")], alone, people=frozenset(), answers={})
    assert [(each.order_ref, confidence) for each, confidence, _ in told] == [("1042", "certain"), ("1042", "likely")]
    assert "names another number than the payment" in told[1][2]


def test_without_any_number_all_with_the_customer_is_likely() -> None:
    assert found([message(1, "order 1042")], paid(order_ref=None)) == {"m1": "likely"}


def test_one_message_of_two_systems_is_judged_once_and_the_oldest_comes_first() -> None:
    late = message(1, "LL-1042", at=datetime(2026, 9, 9, tzinfo=ORDERED.tzinfo))
    told = judged([late, message(2, "LL-1042"), late], known(), people=frozenset(), answers={})
    assert [each.message_id for each, _, _ in told] == [name("m2"), name("m1")]
