"""Rounds, deadlines and verdicts: what the clock, the buyer, the bank and PayPal do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from gateways.sandbox.control import ControlRefused
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import DISPUTES, TRACKED, App, controls_of, issues


@pytest.fixture
def at(moving: Sandbox, app_for: Callable[..., App]) -> tuple[PayPalControl, App]:
    """With a token that outlasts the days that pass."""
    moving.controls.settings(token_seconds=10**9)
    return controls_of(moving), app_for(moving)


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def sources(dispute: Any) -> list[str]:
    return [one["source"].rpartition("_")[2] + ":" + one["source"].partition("_")[0] for one in dispute["evidences"]]


def outcome(dispute: Any) -> tuple[str, str]:
    return dispute["status"], dispute["dispute_outcome"]["outcome_code"]


class TestInquiries:
    def test_the_due_date_is_the_creation_and_twenty_days_to_the_second(self, control: PayPalControl) -> None:
        inquiry = control.dispute(stage="INQUIRY")
        due, created = moment(inquiry["seller_response_due_date"]), moment(inquiry["create_time"])
        assert due - created == timedelta(days=20)

    def test_silence_closes_it_and_nobody_pays(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        id = control.dispute(stage="INQUIRY")["dispute_id"]
        control.advance(days=20, seconds=-60)
        assert app.dispute(id)["status"] == "WAITING_FOR_SELLER_RESPONSE"
        control.advance(60)
        closed = app.dispute(id)
        assert outcome(closed) == ("RESOLVED", "NONE")
        assert "money_movements" not in closed

    def test_an_answer_goes_to_the_buyer_whose_silence_closes_it_too(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        inquiry = control.dispute(stage="INQUIRY")
        id = inquiry["dispute_id"]
        assert app.evidence(id, TRACKED).status_code == 200
        waiting = app.dispute(id)
        assert waiting["status"] == "WAITING_FOR_BUYER_RESPONSE"
        assert waiting["buyer_response_due_date"] == inquiry["seller_response_due_date"]
        control.advance(days=21)
        assert outcome(app.dispute(id)) == ("RESOLVED", "NONE")

    def test_the_buyer_escalates_it_into_a_new_round_of_the_same_dispute(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        inquiry = control.dispute(stage="INQUIRY")
        claim = control.escalate(inquiry["dispute_id"])
        assert claim["dispute_id"] == inquiry["dispute_id"]
        assert (claim["dispute_life_cycle_stage"], claim["status"]) == ("CHARGEBACK", "WAITING_FOR_SELLER_RESPONSE")
        assert claim["seller_response_due_date"] != inquiry["seller_response_due_date"]
        assert [one["evidence_type"] for one in claim["evidences"]] == ["PROOF_OF_FULFILLMENT"]
        control.advance(days=20)
        assert outcome(app.dispute(inquiry["dispute_id"])) == ("RESOLVED", "RESOLVED_BUYER_FAVOUR")


class TestClaims:
    @pytest.mark.parametrize("shift", [0, 180 * 86_400])
    def test_the_due_date_is_the_end_of_a_day_in_california(self, moving: Sandbox, shift: int) -> None:
        moving.controls.advance(shift)
        due = moment(moving.controls.dispute()["seller_response_due_date"])
        assert due.strftime("%H:%M:%S") in ("06:59:59", "07:59:59")

    def test_silence_loses_with_its_reason_and_a_fee(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        id = control.dispute()["dispute_id"]
        control.advance(days=11)
        lost = app.dispute(id)
        assert outcome(lost) == ("RESOLVED", "RESOLVED_BUYER_FAVOUR")
        assert lost["adjudications"][0]["reason"] == "NO_SELLER_RESPONSE"
        moved = {(one["affected_party"], one["type"], one["reason"]) for one in lost["money_movements"]}
        assert moved == {("SELLER", "DEBIT", "DISPUTE_SETTLEMENT"), ("BUYER", "CREDIT", "DISPUTE_SETTLEMENT"),
                         ("SELLER", "DEBIT", "DISPUTE_FEE")}  # fmt: skip
        assert app.links(id) == []

    def test_a_card_case_costs_a_chargeback_fee(self, control: PayPalControl) -> None:
        id = control.dispute(channel="EXTERNAL", reason="UNAUTHORISED", external_reason_code="10.4")["dispute_id"]
        lost = control.outcome(id, "lost")
        assert lost["external_reason_code"] == "10.4"
        assert "CHARGEBACK_FEE" in {one["reason"] for one in lost["money_movements"]}

    def test_a_due_date_may_move_and_the_old_one_no_longer_counts(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        id = control.dispute(due={"days": 2})["dispute_id"]
        control.due_by(id, {"days": 8})
        control.advance(days=5)
        assert app.dispute(id)["status"] == "WAITING_FOR_SELLER_RESPONSE"
        assert "seller_response_due_date" not in control.due_by(id, None)

    @pytest.mark.parametrize(("wanted", "code"), [("won", "RESOLVED_SELLER_FAVOUR"), ("lost", "RESOLVED_BUYER_FAVOUR")])
    def test_a_review_ends_by_itself_as_the_case_was_told(
        self, at: tuple[PayPalControl, App], wanted: str, code: str
    ) -> None:
        control, app = at
        id = control.dispute(outcome=wanted)["dispute_id"]
        app.evidence(id, TRACKED)
        control.advance(days=7)
        done = app.dispute(id)
        assert outcome(done) == ("RESOLVED", code)
        assert done["adjudications"][0]["dispute_life_cycle_stage"] == "CHARGEBACK"

    def test_paypal_may_ask_again_and_what_was_sent_stays(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        id = control.dispute()["dispute_id"]
        app.evidence(id, TRACKED)
        first = app.dispute(id)
        again = control.require_evidence(id, types=["OTHER"], due={"days": 4})
        assert again["status"] == "WAITING_FOR_SELLER_RESPONSE"
        assert sources(again) == ["SELLER:REQUESTED", "SELLER:SUBMITTED", "SELLER:REQUESTED"]
        assert again["evidences"][:2] == first["evidences"]
        assert app.evidence(id, {"evidence_type": "OTHER", "notes": "Here."}).status_code == 200
        assert control.effects(id)["evidence_provided"] == 2
        control.advance(days=6)
        assert app.dispute(id)["status"] == "UNDER_REVIEW", "the first round's review ends nothing"

    def test_a_buyer_may_withdraw_and_a_lost_case_be_won_later(self, control: PayPalControl) -> None:
        id = control.dispute()["dispute_id"]
        assert outcome(control.outcome(id, "canceled"))[1] == "CANCELED_BY_BUYER"
        id = control.dispute()["dispute_id"]
        control.outcome(id, "lost")
        won = control.outcome(id, "won", reason="EFFORTLESS_SELLER_PROTECTION")
        assert [one["reason"] for one in won["adjudications"]] == [
            "NO_PROOF_OF_DELIVERY",
            "EFFORTLESS_SELLER_PROTECTION",
        ]
        own = [one["type"] for one in won["money_movements"] if one["affected_party"] == "SELLER"]
        assert own == ["DEBIT", "DEBIT", "CREDIT"], "the settlement comes back, the fee does not"


class TestAppeals:
    def lost(self, control: PayPalControl, app: App) -> str:
        id = str(control.dispute(outcome="lost")["dispute_id"])
        app.evidence(id, TRACKED)
        control.outcome(id, "lost")
        return id

    def test_a_lost_claim_is_appealed_with_new_evidence_one_stage_on(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        id = self.lost(control, app)
        assert "seller_response_due_date" in app.dispute(id)
        assert app.evidence(id, TRACKED, act="appeal").status_code == 200
        appealed = app.dispute(id)
        assert (appealed["dispute_life_cycle_stage"], appealed["status"]) == ("PRE_ARBITRATION", "UNDER_REVIEW")
        assert "dispute_outcome" not in appealed
        assert len(appealed["adjudications"]) == 1
        assert control.effects(id)["appealed"] == 1

    def test_a_second_appeal_is_the_last(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        id = self.lost(control, app)
        for stage in ("PRE_ARBITRATION", "ARBITRATION"):
            assert app.evidence(id, TRACKED, act="appeal").status_code == 200
            assert app.dispute(id)["dispute_life_cycle_stage"] == stage
            control.outcome(id, "lost")
        assert app.links(id) == []
        assert len([one for one in app.dispute(id)["money_movements"] if one["reason"] == "DISPUTE_FEE"]) == 1

    def test_the_time_to_appeal_runs_out(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        id = self.lost(control, app)
        control.advance(days=12)
        closed = app.dispute(id)
        assert app.links(id) == []
        assert "seller_response_due_date" not in closed
        assert app.evidence(id, TRACKED, act="appeal").status_code == 422
        assert app.get(DISPUTES, dispute_state="RESOLVED")["items"][0]["dispute_id"] == id

    def test_an_appeal_may_be_ruled_out(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(answered_days=0)["dispute_id"]
        control.outcome(id, "lost", appealable=False)
        assert app.links(id) == []


class TestPreArbitration:
    def test_a_won_case_comes_back_as_a_round_of_its_own(self, at: tuple[PayPalControl, App]) -> None:
        control, app = at
        id = control.dispute()["dispute_id"]
        app.evidence(id, TRACKED)
        control.outcome(id, "won")
        back = control.escalate(id, due={"days": 5}, types=["OTHER"])
        assert (back["dispute_life_cycle_stage"], back["status"]) == ("PRE_ARBITRATION", "WAITING_FOR_SELLER_RESPONSE")
        assert sources(back) == ["SELLER:REQUESTED", "SELLER:SUBMITTED", "SELLER:REQUESTED"]
        assert back["evidences"][-1]["dispute_life_cycle_stage"] == "PRE_ARBITRATION"
        assert control.escalate(id)["dispute_life_cycle_stage"] == "ARBITRATION"
        with pytest.raises(ControlRefused, match="does not escalate"):
            control.escalate(id)


class TestPayPalsOwnSandboxCalls:
    def test_adjudicate_settles_what_is_under_review(self, control: PayPalControl, app: App) -> None:
        for favour, code in (("BUYER_FAVOR", "RESOLVED_BUYER_FAVOUR"), ("SELLER_FAVOR", "RESOLVED_SELLER_FAVOUR")):
            id = control.dispute(answered_days=0)["dispute_id"]
            assert app.send(id, "adjudicate", {"adjudication_outcome": favour}).status_code == 200
            assert outcome(app.dispute(id)) == ("RESOLVED", code)

    def test_require_evidence_turns_to_either_side(self, control: PayPalControl, app: App) -> None:
        for action, status in (("SELLER_EVIDENCE", "WAITING_FOR_SELLER_RESPONSE"),
                               ("BUYER_EVIDENCE", "WAITING_FOR_BUYER_RESPONSE")):  # fmt: skip
            id = control.dispute(answered_days=0)["dispute_id"]
            assert app.send(id, "require-evidence", {"action": action}).status_code == 200
            assert app.dispute(id)["status"] == status

    @pytest.mark.parametrize(("act", "body"), [("adjudicate", {"adjudication_outcome": "BUYER_FAVOR"}),
                                               ("require-evidence", {"action": "SELLER_EVIDENCE"})])  # fmt: skip
    def test_both_want_a_review_and_a_known_word(self, control: PayPalControl, app: App, act: str, body: Any) -> None:
        open_ = control.dispute()["dispute_id"]
        assert issues(app.send(open_, act, body)) == ["ACTION_NOT_ALLOWED_IN_CURRENT_DISPUTE_STATE"]
        reviewed = control.dispute(answered_days=0)["dispute_id"]
        assert app.send(reviewed, act, dict.fromkeys(body, "COIN_TOSS")).status_code == 400
        assert app.send(reviewed, act, {}).status_code == 400
