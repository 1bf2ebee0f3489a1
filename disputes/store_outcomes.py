"""How the merchant's own answered cases were decided, counted for the chance of the next one."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.gateway_kinds import gateway_kinds
from disputes.lifecycle import GatewayStatus
from disputes.models import Dispute, Round

DECIDED = (GatewayStatus.WON.value, GatewayStatus.LOST.value)
_TELLS_ANSWERS = ("stripe", "paypal")
"""Gateways whose dispute says by itself whether somebody answered it; Square's does not once it is lost."""


def decided(session: Session, merchant_id: str, *, live: bool, since: datetime) -> list[tuple[str, str, int, int]]:
    """(category, gateway, won, lost) of cases that were answered, by us or before us; accepted ones are neither.

    Sandbox cases teach nothing about real ones, nor the other way round.
    """
    ours = sa.exists().where(col(Round.dispute_id) == col(Dispute.id), col(Round.answered_at).is_not(None))
    tell = (*_TELLS_ANSWERS, *(kind.name for kind in gateway_kinds().values() if kind.tells_answers))
    told = sa.and_(col(Dispute.gateway).in_(tell), col(Dispute.submission_count) > 0)
    won = sa.func.sum(sa.case((col(Dispute.gateway_status) == GatewayStatus.WON.value, 1), else_=0))
    rows = session.exec(
        select(Dispute.category, Dispute.gateway, won, sa.func.count())
        .where(
            Dispute.merchant_id == merchant_id,
            Dispute.live == live,
            col(Dispute.view).in_(DECIDED),
            Dispute.opened_at >= since,
            sa.or_(ours, told),
        )
        .group_by(col(Dispute.category), col(Dispute.gateway))
        .order_by(col(Dispute.category), col(Dispute.gateway))
    ).all()
    return [(category, gateway, int(wins), int(number) - int(wins)) for category, gateway, wins, number in rows]
