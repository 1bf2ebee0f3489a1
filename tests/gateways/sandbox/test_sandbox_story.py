"""The demo's disputes: what the rest of the demo builds on."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
import stripe

from gateways.sandbox.launch import Sandbox


@pytest.fixture
def client(client_for: Callable[..., stripe.StripeClient], story: Sandbox) -> stripe.StripeClient:
    return client_for(story)


@pytest.fixture
def disputes(client: stripe.StripeClient) -> list[dict[str, Any]]:
    page = client.v1.disputes.list({"limit": 100, "expand": ["data.charge"]})
    return [dispute.to_dict() for dispute in page.auto_paging_iter()]


def row(number: str) -> str:
    return f"du_1Lale{number}{'0' * 16}"


def test_it_has_the_variety_a_desk_meets(disputes: list[dict[str, Any]]) -> None:
    assert len(disputes) == 40
    cards = [d["payment_method_details"]["card"] for d in disputes if "payment_method_details" in d]
    assert {card["brand"] for card in cards} == {"visa", "mastercard", "amex", "discover"}
    assert {card["case_type"] for card in cards} == {"chargeback", "inquiry", "compliance", "resolution"}
    assert {d["currency"] for d in disputes} == {"aud", "cad", "eur", "gbp", "jpy", "try", "usd"}
    assert {d["status"] for d in disputes} == {
        "needs_response",
        "warning_needs_response",
        "won",
        "lost",
        "prevented",
    }


def test_deadlines_are_as_told(disputes: list[dict[str, Any]]) -> None:
    by_id = {d["id"]: d["evidence_details"] for d in disputes}
    now = time.time()
    assert by_id[row("01")]["due_by"] % 86_400 == 86_399
    assert 8 < (by_id[row("01")]["due_by"] - now) / 86_400 < 10
    assert by_id[row("14")]["due_by"] - now == pytest.approx(9 * 3600, abs=120)
    assert (by_id[row("15")]["past_due"], by_id[row("15")]["due_by"] < now) == (True, True)
    assert by_id[row("16")]["due_by"] is None
    assert by_id[row("22")]["due_by"] == 0


def test_orders_are_found_by_the_charges_metadata(disputes: list[dict[str, Any]]) -> None:
    orders = [d["charge"]["metadata"]["order_id"] for d in disputes]
    assert len(set(orders)) == len(orders) == 40
    assert next(d for d in disputes if d["id"] == row("01"))["charge"]["metadata"] == {"order_id": "LL-1001"}


def test_the_refunds_were_made_before_the_dispute(client: stripe.StripeClient, disputes: list[dict[str, Any]]) -> None:
    by_id = {d["id"]: d for d in disputes}
    for number, amount in (("07", 7640), ("25", 4000)):
        dispute = by_id[row(number)]
        (refund,) = client.v1.refunds.list({"charge": dispute["charge"]["id"]}).data
        assert refund.amount == amount
        assert refund.created < dispute["created"]


def test_the_duplicate_is_another_charge_of_the_same_card(client: stripe.StripeClient) -> None:
    first, other = (client.v1.charges.retrieve(f"ch_3Lale{n}{'0' * 16}").to_dict() for n in ("09", "26"))
    assert (
        first["payment_method_details"]["card"]["fingerprint"] == other["payment_method_details"]["card"]["fingerprint"]
    )
    assert (first["disputed"], other["disputed"], other["metadata"]) == (True, False, {"order_id": "LL-1010"})


def test_the_warning_has_no_dispute_yet(client: stripe.StripeClient) -> None:
    (warning,) = client.v1.radar.early_fraud_warnings.list().data
    assert (warning.actionable, warning.fraud_type) == (True, "unauthorized_use_of_card")
    assert client.v1.disputes.list({"charge": str(warning.charge)}).data == []


def test_history_went_the_way_of_any_dispute(disputes: list[dict[str, Any]]) -> None:
    won, lost = (next(d for d in disputes if d["id"] == row(n)) for n in ("31", "32"))
    assert (won["status"], len(won["balance_transactions"])) == ("won", 2)
    assert (lost["status"], len(lost["balance_transactions"])) == ("lost", 1)
    assert won["evidence_details"]["submission_count"] == lost["evidence_details"]["submission_count"] == 1


def test_open_disputes_are_prefilled_and_nobody_answered_them(disputes: list[dict[str, Any]]) -> None:
    for dispute in disputes:
        if dispute["status"] in ("needs_response", "warning_needs_response"):
            assert dispute["evidence"]["customer_email_address"].split("@")[1].startswith("example.")
            assert dispute["evidence_details"]["has_evidence"] is False
