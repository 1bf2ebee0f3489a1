"""Reading a connection: first pull, events, daily and weekly pages. Committed page by page, never two at once."""

from __future__ import annotations

import time
from datetime import datetime, timedelta

from sqlmodel import Session

from disputes import store, store_connections, sync
from disputes.ids import new_id
from disputes.lifecycle import ENDED
from disputes.models import Connection, Dispute, Heartbeat, Round
from disputes.phrases import Phrase, said_by, within
from disputes.ports import DisputeSnapshot, Gateway, GatewayError, GatewayFailure
from disputes.sync import Applied
from scheduler import notices
from scheduler.engine import workflow
from scheduler.prepare import ask_for
from scheduler.runtime import Runtime, current

POLL = timedelta(minutes=5)
AT_ONCE = 5
"""A page that opens more rounds leaves them to the sweep, which takes the most urgent first."""
HISTORY = timedelta(days=180)
DECISION = timedelta(days=120)
"""How long a case may have been open before it closed; the weekly read reaches that much further back."""
_STALE_TRIES = 3
_TURN_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.6, 2.0)
"""How long one turn of a re-read waits for another read of the connection to end."""


class SyncLost(RuntimeError):
    """This read took so long that another one has the connection now; what it still holds is not applied."""


@workflow("sync")
def sync_connection(connection_id: str) -> str:
    """Read what is due for one connection: "read 12", "busy" or the failure's name."""
    return run(current(), connection_id)


@workflow("reread")
def reread(connection_id: str, external_id: str, event_row: str, turn: str) -> str:
    """Read one dispute again, as a webhook asks for: "read 1", "again later" or the failure's name."""
    return run_reread(current(), connection_id, external_id, event_row, int(turn))


def run_reread(runtime: Runtime, connection_id: str, external_id: str, event_row: str, turn: int) -> str:
    """While another read holds the connection this waits, and then asks for another turn: it is never dropped."""
    said = "busy"
    for wait in _TURN_SECONDS:
        said = run(runtime, connection_id, only=external_id)
        if said != "busy":
            break
        time.sleep(wait)
    with runtime.database.writing() as session:
        if said == "busy":
            run_id = f"reread:{event_row}:{turn + 1}"
            runtime.engine.enqueue(
                session, "reread", run_id, connection_id, external_id, event_row, str(turn + 1), queue="gateway"
            )
            return "again later"
        # A failed read is no lost one: the next poll reads every change since its cursor.
        store_connections.end_event(session, event_row, "done" if said.startswith("read ") else "failed")
    return said


def run(runtime: Runtime, connection_id: str, *, only: str | None = None) -> str:
    """`only` re-reads a single dispute, as a webhook asks for."""
    now = runtime.clock.now()
    owner = f"{runtime.owner}:{new_id('syn')}"
    with runtime.database.writing() as session:
        if not sync.claim(session, connection_id, owner, now):
            return "busy"
        connection = session.get_one(Connection, connection_id)
    try:
        applied = _read(runtime, runtime.gateway_for(connection), connection, only)
        _note(runtime, connection_id, "ok", Phrase(""), applied, partial=only is not None)
        return f"read {applied.seen}"
    except SyncLost:
        return "busy"
    except GatewayError as error:
        _note(runtime, connection_id, error.failure.value, said_by(error), None, partial=False)
        return str(error.failure.value)
    finally:
        with runtime.database.writing() as session:
            sync.release(session, connection_id, owner)


def _read(runtime: Runtime, gateway: Gateway, connection: Connection, only: str | None) -> Applied:
    if only is not None:
        return _take(runtime, connection, [gateway.dispute(only)])
    if not connection.first_pull_done:
        return _first_pull(runtime, gateway, connection)
    applied = _events(runtime, gateway, connection)
    now = runtime.clock.now()
    if connection.next_weekly_at is None or now >= connection.next_weekly_at:
        applied.add(_pages(runtime, gateway, connection, since=now - HISTORY - DECISION))
        _set(runtime, connection.id, next_weekly_at=now + timedelta(days=7), next_daily_at=now + timedelta(days=1))
    elif connection.next_daily_at is None or now >= connection.next_daily_at:
        with runtime.database.reading() as session:
            since = store.oldest_open(session, connection.id)
        if since is not None:
            applied.add(_pages(runtime, gateway, connection, since=since))
        _set(runtime, connection.id, next_daily_at=now + timedelta(days=1))
    return applied


def _first_pull(runtime: Runtime, gateway: Gateway, connection: Connection) -> Applied:
    """Everything, newest first, resumable; the event cursor is taken first, so that no change is lost."""
    if connection.event_cursor is None:
        cursor = gateway.changes(None).cursor
        _set(runtime, connection.id, event_cursor=cursor)
    applied = Applied()
    at = connection.first_pull_cursor
    while True:
        page = gateway.disputes(cursor=at)
        applied.add(_take(runtime, connection, page.disputes, first_pull=True, first_pull_cursor=page.cursor))
        at = page.cursor
        if at is None:
            break
    now = runtime.clock.now()
    _set(
        runtime,
        connection.id,
        first_pull_done=True,
        next_daily_at=now + timedelta(days=1),
        next_weekly_at=now + timedelta(days=7),
    )
    return applied


def _events(runtime: Runtime, gateway: Gateway, connection: Connection) -> Applied:
    changes = gateway.changes(connection.event_cursor)
    if changes.expired:
        applied = _pages(runtime, gateway, connection, since=runtime.clock.now() - HISTORY - DECISION)
    else:
        snapshots = list(changes.snapshots)
        snapshots += [found for name in changes.external_ids if (found := _reread(gateway, name)) is not None]
        applied = Applied()
        for start in range(0, len(snapshots), 50):
            applied.add(_take(runtime, connection, snapshots[start : start + 50]))
    _set(runtime, connection.id, event_cursor=changes.cursor)
    return applied


def _reread(gateway: Gateway, external_id: str) -> DisputeSnapshot | None:
    try:
        return gateway.dispute(external_id)
    except GatewayError as error:
        if error.failure is GatewayFailure.NOT_FOUND:
            return None
        raise


def _pages(runtime: Runtime, gateway: Gateway, connection: Connection, *, since: datetime) -> Applied:
    applied, cursor = Applied(), None
    while True:
        page = gateway.disputes(cursor=cursor, since=since)
        applied.add(_take(runtime, connection, page.disputes))
        cursor = page.cursor
        if cursor is None:
            return applied


def _take(
    runtime: Runtime,
    connection: Connection,
    snapshots: tuple[DisputeSnapshot, ...] | list[DisputeSnapshot],
    *,
    first_pull: bool = False,
    **columns: object,
) -> Applied:
    """One page, one transaction: rows, rounds, cursor, and the work that follows from it.

    A case that a workflow changed in the same moment (PostgreSQL allows that) makes the page start over.
    """
    for _ in range(_STALE_TRIES):
        try:
            return _take_once(runtime, connection, list(snapshots), first_pull=first_pull, columns=columns)
        except store.Stale:
            continue
    return _take_once(runtime, connection, list(snapshots), first_pull=first_pull, columns=columns)


def _take_once(
    runtime: Runtime,
    connection: Connection,
    snapshots: list[DisputeSnapshot],
    *,
    first_pull: bool,
    columns: dict[str, object],
) -> Applied:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        row = session.get_one(Connection, connection.id)
        if row.sync_owner != connection.sync_owner:
            raise SyncLost(connection.id)
        applied = sync.apply_page(session, row, snapshots, now, first_pull=first_pull)
        for name, value in columns.items():
            setattr(row, name, value)
        row.sync_until = now + sync.LEASE
        session.add(row)
        if len(applied.opened) <= AT_ONCE:
            for round_id in applied.opened:
                ask_for(runtime, session, session.get_one(Round, round_id), fetch=True)
        if not first_pull:
            for dispute in _with_ids(session, [*applied.new, *applied.ended, *applied.elsewhere]):
                _tell(runtime, session, dispute, applied)
    return applied


def _with_ids(session: Session, ids: list[str]) -> list[Dispute]:
    return [session.get_one(Dispute, dispute_id) for dispute_id in dict.fromkeys(ids)]


def _tell(runtime: Runtime, session: Session, dispute: Dispute, applied: Applied) -> None:
    if dispute.id in applied.new and dispute.status not in ENDED:
        notices.new_case(runtime, session, dispute)
    if dispute.id in applied.ended:
        notices.outcome(runtime, session, dispute)
    if dispute.id in applied.elsewhere:
        notices.elsewhere(runtime, session, dispute)


def _set(runtime: Runtime, connection_id: str, **columns: object) -> None:
    with runtime.database.writing() as session:
        row = session.get_one(Connection, connection_id)
        for name, value in columns.items():
            setattr(row, name, value)
        session.add(row)


_BACK_OFF = {
    GatewayFailure.CREDENTIALS: timedelta(hours=1),
    GatewayFailure.RIGHTS: timedelta(hours=1),
    GatewayFailure.RATE_LIMITED: timedelta(minutes=1),
}


def _note(
    runtime: Runtime, connection_id: str, state: str, words: Phrase, applied: Applied | None, *, partial: bool
) -> None:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        row = session.get_one(Connection, connection_id)
        row.state, row.state_detail = state, within(words, 500)
        if applied is not None:
            if not partial:
                row.last_read_at = now
                row.next_poll_at = now + POLL
        else:
            row.next_poll_at = now + _BACK_OFF.get(GatewayFailure(state), timedelta(minutes=2))
        session.add(row)
        session.merge(Heartbeat(name=f"sync:{connection_id}", at=now, detail=state))
