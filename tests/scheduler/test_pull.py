"""Reading a connection: everything, once, whole pages only, and never two reads at a time."""

from __future__ import annotations

from datetime import timedelta

import pytest

from disputes import store
from disputes.lifecycle import Kind
from disputes.models import Connection
from disputes.ports import Capabilities, GatewayError, GatewayFailure
from scheduler import pull
from tests.scheduler.doubles import Desk

HALF = GatewayError(GatewayFailure.MALFORMED, "half a page", retryable=True)


def test_the_first_pull_reads_every_page_and_opens_rounds(desk: Desk) -> None:
    for number in range(5):
        desk.gateway.says(external_id=f"du_{number}")
    assert desk.sync() == "read 5"
    assert len(desk.disputes()) == 5
    assert {len(desk.rounds(one.external_id)) for one in desk.disputes()} == {1}
    connection = desk.connection()
    assert (connection.state, connection.first_pull_done, connection.sync_until) == ("ok", True, None)
    assert desk.mails() == [], "a first pull is no news"


def test_a_failure_in_the_middle_keeps_the_whole_pages_and_goes_on_from_there(desk: Desk) -> None:
    for number in range(5):
        desk.gateway.says(external_id=f"du_{number}")
    desk.gateway.errors["disputes"] = [None, HALF]
    assert desk.sync() == "malformed"
    assert [one.external_id for one in desk.disputes()] == ["du_0", "du_1"]
    connection = desk.connection()
    assert (connection.state, connection.state_detail, connection.first_pull_done) == (
        "malformed",
        "half a page",
        False,
    )
    assert connection.next_poll_at == desk.clock.now() + timedelta(minutes=2)
    before = len(desk.gateway.calls)
    assert desk.sync() == "read 3"
    assert desk.gateway.calls[before:].count("disputes") == 2, "the pages that were read are not read again"
    assert len(desk.disputes()) == 5


@pytest.mark.parametrize("failure", [GatewayFailure.CREDENTIALS, GatewayFailure.RIGHTS])
def test_a_key_that_is_refused_is_said_on_the_connection_and_not_hammered(desk: Desk, failure: GatewayFailure) -> None:
    desk.gateway.errors["changes"] = [GatewayError(failure, "The key was rolled.")]
    assert desk.sync() == failure.value
    connection = desk.connection()
    assert (connection.state, connection.state_detail) == (failure.value, "The key was rolled.")
    assert connection.next_poll_at == desk.clock.now() + timedelta(hours=1)
    assert desk.sync() == "read 0"
    assert desk.connection().state_detail == ""


def test_a_second_read_of_the_same_connection_is_turned_away(desk: Desk) -> None:
    said: list[str] = []
    desk.gateway.says(external_id="du_1")
    desk.gateway.during = lambda what: said.append(desk.sync()) if what == "disputes" else None
    assert desk.sync() == "read 1"
    assert said == ["busy"]
    desk.gateway.during = lambda _: None
    assert desk.sync() == "read 0"


def test_a_read_that_lost_its_turn_applies_nothing_more(desk: Desk) -> None:
    """So slow that its lease ran out and another read began: the page it still holds is old news."""
    desk.gateway.says(external_id="du_1")

    def somebody_else(what: str) -> None:
        if what == "disputes":
            desk.set(Connection, desk.connection_id, sync_owner="exe_other:syn_1")

    desk.gateway.during = somebody_else
    assert desk.sync() == "busy"
    assert desk.disputes() == []
    assert desk.connection().sync_owner == "exe_other:syn_1"


def test_a_read_whose_process_died_is_taken_over_when_its_lease_is_over(desk: Desk) -> None:
    desk.set(
        Connection,
        desk.connection_id,
        sync_owner="exe_dead:syn_1",
        sync_until=desk.clock.now() + timedelta(minutes=10),
    )
    assert desk.sync() == "busy"
    desk.clock.advance(timedelta(minutes=10, seconds=1))
    assert desk.sync() == "read 0"


def test_what_webhooks_missed_is_found_by_polling(desk: Desk) -> None:
    """peers 6: 695 disputes were stranded by missed webhooks."""
    desk.sync()
    desk.gateway.says(external_id="du_1")
    assert desk.sync() == "read 1"
    assert [mail.kind for mail in desk.mails()] == ["new_case"]
    desk.gateway.says(external_id="du_1", status="lost")
    assert desk.sync() == "read 1"
    assert desk.dispute().gateway_status == "lost"
    assert [mail.kind for mail in desk.mails()] == ["new_case", "outcome"]
    assert desk.sync() == "read 0"


def test_when_the_events_are_gone_the_pages_are_read(desk: Desk) -> None:
    desk.sync()
    desk.gateway.says(external_id="du_1")
    desk.gateway.expired = True
    assert desk.sync() == "read 1"


def test_pages_are_read_anew_once_a_day_without_an_event(desk: Desk) -> None:
    desk.gateway.says(external_id="du_1")
    desk.sync()
    told = desk.gateway.disputes_by_id["du_1"]
    desk.gateway.says(external_id="du_1", status="won", capabilities=told.capabilities)
    desk.gateway.changed.clear()
    desk.set(Connection, desk.connection_id, event_cursor="0")
    assert desk.sync() == "read 0"
    desk.clock.advance(timedelta(days=1, minutes=1))
    assert desk.sync() == "read 1"
    assert desk.dispute().gateway_status == "won"


def test_a_dispute_that_is_gone_does_not_stop_the_read(desk: Desk) -> None:
    desk.sync()
    desk.gateway.says(external_id="du_1")
    desk.gateway.says(external_id="du_2")
    desk.gateway.errors["dispute"] = [GatewayError(GatewayFailure.NOT_FOUND, "gone")]
    assert desk.sync() == "read 1"
    assert [one.external_id for one in desk.disputes()] == ["du_2"]
    assert desk.connection().state == "ok"


def test_the_cursor_moves_only_when_everything_before_it_was_applied(desk: Desk) -> None:
    desk.sync()
    desk.gateway.says(external_id="du_1")
    desk.gateway.errors["dispute"] = [GatewayError(GatewayFailure.UNAVAILABLE, "500", retryable=True)]
    assert desk.sync() == "unavailable"
    assert desk.disputes() == []
    assert desk.sync() == "read 1"


def test_history_is_never_counted_as_handled(desk: Desk) -> None:
    desk.gateway.says(external_id="du_old", status="won")
    desk.gateway.says(external_id="du_open")
    desk.sync()
    assert (desk.dispute("du_old").history, desk.dispute("du_open").history) == (True, False)
    desk.sync()
    assert desk.mails("outcome") == []


def test_a_case_answered_before_we_came_stays_that_and_is_not_told_again(desk: Desk) -> None:
    desk.gateway.says(external_id="du_1", status="under_review", submission_count=1)
    desk.sync()
    assert desk.dispute().answered_elsewhere == "Answered before Counterproof knew of it"
    desk.gateway.says(external_id="du_1", status="under_review", submission_count=1, due_at=None)
    desk.sync()
    assert desk.dispute().answered_elsewhere == "Answered before Counterproof knew of it"
    assert desk.mails() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"staged": {"uncategorized_text": "theirs"}}, "prepared evidence at the gateway itself: uncategorized_text"),
        ({"status": "under_review", "submission_count": 1}, "answered at the gateway itself"),
        (
            {"status": "under_review", "submission_count": 1, "submission_method": "smart_disputes"},
            "Smart Disputes",
        ),
        ({"submission_method": "smart_disputes"}, "Smart Disputes"),
    ],
    ids=["staged", "submitted", "smart", "smart, not yet counted"],
)
def test_answered_elsewhere_stops_the_countdown_and_says_who(
    desk: Desk, changes: dict[str, object], words: str
) -> None:
    """peers 3: hours left were shown after the slot was spent."""
    desk.gateway.says(external_id="du_1")
    desk.sync()
    desk.gateway.says(external_id="du_1", **changes)
    desk.sync()
    case = desk.dispute()
    assert words in str(case.answered_elsewhere)
    assert store.shown(case, desk.clock.now()) == "answered_elsewhere"
    act = store.window_of(case, desk.clock.now(), 6)
    assert (act.person, act.machine, act.left(desk.clock.now())) == (False, False, None)
    (mail,) = desk.mails("outcome")
    assert words in mail.text
    desk.sync()
    assert len(desk.mails("outcome")) == 1


def test_prefill_of_the_gateways_own_is_nobodys_answer(desk: Desk) -> None:
    desk.gateway.says(external_id="du_1")
    desk.sync()
    desk.gateway.says(external_id="du_1", prefilled={"customer_name": "Emily Carter"})
    desk.sync()
    assert desk.dispute().answered_elsewhere is None


def test_staged_evidence_that_is_taken_back_frees_the_case(desk: Desk) -> None:
    desk.gateway.says(external_id="du_1", staged={"uncategorized_text": "theirs"})
    desk.sync()
    assert desk.dispute().answered_elsewhere is not None
    desk.gateway.says(external_id="du_1")
    desk.sync()
    assert desk.dispute().answered_elsewhere is None


def test_an_answer_to_an_earlier_round_is_no_answer_to_this_one(desk: Desk) -> None:
    desk.gateway.says(external_id="du_1", kind=Kind.INQUIRY)
    desk.sync()
    desk.gateway.says(external_id="du_1", kind=Kind.INQUIRY, status="under_review", submission_count=1)
    desk.sync()
    assert desk.dispute().answered_elsewhere is not None
    desk.gateway.says(external_id="du_1", submission_count=1, submission_method="smart_disputes")
    for _ in range(2):
        desk.sync()
        desk.gateway.changed.append("du_1")
        assert desk.dispute().answered_elsewhere is None
    assert [row.kind for row in desk.rounds()] == ["inquiry", "chargeback"]
    assert desk.dispute().work_state == "new"


def test_a_deadline_that_moved_moves_the_round_the_order_and_the_flags(desk: Desk) -> None:
    desk.gateway.says(external_id="du_1", due_at=desk.clock.now() + timedelta(days=5))
    desk.sync()
    later = desk.clock.now() + timedelta(days=9)
    desk.gateway.says(external_id="du_1", due_at=later)
    desk.sync()
    case = desk.dispute()
    assert (case.due_at, case.due_sort, desk.rounds()[0].due_at) == (later, later, later)
    assert (case.flag, case.next_flag_at) == (None, later - timedelta(days=7))


def test_a_late_win_turns_a_lost_case(desk: Desk) -> None:
    desk.gateway.says(external_id="du_1")
    desk.sync()
    for status in ("under_review", "lost", "won"):
        desk.gateway.says(external_id="du_1", status=status, submission_count=1)
        desk.sync()
    assert desk.dispute().gateway_status == "won"
    assert desk.rounds()[0].outcome == "won"
    assert [mail.subject.split(":")[0] for mail in desk.mails("outcome")][-2:] == [
        "[sandbox] Dispute lost",
        "[sandbox] Dispute won",
    ]


def test_an_unknown_status_is_kept_shown_and_stops_nothing(desk: Desk) -> None:
    desk.gateway.says(external_id="du_1", status="unknown", raw_status="mediation", unknown=("status mediation",))
    desk.gateway.says(external_id="du_2")
    assert desk.sync() == "read 2"
    assert (desk.dispute().raw_status, desk.dispute().view) == ("mediation", "unknown")


def test_two_syncs_in_one_process_at_the_same_instant_are_still_two(desk: Desk) -> None:
    assert "syn_" in _owner_during(desk)
    assert _owner_during(desk) != _owner_during(desk)
    assert len(_owner_during(desk)) <= 60, "PostgreSQL keeps to the column's length"


def _owner_during(desk: Desk) -> str:
    seen: list[str] = []
    desk.gateway.during = lambda _: seen.append(str(desk.connection().sync_owner))
    desk.read("du_1") if desk.gateway.disputes_by_id else pull.run(desk.runtime, desk.connection_id)
    return seen[0]


def answered(desk: Desk) -> None:
    """The round was answered, in a way that the gateway's own facts do not show."""
    with desk.runtime.database.writing() as session:
        current = store.current_round(session, desk.dispute())
        assert current is not None
        current.answered_at = desk.clock.now()
        session.add(current)


def test_asked_again_with_a_later_date_is_a_new_round_though_nothing_else_changed(desk: Desk) -> None:
    first = desk.gateway.says()
    desk.sync()
    answered(desk)
    assert first.due_at is not None
    desk.gateway.says(due_at=first.due_at + timedelta(days=10))
    desk.sync()
    assert len(desk.rounds()) == 2


def test_the_same_question_read_once_more_is_no_new_round(desk: Desk) -> None:
    desk.gateway.says()
    desk.sync()
    answered(desk)
    desk.gateway.says()
    desk.sync()
    assert len(desk.rounds()) == 1


def test_a_case_whose_details_cannot_be_read_now_keeps_all_that_is_known(desk: Desk) -> None:
    told = desk.gateway.says()
    desk.sync()
    assert told.due_at is not None
    sooner = told.due_at - timedelta(days=1)
    desk.gateway.says(
        status="unknown", capabilities=Capabilities(False, False), payment_id=None, due_at=sooner, unread=True,
        unknown=("details not read",),
    )  # fmt: skip
    desk.sync()
    known = desk.dispute()
    assert (known.gateway_status, known.can_submit, known.payment_id) == ("needs_response", True, "ch_1")
    assert (known.due_at, known.unknown) == (sooner, ["details not read"])
