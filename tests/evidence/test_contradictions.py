"""Each named check: a case that has it, one that only looks like it, and whether it holds the case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from disputes.facts import CaseFile, TrackingEvent
from evidence.claim import Claim
from evidence.contradictions import CHECKS, check_ids, silenced
from evidence.sale import Sale
from tests.evidence.builders import (
    ELSEWHERE,
    HOME,
    NOW,
    ago,
    case,
    claim,
    eur,
    event,
    judged,
    line,
    message,
    order,
    ours,
    payment,
    policy,
    prior,
    refund,
    shipment,
    usage,
    usd,
)

RETURNED = TrackingEvent(at=ago(30), state="returned", text="Returned to sender")
DELIVERED = TrackingEvent(at=ago(34), state="delivered", text="Delivered")
NEXT_DOOR = TrackingEvent(at=ago(34), state="delivered", text="Delivered to neighbor")
SUBSCRIPTION = claim(reason_code="13.2", raw_reason="subscription_canceled")
BOUGHT = order(lines=(line(product_type="subscription"),), shipping=None)
MONTHLY = BOUGHT.model_copy(update={"placed_at": ago(200), "payment_id": "ch_first"})
CANCELED = claim(reason_code="13.7", raw_reason="credit_not_processed")
FRAUD = claim(reason_code="10.4", raw_reason="fraudulent")
DIGITAL = order(lines=(line(product_type="digital"),), device_id="dev-1", account_id="a")

Row = tuple[str, dict[str, Any], Claim | None]

SHOP_REFUND = {"orders": (order(refunds=(refund(refund_id="shop-1", created_at=ago(20)),)),)}

HAS: list[Row] = [
    ("refund_only_the_shop_knows", SHOP_REFUND, None),
    (
        "refund_only_the_shop_knows",  # the gateway knows one of two
        {
            "orders": (order(refunds=(refund(created_at=ago(20)), refund(refund_id="r2", created_at=ago(20)))),),
            "payment": payment(refunds=(refund(created_at=ago(20)),)),
        },
        None,
    ),
    ("delivered_before_ordered", {"shipments": (shipment(shipped_at=None, delivered_at=ago(40.2), events=()),)}, None),
    ("tracking_older_than_order", {"shipments": (shipment(shipped_at=ago(60)),)}, None),
    ("tracking_of_other_order", {"shipments": (shipment(), shipment(order_ref="LL-7777", tracking_number="X"))}, None),
    (
        "tracking_of_other_order",
        {"orders": (order(), order(order_ref="LL-2")), "shipments": (shipment(), shipment(order_ref="LL-2"))},
        None,
    ),
    ("delivered_elsewhere", {"shipments": (shipment(delivered_to=ELSEWHERE),)}, None),
    ("delivered_after_dispute", {"shipments": (shipment(delivered_at=ago(2), events=()),)}, None),
    ("delivered_after_promise", {"orders": (order(promised_by=date(2026, 10, 14)),)}, None),
    ("returned_to_sender", {"shipments": (shipment(delivered_at=None, events=(RETURNED,)),)}, None),
    (
        "return_received",
        {"shipments": (shipment(), shipment(is_return=True, tracking_number="R1", shipped_at=ago(30), events=()))},
        None,
    ),
    (
        "scanned_after_delivery",
        {
            "shipments": (
                shipment(events=(DELIVERED, TrackingEvent(at=ago(33), state="in_transit", text="At the depot"))),
            )
        },
        None,
    ),
    ("dispatched_after_delivery", {"shipments": (shipment(shipped_at=ago(20)),)}, None),
    ("recorded_in_the_future", {"shipments": (shipment(delivered_at=ago(-1), events=()),)}, None),
    ("left_with_neighbour", {"shipments": (shipment(events=(NEXT_DOOR,)),)}, None),
    ("signature_required_not_recorded", {"shipments": (shipment(signature_required=True, signed_by=None),)}, None),
    ("shipping_differs_from_billing", {"payment": payment(billing=ELSEWHERE)}, None),
    ("email_mismatch", {"payment": payment(customer_email="other@example.com")}, None),
    ("name_mismatch", {"payment": payment(billing=HOME.model_copy(update={"name": "Robert Stone"}))}, None),
    ("signed_by_other", {"shipments": (shipment(signed_by="K. STONE"),)}, None),
    ("used_from_other_device", {"orders": (DIGITAL,), "usage": (usage(event(device_id="dev-2")),)}, FRAUD),
    ("usage_of_other_account", {"orders": (DIGITAL,), "usage": (usage(event(account_id="b")),)}, None),
    ("card_country_differs", {"payment": payment(card_country="BR")}, None),
    ("amount_mismatch", {"orders": (order(total=usd(17900)),)}, None),
    ("order_of_other_payment", {"orders": (order(payment_id="ch_9"),)}, None),
    (
        "cancelled_before_charge",
        {"orders": (MONTHLY,), "usage": (usage(event(at=ago(50), action="cancellation")),)},
        SUBSCRIPTION,
    ),
    ("captured_more_than_authorised", {"payment": payment(captured=usd(19900))}, None),
    ("history_disputed", {"payment": payment(prior_payments=(prior(disputed=True),))}, None),
    ("history_disputed", {"payment": payment(prior_payments=(prior(fraud_report=True),))}, None),
    ("paid_before_ordered", {"payment": payment(paid_at=ago(45))}, None),
    ("customer_denies_receipt", {"messages": (message(body="Hello, my parcel has not arrived."),)}, None),
    ("customer_says_sent_back", {"messages": (message(body="I sent it back on Monday."),)}, None),
    ("customer_cancelled_in_writing", {"messages": (message(at=ago(39), body="Please cancel my order."),)}, CANCELED),
    ("merchant_admits_fault", {"messages": (ours("Dear Emily, it was our mistake, the colour is another."),)}, None),
    (
        "return_refused_against_policy",
        {
            "messages": (ours("We cannot accept the return of the set.", at=ago(20)),),
            "policies": (policy(),),
        },
        CANCELED,
    ),
    ("policy_newer_than_order", {"policies": (policy(in_force_from=ago(5).date()),)}, None),
    ("terms_accepted_after_payment", {"orders": (order(terms_accepted_at=ago(10)),)}, None),
    (
        "renewal_notice_after_charge",
        {"orders": (MONTHLY,), "messages": (ours("Your plan will renew next week.", at=ago(20)),)},
        SUBSCRIPTION,
    ),
]

LOOKS_LIKE: list[Row] = [
    (
        "refund_only_the_shop_knows",  # a day later at the gateway, and the same money
        {**SHOP_REFUND, "payment": payment(refunds=(refund(created_at=ago(19)),))},
        None,
    ),
    # On the day of the order, and hours after it.
    ("delivered_before_ordered", {"shipments": (shipment(shipped_at=None, delivered_at=ago(39.9), events=()),)}, None),
    ("tracking_older_than_order", {"shipments": (shipment(shipped_at=ago(40.3)),)}, None),
    # The other order of the same customer has a parcel of its own.
    (
        "tracking_of_other_order",
        {
            "orders": (order(), order(order_ref="LL-2")),
            "shipments": (shipment(), shipment(order_ref="LL-2", tracking_number="T2")),
        },
        None,
    ),
    (
        "delivered_elsewhere",
        {"shipments": (shipment(delivered_to=HOME.model_copy(update={"line1": "12 MAPLE ST", "name": "EMILY"})),)},
        None,
    ),
    ("delivered_after_dispute", {"shipments": (shipment(delivered_at=ago(6.1), events=()),)}, None),
    ("delivered_after_promise", {"orders": (order(promised_by=date(2026, 10, 19)),)}, None),
    # Brought back once, then handed over.
    (
        "returned_to_sender",
        {"shipments": (shipment(events=(RETURNED.model_copy(update={"at": ago(36)}), DELIVERED)),)},
        None,
    ),
    ("return_received", {"shipments": (shipment(), shipment(order_ref="LL-2", is_return=True))}, None),
    # The last scan is the delivery, whatever order the file has.
    (
        "scanned_after_delivery",
        {"shipments": (shipment(events=(DELIVERED, TrackingEvent(at=ago(35), state="failed", text="Not at home"))),)},
        None,
    ),
    ("dispatched_after_delivery", {"shipments": (shipment(shipped_at=ago(34.1)),)}, None),
    ("recorded_in_the_future", {"shipments": (shipment(delivered_at=ago(0.01), events=()),)}, None),
    # On the way past the neighbour's, handed over to the customer at last.
    (
        "left_with_neighbour",
        {"shipments": (shipment(events=(NEXT_DOOR.model_copy(update={"at": ago(36)}), DELIVERED)),)},
        None,
    ),
    (
        "left_with_neighbour",
        {"shipments": (shipment(events=(NEXT_DOOR.model_copy(update={"state": "failed"}),)),)},
        None,
    ),
    ("signature_required_not_recorded", {"shipments": (shipment(signature_required=True, signed_by="E. C."),)}, None),
    ("signature_required_not_recorded", {"shipments": (shipment(signature_required=False, signed_by=None),)}, None),
    ("shipping_differs_from_billing", {"orders": (order(lines=DIGITAL.lines, shipping=ELSEWHERE),)}, None),
    ("email_mismatch", {"payment": payment(customer_email=" EMILY@example.com ")}, None),
    ("name_mismatch", {"payment": payment(billing=HOME.model_copy(update={"name": "CARTER, E."}))}, None),
    ("signed_by_other", {"shipments": (shipment(signed_by="E. CARTER"),)}, None),
    (
        "used_from_other_device",
        {"orders": (DIGITAL,), "usage": (usage(event(device_id="dev-2"), event(device_id="dev-1")),)},
        FRAUD,
    ),
    ("usage_of_other_account", {"orders": (DIGITAL,), "usage": (usage(event(account_id="a")),)}, None),
    ("card_country_differs", {"payment": payment(card_country="us")}, None),
    ("amount_mismatch", {"orders": (order(total=eur(17000)),)}, None),
    # A charge's number and an intent's number cannot be compared.
    ("order_of_other_payment", {"orders": (order(payment_id="pi_9"),)}, None),
    ("order_of_other_payment", {"orders": (MONTHLY,)}, SUBSCRIPTION),
    (
        "cancelled_before_charge",
        {"orders": (MONTHLY,), "usage": (usage(event(at=ago(10), action="cancellation")),)},
        SUBSCRIPTION,
    ),
    ("captured_more_than_authorised", {"payment": payment(captured=usd(18900))}, None),
    ("history_disputed", {"payment": payment(prior_payments=(prior(),))}, None),
    ("paid_before_ordered", {"payment": payment(paid_at=ago(40.5))}, None),
    ("customer_denies_receipt", {"messages": (message(at=ago(36), body="It has not arrived yet."),)}, None),
    ("customer_says_sent_back", {"messages": (message(body="May I send it back?"),)}, None),
    (
        "customer_cancelled_in_writing",
        {"messages": (message(at=ago(39), body="How can I cancel my order if I need to?"),)},
        CANCELED,
    ),
    ("merchant_admits_fault", {"messages": (ours("It was not our mistake, the carrier was late."),)}, None),
    (
        "return_refused_against_policy",  # after the days the policy gives
        {"messages": (ours("We cannot accept the return.", at=ago(1)),), "policies": (policy(),)},
        CANCELED,
    ),
    (
        "return_refused_against_policy",  # refused as a cancellation, offered as a return
        {
            "messages": (ours("We cannot cancel the order or return the money. You can send it back.", at=ago(20)),),
            "policies": (policy(),),
        },
        CANCELED,
    ),
    ("policy_newer_than_order", {"policies": (policy(), policy(in_force_from=ago(5).date()))}, None),
    ("terms_accepted_after_payment", {"orders": (order(terms_accepted_at=ago(39.9)),)}, None),
    (
        "renewal_notice_after_charge",
        {
            "orders": (MONTHLY,),
            "messages": (
                ours("Your plan will renew next week.", at=ago(47)),
                ours("Your plan will renew in a month.", at=ago(20)),
            ),
        },
        SUBSCRIPTION,
    ),
]


def found(the_case: CaseFile, the_claim: Claim | None = None) -> list[str]:
    return [each.id for each in judged(the_claim or claim(), the_case).contradictions]


@pytest.mark.parametrize(("id", "changes", "the_claim"), HAS)
def test_it_is_raised_with_both_passages(id: str, changes: dict[str, Any], the_claim: Claim | None) -> None:
    assessment = judged(the_claim or claim(), case(**changes))
    raised = next(each for each in assessment.contradictions if each.id == id)
    assert all(passage.words for passage in raised.passages)
    assert raised.passages[0].words != raised.passages[1].words
    assert raised.meaning.endswith(".")


@pytest.mark.parametrize(("id", "changes", "the_claim"), LOOKS_LIKE)
def test_what_only_looks_like_it_is_none(id: str, changes: dict[str, Any], the_claim: Claim | None) -> None:
    assert id not in found(case(**changes), the_claim)


@pytest.mark.parametrize(("id", "changes", "the_claim"), HAS)
def test_one_that_blocks_waits_for_a_person(id: str, changes: dict[str, Any], the_claim: Claim | None) -> None:
    assessment = judged(the_claim or claim(), case(**changes))
    raised = next(each for each in assessment.contradictions if each.id == id)
    assert any(f"contradiction: {raised.title}." in why for why in assessment.person_required) is (
        raised.severity == "blocks"
    )


def test_one_that_was_read_holds_the_case_no_longer() -> None:
    late = case(shipments=(shipment(delivered_at=ago(2), events=()),))
    assert judged(claim(), late).person_required
    assert judged(claim(contradictions_read=frozenset({"delivered_after_dispute"})), late).person_required == ()


@pytest.mark.parametrize("rows", [HAS, LOOKS_LIKE], ids=["has it", "looks like it"])
def test_every_check_has_a_case_of_each_kind(rows: list[Row]) -> None:
    assert {each[0] for each in rows} == set(check_ids())


def test_there_are_at_least_twenty_and_no_two_are_alike() -> None:
    assert len(set(check_ids())) == len(CHECKS) >= 20
    assert len({each.title for each in CHECKS}) == len(CHECKS)


def test_the_good_sale_raises_none() -> None:
    assert found(case()) == []


def test_ids_are_append_only() -> None:
    """Merchants have read some of them; the id of what was read is kept on the case."""
    assert {
        "delivered_before_ordered",
        "tracking_older_than_order",
        "tracking_of_other_order",
        "delivered_elsewhere",
        "shipping_differs_from_billing",
        "delivered_after_dispute",
        "delivered_after_promise",
        "email_mismatch",
        "name_mismatch",
        "signed_by_other",
        "amount_mismatch",
        "order_of_other_payment",
        "returned_to_sender",
        "return_received",
        "cancelled_before_charge",
        "customer_denies_receipt",
        "customer_says_sent_back",
        "customer_cancelled_in_writing",
        "scanned_after_delivery",
        "dispatched_after_delivery",
        "recorded_in_the_future",
        "used_from_other_device",
        "usage_of_other_account",
        "card_country_differs",
        "captured_more_than_authorised",
        "history_disputed",
        "paid_before_ordered",
        "merchant_admits_fault",
        "return_refused_against_policy",
        "policy_newer_than_order",
        "terms_accepted_after_payment",
        "renewal_notice_after_charge",
        "left_with_neighbour",
        "signature_required_not_recorded",
    } <= set(check_ids())


def test_turkish_spelling_is_no_mismatch() -> None:
    turkish = HOME.model_copy(update={"name": "MEHMET YILMAZ"})
    assert found(case(orders=(order(customer_name="Mehmet Yılmaz"),), payment=payment(billing=turkish))) == []


def test_a_parcel_of_another_order_proves_nothing() -> None:
    assessment = judged(claim(), case(shipments=(shipment(order_ref="LL-7777"),)))
    assert not assessment.items["delivery_confirmation"].present


def test_a_parcel_delivered_elsewhere_proves_nothing() -> None:
    assert not judged(claim(), case(shipments=(shipment(delivered_to=ELSEWHERE),))).ready


def test_a_parcel_older_than_the_order_proves_nothing() -> None:
    assert not judged(claim(), case(shipments=(shipment(shipped_at=ago(60)),))).items["delivery_confirmation"].present


def test_an_announced_delivery_proves_nothing() -> None:
    announced = case(shipments=(shipment(delivered_at=ago(-1), events=()),), messages=())
    assert not judged(claim(), announced).items["delivery_confirmation"].present


def test_a_parcel_brought_back_after_its_delivery_proves_nothing() -> None:
    back = case(shipments=(shipment(events=(DELIVERED, RETURNED)),), messages=())
    assert not judged(claim(), back).items["delivery_confirmation"].present


def test_the_first_of_two_carriers_never_delivers_to_the_customer() -> None:
    """Whatever brought it: a record that says so for the first half is not believed."""
    first = shipment(leg="first", onward_number="92001", signed_by="HUB 4", delivered_to=ELSEWHERE)
    assessment = judged(claim(), case(shipments=(first,), messages=()))
    for item in ("delivery_confirmation", "delivery_signature", "shipping_address_match"):
        assert not assessment.items[item].present
    assert assessment.items["tracking_events"].present
    assert "delivered_elsewhere" not in found(case(shipments=(first,)))


def test_the_last_of_two_carriers_delivers() -> None:
    ways = (shipment(leg="first", onward_number="92001"), shipment(leg="last", tracking_number="92001"))
    assessment = judged(claim(), case(shipments=ways, messages=()))
    assert assessment.items["delivery_confirmation"].present


def test_a_number_one_record_calls_the_first_half_delivers_in_no_other_record() -> None:
    """The shop knows that another carrier goes on; the first carrier's own system does not."""
    told = shipment(leg="first", onward_number="92001", delivered_at=None, signed_by=None, events=())
    both = case(shipments=(told, shipment(tracking_number=told.tracking_number.lower())), messages=())
    assert not judged(claim(), both).items["delivery_confirmation"].present


def test_a_first_carrier_that_hands_over_and_scans_again_contradicts_nothing() -> None:
    again = TrackingEvent(at=ago(33), state="in_transit", text="Handed to the local post")
    first = shipment(leg="first", onward_number="92001", events=(DELIVERED, again))
    last = shipment(leg="last", tracking_number="92001")
    assert "scanned_after_delivery" not in found(case(shipments=(first, last)))


def test_a_neighbours_signature_is_not_the_customers() -> None:
    next_door = shipment(events=(NEXT_DOOR,), signed_by="K. STONE")
    assessment = judged(claim(), case(shipments=(next_door,), messages=()))
    assert assessment.items["delivery_confirmation"].present
    assert not assessment.items["delivery_signature"].present
    assert not assessment.items["shipping_address_match"].present
    assert "delivered_to_order_address" in silenced(Sale(claim(), case(shipments=(next_door,))))


@pytest.mark.parametrize(
    "words", ["Left with neighbour at 14", "Komşunuza teslim edildi", "An Nachbarn zugestellt", "Remis au voisin"]
)
def test_a_neighbour_is_understood_in_the_carriers_language(words: str) -> None:
    next_door = shipment(events=(NEXT_DOOR.model_copy(update={"text": words}),))
    assert "left_with_neighbour" in found(case(shipments=(next_door,)))


def test_an_order_of_another_payment_counts_once_a_person_says_it_is_the_right_one() -> None:
    other = case(orders=(order(payment_id="ch_9"),))
    assert not judged(claim(), other).ready
    assert judged(claim(contradictions_read=frozenset({"order_of_other_payment"})), other).ready


def test_a_renewal_is_another_payment_of_the_same_order() -> None:
    renewal = order(payment_id="ch_first", total=usd(100), placed_at=ago(400), lines=BOUGHT.lines, shipping=None)
    assert found(case(orders=(renewal,), shipments=(), messages=()), SUBSCRIPTION) == []


def test_nothing_is_raised_by_a_refund_alone() -> None:
    assert found(case(payment=payment(refunds=(refund(created_at=NOW),)))) == []
