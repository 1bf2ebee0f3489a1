"""How far a new shop has come, for the checklist of the first run."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.models import Attempt, Connection, Membership, Merchant, SourceConnection


@dataclass(frozen=True, slots=True)
class Reached:
    """What is there already."""

    gateway: bool
    live: bool
    """Among the gateways is one with real money."""
    source: bool
    answered: bool
    """Some answer was approved here."""
    colleague: bool


def reached(session: Session, merchant_id: str) -> Reached:
    def some(model: type, *where: sa.ColumnElement[bool]) -> bool:
        return session.exec(select(sa.literal(1)).select_from(model).where(*where).limit(1)).first() is not None

    people = select(sa.func.count()).select_from(Membership).where(Membership.merchant_id == merchant_id)
    return Reached(
        gateway=some(Connection, col(Connection.merchant_id) == merchant_id),
        live=some(Connection, col(Connection.merchant_id) == merchant_id, col(Connection.mode) == "live"),
        source=some(SourceConnection, col(SourceConnection.merchant_id) == merchant_id),
        answered=some(Attempt, col(Attempt.merchant_id) == merchant_id),
        colleague=session.exec(people).one() > 1,
    )


def say_done(session: Session, merchant: Merchant, step: str) -> None:
    """A step that is not wanted, or is done by another way; "all" ends the checklist."""
    held = session.get_one(Merchant, merchant.id)
    held.welcome = sorted({*held.welcome, step})
    session.add(held)
    session.flush()


def take_up(session: Session, merchant: Merchant) -> None:
    """The checklist from the start; what is done stays done."""
    held = session.get_one(Merchant, merchant.id)
    held.welcome = []
    session.add(held)
    session.flush()
