"""The sweep: deadlines told once each, filings handed over, and an outage that heals itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disputes import guardrails, submission
from disputes.guardrails import RuleFacts
from disputes.lifecycle import GatewayStatus
from disputes.models import Attempt, Connection, Dispute, Installation, Merchant, Round
from scheduler import respond, sweep
from scheduler.rule import schedule_by_rule
from tests import builders
from tests.scheduler.doubles import Desk

FLAGS = ["automatic filing has ended", "the deadline has passed"]


def opened(desk: Desk, *, days: float = 9, **changes: object) -> None:
    desk.gateway.says(external_id="du_1", due_at=desk.clock.now() + timedelta(days=days), **changes)
    desk.sync()


def ready(desk: Desk) -> Round:
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, desk.dispute().id)
        return builders.prepared(session, dispute=dispute, at=desk.clock.now())


def told(desk: Desk) -> list[str]:
    return [mail.subject for mail in desk.mails("flag")]


class TestFlags:
    def test_the_last_two_thresholds_are_told_once_each(self, desk: Desk) -> None:
        opened(desk)
        for _ in range(10 * 24):
            desk.clock.advance(timedelta(hours=1))
            sweep.flag_deadlines(desk.runtime)
        assert [words in subject for words, subject in zip(FLAGS, told(desk), strict=True)] == [True] * 2
        assert desk.dispute().flag == "missed"
        assert desk.dispute().next_flag_at is None

    def test_after_an_outage_only_the_latest_is_told(self, desk: Desk) -> None:
        opened(desk)
        desk.clock.advance(timedelta(days=9, hours=1))
        assert sweep.flag_deadlines(desk.runtime) == 1
        (subject,) = told(desk)
        assert "the deadline has passed" in subject

    def test_a_deadline_that_moved_is_told_again(self, desk: Desk) -> None:
        opened(desk, days=0.5)
        desk.clock.advance(timedelta(hours=7))
        sweep.flag_deadlines(desk.runtime)
        desk.gateway.says(external_id="du_1", due_at=desk.clock.now() + timedelta(days=1))
        desk.sync()
        desk.clock.advance(timedelta(hours=19))
        sweep.flag_deadlines(desk.runtime)
        assert [FLAGS[0] in subject for subject in told(desk)] == [True, True]

    def test_an_answered_case_is_not_told_about_any_more(self, desk: Desk) -> None:
        """peers 4: an urgent mail whose page then refuses the action."""
        opened(desk)
        desk.gateway.says(external_id="du_1", status="under_review", submission_count=1)
        desk.sync()
        desk.clock.advance(timedelta(days=8, hours=23))
        assert sweep.flag_deadlines(desk.runtime) == 0
        assert told(desk) == []


class TestFilings:
    def approve(self, desk: Desk, current: Round) -> Attempt:
        with desk.runtime.database.writing() as session:
            dispute = session.get_one(Dispute, desk.dispute().id)
            return respond.approve(
                desk.runtime, session, dispute, act="submit", response_sha256=current.response_sha256, by="per_1"
            )

    def test_an_approval_starts_one_run_and_a_lost_one_is_started_again(self, desk: Desk) -> None:
        opened(desk)
        attempt = self.approve(desk, ready(desk))
        assert [run for run in desk.runs.started if "respond" in run] == [f"respond:{attempt.id}"]
        assert sweep.start_filings(desk.runtime) == 0
        desk.clock.advance(timedelta(minutes=2, seconds=1))
        assert sweep.start_filings(desk.runtime) == 1
        assert f"respond:{attempt.id}:2" in desk.runs.started

    def test_a_second_approval_of_the_same_round_is_refused(self, desk: Desk) -> None:
        opened(desk)
        current = ready(desk)
        self.approve(desk, current)
        with pytest.raises(submission.Refused):
            self.approve(desk, current)

    def test_an_answer_that_changed_since_it_was_looked_at_is_refused(self, desk: Desk) -> None:
        opened(desk)
        current = ready(desk)
        current.response_sha256 = "0" * 64
        with pytest.raises(submission.Refused, match="changed after you looked"):
            self.approve(desk, current)

    def test_what_was_answered_elsewhere_cannot_be_approved(self, desk: Desk) -> None:
        opened(desk)
        current = ready(desk)
        desk.gateway.says(external_id="du_1", status="under_review", submission_count=1)
        desk.sync()
        with pytest.raises(submission.Refused):
            self.approve(desk, current)

    def test_a_hold_of_an_earlier_round_ends_without_touching_the_new_one(self, desk: Desk) -> None:
        opened(desk, kind="inquiry")
        current = ready(desk)
        attempt = self.approve(desk, current)
        desk.gateway.says(external_id="du_1", kind="chargeback")
        desk.sync()
        assert desk.dispute().work_state == "new"
        assert respond.run(desk.runtime, attempt.id) == "gone"
        with desk.runtime.database.reading() as session:
            ended = session.get_one(Attempt, attempt.id)
        assert ended.state == "cancelled"
        assert "new round" in ended.result
        assert desk.dispute().work_state == "new", "the new round is prepared as if nothing had been"


class TestRule:
    def schedule(self, desk: Desk) -> Attempt | list[str]:
        with desk.runtime.database.writing() as session:
            dispute = session.get_one(Dispute, desk.dispute().id)
            current = session.get_one(Round, desk.rounds()[0].id)
            merchant = session.get_one(Merchant, desk.merchant_id)
            connection = session.get_one(Connection, desk.connection_id)
            return schedule_by_rule(session, dispute, current, merchant, connection, desk.clock.now())

    def rule(self, desk: Desk, mode: str = "file_after_hold") -> None:
        with desk.runtime.database.writing() as session:
            builders.rule(session, merchant=session.get_one(Merchant, desk.merchant_id), mode=mode)

    def test_a_rule_waits_out_the_hold(self, desk: Desk) -> None:
        opened(desk)
        ready(desk)
        self.rule(desk)
        attempt = self.schedule(desk)
        assert isinstance(attempt, Attempt)
        assert attempt.act_at == desk.clock.now() + timedelta(hours=24)
        assert (attempt.approved_by, attempt.rule_version) == ("rule", 1)

    def test_a_hold_never_reaches_past_the_cut_off(self, desk: Desk) -> None:
        opened(desk, days=1)
        ready(desk)
        self.rule(desk)
        attempt = self.schedule(desk)
        assert isinstance(attempt, Attempt)
        due = desk.dispute().due_at
        assert due is not None
        assert desk.clock.now() < attempt.act_at < due - timedelta(hours=6)

    @pytest.mark.parametrize("mode", ["off", "prepare", ""])
    def test_without_a_rule_nothing_is_scheduled(self, desk: Desk, mode: str) -> None:
        opened(desk)
        ready(desk)
        if mode:
            self.rule(desk, mode)
        reasons = self.schedule(desk)
        assert isinstance(reasons, list)
        assert any("No rule" in reason for reason in reasons)

    def test_the_kill_switch_and_a_paused_connection_stop_it(self, desk: Desk) -> None:
        opened(desk)
        ready(desk)
        self.rule(desk)
        desk.set(Merchant, desk.merchant_id, filing_paused=True)
        assert any("paused" in reason for reason in self._reasons(desk))
        desk.set(Merchant, desk.merchant_id, filing_paused=False)
        desk.set(Connection, desk.connection_id, paused=True)
        assert any("paused" in reason for reason in self._reasons(desk))

    def test_a_copied_database_files_nothing(self, desk: Desk) -> None:
        opened(desk)
        ready(desk)
        self.rule(desk)
        with desk.runtime.database.writing() as session:
            session.get_one(Installation, 1).filing_on = False
        assert any("copied database" in reason for reason in self._reasons(desk))

    @pytest.mark.parametrize(("filings", "stops"), [(0, True), (2, True), (3, False)])
    def test_the_first_three_on_a_live_account_need_a_person(self, desk: Desk, filings: int, stops: bool) -> None:
        opened(desk)
        ready(desk)
        self.rule(desk)
        desk.set(Connection, desk.connection_id, mode="live", live_filings=filings)
        said = self.schedule(desk)
        assert isinstance(said, list) is stops
        if isinstance(said, list):
            assert said == ["The first 3 filings on a live account need a person."]

    def test_a_case_that_leaves_the_hold_is_decided_again(self, desk: Desk) -> None:
        """The sweep only narrows: what changed during the hold stops the filing, and the reasons are told."""
        opened(desk)
        ready(desk)
        self.rule(desk)
        attempt = self.schedule(desk)
        assert isinstance(attempt, Attempt)
        desk.set(Merchant, desk.merchant_id, filing_paused=True)
        desk.clock.advance(timedelta(hours=24, minutes=1))
        assert sweep.start_filings(desk.runtime) == 1
        assert respond.run(desk.runtime, attempt.id) == "gone"
        with desk.runtime.database.reading() as session:
            assert session.get_one(Attempt, attempt.id).state == "cancelled"
        assert desk.dispute().work_state == "awaiting_approval"
        assert any("Filing stopped" in mail.subject for mail in desk.mails("hold"))

    def _reasons(self, desk: Desk) -> list[str]:
        said = self.schedule(desk)
        assert isinstance(said, list)
        return said


def test_no_guardrail_is_forgotten() -> None:
    """One fact wrong is one reason, each its own."""
    from disputes.deadlines import act_window

    def act(days: float) -> object:
        return act_window(
            status=GatewayStatus.NEEDS_RESPONSE,
            due_at=builders.NOW + timedelta(days=days),
            can_submit=True,
            answered=False,
            now=builders.NOW,
        )

    good = {
        "rule_mode": "file_after_hold",
        "filing_on": True,
        "merchant_paused": False,
        "connection_paused": False,
        "connection_live": False,
        "by_hand": False,
        "live_filings": 0,
        "verdict": "fight",
        "ready": True,
        "person_reasons": (),
        "act": act(9),
    }
    assert guardrails.holds(RuleFacts(**good)) == []  # type: ignore[arg-type]
    for wrong in (
        {"rule_mode": "prepare"},
        {"filing_on": False},
        {"merchant_paused": True},
        {"connection_paused": True},
        {"connection_live": True},
        {"verdict": "needs_evidence"},
        {"ready": False},
        {"person_reasons": ("The customer may be right.",)},
        {"act": act(0.2)},
        {"act": act(-1)},
    ):
        assert len(guardrails.holds(RuleFacts(**good | wrong))) == 1, wrong  # type: ignore[arg-type]


def test_one_part_that_fails_does_not_keep_the_others_from_running(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(_: object) -> int:
        raise RuntimeError("flags")

    monkeypatch.setattr(sweep, "flag_deadlines", broken)
    done = sweep.sweep(desk.runtime)
    assert "flags" not in done
    assert {"filings", "polls", "digests", "mails"} <= set(done)
    assert "part flags failed" in caplog.text


def test_a_poll_that_is_due_is_started_once(desk: Desk) -> None:
    desk.set(Connection, desk.connection_id, next_poll_at=desk.clock.now())
    assert [sweep.start_polls(desk.runtime), sweep.start_polls(desk.runtime)] == [1, 0]
    assert desk.runs.of("sync") == [[desk.connection_id]]
