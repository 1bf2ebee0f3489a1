"""Cases of processors without an API, and answers that a person files: entered, handed over, told back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from disputes.entered import Entered
from disputes.lifecycle import GatewayStatus, WorkState
from disputes.models import Attempt, Connection, Dispute, Merchant, Round
from disputes.money import Money
from disputes.submission import Refused
from scheduler import by_hand, entering, respond
from tests import builders
from tests.builders import NOW
from tests.scheduler.doubles import Desk

SENT = NOW


def entered(**changes: Any) -> Entered:
    base: dict[str, Any] = {
        "case_number": "IYZ-1",
        "category": "not_received",
        "amount": Money(124990, "TRY"),
        "opened_at": NOW - timedelta(days=3),
        "due_at": NOW + timedelta(days=5),
        "paid_at": NOW - timedelta(days=40),
        "order_ref": "LL-1",
    }
    return Entered(**base | changes)


class Entering:
    """One case at iyzico, and what a person does with it."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.runtime = desk, desk.runtime
        with self.runtime.database.writing() as session:
            merchant = session.get_one(Merchant, desk.merchant_id)
            connection = entering.processor(self.runtime, session, merchant, "iyzico", by="per_1")
            self.connection_id = connection.id
            self.applied = entering.take(self.runtime, session, connection, [entered()], by="per_1")

    @property
    def dispute(self) -> Dispute:
        with self.runtime.database.reading() as session:
            return session.get_one(Dispute, self.applied.new[0])

    def rounds(self) -> list[Round]:
        with self.runtime.database.reading() as session:
            return [session.get_one(Round, round_id) for round_id in self._round_ids(session)]

    def _round_ids(self, session: Any) -> list[str]:
        from disputes import store

        return [each.id for each in store.rounds_of(session, self.applied.new[0])]

    def file(self, **changes: Any) -> Attempt:
        with self.runtime.database.writing() as session:
            dispute = session.get_one(Dispute, self.applied.new[0])
            if dispute.work is WorkState.NEW:
                builders.prepared(session, dispute=dispute)
            from disputes import store

            current = store.current_round(session, dispute)
            assert current is not None
            base: dict[str, Any] = {
                "response_sha256": current.response_sha256,
                "filed_at": self.desk.clock.now(),
                "proof": ("receipt.pdf", "a" * 64),
                "note": "By the panel.",
                "by": "per_1",
            }
            return by_hand.mark_filed(self.runtime, session, dispute, **base | changes)


@pytest.fixture
def case(desk: Desk) -> Entering:
    return Entering(desk)


def test_an_entered_case_goes_the_way_of_every_dispute(case: Entering, desk: Desk) -> None:
    assert (case.dispute.gateway, case.dispute.status, case.dispute.category) == (
        "manual",
        GatewayStatus.NEEDS_RESPONSE,
        "not_received",
    )
    assert desk.runs.of("prepare") == [[case.rounds()[0].id]]


def test_the_processor_is_one_connection_however_often_it_is_named(case: Entering, desk: Desk) -> None:
    with desk.runtime.database.writing() as session:
        merchant = session.get_one(Merchant, desk.merchant_id)
        again = entering.processor(desk.runtime, session, merchant, " IYZICO ", by="per_1")
        assert again.id == case.connection_id
        assert again.by_hand
        assert again.next_poll_at is None, "there is nothing to read"


def test_the_same_case_number_entered_again_changes_the_case(case: Entering, desk: Desk) -> None:
    later = NOW + timedelta(days=8)
    with desk.runtime.database.writing() as session:
        connection = session.get_one(Connection, case.connection_id)
        applied = entering.take(desk.runtime, session, connection, [entered(due_at=later)], by="per_1")
    assert applied.new == []
    assert case.dispute.due_at == later


def test_the_desk_never_sends_anything_for_it(case: Entering, desk: Desk) -> None:
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, case.applied.new[0])
        current = builders.prepared(session, dispute=dispute)
        with pytest.raises(Refused, match="mark the case as filed"):
            respond.approve(
                desk.runtime, session, dispute, act="submit", response_sha256=current.response_sha256, by="per_1"
            )
    assert desk.runs.of("respond") == []


def test_marked_as_filed_it_is_under_review_with_day_and_proof(case: Entering) -> None:
    attempt = case.file()
    assert (attempt.state, attempt.approved_by) == ("filed", "per_1")
    assert attempt.read_back["proof_name"] == "receipt.pdf"
    assert case.dispute.status is GatewayStatus.UNDER_REVIEW
    assert case.dispute.work is WorkState.FILED
    assert case.dispute.answered_elsewhere is None


def test_it_is_filed_once(case: Entering) -> None:
    case.file()
    with pytest.raises(Refused):
        case.file()


@pytest.mark.parametrize("days", [1, -30])
def test_a_day_that_cannot_be_is_refused_and_nothing_is_filed(case: Entering, days: int) -> None:
    with pytest.raises(Refused, match="day of filing"):
        case.file(filed_at=NOW + timedelta(days=days))
    assert case.dispute.status is GatewayStatus.NEEDS_RESPONSE


def test_another_answer_than_the_one_that_stands_is_not_marked_as_filed(case: Entering) -> None:
    with pytest.raises(Refused, match="changed"):
        case.file(response_sha256="0" * 64)


def test_the_outcome_is_told_with_its_reason(case: Entering, desk: Desk) -> None:
    case.file()
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, case.applied.new[0])
        entering.outcome(
            desk.runtime, session, dispute, state=GatewayStatus.LOST, reason="The bank saw no signature.", by="per_1"
        )
    assert case.dispute.status is GatewayStatus.LOST
    assert (case.rounds()[0].outcome, case.rounds()[0].outcome_reason) == ("lost", "The bank saw no signature.")


def test_asked_again_it_is_a_new_round_with_its_own_deadline(case: Entering, desk: Desk) -> None:
    case.file()
    later = NOW + timedelta(days=20)
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, case.applied.new[0])
        entering.ask_again(desk.runtime, session, dispute, due_at=later, by="per_1")
    first, second = case.rounds()
    assert (first.answered_at, second.answered_at) == (NOW, None)
    assert second.due_at == later
    assert case.dispute.status is GatewayStatus.NEEDS_RESPONSE


def test_what_a_gateway_says_is_never_entered_by_hand(desk: Desk) -> None:
    desk.gateway.says()
    desk.sync()
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, desk.dispute().id)
        with pytest.raises(Refused, match="read from the gateway"):
            entering.outcome(desk.runtime, session, dispute, state=GatewayStatus.WON, reason="", by="per_1")


class TestAReadOnlyConnection:
    def test_what_a_person_filed_there_is_not_called_answered_elsewhere(self, desk: Desk) -> None:
        desk.gateway.says()
        desk.sync()
        with desk.runtime.database.writing() as session:
            session.get_one(Connection, desk.connection_id).by_hand = True
            dispute = session.get_one(Dispute, desk.dispute().id)
            current = builders.prepared(session, dispute=dispute)
            by_hand.mark_filed(
                desk.runtime, session, dispute, response_sha256=current.response_sha256 or "",
                filed_at=desk.clock.now(), proof=None, note="", by="per_1",
            )  # fmt: skip
        desk.gateway.says(status=GatewayStatus.UNDER_REVIEW, submission_count=1)
        desk.sync()
        assert desk.dispute().answered_elsewhere is None
        assert desk.dispute().status is GatewayStatus.UNDER_REVIEW

    def test_read_back_before_it_was_marked_it_is_claimed_by_the_mark(self, desk: Desk) -> None:
        desk.gateway.says()
        desk.sync()
        with desk.runtime.database.writing() as session:
            session.get_one(Connection, desk.connection_id).by_hand = True
            current = builders.prepared(session, dispute=session.get_one(Dispute, desk.dispute().id))
        desk.gateway.says(status=GatewayStatus.UNDER_REVIEW, submission_count=1)
        desk.sync()
        assert desk.dispute().answered_elsewhere is not None
        with desk.runtime.database.writing() as session:
            by_hand.mark_filed(
                desk.runtime, session, session.get_one(Dispute, desk.dispute().id),
                response_sha256=current.response_sha256 or "",
                filed_at=desk.clock.now(), proof=None, note="", by="per_1",
            )  # fmt: skip
        desk.sync()
        assert desk.dispute().answered_elsewhere is None

    def test_where_the_desk_files_itself_nobody_marks_by_hand(self, desk: Desk) -> None:
        desk.gateway.says()
        desk.sync()
        with desk.runtime.database.writing() as session:
            dispute = session.get_one(Dispute, desk.dispute().id)
            current = builders.prepared(session, dispute=dispute)
            with pytest.raises(Refused, match="Approve the answer instead"):
                by_hand.mark_filed(
                    desk.runtime, session, dispute, response_sha256=current.response_sha256 or "",
                    filed_at=desk.clock.now(), proof=None, note="", by="per_1",
                )  # fmt: skip
