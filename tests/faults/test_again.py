"""Refused, cancelled, escalated, changed: each answer is filed once, and only the one that was approved."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlmodel import Session

from disputes import store, submission
from disputes.models import Dispute, Merchant, Round
from tests.faults.desk import Desk, Worker, wait_for

DISPUTE = "/v1/disputes/[^/]+$"

pytestmark = pytest.mark.slow


@pytest.fixture
def worker(desk: Desk) -> Iterator[Worker]:
    running = desk.worker()
    wait_for(running.ready, "the worker", said=running.said)
    yield running
    running.kill()


def test_a_refused_answer_is_mended_and_filed_once_under_a_new_attempt(desk: Desk, worker: Worker) -> None:
    case = desk.case()
    desk.sandbox.controls.fault("status", status=400, method="POST", path=DISPUTE, skip=1)
    first = desk.wait_ended(desk.approve(case), worker=worker)
    assert first.state == "rejected"
    assert "told to refuse" in first.result
    assert desk.dispute(case).work_state == "awaiting_approval"
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 0

    mended = desk.prepare(case.external_id)
    assert mended.response_sha256 != case.response_sha256
    second = desk.wait_ended(desk.approve(mended), worker=worker)
    assert (second.state, second.ordinal) == ("filed", 2)
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1
    keys = {step.write_key for attempt in (first, second) for step in desk.journal(attempt.id)}
    assert len(keys) == sum(len(desk.journal(attempt.id)) for attempt in (first, second)), "every attempt has own keys"


def test_a_cancelled_hold_leaves_the_case_free_to_be_filed_again(desk: Desk, worker: Worker) -> None:
    case = desk.case()

    def hold(session: Session) -> None:
        now = desk.runtime.clock.now()
        dispute, current = session.get_one(Dispute, case.dispute_id), session.get_one(Round, case.round_id)
        attempt = submission.open_attempt(
            session,
            dispute,
            current,
            act="submit",
            response_sha256=case.response_sha256,
            approved_by="rule",
            rule_version=1,
            act_at=now.replace(year=now.year + 1),
            now=now,
        )
        submission.cancel(session, attempt, by="per_1", why="Not yet.", now=now)

    desk.change(hold)
    assert desk.dispute(case).work_state == "awaiting_approval"
    attempt = desk.wait_ended(desk.approve(case), worker=worker)
    assert (attempt.state, attempt.ordinal) == ("filed", 2)
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1


def test_an_inquiry_that_escalates_is_answered_once_in_each_round(desk: Desk, worker: Worker) -> None:
    inquiry = desk.case(kind="inquiry")
    assert desk.wait_ended(desk.approve(inquiry), worker=worker).state == "filed"
    assert desk.dispute(inquiry).raw_status == "warning_under_review"

    desk.sandbox.controls.escalate(inquiry.external_id)
    chargeback = desk.prepare(inquiry.external_id)
    assert chargeback.round_id != inquiry.round_id
    assert desk.dispute(inquiry).answered_elsewhere is None
    second = desk.wait_ended(desk.approve(chargeback), worker=worker)
    assert second.state == "filed", second.result
    assert desk.sandbox.controls.effects(inquiry.external_id)["submitted"] == 2
    assert [(row.ordinal, row.kind, row.answered_at is not None) for row in desk.rounds(inquiry)] == [
        (1, "inquiry", True),
        (2, "chargeback", True),
    ]


def test_a_chargeback_can_be_answered_although_somebody_else_answered_its_inquiry(desk: Desk, worker: Worker) -> None:
    inquiry = desk.case(kind="inquiry")
    desk.sandbox.controls.submit_foreign(inquiry.external_id)
    desk.sandbox.controls.escalate(inquiry.external_id)
    chargeback = desk.prepare(inquiry.external_id)
    again = desk.prepare(inquiry.external_id)
    assert again.round_id == chargeback.round_id
    assert desk.dispute(inquiry).answered_elsewhere is None
    assert desk.wait_ended(desk.approve(again), worker=worker).state == "filed"
    assert desk.sandbox.controls.effects(inquiry.external_id)["submitted"] == 1


def test_a_refund_after_the_preparation_stops_the_filing_and_asks_for_a_new_answer(desk: Desk, worker: Worker) -> None:
    case = desk.case(kind="inquiry")
    charge = desk.dispute(case).payment_id
    assert charge is not None
    desk.sandbox.controls.refund(charge, 500)
    attempt = desk.wait_ended(desk.approve(case), worker=worker)
    assert attempt.state == "rejected"
    assert "refunds of this payment" in attempt.result
    assert desk.sandbox.controls.effects(case.external_id) == {
        "staged": 0,
        "submitted": 0,
        "closed": 0,
        "elsewhere": desk.sandbox.controls.effects(case.external_id)["elsewhere"],
    }
    wait_for(lambda: desk.rounds(case)[-1].response_sha256 != case.response_sha256, "the new preparation", seconds=30)


@pytest.mark.parametrize("how", ["staged", "submitted"])
def test_what_somebody_else_wrote_meanwhile_is_neither_sent_over_nor_overwritten(
    desk: Desk, worker: Worker, how: str
) -> None:
    case = desk.case()
    if how == "staged":
        desk.sandbox.controls.stage_foreign(case.external_id, uncategorized_text="A colleague's words.")
    else:
        desk.sandbox.controls.submit_foreign(case.external_id, uncategorized_text="A colleague's words.")
    attempt = desk.wait_ended(desk.approve(case), worker=worker)
    assert attempt.state == "rejected"
    assert "at the gateway itself" in attempt.result
    effects = desk.sandbox.controls.effects(case.external_id)
    assert (effects["staged"], effects["submitted"]) == (0, 0)
    assert desk.uploads(case) == 0
    now = desk.gateway.read_back(case.external_id)
    assert now.fields["uncategorized_text"] == "A colleague's words."
    shown = store.shown(desk.dispute(case), desk.runtime.clock.now())
    assert shown == "answered_elsewhere"
    assert not store.window_of(desk.dispute(case), desk.runtime.clock.now(), 6).person


def test_the_kill_switch_stops_an_answer_that_was_approved_before(desk: Desk, worker: Worker) -> None:
    case = desk.case()

    def paused(to: bool) -> None:
        def change(session: Session) -> None:
            session.get_one(Merchant, desk.merchant_id).filing_paused = to

        desk.change(change)

    attempt_id = desk.approve(case)
    paused(True)
    try:
        attempt = desk.wait_ended(attempt_id, worker=worker)
    finally:
        paused(False)
    assert attempt.state in ("cancelled", "rejected")
    assert "paused" in attempt.result
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 0
    assert desk.wait_ended(desk.approve(case), worker=worker).state == "filed"
    assert desk.sandbox.controls.effects(case.external_id)["submitted"] == 1
