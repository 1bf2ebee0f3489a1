"""What the sweep looks for: rows whose time has come. Indexed, limited, and locked against a second sweep."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.models import (
    Attempt,
    Connection,
    Dispute,
    Heartbeat,
    Merchant,
    Round,
    SignInTry,
    WebhookEvent,
    WebSession,
)

LIMIT = 200


def flags(session: Session, now: datetime) -> list[Dispute]:
    return list(
        session.exec(
            select(Dispute)
            .where(sa.literal_column("dispute.next_flag_at IS NOT NULL"), col(Dispute.next_flag_at) <= now)
            .order_by(col(Dispute.next_flag_at))
            .limit(LIMIT)
            .with_for_update(skip_locked=True)
        )
    )


def attempts(session: Session, now: datetime) -> list[Attempt]:
    return list(
        session.exec(
            select(Attempt)
            .where(col(Attempt.state).in_(("scheduled", "submitting")), col(Attempt.act_at) <= now)
            .order_by(col(Attempt.act_at))
            .limit(LIMIT)
            .with_for_update(skip_locked=True)
        )
    )


def connections(session: Session, now: datetime) -> list[Connection]:
    return list(
        session.exec(
            select(Connection)
            .where(col(Connection.next_poll_at) <= now, sa.not_(col(Connection.paused)))
            .limit(LIMIT)
            .with_for_update(skip_locked=True)
        )
    )


def digests(session: Session, now: datetime) -> list[Merchant]:
    return list(
        session.exec(
            select(Merchant).where(col(Merchant.next_digest_at) <= now).limit(LIMIT).with_for_update(skip_locked=True)
        )
    )


def preparations(session: Session, now: datetime, limit: int) -> list[Round]:
    """Rounds that wait to be prepared, the most urgent first."""
    return list(
        session.exec(
            select(Round)
            .where(sa.literal_column("round.prepare_at IS NOT NULL"), col(Round.prepare_at) <= now)
            .order_by(sa.nulls_last(col(Round.due_at)), col(Round.id))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def forget_old(session: Session, now: datetime, *, events_before: datetime) -> int:
    """Ended sessions, sign-in tries of yesterday and webhook notes that no gateway sends again."""
    deleted = 0
    for statement in (
        sa.delete(WebSession).where(col(WebSession.expires_at) < now),
        sa.delete(SignInTry).where(col(SignInTry.at) < now - timedelta(days=1)),
        sa.delete(WebhookEvent).where(col(WebhookEvent.received_at) < events_before),
    ):
        deleted += session.execute(statement).rowcount  # type: ignore[attr-defined]
    return deleted


def beat(session: Session, name: str, at: datetime, detail: str = "") -> None:
    session.merge(Heartbeat(name=name, at=at, detail=detail))


def beats(session: Session) -> dict[str, Heartbeat]:
    return {row.name: row for row in session.exec(select(Heartbeat))}
