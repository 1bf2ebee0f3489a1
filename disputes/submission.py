"""Attempts and their journal: every write that leaves the house is an intent first, and at most one attempt lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlmodel import Session, col, select

from disputes import store
from disputes.acts import ANSWER_LANE, ANSWERS, lane_of
from disputes.ids import new_id, write_key
from disputes.lifecycle import WorkState
from disputes.models import Attempt, Connection, Dispute, Installation, JournalStep, Round
from disputes.phrases import Phrase, joined, phrase, within
from disputes.roles import Right
from disputes.store_audit import record, take_turn
from disputes.store_people import demand


class Refused(Exception):
    """The act cannot be taken; `reasons` are for the merchant, and nothing was changed."""

    def __init__(self, *reasons: Phrase) -> None:
        super().__init__(joined(reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Timing:
    """How long an intent may wait to be sent, a call may take, and others then wait before they read back."""

    send_window: timedelta = timedelta(seconds=30)
    call_timeout: timedelta = timedelta(seconds=30)
    settle: timedelta = timedelta(seconds=30)

    def abandoned_at(self, send_by: datetime) -> datetime:
        """From this instant on nobody can still be sending under that intent."""
        return send_by + self.call_timeout + self.settle


_TAKEN = {
    "answer": phrase("This case is already being filed, or was filed."),
    "side": phrase("Another act on this case is under way. Wait until it has ended, or settle it if it is unclear."),
}

# ---- attempts ------------------------------------------------------------------------------------------------------


def open_attempt(
    session: Session,
    dispute: Dispute,
    current: Round,
    *,
    act: str,
    response_sha256: str | None,
    approved_by: str,
    rule_version: int | None,
    act_at: datetime,
    now: datetime,
) -> Attempt:
    """Approve an act with the Response of this hash. Refused while another attempt lives in the same lane."""
    take_turn(session, dispute.merchant_id)
    taken = _TAKEN[lane_of(act)]
    if store.live_attempt(session, current.id, lane_of(act)) is not None:
        raise Refused(taken)
    if act in ANSWERS and response_sha256 != current.response_sha256:
        raise Refused(
            phrase("The answer was changed after you looked at it. Look at the new version and approve that.")
        )
    ordinal = session.exec(select(sa.func.count()).where(Attempt.round_id == current.id)).one() + 1
    attempt = Attempt(
        id=new_id("att"),
        merchant_id=dispute.merchant_id,
        connection_id=dispute.connection_id,
        dispute_id=dispute.id,
        round_id=current.id,
        ordinal=ordinal,
        act=act,
        lane=lane_of(act),
        response_sha256=response_sha256,
        approved_by=approved_by,
        rule_version=rule_version,
        act_at=act_at,
        approved_at=now,
    )
    session.add(attempt)
    try:
        session.flush()
    except IntegrityError as error:
        # The unique index had the last word: somebody approved in the same moment.
        raise Refused(taken) from error
    details = {"attempt": attempt.id, "act": act, "response": response_sha256, "rule_version": rule_version}
    record(
        session, dispute.merchant_id, at=now, actor=approved_by, action="approved", subject=dispute.id, details=details
    )
    if attempt.lane == ANSWER_LANE:
        store.set_work(session, dispute, WorkState.SCHEDULED, now)
    return attempt


def cancel(session: Session, attempt: Attempt, *, by: str, why: Phrase, now: datetime) -> None:
    """End a scheduled attempt before anything was sent. Refused once it is being filed. Raises Denied."""
    demand(session, attempt.merchant_id, by, Right.APPROVE)
    if not _move(session, attempt, "scheduled", "cancelled", now, is_live=False):
        raise Refused(phrase("This case is being filed right now; it can no longer be stopped."))
    attempt.result = why
    session.add(attempt)
    record(
        session,
        attempt.merchant_id,
        at=now,
        actor=by,
        action="cancelled",
        subject=attempt.dispute_id,
        details={"attempt": attempt.id},
    )
    _set_work(session, attempt, WorkState.AWAITING_APPROVAL, now)


def begin(session: Session, attempt: Attempt, now: datetime) -> bool:
    """Claim a scheduled attempt for filing; False when it was cancelled or somebody else has it already."""
    if not _move(session, attempt, "scheduled", "submitting", now, is_live=True):
        return False
    _set_work(session, attempt, WorkState.SUBMITTING, now)
    return True


def _move(session: Session, attempt: Attempt, before: str, after: str, now: datetime, *, is_live: bool) -> bool:
    table = Attempt.__table__  # type: ignore[attr-defined]
    ended = None if is_live else now
    take_turn(session, attempt.merchant_id)
    moved = session.execute(
        sa.update(table)
        .where(table.c.id == attempt.id, table.c.state == before)
        .values(state=after, is_live=is_live, ended_at=ended)
    )
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        return False
    session.refresh(attempt)
    return True


def postpone(session: Session, attempt: Attempt, until: datetime, words: Phrase) -> None:
    """Look at an attempt again at `until`; one that has ended meanwhile keeps what came of it."""
    table = Attempt.__table__  # type: ignore[attr-defined]
    session.execute(
        sa.update(table)
        .where(table.c.id == attempt.id, table.c.state == "submitting")
        .values(act_at=until, result=within(words, 1000))
    )


def _set_work(session: Session, attempt: Attempt, state: WorkState, now: datetime) -> None:
    """What an attempt came to is the state of its own round; a round opened meanwhile has a state of its own.

    A message or an offer beside the answer changes nothing about how far the answer is.
    """
    if attempt.lane != ANSWER_LANE:
        return
    dispute = store.dispute_of(session, attempt.merchant_id, attempt.dispute_id)
    current = store.current_round(session, dispute)
    if current is not None and current.id == attempt.round_id:
        store.set_work(session, dispute, state, now)


def finish(
    session: Session, attempt: Attempt, state: str, *, result: Phrase, read_back: dict[str, Any] | None, now: datetime
) -> None:
    """filed, rejected or unclear: what came of an attempt that was being filed, on attempt, round and case."""
    if not _move(session, attempt, "submitting", state, now, is_live=_stays_live(attempt, state)):
        return
    attempt.result, attempt.read_back = within(result, 1000), read_back or {}
    session.add(attempt)
    details = {"attempt": attempt.id, "state": state, "response": attempt.response_sha256}
    record(
        session,
        attempt.merchant_id,
        at=now,
        actor="desk",
        action=f"attempt_{state}",
        subject=attempt.dispute_id,
        details=details,
    )
    work = {"filed": WorkState.FILED, "unclear": WorkState.UNCLEAR}.get(state, WorkState.AWAITING_APPROVAL)
    if state == "filed":
        _note_filed(session, attempt, now)
    _set_work(session, attempt, work, now)


def _stays_live(attempt: Attempt, state: str) -> bool:
    """A filed answer keeps its round; an act beside it leaves its lane free for the next."""
    return state == "unclear" or (state == "filed" and attempt.lane == ANSWER_LANE)


def _note_filed(session: Session, attempt: Attempt, now: datetime) -> None:
    current = session.get(Round, attempt.round_id)
    if current is not None and attempt.lane == ANSWER_LANE:
        current.answered_at = now
        session.add(current)
    connection = session.get(Connection, attempt.connection_id)
    if connection is not None and connection.mode == "live" and not connection.by_hand and attempt.act in ANSWERS:
        connection.live_filings += 1
        session.add(connection)


def settle_unclear(session: Session, attempt: Attempt, *, filed: bool, by: str, now: datetime) -> None:
    """A person looked at the gateway and says what they saw. Raises Denied."""
    demand(session, attempt.merchant_id, by, Right.FILE)
    state = "filed" if filed else "rejected"
    if not _move(session, attempt, "unclear", state, now, is_live=_stays_live(attempt, state)):
        raise Refused(phrase("This attempt is not unclear any more."))
    record(
        session,
        attempt.merchant_id,
        at=now,
        actor=by,
        action="unclear_settled",
        subject=attempt.dispute_id,
        details={"attempt": attempt.id, "filed": filed},
    )
    if filed:
        _note_filed(session, attempt, now)
    _set_work(session, attempt, WorkState.FILED if filed else WorkState.AWAITING_APPROVAL, now)


# ---- the journal ---------------------------------------------------------------------------------------------------


def last_try(session: Session, attempt_id: str, name: str) -> JournalStep | None:
    return session.exec(
        select(JournalStep)
        .where(JournalStep.attempt_id == attempt_id, JournalStep.name == name)
        .order_by(col(JournalStep.tries).desc())
    ).first()


def answers(session: Session, dispute_id: str) -> tuple[Mapping[str, Any], ...]:
    """What the gateway answered to every write about the dispute that ended well, oldest first."""
    rows = session.exec(
        select(JournalStep.answer)
        .join(Attempt, col(Attempt.id) == col(JournalStep.attempt_id))
        .where(Attempt.dispute_id == dispute_id, JournalStep.state == "done")
        .order_by(col(JournalStep.intent_at))
    ).all()
    return tuple(rows)


def plan(session: Session, attempt: Attempt, name: str, *, tries: int = 1) -> JournalStep:
    """The step as it stands, planned now if nobody planned it."""
    found = session.exec(
        select(JournalStep).where(
            JournalStep.attempt_id == attempt.id, JournalStep.name == name, JournalStep.tries == tries
        )
    ).first()
    if found is not None:
        return found
    step = JournalStep(
        id=new_id("jnl"),
        attempt_id=attempt.id,
        name=name,
        tries=tries,
        write_key=write_key(attempt.connection_id, attempt.id, name, tries),
    )
    session.add(step)
    session.flush()
    return step


def intend(
    session: Session, step: JournalStep, *, owner: str, pre_image: dict[str, Any], send_by: datetime, now: datetime
) -> JournalStep | None:
    """planned -> intent, by compare-and-set; None when another process was quicker."""
    table = JournalStep.__table__  # type: ignore[attr-defined]
    return _step(
        session,
        step,
        table.c.state == "planned",
        state="intent",
        owner=owner,
        pre_image=pre_image,
        send_by=send_by,
        intent_at=now,
    )


def count_write(session: Session) -> int:
    """One more write goes out: the installation's number of it, for the file beside the data."""
    table = Installation.__table__  # type: ignore[attr-defined]
    session.execute(sa.update(table).where(table.c.id == 1).values(writes=table.c.writes + 1))
    return session.exec(select(Installation.writes)).one()


def take_over(session: Session, step: JournalStep, *, owner: str, send_by: datetime) -> JournalStep | None:
    """Adopt an abandoned intent to send it again under the same key; None when another process was quicker."""
    table = JournalStep.__table__  # type: ignore[attr-defined]
    unchanged = sa.and_(table.c.state == "intent", table.c.send_by == step.send_by)
    return _step(session, step, unchanged, owner=owner, send_by=send_by)


def put_back(session: Session, step: JournalStep) -> bool:
    """intent -> planned, where it is certain that nothing was sent; False when another process took over."""
    table = JournalStep.__table__  # type: ignore[attr-defined]
    unchanged = sa.and_(table.c.state == "intent", table.c.send_by == step.send_by)
    return _step(session, step, unchanged, state="planned", owner=None, send_by=None, intent_at=None) is not None


def end_step(session: Session, step: JournalStep, state: str, *, answer: dict[str, Any], now: datetime) -> bool:
    """intent -> done | rejected | unclear; False when it had ended already."""
    table = JournalStep.__table__  # type: ignore[attr-defined]
    return _step(session, step, table.c.state == "intent", state=state, answer=answer, ended_at=now) is not None


def _step(session: Session, step: JournalStep, still: sa.ColumnElement[bool], **values: Any) -> JournalStep | None:
    """Change the row if it still is as the caller saw it, and give it back fresh: callers hold old sessions' rows."""
    table = JournalStep.__table__  # type: ignore[attr-defined]
    moved = session.execute(sa.update(table).where(table.c.id == step.id, still).values(**values))
    if moved.rowcount != 1:  # type: ignore[attr-defined]
        return None
    return session.get_one(JournalStep, step.id, populate_existing=True)
