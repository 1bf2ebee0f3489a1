"""A gateway that is a person: what was entered is what it says, and nothing is ever sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from disputes.acts import GatewayAct
from disputes.entered import Entered, snapshot
from disputes.lifecycle import GatewayStatus
from disputes.money import Money
from disputes.ports import Approved, GatewayError, GatewayFailure, Stopped, WebhookRefused
from gateways.manual.adapter import ManualGateway
from tests.builders import NOW


def entered(**changes: Any) -> Entered:
    base: dict[str, Any] = {
        "case_number": "IYZ-1",
        "category": "not_received",
        "amount": Money(124990, "TRY"),
        "opened_at": NOW - timedelta(days=3),
        "due_at": NOW + timedelta(days=5),
        "paid_at": NOW - timedelta(days=40),
    }
    return Entered(**base | changes)


def gateway(*cases: Entered) -> ManualGateway:
    stored = {case.case_number: case.model_dump(mode="json") for case in cases}
    return ManualGateway("iyzico", stored.get)


def test_it_says_what_was_entered() -> None:
    found = gateway(entered(order_ref="LL-1")).dispute("IYZ-1")
    assert (found.status, found.amount, found.order_ref) == (GatewayStatus.NEEDS_RESPONSE, Money(124990, "TRY"), "LL-1")
    assert found.capabilities.submit


def test_each_asking_is_a_round_of_its_own() -> None:
    assert snapshot(entered(), live=True).round_facts != snapshot(entered(asks=2), live=True).round_facts


def test_an_ended_case_has_no_deadline_and_takes_no_answer() -> None:
    found = gateway(entered(state=GatewayStatus.LOST, outcome_reason="no signature")).dispute("IYZ-1")
    assert (found.due_at, found.capabilities.submit, found.outcome_reason) == (None, False, "no signature")


def test_the_payment_has_no_fact_that_nobody_entered() -> None:
    payment, raw = gateway(entered(card_last4="4242")).payment(gateway(entered()).dispute("IYZ-1"))
    assert payment.card_last4 == "4242"
    assert (payment.authorization_code, payment.avs_line1, payment.three_d_secure) == (None, None, None)
    assert b"authorization_code" not in raw


def test_a_case_that_nobody_entered_is_not_found() -> None:
    with pytest.raises(GatewayError, match="IYZ-2") as caught:
        gateway(entered()).dispute("IYZ-2")
    assert caught.value.failure is GatewayFailure.NOT_FOUND


def test_nothing_is_ever_sent() -> None:
    approved = Approved("IYZ-1", GatewayAct.SUBMIT, None, lambda _: b"")
    with pytest.raises(Stopped, match="handed over"):
        next(gateway(entered()).plan(approved))


def test_it_believes_no_webhook() -> None:
    with pytest.raises(WebhookRefused):
        gateway().verify_webhook(b"{}", {}, secret="x", url="https://desk.example")


@pytest.mark.parametrize(
    "change",
    [{"amount": Money(0, "TRY")}, {"category": "because"}, {"state": GatewayStatus.PREVENTED}, {"card_last4": "42x2"}],
)
def test_what_cannot_be_is_not_entered(change: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="validation error"):
        entered(**change)
