"""The questions a digest asks: what is due, what waits, what came of it, what is at stake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.lifecycle import Shown
from disputes.models import Attempt, Connection, Digest, Dispute, Merchant, OpenStake, Round, ViewCount
from disputes.money import Money
from disputes.store_queue import NEEDS_A_PERSON

OPEN: sa.ColumnElement[bool] = sa.literal_column("dispute.is_open", sa.Boolean)
_GOES_ON = (Shown.NEW.value, Shown.GATHERING.value, Shown.SCHEDULED.value, Shown.SUBMITTING.value)


@dataclass(frozen=True, slots=True)
class Stake:
    """Money in open cases, by currency; sandbox and live are never mixed."""

    live: bool
    amount: Money
    cases: int


def at_stake(session: Session, merchant_id: str) -> list[Stake]:
    rows = session.exec(
        select(OpenStake)
        .where(OpenStake.merchant_id == merchant_id, OpenStake.cases > 0)
        .order_by(col(OpenStake.live).desc(), col(OpenStake.currency))
    )
    return [Stake(each.live, Money(each.minor, each.currency), each.cases) for each in rows]


def needing(session: Session, merchant_id: str, limit: int) -> list[Dispute]:
    """What waits for a person, by its deadline; what has none comes last."""
    return _of_views(session, merchant_id, NEEDS_A_PERSON, limit)


def going_on(session: Session, merchant_id: str, limit: int) -> list[Dispute]:
    """Open cases that the desk works on by itself."""
    return _of_views(session, merchant_id, _GOES_ON, limit)


def _of_views(session: Session, merchant_id: str, views: Sequence[str], limit: int) -> list[Dispute]:
    """Each view by itself in the order of the index, then together: "any of these views" would read them all."""
    found: list[Dispute] = []
    for view in views:
        found += session.exec(
            select(Dispute)
            .where(Dispute.merchant_id == merchant_id, Dispute.view == view, col(Dispute.can_submit))
            .order_by(col(Dispute.due_sort), col(Dispute.queue_rank), col(Dispute.id))
            .limit(limit)
            .options(sa.orm.defer(col(Dispute.raw)))  # type: ignore[arg-type]
        )
    return sorted(found, key=lambda dispute: (dispute.due_sort, dispute.queue_rank, dispute.id))[:limit]


def due_before(session: Session, merchant_id: str, until: datetime) -> int:
    """How many open cases that can be answered are due until then, past ones among them."""
    return session.exec(
        select(sa.func.count()).where(
            Dispute.merchant_id == merchant_id, OPEN, col(Dispute.due_sort) <= until, col(Dispute.can_submit)
        )
    ).one()


def counts(session: Session, merchant_id: str) -> dict[str, int]:
    """Cases by view, live and sandbox together."""
    rows = session.exec(
        select(ViewCount.view, sa.func.sum(col(ViewCount.count)))
        .where(ViewCount.merchant_id == merchant_id)
        .group_by(col(ViewCount.view))
    )
    return {view: int(number) for view, number in rows}


def to_remind(session: Session, merchant_id: str, now: datetime, until: datetime) -> list[Dispute]:
    """Open cases due until then that a person may have to do something about, the most urgent first."""
    return list(
        session.exec(
            select(Dispute)
            .where(
                Dispute.merchant_id == merchant_id,
                OPEN,
                col(Dispute.due_sort) > now,
                col(Dispute.due_sort) <= until,
                col(Dispute.can_submit),
                col(Dispute.view).not_in((Shown.SCHEDULED.value, Shown.SUBMITTING.value)),
            )
            .order_by(col(Dispute.due_sort), col(Dispute.queue_rank), col(Dispute.id))
            .options(sa.orm.defer(col(Dispute.raw)))  # type: ignore[arg-type]
        )
    )


def note_reminded(session: Session, dispute: Dispute, hours: int) -> bool:
    """That its present deadline was told so many hours ahead; False where another process was quicker."""
    table = Dispute.__table__  # type: ignore[attr-defined]
    nearer = sa.or_(
        table.c.reminded_due_at.is_(None), table.c.reminded_due_at != dispute.due_at, table.c.reminded_hours > hours
    )
    noted = session.execute(
        sa.update(table)
        .where(table.c.id == dispute.id, nearer)
        .values(reminded_due_at=dispute.due_at, reminded_hours=hours)
    )
    return bool(noted.rowcount == 1)  # type: ignore[attr-defined]


def reminded(session: Session) -> Sequence[Merchant]:
    """Merchants who are mailed before deadlines."""
    rows = session.exec(select(Merchant)).all()
    return [each for each in rows if each.reminder_hours and each.digest_recipients]


def filed_since(session: Session, merchant_id: str, since: datetime, limit: int) -> list[tuple[Attempt, Dispute]]:
    rows = session.exec(
        select(Attempt, Dispute)
        .join(Dispute, col(Dispute.id) == col(Attempt.dispute_id))
        .where(Attempt.merchant_id == merchant_id, Attempt.state == "filed", col(Attempt.approved_at) >= since)
        .order_by(col(Attempt.approved_at))
        .limit(limit)
    )
    return [(attempt, dispute) for attempt, dispute in rows]


def decided_since(session: Session, merchant_id: str, since: datetime, limit: int) -> list[tuple[Round, Dispute]]:
    rows = session.exec(
        select(Round, Dispute)
        .join(Dispute, col(Dispute.id) == col(Round.dispute_id))
        .where(Round.merchant_id == merchant_id, col(Round.outcome_at) >= since, col(Round.outcome).is_not(None))
        .order_by(col(Round.outcome_at))
        .limit(limit)
    )
    return [(closed, dispute) for closed, dispute in rows]


def silent_connections(session: Session, merchant_id: str, before: datetime) -> Sequence[Connection]:
    """Connections that were not read since `before`, or never."""
    return session.exec(
        select(Connection).where(
            Connection.merchant_id == merchant_id,
            sa.not_(col(Connection.paused)),
            col(Connection.gateway) != "manual",  # a person is its gateway: there is nothing to read
            sa.or_(col(Connection.last_read_at).is_(None), col(Connection.last_read_at) < before),
            col(Connection.created_at) < before,
        )
    ).all()


def last_digest(session: Session, merchant_id: str) -> Digest | None:
    return session.exec(
        select(Digest).where(Digest.merchant_id == merchant_id).order_by(col(Digest.day).desc())
    ).first()


def missed_between(last: date | None, today: date) -> list[date]:
    """The days between the last digest and today that got none."""
    if last is None:
        return []
    return [last + timedelta(days=n) for n in range(1, (today - last).days)][:60]
