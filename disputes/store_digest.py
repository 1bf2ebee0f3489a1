"""The questions a digest asks: what is due, what waits, what came of it, what is at stake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.lifecycle import WorkState
from disputes.models import Attempt, Connection, Digest, Dispute, Round
from disputes.money import Money

OPEN: sa.ColumnElement[bool] = sa.literal_column("dispute.is_open", sa.Boolean)


@dataclass(frozen=True, slots=True)
class Stake:
    """Money in open cases, by currency; sandbox and live are never mixed."""

    live: bool
    amount: Money
    cases: int


def at_stake(session: Session, merchant_id: str) -> list[Stake]:
    rows = session.exec(
        select(Dispute.live, Dispute.currency, sa.func.sum(col(Dispute.amount_minor)), sa.func.count())
        .where(Dispute.merchant_id == merchant_id, OPEN)
        .group_by(col(Dispute.live), col(Dispute.currency))
        .order_by(col(Dispute.live).desc(), col(Dispute.currency))
    )
    return [Stake(live, Money(int(minor), currency), number) for live, currency, minor, number in rows]


def next_due(session: Session, merchant_id: str, limit: int) -> Sequence[Dispute]:
    return session.exec(
        select(Dispute)
        .where(Dispute.merchant_id == merchant_id, OPEN, col(Dispute.can_submit))
        .order_by(col(Dispute.due_sort), col(Dispute.id))
        .limit(limit)
        .options(sa.orm.defer(col(Dispute.raw)))  # type: ignore[arg-type]
    ).all()


def waiting(session: Session, merchant_id: str, state: WorkState) -> int:
    return session.exec(
        select(sa.func.count()).where(
            Dispute.merchant_id == merchant_id, OPEN, Dispute.work_state == state.value, col(Dispute.can_submit)
        )
    ).one()


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
