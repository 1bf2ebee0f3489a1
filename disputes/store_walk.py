"""From case to case in the order of the queue, without going back to it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.database import UtcDateTime
from disputes.models import Dispute

# Literally so: SQLite uses a partial index only where its WHERE stands in the query word for word.
_OPEN: sa.ColumnElement[bool] = sa.literal_column("dispute.is_open")


def previous_and_next(session: Session, dispute: Dispute) -> tuple[str | None, str | None]:
    """Ids of the open cases before and after this one, live and sandbox apart; None at either end.

    A case that is not open any more stands where its deadline would have put it.
    """
    return _neighbour(session, dispute, forward=False), _neighbour(session, dispute, forward=True)


def _neighbour(session: Session, dispute: Dispute, *, forward: bool) -> str | None:
    order = (col(Dispute.due_sort), col(Dispute.queue_rank), col(Dispute.id))
    place = sa.tuple_(*order)
    here = sa.tuple_(
        sa.literal(dispute.due_sort, UtcDateTime()), sa.literal(dispute.queue_rank), sa.literal(dispute.id)
    )
    return session.exec(
        select(Dispute.id)
        .where(
            Dispute.merchant_id == dispute.merchant_id,
            _OPEN,
            Dispute.live == dispute.live,
            place > here if forward else place < here,
        )
        .order_by(*(column if forward else column.desc() for column in order))
        .limit(1)
    ).first()
