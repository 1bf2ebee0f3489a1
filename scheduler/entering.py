"""Cases of processors without an API, as a person enters them; from here on they go the way of every dispute."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Session, select

from disputes import store, sync
from disputes.entered import Entered, snapshot
from disputes.ids import new_id
from disputes.lifecycle import GatewayStatus
from disputes.models import Connection, Dispute, Merchant, Round
from disputes.phrases import phrase
from disputes.store_audit import record
from disputes.submission import Refused
from disputes.sync import Applied
from scheduler import notices
from scheduler.prepare import ask_for
from scheduler.runtime import Runtime


def processor(runtime: Runtime, session: Session, merchant: Merchant, name: str, *, by: str) -> Connection:
    """The merchant's connection for a processor without an API, made the first time it is named."""
    now = runtime.clock.now()
    account = f"{merchant.id}:{name.strip().casefold()}"
    found = session.exec(
        select(Connection).where(Connection.gateway == "manual", Connection.account_id == account)
    ).first()
    if found is not None:
        return found
    connection = Connection(
        id=new_id("con"),
        merchant_id=merchant.id,
        gateway="manual",
        mode="sandbox" if merchant.is_demo else "live",
        account_id=account,
        account_name=name.strip(),
        secret=runtime.vault.seal("none"),
        by_hand=True,
        state="ok",
        first_pull_done=True,
        created_at=now,
    )
    session.add(connection)
    session.flush()
    details = {"gateway": "manual"}
    record(session, merchant.id, at=now, actor=by, action="connected", subject=connection.id, details=details)
    return connection


def take(runtime: Runtime, session: Session, connection: Connection, cases: Sequence[Entered], *, by: str) -> Applied:
    """Enter or change cases: a known case number is the same case. What follows is started in the same transaction."""
    now = runtime.clock.now()
    live = connection.mode == "live"
    applied = sync.apply_page(session, connection, [snapshot(each, live=live) for each in cases], now)
    for round_id in applied.opened:
        ask_for(runtime, session, session.get_one(Round, round_id), fetch=True)
    for dispute_id in dict.fromkeys(applied.ended):
        notices.outcome(runtime, session, session.get_one(Dispute, dispute_id))
    details = {"new": len(applied.new), "cases": len(cases)}
    record(session, connection.merchant_id, at=now, actor=by, action="entered", subject=connection.id, details=details)
    return applied


def outcome(
    runtime: Runtime, session: Session, dispute: Dispute, *, state: GatewayStatus, reason: str, by: str
) -> None:
    """A person tells how it ended."""
    _change(runtime, session, dispute, by, state=state, outcome_reason=reason)


def ask_again(runtime: Runtime, session: Session, dispute: Dispute, *, due_at: datetime, by: str) -> None:
    """The processor or bank wants another answer: a new round with its own deadline."""
    asks = Entered.model_validate(dispute.raw).asks + 1
    _change(runtime, session, dispute, by, state=GatewayStatus.NEEDS_RESPONSE, due_at=due_at, asks=asks)


def move_deadline(runtime: Runtime, session: Session, dispute: Dispute, *, due_at: datetime, by: str) -> None:
    _change(runtime, session, dispute, by, due_at=due_at)


def _change(runtime: Runtime, session: Session, dispute: Dispute, by: str, **told: object) -> None:
    if dispute.gateway != "manual":
        raise Refused(phrase("What this gateway says is read from the gateway, not entered."))
    connection = session.get_one(Connection, dispute.connection_id)
    changed = Entered.model_validate({**dispute.raw, **told})
    take(runtime, session, connection, [changed], by=by)


def lookup(session: Session, connection_id: str, case_number: str) -> dict[str, object] | None:
    """What was entered for a case, as it is stored; the manual gateway reads it."""
    found = store.by_external_ids(session, connection_id, [case_number]).get(case_number)
    return dict(found.raw) if found is not None else None
