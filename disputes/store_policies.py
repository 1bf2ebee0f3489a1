"""Versions of the merchant's policies: those entered here, those kept from sources, and the cases they lie on."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from disputes.facts import Policy
from disputes.ids import new_id
from disputes.models import Dispute, EvidenceItem, PolicyVersion, SourceConnection, SourceRecord
from disputes.roles import Right
from disputes.store import NotFound
from disputes.store_audit import record
from disputes.store_people import demand

SOURCE = "policies"
"""The name of the built-in source that brings them to the cases."""


def entered(session: Session, merchant_id: str, *, withdrawn: bool = False) -> Sequence[PolicyVersion]:
    """What was entered here, the newest version first."""
    query = select(PolicyVersion).where(PolicyVersion.merchant_id == merchant_id)
    if not withdrawn:
        query = query.where(col(PolicyVersion.withdrawn_at).is_(None))
    ordered = (col(PolicyVersion.in_force_from).desc(), col(PolicyVersion.added_at).desc(), col(PolicyVersion.id))
    return session.exec(query.order_by(*ordered)).all()


def version_of(session: Session, merchant_id: str, version_id: str) -> PolicyVersion:
    row = session.get(PolicyVersion, version_id)
    if row is None or row.merchant_id != merchant_id:
        raise NotFound(f"no policy {version_id}")
    return row


def add(
    session: Session,
    merchant_id: str,
    policy: Policy,
    *,
    sha256: str,
    media_type: str,
    by: str,
    now: datetime,
) -> PolicyVersion:
    """Keep one version. Its file lies in the file store already. Raises Denied."""
    demand(session, merchant_id, by, Right.SETTINGS)
    version = PolicyVersion(
        id=new_id("pol"),
        merchant_id=merchant_id,
        kind=policy.kind,
        title=policy.title,
        text=policy.text,
        in_force_from=policy.in_force_from,
        shown_where=policy.shown_where,
        sha256=sha256,
        media_type=media_type,
        added_by=by,
        added_at=now,
    )
    session.add(version)
    session.flush()
    _note(session, version, "policy_added", by, now)
    return version


def withdraw(session: Session, merchant_id: str, version_id: str, *, by: str, now: datetime) -> PolicyVersion:
    """From now on no case is given it. It stays readable, because a packet may rest on it. Raises Denied."""
    demand(session, merchant_id, by, Right.SETTINGS)
    version = version_of(session, merchant_id, version_id)
    if version.withdrawn_at is None:
        version.withdrawn_at = now
        session.add(version)
        session.flush()
        _note(session, version, "policy_withdrawn", by, now)
    return version


def _note(session: Session, version: PolicyVersion, action: str, by: str, now: datetime) -> None:
    details = {"policy": version.id, "kind": version.kind, "sha256": version.sha256}
    record(session, version.merchant_id, at=now, actor=by, action=action, subject=version.id, details=details)


def fact_of(version: PolicyVersion) -> Policy:
    return Policy.model_validate(
        {
            "kind": version.kind,
            "title": version.title,
            "text": version.text,
            "in_force_from": version.in_force_from,
            "shown_where": version.shown_where,
        }
    )


def from_sources(session: Session, merchant_id: str) -> list[tuple[SourceConnection, SourceRecord]]:
    """What connected systems told of policies, and which system it was."""
    rows = session.exec(
        select(SourceConnection, SourceRecord)
        .join(SourceRecord, col(SourceRecord.source_id) == col(SourceConnection.id))
        .where(SourceConnection.merchant_id == merchant_id, SourceRecord.kind == "policy")
        .order_by(col(SourceConnection.created_at), col(SourceRecord.external_id))
    )
    return list(rows.all())


def open_cases_with(session: Session, merchant_id: str, sha256: str, limit: int = 50) -> Sequence[Dispute]:
    """Open cases on which a policy with these bytes lies, the most urgent first."""
    holds = select(EvidenceItem.dispute_id).where(
        EvidenceItem.merchant_id == merchant_id,
        EvidenceItem.sha256 == sha256,
        EvidenceItem.fact_type == "policy",
        col(EvidenceItem.withdrawn_at).is_(None),
    )
    return session.exec(
        select(Dispute)
        .where(Dispute.merchant_id == merchant_id, col(Dispute.is_open), col(Dispute.id).in_(holds))
        .order_by(col(Dispute.due_sort), col(Dispute.id))
        .limit(limit)
    ).all()
