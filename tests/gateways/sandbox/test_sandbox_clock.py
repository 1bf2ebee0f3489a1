"""Everything here advances the clock of a sandbox of its own; each test makes its disputes after earlier advances."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from gateways.sandbox.control import ControlRefused, SandboxControl
from gateways.sandbox.launch import Sandbox


@pytest.fixture
def control(moving: Sandbox) -> SandboxControl:
    return moving.controls


@pytest.fixture
def client(client_for: Callable[..., stripe.StripeClient], moving: Sandbox) -> stripe.StripeClient:
    return client_for(moving)


@pytest.fixture
def enrolled(control: SandboxControl) -> Any:
    control.settings(smart_disputes=True)
    yield
    control.settings(smart_disputes=False)


def test_stripe_fills_in_what_it_knows_after_some_seconds(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute(customer={"name": "Ada Byron"})["id"]
    assert client.v1.disputes.retrieve(id).evidence.customer_name is None
    control.advance(5)
    filled = client.v1.disputes.retrieve(id)
    assert filled.evidence.customer_name == "Ada Byron"
    assert filled.evidence.customer_purchase_ip == "198.51.100.9"
    assert filled.evidence_details.has_evidence is False


def test_prefill_overwrites_nothing(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    client.v1.disputes.update(id, {"evidence": {"customer_name": "Ours"}, "submit": False})
    control.advance(5)
    assert client.v1.disputes.retrieve(id).evidence.customer_name == "Ours"


def test_a_live_account_finds_a_receipt_there_too(client: stripe.StripeClient, control: SandboxControl) -> None:
    control.settings(prefill_receipt=True)
    id = control.dispute()["id"]
    control.advance(5)
    control.settings(prefill_receipt=False)
    found = client.v1.disputes.retrieve(id, {"expand": ["evidence.receipt"]}).evidence.receipt
    assert isinstance(found, stripe.File)
    assert found.type == "pdf"


def test_past_its_due_date_a_dispute_waits_for_ever(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute(due={"hours": 9})["id"]
    control.advance(hours=10)
    late = client.v1.disputes.retrieve(id)
    assert (late.status, late.evidence_details.past_due) == ("needs_response", True)
    with pytest.raises(stripe.InvalidRequestError, match="deadline"):
        client.v1.disputes.update(id, {"submit": True})


def test_a_deadline_that_moved_is_not_missed_at_the_old_date(
    client: stripe.StripeClient, control: SandboxControl
) -> None:
    id = control.dispute(due={"hours": 9})["id"]
    moved = control.due_by(id, {"days": 20})["evidence_details"]["due_by"]
    assert moved % 86_400 == 86_399
    control.advance(hours=10)
    details = client.v1.disputes.retrieve(id).evidence_details
    assert (details.due_by, details.past_due) == (moved, False)


def test_the_bank_decides_after_two_months_as_the_scenario_says(
    client: stripe.StripeClient, control: SandboxControl
) -> None:
    won, lost = (control.dispute(outcome=outcome)["id"] for outcome in ("won", "lost"))
    for id in (won, lost):
        client.v1.disputes.update(id, {"submit": True})
    control.advance(days=59)
    assert client.v1.disputes.retrieve(won).status == "under_review"
    control.advance(days=2)
    assert client.v1.disputes.retrieve(won).status == "won"
    assert client.v1.disputes.retrieve(lost).status == "lost"


@pytest.mark.parametrize(
    ("kind", "text", "status"),
    [
        ("chargeback", "winning_evidence", "won"),
        ("chargeback", "losing_evidence", "lost"),
        ("inquiry", "winning_evidence", "warning_closed"),
        ("inquiry", "escalate_inquiry_evidence", "needs_response"),
    ],
)
def test_stripes_test_texts_decide_soon(
    client: stripe.StripeClient, control: SandboxControl, kind: str, text: str, status: str
) -> None:
    id = control.dispute(kind=kind)["id"]
    client.v1.disputes.update(id, {"evidence": {"uncategorized_text": text}, "submit": True})
    control.advance(10)
    assert client.v1.disputes.retrieve(id).status == status


class TestInquiries:
    def test_answered_it_escalates_into_a_second_round(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        dispute = control.dispute(kind="inquiry", escalates=True)
        id = dispute["id"]
        assert dispute["balance_transactions"] == []
        assert dispute["is_charge_refundable"] is True
        first = client.v1.disputes.update(id, {"submit": True})
        assert first.status == "warning_under_review"
        control.advance(days=2, hours=1)
        second = client.v1.disputes.retrieve(id)
        assert (second.status, second.id) == ("needs_response", id)
        assert second.to_dict()["payment_method_details"]["card"]["case_type"] == "chargeback"
        assert (second.evidence_details.due_by or 0) > (first.evidence_details.due_by or 0)
        assert len(second.balance_transactions) == 1
        answered = client.v1.disputes.update(id, {"submit": True})
        assert (answered.status, answered.evidence_details.submission_count) == ("under_review", 2)

    def test_left_alone_it_closes_after_120_days(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        id = control.dispute(kind="inquiry")["id"]
        control.advance(days=121)
        assert client.v1.disputes.retrieve(id).status == "warning_closed"

    def test_a_full_refund_settles_it(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        dispute = control.dispute(kind="inquiry")
        control.refund(dispute["charge"])
        assert client.v1.disputes.retrieve(dispute["id"]).status == "warning_closed"

    def test_a_refund_moments_before_the_escalation_fails_and_an_older_one_stands(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        dispute = control.dispute(kind="inquiry")
        older = control.refund(dispute["charge"], 100)["id"]
        control.advance(300)
        recent = control.refund(dispute["charge"], 100)["id"]
        control.escalate(dispute["id"])
        assert client.v1.refunds.retrieve(older).status == "succeeded"
        failed = client.v1.refunds.retrieve(recent)
        assert (failed.status, failed.failure_reason) == ("failed", "charge_for_pending_refund_disputed")


@pytest.mark.usefixtures("enrolled")
class TestSmartDisputes:
    def test_staged_evidence_is_filed_before_the_deadline_without_us(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute(due={"days": 2})["id"]
        staged = client.v1.disputes.update(id, {"evidence": {"product_description": "Draft"}, "submit": False})
        assert staged.intended_submission_method == "prefer_manual"
        control.advance(days=3)
        filed = client.v1.disputes.retrieve(id)
        assert (filed.status, filed.evidence_details.submission_method) == ("under_review", "smart_disputes")
        assert control.effects(id) == {"staged": 1, "submitted": 0, "closed": 0, "elsewhere": {"submitted": 1}}

    def test_manual_keeps_stripes_hands_off(self, client: stripe.StripeClient, control: SandboxControl) -> None:
        id = control.dispute(due={"days": 2})["id"]
        client.v1.disputes.update(
            id, {"evidence": {"product_description": "D"}, "intended_submission_method": "manual", "submit": False}
        )
        control.advance(days=3)
        assert client.v1.disputes.retrieve(id).status == "needs_response"

    def test_what_the_bank_would_not_take_does_not_stop_the_clock(
        self, client: stripe.StripeClient, control: SandboxControl
    ) -> None:
        id = control.dispute(kind="compliance", due={"days": 2})["id"]
        client.v1.disputes.update(id, {"intended_submission_method": "smart_disputes", "submit": False})
        control.advance(days=3)
        assert client.v1.disputes.retrieve(id).status == "needs_response"


def test_the_clock_moves_forward_only(control: SandboxControl) -> None:
    with pytest.raises(ControlRefused, match="only moves forward"):
        control.advance(-5)


def test_events_are_kept_for_thirty_days(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    (created, *_) = client.v1.events.list({"type": "charge.dispute.created"}).data
    assert created.data.object["id"] == id
    control.advance(days=31)
    assert client.v1.events.list({"type": "charge.dispute.created"}).data == []
    with pytest.raises(stripe.InvalidRequestError, match="No such event"):
        client.v1.events.retrieve(created.id)
