"""Counting tries in the database, where every process sees them: at most so many within so long."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlmodel import Session

from disputes import store_people

QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    subject: str
    most: int
    within: timedelta = QUARTER

    @property
    def counted(self) -> str:
        return self.subject[:254]


def take(session: Session, limits: Collection[Limit], now: datetime) -> bool:
    """Count this try before it is checked, so that tries at the same time do not slip through; False: too many."""
    if any(store_people.tries_since(session, each.counted, now - each.within) >= each.most for each in limits):
        return False
    store_people.note_try(session, [each.counted for each in limits], now)
    return True


def forget(session: Session, limits: Collection[Limit]) -> None:
    """It went well: what was counted says nothing any more."""
    for each in limits:
        store_people.clear_tries(session, each.counted)


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"
