"""The marks of erased customers: written with the erasing, asked before anything of a source is kept."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlmodel import Session, col, select

from disputes.models import ErasedMark

_AT_ONCE = 400


def remember(session: Session, merchant_id: str, marks: Collection[str], now: datetime) -> None:
    for mark in sorted(marks):
        session.merge(ErasedMark(merchant_id=merchant_id, mark=mark, erased_at=now))
    session.flush()


def any_erased(session: Session, merchant_id: str) -> bool:
    return (
        session.exec(select(ErasedMark.mark).where(ErasedMark.merchant_id == merchant_id).limit(1)).first() is not None
    )


def erased(session: Session, merchant_id: str, marks: Collection[str]) -> Mapping[str, datetime]:
    """Those of the marks that were erased, and when."""
    found: dict[str, datetime] = {}
    every = sorted(marks)
    for start in range(0, len(every), _AT_ONCE):
        rows = session.exec(
            select(ErasedMark.mark, ErasedMark.erased_at).where(
                ErasedMark.merchant_id == merchant_id, col(ErasedMark.mark).in_(every[start : start + _AT_ONCE])
            )
        )
        found |= dict(rows.all())
    return found
