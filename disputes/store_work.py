"""What people leave on a case: who works on it, notes, and who has it before them now."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from disputes.ids import new_id
from disputes.models import Attempt, CaseAttention, CaseNote, Dispute, JournalStep, Membership, Person
from disputes.roles import Right, rights_of
from disputes.store import NotFound
from disputes.store_audit import record, take_turn

_AT_ONCE = 500
"""Ids in one statement."""
HERE = timedelta(seconds=40)
"""Who had the case in sight so lately is on it now: two pings and a little."""
MOST_SECONDS = 20
"""What one ping counts at most: a page that slept was looked at by nobody."""
TAKEN_BACK = timedelta(days=1)
"""A deleted note can be brought back for so long; then its text is gone."""


# ---- who works on it -----------------------------------------------------------------------------------------------


def workers(session: Session, merchant_id: str) -> list[tuple[str, str]]:
    """(person id, name) of everybody a case can be given to, by name: members who may work on cases."""
    rows = session.exec(
        select(Person.id, Person.name, Membership.role, Membership.rights)
        .join(Membership, col(Membership.person_id) == col(Person.id))
        .where(Membership.merchant_id == merchant_id)
        .order_by(col(Person.name), col(Person.id))
    )
    return [(person_id, name) for person_id, name, role, rights in rows if Right.WORK in rights_of(role, rights)]


def assign(
    session: Session, merchant_id: str, dispute_ids: Iterable[str], person_id: str | None, *, by: str, now: datetime
) -> dict[str, str | None]:
    """Give cases to a person (None: to nobody). Who had each before, for those that changed: what an undo needs.

    Raises NotFound, and changes nothing, where a case is not this merchant's or the person may not work there.
    """
    if person_id is not None and person_id not in dict(workers(session, merchant_id)):
        raise NotFound(f"nobody {person_id} who works on these cases")
    take_turn(session, merchant_id)
    wanted = list(dict.fromkeys(dispute_ids))
    before = _assigned(session, merchant_id, wanted)
    if missing := set(wanted) - set(before):
        raise NotFound(f"no case {min(missing)}")
    changed = {dispute_id: before[dispute_id] for dispute_id in wanted if before[dispute_id] != person_id}
    for part in _parts(list(changed)):
        session.execute(sa.update(Dispute).where(col(Dispute.id).in_(part)).values(assigned_to=person_id))
    for dispute_id, had in changed.items():
        record(
            session,
            merchant_id,
            at=now,
            actor=by,
            action="assigned",
            subject=dispute_id,
            details={"to": person_id, "before": had},
        )
    return changed


def _assigned(session: Session, merchant_id: str, dispute_ids: Sequence[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for part in _parts(dispute_ids):
        rows = session.exec(
            select(Dispute.id, Dispute.assigned_to).where(Dispute.merchant_id == merchant_id, col(Dispute.id).in_(part))
        )
        found |= dict(rows.all())
    return found


def _parts(ids: Sequence[str]) -> list[Sequence[str]]:
    return [ids[start : start + _AT_ONCE] for start in range(0, len(ids), _AT_ONCE)]


# ---- notes ---------------------------------------------------------------------------------------------------------


def notes_of(session: Session, dispute_id: str) -> Sequence[CaseNote]:
    """Oldest first, without the deleted ones."""
    return session.exec(
        select(CaseNote)
        .where(CaseNote.dispute_id == dispute_id, col(CaseNote.deleted_at).is_(None))
        .order_by(col(CaseNote.at), col(CaseNote.id))
    ).all()


def add_note(session: Session, dispute: Dispute, text: str, *, by: str, now: datetime) -> CaseNote:
    """`text` is already masked: nothing here can tell a card number from an order number."""
    _forget_deleted(session, dispute, now)
    note = CaseNote(
        id=new_id("nte"), merchant_id=dispute.merchant_id, dispute_id=dispute.id, author=by, text=text, at=now
    )
    session.add(note)
    session.flush()
    record(
        session, dispute.merchant_id, at=now, actor=by, action="noted", subject=dispute.id, details={"note": note.id}
    )
    return note


def delete_note(session: Session, dispute: Dispute, note_id: str, *, by: str, now: datetime) -> None:
    """Only one's own; raises NotFound for everything else."""
    _forget_deleted(session, dispute, now)
    _own_note(session, dispute, note_id, by).deleted_at = now
    _note_turned(session, dispute, note_id, by, "note_deleted", now)


def restore_note(session: Session, dispute: Dispute, note_id: str, *, by: str, now: datetime) -> None:
    """Take the deletion back, while the text is still there."""
    _own_note(session, dispute, note_id, by).deleted_at = None
    _note_turned(session, dispute, note_id, by, "note_restored", now)


def _own_note(session: Session, dispute: Dispute, note_id: str, by: str) -> CaseNote:
    note = session.get(CaseNote, note_id)
    if note is None or note.dispute_id != dispute.id or note.author != by:
        raise NotFound(f"no note {note_id}")
    return note


def _note_turned(session: Session, dispute: Dispute, note_id: str, by: str, action: str, now: datetime) -> None:
    session.flush()
    details = {"note": note_id}
    record(session, dispute.merchant_id, at=now, actor=by, action=action, subject=dispute.id, details=details)


def _forget_deleted(session: Session, dispute: Dispute, now: datetime) -> None:
    session.execute(
        sa.delete(CaseNote).where(col(CaseNote.dispute_id) == dispute.id, col(CaseNote.deleted_at) < now - TAKEN_BACK)
    )


# ---- attention -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Present:
    person_id: str
    name: str


def ping(session: Session, dispute: Dispute, person_id: str, now: datetime) -> None:
    """The case is in this person's sight: count the time since the last ping, where there was one just now."""
    seen = col(CaseAttention.seen_at)
    row = session.exec(
        select(CaseAttention).where(CaseAttention.dispute_id == dispute.id, CaseAttention.person_id == person_id)
    ).first()
    if row is None:
        _begin(session, dispute, person_id, now, acts=0)
        return
    since = now - row.seen_at
    counted = min(int(since.total_seconds()), MOST_SECONDS) if timedelta() < since <= HERE else 0
    # Only over the ping that was read: of two tabs that ping together one counts.
    session.execute(
        sa.update(CaseAttention)
        .where(
            col(CaseAttention.dispute_id) == dispute.id,
            col(CaseAttention.person_id) == person_id,
            seen == row.seen_at,
        )
        .values(seen_at=now, seconds=CaseAttention.seconds + counted)
        .execution_options(synchronize_session=False)
    )


def acted(session: Session, dispute: Dispute, person_id: str, now: datetime) -> None:
    """This person changed something on the case: one act more. Called once by every route that changes a case."""
    take_turn(session, dispute.merchant_id)
    _begin(session, dispute, person_id, now, acts=1)


def others_here(session: Session, dispute_id: str, person_id: str, now: datetime) -> list[Present]:
    """Who else has the case before them now, by name."""
    rows = session.exec(
        select(Person.id, Person.name)
        .join(CaseAttention, col(CaseAttention.person_id) == col(Person.id))
        .where(
            CaseAttention.dispute_id == dispute_id,
            CaseAttention.person_id != person_id,
            col(CaseAttention.seen_at) > now - HERE,
        )
        .order_by(col(Person.name), col(Person.id))
    )
    return [Present(each, name) for each, name in rows]


def attention_of(session: Session, dispute_id: str) -> Sequence[CaseAttention]:
    return session.exec(
        select(CaseAttention)
        .where(CaseAttention.dispute_id == dispute_id)
        .order_by(col(CaseAttention.first_at), col(CaseAttention.person_id))
    ).all()


def _begin(session: Session, dispute: Dispute, person_id: str, now: datetime, *, acts: int) -> None:
    """A first row, or the acts added to the one that is there; two at once both count."""
    table = CaseAttention.__table__  # type: ignore[attr-defined]
    dialect = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    fresh = dialect.insert(table).values(
        dispute_id=dispute.id, person_id=person_id, merchant_id=dispute.merchant_id, first_at=now, seen_at=now,
        seconds=0, acts=acts,
    )  # fmt: skip
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=[table.c.dispute_id, table.c.person_id], set_={"acts": table.c.acts + acts}
        )
    )


# ---- what was done at the gateway ----------------------------------------------------------------------------------


def steps_of(session: Session, dispute_id: str) -> Sequence[JournalStep]:
    """Writes to the gateway that have ended, for a case's timeline."""
    return session.exec(
        select(JournalStep)
        .join(Attempt, col(Attempt.id) == col(JournalStep.attempt_id))
        .where(Attempt.dispute_id == dispute_id, col(JournalStep.ended_at).is_not(None))
        .order_by(col(JournalStep.ended_at), col(JournalStep.id))
    ).all()
