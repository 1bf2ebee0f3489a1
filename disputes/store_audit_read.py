"""Reading a merchant's audit chain: a page of it, filtered; and all of it, in bounded pieces."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.models import (
    AuditEntry,
    AuditHead,
    Connection,
    Dispute,
    EvidenceRequest,
    Membership,
    Person,
    PolicyVersion,
    SourceConnection,
)

PAGE = 50
_PIECE = 2000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the record is wanted. `since` is included, `until` is not."""

    actor: str = ""
    actions: Collection[str] = ()
    not_actions: Collection[str] = ()
    subjects: Collection[str] | None = None
    since: datetime | None = None
    until: datetime | None = None


def page(session: Session, merchant_id: str, wanted: Wanted, *, before: int | None = None) -> list[AuditEntry]:
    """One page, newest first, and one row more where there is more. `before`: the last page's last number."""
    query = select(AuditEntry).where(AuditEntry.merchant_id == merchant_id)
    if before is not None:
        query = query.where(col(AuditEntry.seq) < before)
    if wanted.actor:
        query = query.where(AuditEntry.actor == wanted.actor)
    if wanted.actions:
        query = query.where(col(AuditEntry.action).in_(sorted(wanted.actions)))
    if wanted.not_actions:
        query = query.where(col(AuditEntry.action).not_in(sorted(wanted.not_actions)))
    if wanted.subjects is not None:
        query = query.where(col(AuditEntry.subject).in_(sorted(wanted.subjects)))
    if wanted.since is not None:
        query = query.where(col(AuditEntry.at) >= wanted.since)
    if wanted.until is not None:
        query = query.where(col(AuditEntry.at) < wanted.until)
    return list(session.exec(query.order_by(col(AuditEntry.seq).desc()).limit(PAGE + 1)))


def chain(session: Session, merchant_id: str, *, after: int = 0, until: int | None = None) -> Iterator[dict[str, Any]]:
    """Every entry as it is exported and verified, oldest first; never more than one piece of it in memory.

    What is appended while it is read is left out: the chain ends at its head of the beginning (or at `until`).
    """
    end = until if until is not None else length(session, merchant_id)
    table = AuditEntry.__table__  # type: ignore[attr-defined]
    query = sa.select(table).where(table.c.merchant_id == merchant_id).order_by(table.c.seq).limit(_PIECE)
    last = after
    while last < end:
        rows = session.execute(query.where(table.c.seq > last, table.c.seq <= end)).mappings().all()
        for row in rows:
            yield {**row, "at": row["at"].isoformat(timespec="microseconds")}
        if len(rows) < _PIECE:
            return
        last = int(rows[-1]["seq"])


def length(session: Session, merchant_id: str) -> int:
    head = session.get(AuditHead, merchant_id, populate_existing=True)
    return head.seq if head else 0


# ---- who and what --------------------------------------------------------------------------------------------------


def actors(session: Session, merchant_id: str) -> list[tuple[str, str]]:
    """(id, name) of the people who work or worked here, by name. Who left is found in what they did."""
    members = select(Membership.person_id).where(Membership.merchant_id == merchant_id)
    did = select(AuditEntry.actor).where(AuditEntry.merchant_id == merchant_id).distinct()
    rows = session.exec(
        select(Person.id, Person.name)
        .where(sa.or_(col(Person.id).in_(members), col(Person.id).in_(did)))
        .order_by(col(Person.name), col(Person.id))
    )
    return list(rows.all())


def cases_named(session: Session, merchant_id: str, text: str) -> list[str]:
    """Ids of the cases with exactly this order number, gateway number or id."""
    return list(
        session.exec(
            select(Dispute.id)
            .where(
                Dispute.merchant_id == merchant_id,
                sa.or_(col(Dispute.order_ref) == text, col(Dispute.external_id) == text, col(Dispute.id) == text),
            )
            .limit(200)
        )
    )


def cases(session: Session, merchant_id: str, ids: Collection[str]) -> dict[str, str]:
    """Case id -> the order number or the gateway's number it goes by."""
    rows = session.exec(
        select(Dispute.id, Dispute.order_ref, Dispute.external_id).where(
            Dispute.merchant_id == merchant_id, col(Dispute.id).in_(sorted(ids))
        )
    )
    return {dispute_id: order or external for dispute_id, order, external in rows}


def names(session: Session, merchant_id: str, ids: Collection[str]) -> dict[str, str]:
    """Id -> name, of people, accounts, sources, people who were asked, and policies of this merchant."""
    wanted = sorted(ids)
    found = dict(session.exec(select(Person.id, Person.name).where(col(Person.id).in_(wanted))).all())
    accounts = select(Connection.id, Connection.account_name, Connection.account_id).where(
        Connection.merchant_id == merchant_id, col(Connection.id).in_(wanted)
    )
    found |= {each: name or account for each, name, account in session.exec(accounts)}
    sources = select(SourceConnection.id, SourceConnection.account_name, SourceConnection.system).where(
        SourceConnection.merchant_id == merchant_id, col(SourceConnection.id).in_(wanted)
    )
    found |= {each: name or system for each, name, system in session.exec(sources)}
    asked = select(EvidenceRequest.id, EvidenceRequest.recipient_name, EvidenceRequest.recipient).where(
        EvidenceRequest.merchant_id == merchant_id, col(EvidenceRequest.id).in_(wanted)
    )
    found |= {each: name or address for each, name, address in session.exec(asked)}
    policies = select(PolicyVersion.id, PolicyVersion.title).where(
        PolicyVersion.merchant_id == merchant_id, col(PolicyVersion.id).in_(wanted)
    )
    return found | dict(session.exec(policies).all())
