"""Everything a merchant has here, table by table in bounded pieces: what is in it, what is left out and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from disputes.ids import new_id
from disputes.models import ExportJob
from disputes.roles import Right
from disputes.store import NotFound
from disputes.store_audit import record
from disputes.store_mail import SECRET
from disputes.store_people import demand

PIECE = 500
LIVE = ("waiting", "running")

LEFT_OUT = {
    "web_session": "who is signed in now",
    "setup_link": "a way in",
    "sign_in_try": "failed sign-ins, not this merchant's alone",
    "recovery_code": "a way in",
    "passkey": "a way in",
    "password_reset": "a way in",
    "installation": "the installation's, not this merchant's alone",
    "heartbeat": "the installation's, not this merchant's alone",
    "audit_entry": "in audit.jsonl, as `counterproof verify` reads it",
    "audit_head": "in audit.jsonl, as `counterproof verify` reads it",
    "export_job": "exports like this one",
}
"""Tables that are not in it, and why."""

HIDDEN: Mapping[str, frozenset[str]] = {
    "merchant": frozenset({"calendar_token_hash"}),
    "person": frozenset({"password_hash", "totp_secret", "totp_on_at", "totp_used"}),
    "connection": frozenset({"secret", "webhook_secret"}),
    "source_connection": frozenset({"secret", "webhook_secret"}),
    "invitation": frozenset({"token_hash"}),
    "evidence_request": frozenset({"token", "token_hash"}),
}
"""Columns that are not in it: secrets and what stands for them."""

_THROUGH = {
    "webhook_event": ("connection_id", "connection"),
    "webhook_failure": ("connection_id", "connection"),
    "ledger_entry": ("connection_id", "connection"),
    "item_mark": ("dispute_id", "dispute"),
    "journal_step": ("attempt_id", "attempt"),
    "stored_response": ("round_id", "round"),
    "source_key": ("source_id", "source_connection"),
}
"""Tables without a merchant of their own: by which column they belong to one, through which table."""


def tables() -> list[str]:
    """By name, in the order they are written."""
    return sorted(name for name in SQLModel.metadata.tables if name not in LEFT_OUT)


def _table(name: str) -> sa.Table:
    return SQLModel.metadata.tables[name]


def _of_merchant(name: str, merchant_id: str) -> sa.ColumnElement[bool]:
    table = _table(name)
    if name == "merchant":
        return table.c.id == merchant_id
    if name == "person":
        members = _table("membership")
        return table.c.id.in_(sa.select(members.c.person_id).where(members.c.merchant_id == merchant_id))
    if name in _THROUGH:
        column, through = _THROUGH[name]
        parent = _table(through)
        return table.c[column].in_(sa.select(parent.c.id).where(parent.c.merchant_id == merchant_id))
    return table.c.merchant_id == merchant_id


def count(session: Session, name: str, merchant_id: str) -> int:
    where = _of_merchant(name, merchant_id)
    return int(session.execute(sa.select(sa.func.count()).select_from(_table(name)).where(where)).scalar_one())


def piece(session: Session, name: str, merchant_id: str, after: Sequence[Any] | None) -> list[dict[str, Any]]:
    """The next rows in the order of their keys, ready for JSON. `after`: the last one's key, as `key_of` gives it."""
    table = _table(name)
    keys = list(table.primary_key.columns)
    shown = [column for column in table.columns if column.name not in HIDDEN.get(name, ())]
    hidden = [column for column in keys if column not in shown]
    query = sa.select(*shown, *hidden).where(_of_merchant(name, merchant_id))
    if name == "outgoing_mail":
        query = query.where(table.c.kind.not_in(sorted(SECRET)))
    if after is not None:
        query = query.where(sa.tuple_(*keys) > sa.tuple_(*(sa.literal(value) for value in after)))
    return [dict(row) for row in session.execute(query.order_by(*keys).limit(PIECE)).mappings()]


def key_of(name: str, row: Mapping[str, Any]) -> list[Any]:
    return [row[column.name] for column in _table(name).primary_key.columns]


def shown(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """One row as it is written: without what is hidden, instants and days as ISO text."""
    hidden = HIDDEN.get(name, frozenset())
    return {
        column: value.isoformat() if isinstance(value, (datetime, date)) else value
        for column, value in row.items()
        if column not in hidden
    }


# ---- files ---------------------------------------------------------------------------------------------------------


def files(session: Session, merchant_id: str, after: str) -> list[tuple[str, str]]:
    """The next (SHA-256, media type) of the files that evidence, kept records and policies name, each once."""
    named = [
        sa.select(_table(name).c.sha256, _table(name).c.media_type).where(_table(name).c.merchant_id == merchant_id)
        for name in ("evidence_item", "source_record", "policy_version")
    ]
    every = sa.union_all(*named).subquery()
    query = (
        sa.select(every.c.sha256, sa.func.min(every.c.media_type))
        .where(every.c.sha256 > after)
        .group_by(every.c.sha256)
        .order_by(every.c.sha256)
        .limit(PIECE)
    )
    return [(sha256, media_type) for sha256, media_type in session.execute(query)]


def count_files(session: Session, merchant_id: str) -> int:
    """At most so many: what two tables name is counted twice."""
    return sum(count(session, name, merchant_id) for name in ("evidence_item", "source_record", "policy_version"))


def packets(session: Session, merchant_id: str, after: str) -> list[tuple[str, str, list[dict[str, Any]]]]:
    """The next (id, SHA-256, files) of the packets."""
    table = _table("packet")
    query = (
        sa.select(table.c.id, table.c.sha256, table.c.files)
        .where(table.c.merchant_id == merchant_id, table.c.id > after)
        .order_by(table.c.id)
        .limit(PIECE)
    )
    return [(packet_id, sha256, parts) for packet_id, sha256, parts in session.execute(query)]


# ---- jobs ----------------------------------------------------------------------------------------------------------


def ask(session: Session, merchant_id: str, *, by: str, now: datetime) -> ExportJob | None:
    """A new job; None where one is under way already. Raises Denied."""
    demand(session, merchant_id, by, Right.EXPORT)
    under_way = select(ExportJob.id).where(ExportJob.merchant_id == merchant_id, col(ExportJob.state).in_(LIVE))
    if session.exec(under_way).first() is not None:
        return None
    job = ExportJob(id=new_id("exp"), merchant_id=merchant_id, asked_by=by, asked_at=now)
    session.add(job)
    session.flush()
    record(session, merchant_id, at=now, actor=by, action="export_asked", subject=merchant_id, details={"job": job.id})
    return job


def latest(session: Session, merchant_id: str) -> ExportJob | None:
    return session.exec(
        select(ExportJob).where(ExportJob.merchant_id == merchant_id).order_by(col(ExportJob.id).desc())
    ).first()


def job_of(session: Session, merchant_id: str, job_id: str) -> ExportJob:
    job = session.get(ExportJob, job_id)
    if job is None or job.merchant_id != merchant_id:
        raise NotFound(f"no export {job_id}")
    return job


def note(session: Session, job_id: str, **changes: Any) -> None:
    session.execute(sa.update(ExportJob).where(col(ExportJob.id) == job_id).values(**changes))


def old(session: Session, ended_before: datetime, begun_before: datetime) -> Sequence[ExportJob]:
    """Finished ones whose time is over, and those that nobody works on any more."""
    over = sa.and_(col(ExportJob.state).in_(("done", "failed")), col(ExportJob.ended_at) < ended_before)
    lost = sa.and_(col(ExportJob.state).in_(LIVE), col(ExportJob.asked_at) < begun_before)
    return session.exec(select(ExportJob).where(sa.or_(over, lost))).all()


def lines(session_of: Any, name: str, merchant_id: str) -> Iterator[dict[str, Any]]:
    """Every row of a table as it is written; `session_of` opens a reading session for each piece."""
    after: list[Any] | None = None
    while True:
        with session_of() as session:
            rows = piece(session, name, merchant_id, after)
        for row in rows:
            yield shown(name, row)
        if len(rows) < PIECE:
            return
        after = key_of(name, rows[-1])
