"""Each named check: what raises it, what does not, and whether it holds the case."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from disputes.facts import CaseFile, TrackingEvent
from evidence.claim import Claim
from evidence.contradictions import check_ids
from tests.evidence.builders import (
    ELSEWHERE,
    HOME,
    ago,
    case,
    claim,
    event,
    judged,
    line,
    message,
    order,
    payment,
    shipment,
    usage,
    usd,
)

RETURNED = TrackingEvent(at=ago(30), state="returned", text="Returned to sender")
SUBSCRIPTION = claim(reason_code="13.2", raw_reason="subscription_canceled")
BOUGHT = order(lines=(line(product_type="subscription"),), shipping=None)
CANCELED = claim(reason_code="13.7", raw_reason="credit_not_processed")


def found(the_case: CaseFile, the_claim: Claim | None = None) -> list[str]:
    return [each.id for each in judged(the_claim or claim(), the_case).contradictions]


RAISED: list[tuple[str, dict[str, Any], Claim | None]] = [
    ("delivered_before_ordered", {"shipments": (shipment(shipped_at=None, delivered_at=ago(40.2), events=()),)}, None),
    ("tracking_older_than_order", {"shipments": (shipment(shipped_at=ago(60)),)}, None),
    ("tracking_of_other_order", {"shipments": (shipment(), shipment(order_ref="LL-7777", tracking_number="X"))}, None),
    (
        "tracking_of_other_order",
        {"orders": (order(), order(order_ref="LL-2")), "shipments": (shipment(), shipment(order_ref="LL-2"))},
        None,
    ),
    ("delivered_elsewhere", {"shipments": (shipment(delivered_to=ELSEWHERE),)}, None),
    ("shipping_differs_from_billing", {"payment": payment(billing=ELSEWHERE)}, None),
    ("delivered_after_dispute", {"shipments": (shipment(delivered_at=ago(2), events=()),)}, None),
    ("delivered_after_promise", {"orders": (order(promised_by=date(2026, 10, 14)),)}, None),
    ("email_mismatch", {"payment": payment(customer_email="other@example.com")}, None),
    ("name_mismatch", {"payment": payment(billing=HOME.model_copy(update={"name": "Robert Stone"}))}, None),
    ("signed_by_other", {"shipments": (shipment(signed_by="K. STONE"),)}, None),
    ("amount_mismatch", {"orders": (order(total=usd(17900)),)}, None),
    ("order_of_other_payment", {"orders": (order(payment_id="ch_9"),)}, None),
    ("returned_to_sender", {"shipments": (shipment(delivered_at=None, events=(RETURNED,)),)}, None),
    (
        "return_received",
        {"shipments": (shipment(), shipment(is_return=True, tracking_number="R1", shipped_at=ago(30), events=()))},
        None,
    ),
    (
        "cancelled_before_charge",
        {"orders": (BOUGHT,), "usage": (usage(event(at=ago(50), action="cancellation")),)},
        SUBSCRIPTION,
    ),
    ("customer_denies_receipt", {"messages": (message(body="Hello, my parcel has not arrived."),)}, None),
    ("customer_says_sent_back", {"messages": (message(body="I sent it back on Monday."),)}, None),
    ("customer_cancelled_in_writing", {"messages": (message(at=ago(39), body="Please cancel my order."),)}, CANCELED),
]


@pytest.mark.parametrize(("id", "changes", "the_claim"), RAISED)
def test_it_is_raised_with_both_passages(id: str, changes: dict[str, Any], the_claim: Claim | None) -> None:
    assessment = judged(the_claim or claim(), case(**changes))
    raised = next(each for each in assessment.contradictions if each.id == id)
    assert all(passage.words for passage in raised.passages)
    assert raised.meaning.endswith(".")


@pytest.mark.parametrize(("id", "changes", "the_claim"), RAISED)
def test_one_that_blocks_waits_for_a_person(id: str, changes: dict[str, Any], the_claim: Claim | None) -> None:
    assessment = judged(the_claim or claim(), case(**changes))
    raised = next(each for each in assessment.contradictions if each.id == id)
    assert any(raised.title in why for why in assessment.person_required) is (raised.severity == "blocks")


def test_one_that_was_read_holds_the_case_no_longer() -> None:
    late = case(shipments=(shipment(delivered_at=ago(2), events=()),))
    assert judged(claim(), late).person_required
    assert judged(claim(contradictions_read=frozenset({"delivered_after_dispute"})), late).person_required == ()


def test_every_check_has_a_case_here() -> None:
    assert {each[0] for each in RAISED} == set(check_ids())


def test_the_good_sale_raises_none() -> None:
    assert found(case()) == []


def test_ids_are_append_only() -> None:
    assert check_ids()[:18] == (
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
    )


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


def test_a_renewal_is_another_payment_of_the_same_order() -> None:
    renewal = order(payment_id="ch_first", total=usd(100), placed_at=ago(400), lines=BOUGHT.lines, shipping=None)
    assert found(case(orders=(renewal,), shipments=(), messages=()), SUBSCRIPTION) == []
