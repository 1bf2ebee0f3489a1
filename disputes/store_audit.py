"""Appending to a merchant's audit chain, and reading it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.audit import entry_hash
from disputes.models import AuditEntry, AuditHead
from disputes.store_audit_read import chain


def take_turn(session: Session, merchant_id: str) -> None:
    """Wait until nobody else is changing this merchant's cases: first the head of the chain, then cases and counters.

    Everybody takes these locks in that order, or two who hold one each would wait for the other's for ever. SQLite
    has one writer at a time anyway.
    """
    if session.get_bind().dialect.name != "sqlite":
        head = select(AuditHead.merchant_id).where(AuditHead.merchant_id == merchant_id)
        session.execute(head.with_for_update(), execution_options={"autoflush": False})


def record(
    session: Session,
    merchant_id: str,
    *,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any] | None = None,
) -> str:
    """Append one entry and return the new head. `details` hold ids, hashes and enum words only, never customer data.

    The head's row is locked first: two writers without that would fork the chain.
    """
    take_turn(session, merchant_id)
    head = session.exec(
        select(AuditHead).where(AuditHead.merchant_id == merchant_id).execution_options(populate_existing=True)
    ).first()
    if head is None:
        head = AuditHead(merchant_id=merchant_id)
    seq, content = head.seq + 1, dict(details or {})
    fields: dict[str, Any] = {
        "merchant_id": merchant_id,
        "seq": seq,
        "at": at,
        "actor": actor,
        "action": action,
        "subject": subject,
        "details": content,
        "previous": head.hash,
    }
    entry = AuditEntry(**fields, hash=entry_hash(**fields))
    head.seq, head.hash = seq, entry.hash
    session.add(entry)
    session.add(head)
    session.flush()
    return entry.hash


def head_of(session: Session, merchant_id: str) -> str:
    found = session.get(AuditHead, merchant_id)
    return found.hash if found else "0" * 64


def entries_of(session: Session, merchant_id: str, subject: str | None = None) -> Iterator[AuditEntry]:
    query = select(AuditEntry).where(AuditEntry.merchant_id == merchant_id).order_by(col(AuditEntry.seq))
    if subject is not None:
        query = query.where(AuditEntry.subject == subject)
    yield from session.exec(query)


def export(session: Session, merchant_id: str) -> Iterator[dict[str, Any]]:
    """The chain as it is verified offline by `counterproof verify`, read in bounded pieces."""
    return chain(session, merchant_id)


def count(session: Session, merchant_id: str) -> int:
    return session.exec(select(sa.func.count()).where(AuditEntry.merchant_id == merchant_id)).one()
