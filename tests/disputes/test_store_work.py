"""Assignment, notes and attention, on both databases."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import Session, select

from disputes import store_people, store_work
from disputes.database import Database
from disputes.ids import new_id
from disputes.models import AuditEntry, CaseNote, Dispute, Merchant, Person
from disputes.store import NotFound
from tests import builders
from tests.builders import NOW


def person(session: Session, merchant: Merchant, *, name: str = "Ada Moll", role: str = "agent") -> Person:
    made = Person(id=new_id("per"), email=f"{new_id('p')}@shop.example", name=name, password_hash="x", created_at=NOW)
    session.add(made)
    session.flush()
    store_people.join(session, merchant.id, made.id, role)
    session.flush()
    return made


def cases(session: Session, merchant: Merchant, number: int = 1) -> list[Dispute]:
    connection = builders.connection(session, merchant=merchant)
    return [builders.seen(session, connection=connection, external_id=new_id("du")) for _ in range(number)]


class TestAssigning:
    def test_gives_many_cases_at_once_and_says_who_had_them(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada, bo = person(session, merchant), person(session, merchant, name="Bo Lind")
            first, second = cases(session, merchant, 2)
            store_work.assign(session, merchant.id, [first.id], bo.id, by=ada.id, now=NOW)
            changed = store_work.assign(session, merchant.id, [first.id, second.id], ada.id, by=bo.id, now=NOW)
        assert changed == {first.id: bo.id, second.id: None}
        with database.reading() as session:
            assert {session.get_one(Dispute, each.id).assigned_to for each in (first, second)} == {ada.id}
            entries = session.exec(select(AuditEntry).where(AuditEntry.action == "assigned")).all()
            assert [(each.subject, each.details["to"], each.details["before"]) for each in entries] == [
                (first.id, bo.id, None),
                (first.id, ada.id, bo.id),
                (second.id, ada.id, None),
            ]

    def test_to_nobody_takes_the_case_back(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada = person(session, merchant)
            (case,) = cases(session, merchant)
            store_work.assign(session, merchant.id, [case.id], ada.id, by=ada.id, now=NOW)
            assert store_work.assign(session, merchant.id, [case.id], None, by=ada.id, now=NOW) == {case.id: ada.id}
            session.refresh(case)
            assert case.assigned_to is None

    def test_that_changes_nothing_writes_nothing(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            (case,) = cases(session, merchant)
            assert store_work.assign(session, merchant.id, [case.id], None, by="per_1", now=NOW) == {}
            assert session.exec(select(AuditEntry).where(AuditEntry.action == "assigned")).all() == []

    def test_leaves_the_version_alone_so_that_nobody_s_edit_goes_stale(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada = person(session, merchant)
            (case,) = cases(session, merchant)
            before = case.version
            store_work.assign(session, merchant.id, [case.id], ada.id, by=ada.id, now=NOW)
            session.refresh(case)
            assert case.version == before

    @pytest.mark.parametrize("role", ["viewer", "stranger", "elsewhere"])
    def test_to_who_may_not_work_there_is_refused(self, database: Database, role: str) -> None:
        with database.writing() as session:
            merchant, other = builders.merchant(session), builders.merchant(session)
            ada = person(
                session, other if role == "elsewhere" else merchant, role="agent" if role == "elsewhere" else role
            )
            (case,) = cases(session, merchant)
            with pytest.raises(NotFound):
                store_work.assign(session, merchant.id, [case.id], ada.id, by=ada.id, now=NOW)

    def test_with_one_foreign_case_among_them_changes_none(self, database: Database) -> None:
        with database.writing() as session:
            merchant, other = builders.merchant(session), builders.merchant(session)
            ada = person(session, merchant)
            (ours,), (theirs,) = cases(session, merchant), cases(session, other)
            with pytest.raises(NotFound):
                store_work.assign(session, merchant.id, [ours.id, theirs.id], ada.id, by=ada.id, now=NOW)
            session.refresh(ours)
            assert ours.assigned_to is None


class TestNotes:
    def test_are_deleted_only_by_their_author_and_can_be_brought_back(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada, bo = person(session, merchant), person(session, merchant)
            (case,) = cases(session, merchant)
            note = store_work.add_note(session, case, "Call the carrier", by=ada.id, now=NOW)
            with pytest.raises(NotFound):
                store_work.delete_note(session, case, note.id, by=bo.id, now=NOW)
            store_work.delete_note(session, case, note.id, by=ada.id, now=NOW)
            assert store_work.notes_of(session, case.id) == []
            store_work.restore_note(session, case, note.id, by=ada.id, now=NOW)
            assert [each.text for each in store_work.notes_of(session, case.id)] == ["Call the carrier"]

    def test_that_were_deleted_lose_their_text_with_the_next_change_a_day_later(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada = person(session, merchant)
            (case,) = cases(session, merchant)
            note = store_work.add_note(session, case, "Call the carrier", by=ada.id, now=NOW)
            store_work.delete_note(session, case, note.id, by=ada.id, now=NOW)
            later = NOW + store_work.TAKEN_BACK + timedelta(seconds=1)
            store_work.add_note(session, case, "Called", by=ada.id, now=later)
            session.expire_all()
            assert [each.text for each in session.exec(select(CaseNote))] == ["Called"]

    def test_leave_only_their_id_in_the_audit(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada = person(session, merchant)
            (case,) = cases(session, merchant)
            note = store_work.add_note(session, case, "Emily called", by=ada.id, now=NOW)
            entry = session.exec(select(AuditEntry).where(AuditEntry.action == "noted")).one()
            assert entry.details == {"note": note.id}


class TestAttention:
    def test_counts_the_time_between_pings_and_no_more_than_that(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada = person(session, merchant)
            (case,) = cases(session, merchant)
            # Pings after 0, 15, 30, 31 (a second tab), 61 (a late one counts no more than a ping may), 3661 seconds.
            for seconds in (0, 15, 30, 31, 61, 3661):
                store_work.ping(session, case, ada.id, NOW + timedelta(seconds=seconds))
            (row,) = store_work.attention_of(session, case.id)
            assert row.seconds == 15 + 15 + 1 + store_work.MOST_SECONDS + 0
            assert row.seen_at == NOW + timedelta(seconds=3661)

    def test_counts_acts_from_the_first_on(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada = person(session, merchant)
            (case,) = cases(session, merchant)
            store_work.acted(session, case, ada.id, NOW)
            store_work.ping(session, case, ada.id, NOW + timedelta(seconds=5))
            store_work.acted(session, case, ada.id, NOW + timedelta(seconds=9))
            session.expire_all()
            (row,) = store_work.attention_of(session, case.id)
            assert (row.acts, row.seconds, row.first_at) == (2, 5, NOW)

    def test_tells_who_else_is_here_and_forgets_who_left(self, database: Database) -> None:
        with database.writing() as session:
            merchant = builders.merchant(session)
            ada, ayse = person(session, merchant), person(session, merchant, name="Ayşe Kaya")
            (case,) = cases(session, merchant)
            store_work.ping(session, case, ada.id, NOW)
            store_work.ping(session, case, ayse.id, NOW)
            seen = [each.name for each in store_work.others_here(session, case.id, ada.id, NOW + timedelta(seconds=39))]
            assert seen == ["Ayşe Kaya"]
            assert store_work.others_here(session, case.id, ada.id, NOW + store_work.HERE) == []
