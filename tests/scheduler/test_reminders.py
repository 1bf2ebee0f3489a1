"""Reminders: once per case and threshold, one mail a merchant and run, only where a person can do something."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes import store
from disputes.deadlines import reminder_due
from disputes.lifecycle import WorkState
from disputes.models import Dispute, Merchant
from scheduler import reminders
from tests import builders
from tests.scheduler.doubles import Desk

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def opened(desk: Desk, external_id: str = "du_1", *, hours: float, **changes: object) -> None:
    desk.gateway.says(external_id=external_id, due_at=desk.clock.now() + timedelta(hours=hours), **changes)
    desk.sync()


def subjects(desk: Desk) -> list[str]:
    return [mail.subject for mail in desk.mails("reminder")]


def hourly(desk: Desk, hours: int) -> None:
    for _ in range(hours):
        desk.clock.advance(timedelta(hours=1))
        reminders.remind(desk.runtime)


def test_each_threshold_is_told_once(desk: Desk) -> None:
    opened(desk, hours=200)
    hourly(desk, 210)
    told = subjects(desk)
    assert [each.partition(" left")[0].rpartition(": ")[2] for each in told] == ["3 days", "24 h"]


def test_the_thresholds_are_the_merchants_own(desk: Desk) -> None:
    desk.set(Merchant, desk.merchant_id, reminder_hours=[48, 6, 2])
    opened(desk, hours=100)
    hourly(desk, 110)
    assert len(subjects(desk)) == 3


def test_none_are_sent_where_none_are_wanted(desk: Desk) -> None:
    desk.set(Merchant, desk.merchant_id, reminder_hours=[])
    opened(desk, hours=100)
    hourly(desk, 110)
    assert subjects(desk) == []


def test_many_cases_make_one_mail(desk: Desk) -> None:
    for number in range(5):
        opened(desk, f"du_{number}", hours=60 + number / 10)
    assert reminders.remind(desk.runtime) == 5
    (mail,) = desk.mails("reminder")
    assert "5 deadlines draw near" in mail.subject
    assert all(f"du_{number}" in mail.text for number in range(5))
    assert all(f"du_{number}" in mail.html for number in range(5))


def test_two_processes_send_one(desk: Desk) -> None:
    opened(desk, hours=50)
    assert [reminders.remind(desk.runtime) for _ in range(2)] == [1, 0]


def test_after_an_outage_only_the_nearest_is_told(desk: Desk) -> None:
    opened(desk, hours=200)
    desk.clock.advance(timedelta(hours=190))
    reminders.remind(desk.runtime)
    (subject,) = subjects(desk)
    assert "10 h left" in subject


def test_a_deadline_that_moved_is_told_again(desk: Desk) -> None:
    opened(desk, hours=50)
    reminders.remind(desk.runtime)
    opened(desk, hours=60)
    reminders.remind(desk.runtime)
    assert len(subjects(desk)) == 2


@pytest.mark.parametrize("state", [WorkState.SCHEDULED, WorkState.SUBMITTING, WorkState.FILED])
def test_what_goes_on_by_itself_is_not_mailed_about(desk: Desk, state: WorkState) -> None:
    opened(desk, hours=50)
    with desk.runtime.database.writing() as session:
        dispute = session.get_one(Dispute, desk.dispute().id)
        builders.prepared(session, dispute=dispute, at=desk.clock.now())
        store.set_work(session, dispute, state, desk.clock.now())
    assert reminders.remind(desk.runtime) == 0


def test_an_answered_case_is_not_mailed_about(desk: Desk) -> None:
    opened(desk, hours=50)
    desk.gateway.says(external_id="du_1", status="under_review", submission_count=1)
    desk.sync()
    assert reminders.remind(desk.runtime) == 0


def test_it_is_written_in_the_merchants_language(desk: Desk) -> None:
    desk.set(Merchant, desk.merchant_id, language="tr")
    opened(desk, hours=50)
    reminders.remind(desk.runtime)
    (mail,) = desk.mails("reminder")
    assert '<html lang="tr"' in mail.html
    assert "Kas 2026" in mail.text


def test_one_merchant_never_reads_of_another(desk: Desk) -> None:
    with desk.runtime.database.writing() as session:
        other = builders.merchant(session, digest_recipients=["theirs@shop.example"])
        theirs = builders.connection(session, merchant=other)
        builders.seen(session, connection=theirs, external_id="du_theirs", due_at=desk.clock.now() + timedelta(hours=9))
    opened(desk, hours=50)
    assert reminders.remind(desk.runtime) == 2
    ours = [mail for mail in desk.mails("reminder") if mail.merchant_id == desk.merchant_id]
    assert len(ours) == 1
    assert "du_theirs" not in ours[0].text


@given(st.lists(st.integers(1, 400), max_size=6), st.integers(1, 500 * 60))
def test_every_threshold_is_told_at_most_once_however_often_it_is_asked(hours: list[int], ahead: int) -> None:
    due = NOW + timedelta(minutes=ahead)
    told: int | None = None
    said = []
    for minute in range(0, ahead + 120, 47):
        found = reminder_due(due, NOW + timedelta(minutes=minute), hours, told=told)
        if found is not None:
            said.append(found)
            told = found
    assert said == sorted(set(said), reverse=True)
    assert set(said) <= set(hours)
