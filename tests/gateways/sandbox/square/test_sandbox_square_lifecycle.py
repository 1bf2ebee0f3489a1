from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from gateways.sandbox.control import ControlRefused
from gateways.sandbox.square.control import SquareControl

Refusal = Callable[..., dict[str, Any]]


class TestSubmitting:
    def test_evidence_goes_to_the_bank(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        desk.file(id)
        after = desk.submit(id)
        assert (after.id, after.state) == (id, "PROCESSING")
        assert control.effects(id)["submitted"] == 1

    def test_without_evidence_there_is_nothing_to_submit(
        self, control: SquareControl, desk: Any, refusal: Refusal
    ) -> None:
        id = control.dispute()["id"]
        assert "no evidence to submit" in refusal(desk.submit, id)["detail"]
        gone = desk.text(id)
        desk.delete(id, gone.id)
        assert refusal(desk.submit, id)["status"] == 400
        assert control.effects(id)["submitted"] == 0

    def test_there_is_one_submission(self, control: SquareControl, desk: Any, refusal: Refusal) -> None:
        id = control.dispute()["id"]
        kept = desk.text(id)
        desk.submit(id)
        assert refusal(desk.submit, id) == {
            "status": 400, "category": "INVALID_REQUEST_ERROR", "code": "BAD_REQUEST",
            "detail": "A dispute that is PROCESSING takes no evidence.", "field": "dispute_id",
        }  # fmt: skip
        refusal(desk.file, id)
        refusal(desk.delete, id, kept.id)
        refusal(desk.accept, id)
        assert control.effects(id) == {
            "evidence_file": 0, "evidence_text": 1, "evidence_deleted": 0, "submitted": 1, "accepted": 0,
            "elsewhere": {},
        }  # fmt: skip

    def test_past_due_it_is_refused_unless_the_account_allows(
        self, control: SquareControl, desk: Any, refusal: Refusal
    ) -> None:
        id = control.dispute(opened_days=15, due={"days": -1})["id"]
        for act in (desk.text, desk.submit, desk.accept):
            assert "due date of this dispute has passed" in refusal(act, id)["detail"]
        control.settings(past_due="allow")
        desk.text(id)
        assert desk.submit(id).state == "PROCESSING"

    def test_the_due_instant_itself_is_too_late(self, control: SquareControl, desk: Any, refusal: Refusal) -> None:
        id = control.dispute(due={"unix": control.now()})["id"]
        assert refusal(desk.text, id)["status"] == 400

    def test_a_dispute_without_due_date_is_open(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute(due=None)["id"]
        assert desk.get(id).due_at is None
        desk.text(id)
        assert desk.submit(id).state == "PROCESSING"

    def test_emv_cannot_be_challenged_but_accepted(self, control: SquareControl, desk: Any, refusal: Refusal) -> None:
        id = control.dispute(reason="EMV_LIABILITY_SHIFT", entry_method="SWIPED")["id"]
        for act in (desk.text, desk.file, desk.submit):
            assert "cannot be challenged" in refusal(act, id)["detail"]
        assert desk.accept(id).state == "ACCEPTED"


class TestAccepting:
    @pytest.mark.parametrize("kind", ["dispute", "inquiry"])
    def test_it_is_over_at_once(self, control: SquareControl, desk: Any, refusal: Refusal, kind: str) -> None:
        id = control.dispute(kind=kind)["id"]
        assert desk.accept(id).state == "ACCEPTED"
        assert refusal(desk.accept, id)["detail"] == "A dispute that is ACCEPTED cannot be accepted."
        refusal(desk.text, id)
        assert control.effects(id)["accepted"] == 1

    def test_what_lies_staged_does_not_stand_in_the_way(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        desk.text(id)
        assert desk.accept(id).state == "ACCEPTED"


class TestInquiries:
    def test_answered_it_waits_for_the_bank_and_closes(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute(kind="inquiry")["id"]
        desk.text(id)
        assert desk.submit(id).state == "INQUIRY_PROCESSING"
        assert control.outcome(id, "INQUIRY_CLOSED")["state"] == "INQUIRY_CLOSED"

    @pytest.mark.parametrize("answered", [True, False])
    def test_it_becomes_a_dispute_in_a_round_of_its_own(
        self, control: SquareControl, desk: Any, refusal: Refusal, answered: bool
    ) -> None:
        before = control.dispute(kind="inquiry", opened_days=3)
        id = before["id"]
        old = desk.text(id)
        if answered:
            desk.submit(id)
        after = control.escalate(id)
        assert (after["id"], after["state"]) == (id, "EVIDENCE_REQUIRED")
        assert after["due_at"] > before["due_at"]
        assert [each.id for each in desk.evidence(id)] == [old.id]
        refusal(desk.delete, id, old.id)
        assert "no evidence to submit" in refusal(desk.submit, id)["detail"]
        desk.file(id)
        assert desk.submit(id).state == "PROCESSING"
        assert [each["round"] for each in control.evidence(id)] == [1, 2]


class TestSecondRounds:
    @pytest.mark.parametrize("state", ["PROCESSING", "WON"])
    def test_the_bank_may_ask_again(self, control: SquareControl, desk: Any, refusal: Refusal, state: str) -> None:
        id = control.dispute(opened_days=12)["id"]
        old = desk.text(id)
        first = desk.submit(id)
        if state == "WON":
            control.outcome(id, "WON")
        again = control.reopen(id)
        assert again["state"] == "EVIDENCE_REQUIRED"
        assert again["due_at"] > (first.due_at or "")
        refusal(desk.delete, id, old.id)
        desk.text(id)
        assert desk.submit(id).state == "PROCESSING"
        assert control.effects(id)["submitted"] == 2

    def test_the_dashboard_stays_locked(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        desk.text(id)
        desk.submit(id)
        control.reopen(id)
        with pytest.raises(ControlRefused, match="no longer act"):
            control.dashboard_upload(id)


class TestOutcomes:
    def test_a_lost_case_can_be_won_later(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        control.outcome(id, "LOST")
        assert control.outcome(id, "WON")["state"] == "WON"

    @pytest.mark.parametrize(
        ("kind", "outcome"), [("dispute", "INQUIRY_CLOSED"), ("inquiry", "WON"), ("dispute", "DRAW")]
    )
    def test_steps_that_do_not_exist_are_named(self, control: SquareControl, kind: str, outcome: str) -> None:
        id = control.dispute(kind=kind)["id"]
        with pytest.raises(ControlRefused, match=f"cannot become {outcome}"):
            control.outcome(id, outcome)

    def test_neither_do_these(self, control: SquareControl) -> None:
        id = control.dispute()["id"]
        with pytest.raises(ControlRefused, match="does not escalate"):
            control.escalate(id)
        with pytest.raises(ControlRefused, match="gets no second round"):
            control.reopen(id)
