"""Questions to people outside: asked, reminded, answered once, ended."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.models import EvidenceRequest

ASKED = "asked"


def of_case(session: Session, dispute_id: str) -> Sequence[EvidenceRequest]:
    return session.exec(
        select(EvidenceRequest)
        .where(EvidenceRequest.dispute_id == dispute_id)
        .order_by(col(EvidenceRequest.asked_at), col(EvidenceRequest.id))
    ).all()


def by_token(session: Session, hashed: str) -> EvidenceRequest | None:
    return session.exec(select(EvidenceRequest).where(EvidenceRequest.token_hash == hashed)).first()


def due(session: Session, now: datetime, limit: int = 100) -> list[EvidenceRequest]:
    return list(
        session.exec(
            select(EvidenceRequest)
            .where(sa.literal_column("evidence_request.state = 'asked'"), col(EvidenceRequest.next_act_at) <= now)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def end(session: Session, request_id: str, state: str, now: datetime, *, answer: str = "") -> bool:
    """Answered, declined, cancelled or expired, whichever comes first: True for the one that came first."""
    ended = session.execute(
        sa.update(EvidenceRequest)
        .where(col(EvidenceRequest.id) == request_id, col(EvidenceRequest.state) == ASKED)
        .values(state=state, ended_at=now, next_act_at=None, answer=answer[:1000])
    )
    return bool(ended.rowcount == 1)  # type: ignore[attr-defined]
