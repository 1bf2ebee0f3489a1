"""Connected systems and what is kept from them: pulled page by page, found by key, counted and erased."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes import store_evidence
from disputes.facts import Record
from disputes.ids import new_id
from disputes.models import Dispute, EvidenceItem, SourceConnection, SourceKey, SourceRecord
from disputes.store import NotFound
from disputes.systems import Kept, Key, KeyKind

LEASE = timedelta(minutes=15)
MAX_FOUND = 200


def of_merchant(session: Session, merchant_id: str) -> Sequence[SourceConnection]:
    return session.exec(
        select(SourceConnection)
        .where(SourceConnection.merchant_id == merchant_id)
        .order_by(col(SourceConnection.created_at), col(SourceConnection.id))
    ).all()


def source_of(session: Session, merchant_id: str, source_id: str) -> SourceConnection:
    row = session.get(SourceConnection, source_id)
    if row is None or row.merchant_id != merchant_id:
        raise NotFound(f"There is no source {source_id} here.")
    return row


def failing(session: Session, merchant_id: str) -> list[SourceConnection]:
    """Sources that did not answer when they were last read or asked; paused ones are silent by wish."""
    well = ("ok", "never_read", "importing")
    return [each for each in of_merchant(session, merchant_id) if each.state not in well and not each.paused]


# ---- pulling -------------------------------------------------------------------------------------------------------


def due(session: Session, now: datetime, limit: int = 50) -> list[SourceConnection]:
    return list(
        session.exec(
            select(SourceConnection)
            .where(col(SourceConnection.next_poll_at) <= now, sa.not_(col(SourceConnection.paused)))
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
    )


def claim(session: Session, source_id: str, owner: str, now: datetime) -> bool:
    """Never two pulls of one system at once; a claim whose holder vanished ends by itself."""
    return _touched(
        session,
        sa.update(SourceConnection)
        .where(
            col(SourceConnection.id) == source_id,
            sa.not_(col(SourceConnection.paused)),
            sa.or_(col(SourceConnection.pull_owner).is_(None), col(SourceConnection.pull_until) < now),
        )
        .values(pull_owner=owner, pull_until=now + LEASE),
    )


def hold(session: Session, source_id: str, owner: str, now: datetime, **changes: Any) -> bool:
    """Go on with a pull, a page further; False when somebody else has it, or the source is gone."""
    return _touched(
        session,
        sa.update(SourceConnection)
        .where(col(SourceConnection.id) == source_id, col(SourceConnection.pull_owner) == owner)
        .values(pull_until=now + LEASE, **changes),
    )


def release(session: Session, source_id: str, owner: str, **changes: Any) -> None:
    session.execute(
        sa.update(SourceConnection)
        .where(col(SourceConnection.id) == source_id, col(SourceConnection.pull_owner) == owner)
        .values(pull_owner=None, pull_until=None, **changes)
    )


def note(session: Session, source_id: str, **changes: Any) -> None:
    session.execute(sa.update(SourceConnection).where(col(SourceConnection.id) == source_id).values(**changes))


def note_asked(session: Session, source_id: str, **changes: Any) -> None:
    """How it answered about a case. A first import under way keeps saying so, and the next pull its time."""
    if changes.get("state") == "ok":
        later = sa.case(
            (col(SourceConnection.state).in_(("never_read", "importing")), col(SourceConnection.state)), else_="ok"
        )
        changes["state"] = later
    note(session, source_id, **changes)


def replace_secret(session: Session, source_id: str, held: str, sealed: str) -> bool:
    """Put a sealed secret in the place of the one that was read (`held`, as it is sealed); False when that is another
    by now."""
    return _touched(
        session,
        sa.update(SourceConnection)
        .where(col(SourceConnection.id) == source_id, col(SourceConnection.secret) == held)
        .values(secret=sealed),
    )


def kept_sha256(session: Session, source_id: str, kind: str, external_id: str) -> str | None:
    """Of the bytes of one kept object."""
    return session.exec(
        select(SourceRecord.sha256).where(
            SourceRecord.source_id == source_id,
            SourceRecord.kind == kind,
            SourceRecord.external_id == external_id[:200],
        )
    ).first()


def _touched(session: Session, statement: Any) -> bool:
    return bool(session.execute(statement).rowcount == 1)  # type: ignore[attr-defined]


def keep(
    session: Session, source: SourceConnection, records: Sequence[tuple[Kept, str]], adapter: str, now: datetime
) -> list[Kept]:
    """Store one page (each with the SHA-256 of its stored bytes); those that are new or have changed."""
    names = [kept.external_id for kept, _ in records]
    known = {
        (row.kind, row.external_id): row
        for row in session.exec(
            select(SourceRecord).where(SourceRecord.source_id == source.id, col(SourceRecord.external_id).in_(names))
        )
    }
    changed = []
    for kept, sha256 in records:
        row = known.get((kept.kind, kept.external_id))
        facts = [_packed(fact) for fact in kept.facts]
        if row is not None and row.sha256 == sha256 and row.adapter == adapter and row.facts == facts:
            continue
        fresh = row is None
        row = row or SourceRecord(
            id=new_id("rec"),
            merchant_id=source.merchant_id,
            source_id=source.id,
            kind=kept.kind,
            external_id=kept.external_id[:200],
            media_type=kept.media_type,
            sha256=sha256,
            size=len(kept.data),
            adapter=adapter,
            taken_at=now,
        )
        row.facts, row.sha256, row.size, row.adapter, row.taken_at = facts, sha256, len(kept.data), adapter, now
        row.name, row.request, row.media_type, row.at = kept.name[:300], kept.request[:1000], kept.media_type, kept.at
        session.add(row)
        session.flush()
        if not fresh:
            session.execute(sa.delete(SourceKey).where(col(SourceKey.record_id) == row.id))
        for key in dict.fromkeys(kept.keys):
            session.add(SourceKey(record_id=row.id, source_id=source.id, kind=key.kind, value=key.value[:200]))
        known[(kept.kind, kept.external_id)] = row
        changed.append(kept)
    session.flush()
    return changed


def _packed(fact: Any) -> dict[str, Any]:
    content = fact.model_dump(mode="json", exclude={"provenance"}, exclude_defaults=True)
    return {"type": store_evidence.fact_type(fact), "fact": content}


# ---- finding -------------------------------------------------------------------------------------------------------


def found(session: Session, source_id: str, keys: Iterable[Key], *, limit: int = MAX_FOUND) -> list[SourceRecord]:
    """Everything kept from one system that has any of these keys, newest first."""
    by_kind: dict[str, list[str]] = {}
    for key in keys:
        by_kind.setdefault(str(key.kind), []).append(key.value)
    if not by_kind:
        return []
    named = sa.or_(
        *(
            sa.and_(col(SourceKey.kind) == kind, col(SourceKey.value).in_(values[:200]))
            for kind, values in by_kind.items()
        )
    )
    records = select(SourceKey.record_id).where(SourceKey.source_id == source_id, named)
    return list(
        session.exec(
            select(SourceRecord)
            .where(col(SourceRecord.id).in_(records))
            .order_by(sa.nulls_last(col(SourceRecord.at).desc()), col(SourceRecord.id))
            .limit(limit)
        )
    )


def of_kind(session: Session, source_id: str, kind: str) -> list[SourceRecord]:
    return list(
        session.exec(
            select(SourceRecord)
            .where(SourceRecord.source_id == source_id, SourceRecord.kind == kind)
            .order_by(col(SourceRecord.external_id))
        )
    )


def facts_of(row: SourceRecord) -> list[Record]:
    return [store_evidence.model_of(each["type"]).model_validate(each["fact"]) for each in row.facts]


def waiting_cases(session: Session, merchant_id: str, keys: Iterable[Key] | None) -> list[Dispute]:
    """Open cases that new records may belong to: by payment, order number or the customer's address; None: all."""
    open_ones = select(Dispute).where(Dispute.merchant_id == merchant_id, sa.literal_column("dispute.is_open"))
    if keys is None:
        return list(session.exec(open_ones))
    keys = list(keys)
    values = list(dict.fromkeys(key.value for key in keys))
    parcels = [key.value for key in keys if key.kind is KeyKind.TRACKING]
    found = {each.id: each for each in session.exec(open_ones.where(_has_parcel(parcels)))} if parcels else {}
    for start in range(0, len(values), MAX_FOUND):
        some = values[start : start + MAX_FOUND]
        named = sa.or_(
            col(Dispute.payment_id).in_(some),
            sa.func.lower(col(Dispute.order_ref)).in_(some),
            sa.func.lower(col(Dispute.customer_email)).in_(some),
        )
        found |= {each.id: each for each in session.exec(open_ones.where(named))}
    return list(found.values())


def _has_parcel(numbers: Sequence[str]) -> Any:
    """Cases on which a parcel of such a number lies; kept as "carrier/number" in the carrier's own spelling."""
    plain = sa.func.lower(sa.func.replace(sa.func.replace(col(EvidenceItem.fact_key), " ", ""), "-", ""))
    named = sa.or_(*(plain.like(f"%/{number}") for number in numbers[:MAX_FOUND]))
    return col(Dispute.id).in_(select(EvidenceItem.dispute_id).where(EvidenceItem.fact_type == "shipment", named))


# ---- counting and erasing ------------------------------------------------------------------------------------------


def count(session: Session, source_id: str) -> int:
    return session.exec(
        select(sa.func.count()).select_from(SourceRecord).where(SourceRecord.source_id == source_id)
    ).one()


def erase_records(session: Session, source_id: str) -> list[str]:
    """Forget everything kept from one system; the SHA-256 of files that nothing else names now.

    What already lies on a case as evidence stays there: an answer may rest on it.
    """
    kept = session.exec(
        select(SourceRecord.merchant_id, SourceRecord.sha256).where(SourceRecord.source_id == source_id)
    )
    files = set(kept)
    records = select(SourceRecord.id).where(SourceRecord.source_id == source_id)
    session.execute(sa.delete(SourceKey).where(col(SourceKey.record_id).in_(records)))
    session.execute(sa.delete(SourceRecord).where(col(SourceRecord.source_id) == source_id))
    session.execute(
        sa.update(SourceConnection)
        .where(col(SourceConnection.id) == source_id)
        .values(cursor=None, first_import_done=False, seen=0, total=None)
    )
    return sorted(sha256 for merchant_id, sha256 in files if not _named_elsewhere(session, merchant_id, sha256))


def remove(session: Session, source_id: str) -> list[str]:
    """Disconnect: the connection, its key and everything kept from it are gone."""
    unnamed = erase_records(session, source_id)
    session.execute(sa.delete(SourceConnection).where(col(SourceConnection.id) == source_id))
    return unnamed


def _named_elsewhere(session: Session, merchant_id: str, sha256: str) -> bool:
    """On a case or in another source of the same merchant; the same bytes at another merchant are another file."""
    statements = (
        select(EvidenceItem.id).where(EvidenceItem.merchant_id == merchant_id, EvidenceItem.sha256 == sha256),
        select(SourceRecord.id).where(SourceRecord.merchant_id == merchant_id, SourceRecord.sha256 == sha256),
    )
    return any(session.exec(statement.limit(1)).first() is not None for statement in statements)
