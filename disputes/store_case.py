"""One case as its page needs it, and voiding an answer that a person is changing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, col, select

from disputes import store
from disputes.models import Attempt, Connection, Dispute, LedgerEntry, Packet, Round, StoredResponse
from disputes.response import Response
from disputes.store import NotFound


def packet_of(session: Session, current: Round | None) -> Packet | None:
    """The packet that stands; none while an edit is being worked in."""
    if current is None or current.packet_id is None or current.response_sha256 is None:
        return None
    return session.get(Packet, current.packet_id)


def packet_before(session: Session, current: Round | None) -> Packet | None:
    """The packet that stood until an edit voided it; None where one stands."""
    if current is None or current.packet_id is None or current.response_sha256 is not None:
        return None
    return session.get(Packet, current.packet_id)


def response_of(session: Session, sha256: str | None) -> Response | None:
    stored = session.get(StoredResponse, sha256) if sha256 else None
    return Response.model_validate_json(stored.canonical) if stored else None


def packet_of_response(session: Session, sha256: str | None) -> Packet | None:
    stored = session.get(StoredResponse, sha256) if sha256 else None
    return session.get(Packet, stored.packet_id) if stored and stored.packet_id else None


def attempt_of(session: Session, dispute: Dispute, attempt_id: str) -> Attempt:
    attempt = session.get(Attempt, attempt_id)
    if attempt is None or attempt.dispute_id != dispute.id:
        raise NotFound(f"no attempt {attempt_id}")
    return attempt


def ledger_of(session: Session, dispute_id: str) -> Sequence[LedgerEntry]:
    return session.exec(
        select(LedgerEntry)
        .where(LedgerEntry.dispute_id == dispute_id)
        .order_by(col(LedgerEntry.at), col(LedgerEntry.id))
    ).all()


def connection_of(session: Session, merchant_id: str, connection_id: str) -> Connection:
    connection = session.get(Connection, connection_id)
    if connection is None or connection.merchant_id != merchant_id:
        raise NotFound(f"no connection {connection_id}")
    return connection


def void_response(session: Session, dispute: Dispute, current: Round, now: datetime, cut_off_hours: int) -> None:
    """A person changes what the answer rests on: what stood can no longer be approved, and a build under way is stale.

    The packet's id stays, so that an unchanged rebuild keeps its hour of writing and with it its hash.
    """
    current.response_sha256, current.prepared_at = None, None
    session.add(current)
    store.save(session, dispute, now, cut_off_hours)
