"""The demo's disputes: what the rest of the demo builds on."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from square import Square

from gateways.sandbox.launch import Sandbox

DAY = 86_400


@pytest.fixture
def client(client_for: Callable[..., Square], story: Sandbox) -> Square:
    return client_for(story)


@pytest.fixture
def disputes(client: Square) -> dict[str, Any]:
    """By the number of their row."""
    return {(dispute.id or "")[6:8]: dispute for dispute in client.disputes.list()}


@pytest.fixture
def payment_of(client: Square) -> Callable[[Any], Any]:
    return lambda dispute: client.payments.get(dispute.disputed_payment.payment_id).payment


def at(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_it_has_the_variety_a_desk_meets(disputes: dict[str, Any]) -> None:
    found = disputes.values()
    assert len(found) == 22
    assert len({dispute.reason for dispute in found}) == 9
    assert {dispute.state for dispute in found} == {
        "INQUIRY_EVIDENCE_REQUIRED", "EVIDENCE_REQUIRED", "INQUIRY_CLOSED", "WON", "LOST", "ACCEPTED",
    }  # fmt: skip
    assert {dispute.amount_money.currency for dispute in found} == {"USD", "CAD", "AUD", "JPY"}
    assert {dispute.card_brand for dispute in found} == {
        "VISA", "MASTERCARD", "AMERICAN_EXPRESS", "DISCOVER", "JCB", "INTERAC", "EFTPOS",
    }  # fmt: skip


def test_deadlines_are_midnights_as_told(disputes: dict[str, Any]) -> None:
    now = time.time()
    assert all(dispute.due_at.endswith("T00:00:00.000Z") for dispute in disputes.values())
    assert 8 < (at(disputes["01"].due_at) - now) / DAY < 9.01
    assert 6.9 < (at(disputes["13"].due_at) - now) / 3600 < 31.1
    late = disputes["14"]
    assert (at(late.due_at) < now, late.state) == (True, "EVIDENCE_REQUIRED")
    assert at(disputes["01"].due_at) - at(disputes["01"].reported_at) == 14 * DAY


def test_orders_are_found_from_the_payment(
    client: Square, disputes: dict[str, Any], payment_of: Callable[[Any], Any]
) -> None:
    for number, dispute in disputes.items():
        payment = payment_of(dispute)
        order = client.orders.get(payment.order_id).order
        assert order is not None
        assert order.metadata == {"order_id": order.reference_id}
        assert payment.reference_id == (None if number in ("03", "13") else order.reference_id)
    references = {client.orders.get(payment_of(disputes[n]).order_id).order.reference_id for n in ("01", "13")}
    assert references == {"LL-3001", "LL-3013"}


def test_the_refunds_were_made_before_the_dispute(
    client: Square, disputes: dict[str, Any], payment_of: Callable[[Any], Any]
) -> None:
    for number, amount in (("08", 7400), ("10", 1200)):
        (id,) = payment_of(disputes[number]).refund_ids
        refund = client.refunds.get(id).refund
        assert refund is not None
        assert refund.amount_money.amount == amount
        assert (refund.created_at or "") < disputes[number].created_at
    assert disputes["10"].amount_money.amount == 10_000


def test_the_duplicates_are_other_payments_of_the_same_card(
    client: Square, disputes: dict[str, Any], payment_of: Callable[[Any], Any]
) -> None:
    for disputed, other, same_order in (("05", "06", False), ("19", "20", True)):
        first, second = payment_of(disputes[disputed]), client.payments.get(f"LaleSq{other}Pay{'0' * 16}ZY").payment
        assert second is not None
        assert second.card_details is not None
        assert second.card_details.card is not None
        assert first.card_details.card.fingerprint == second.card_details.card.fingerprint
        assert (first.reference_id == second.reference_id) is same_order
        assert first.total_money == second.total_money
    assert "06" not in disputes


def test_earlier_orders_of_the_same_card_are_there(
    client: Square, disputes: dict[str, Any], payment_of: Callable[[Any], Any]
) -> None:
    card = payment_of(disputes["02"]).card_details.card
    found = [each.reference_id for each in client.payments.list(last4=card.last4, card_brand=card.card_brand)]
    assert found == ["LL-3002", "LL-2890", "LL-2840"]


def test_the_swiped_card_was_not_online(disputes: dict[str, Any], payment_of: Callable[[Any], Any]) -> None:
    payment = payment_of(disputes["11"])
    assert disputes["11"].reason == "EMV_LIABILITY_SHIFT"
    assert (payment.card_details.entry_method, payment.shipping_address) == ("SWIPED", None)
    assert payment.application_details.square_product == "SQUARE_POS"


def test_the_risky_one_shows_its_risks(disputes: dict[str, Any], payment_of: Callable[[Any], Any]) -> None:
    payment = payment_of(disputes["16"])
    assert (payment.card_details.avs_status, payment.risk_evaluation.risk_level) == ("AVS_REJECTED", "HIGH")
    assert payment.customer_id is None
    assert payment.shipping_address.locality != payment.billing_address.locality


def test_history_went_the_way_of_any_dispute(client: Square, disputes: dict[str, Any]) -> None:
    assert [disputes[number].state for number in ("21", "22", "23", "24")] == [
        "WON", "ACCEPTED", "LOST", "INQUIRY_CLOSED",
    ]  # fmt: skip
    assert [len(list(client.disputes.evidence.list(disputes[number].id))) for number in ("21", "22")] == [1, 0]
    assert {disputes[number].version for number in ("21", "23", "24")} == {4}


def test_nobody_has_answered_the_open_ones(client: Square, disputes: dict[str, Any]) -> None:
    open_ones = [dispute for dispute in disputes.values() if dispute.state.endswith("EVIDENCE_REQUIRED")]
    assert len(open_ones) == 18
    assert all(list(client.disputes.evidence.list(dispute.id)) == [] for dispute in open_ones)
    emails = [client.payments.get(d.disputed_payment.payment_id).payment.buyer_email_address for d in open_ones]
    assert all((email or "").partition("@")[2].startswith("example.") for email in emails)
