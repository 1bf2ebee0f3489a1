"""Ways of looking at the queue that people gave a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.ids import new_id
from disputes.models import SavedView
from disputes.store import NotFound

MOST = 30


class TooMany(ValueError):
    """There are as many saved views as one list of them can show."""


def views_of(session: Session, merchant_id: str, person_id: str) -> Sequence[SavedView]:
    """The person's own and everybody's, by name."""
    return session.exec(
        select(SavedView)
        .where(
            SavedView.merchant_id == merchant_id,
            sa.or_(col(SavedView.person_id) == person_id, col(SavedView.person_id).is_(None)),
        )
        .order_by(col(SavedView.name), col(SavedView.id))
    ).all()


def save_view(
    session: Session,
    merchant_id: str,
    person_id: str | None,
    name: str,
    wanted: Mapping[str, str],
    *,
    now: datetime,
) -> SavedView:
    """Under this name from now on; one of the same name and owner is replaced."""
    owner = col(SavedView.person_id) == person_id if person_id else col(SavedView.person_id).is_(None)
    same = select(SavedView).where(SavedView.merchant_id == merchant_id, owner, SavedView.name == name)
    view = session.exec(same).first()
    if view is None:
        every = select(sa.func.count()).select_from(SavedView).where(SavedView.merchant_id == merchant_id, owner)
        if session.exec(every).one() >= MOST:
            raise TooMany
        view = SavedView(id=new_id("vie"), merchant_id=merchant_id, person_id=person_id, name=name, created_at=now)
    view.wanted = dict(wanted)
    session.add(view)
    session.flush()
    return view


def view_of(session: Session, merchant_id: str, person_id: str, view_id: str) -> SavedView:
    """One's own or everybody's."""
    view = session.get(SavedView, view_id)
    if view is None or view.merchant_id != merchant_id or view.person_id not in (None, person_id):
        raise NotFound(f"no saved view {view_id}")
    return view


def remove_view(session: Session, view: SavedView) -> None:
    session.delete(view)
    session.flush()
