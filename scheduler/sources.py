"""Reading a connected system: what it keeps is pulled page by page, resumable, never twice at once; a system that is
only asked about cases is asked how it is, so that a dead key is known before a case needs it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import chain

from sqlmodel import Session

from disputes import store, store_sources
from disputes.ids import new_id
from disputes.lifecycle import WorkState
from disputes.models import Round, SourceConnection
from disputes.phrases import Phrase, joined, phrase, said_by, within
from disputes.systems import PICTURE, Batch, Brings, Kept, Key, SourceError, SourceFailure, System
from scheduler.engine import workflow
from scheduler.forgotten import without_erased
from scheduler.runtime import Runtime, current

POLL = timedelta(minutes=15)
ASKED_HOW_IT_IS = timedelta(hours=6)
HISTORY = timedelta(days=400)
"""How far back the first import reads: disputes come within months, and earlier orders of the same customer count up
to a year before the sale."""
KEPT = frozenset({Brings.ORDERS, Brings.POLICIES, Brings.USAGE})
_BACK_OFF = {
    SourceFailure.CREDENTIALS: timedelta(hours=1),
    SourceFailure.RIGHTS: timedelta(hours=1),
    SourceFailure.RATE_LIMITED: timedelta(minutes=5),
    SourceFailure.UNAVAILABLE: timedelta(minutes=5),
    SourceFailure.MALFORMED: timedelta(minutes=30),
    SourceFailure.NOT_FOUND: timedelta(hours=1),
    SourceFailure.REFUSED: timedelta(hours=1),
}
_REFUSALS_TOLD = 3


class PullLost(RuntimeError):
    """This pull took so long that another one has the source now, or the source was disconnected."""


@workflow("pull_source")
def pull_source(source_id: str) -> str:
    """Read what is due for one source: "read 12", "busy" or the failure's name."""
    return run(current(), source_id)


def run(runtime: Runtime, source_id: str) -> str:
    now = runtime.clock.now()
    owner = f"{runtime.owner}:{new_id('pul')}"
    with runtime.database.writing() as session:
        if not store_sources.claim(session, source_id, owner, now):
            return "busy"
        source = session.get_one(SourceConnection, source_id)
    try:
        system = runtime.system_for(source)
        seen = _read(runtime, source, system, owner)
    except PullLost:
        return "busy"
    except SourceError as error:
        _failed(runtime, source, owner, error)
        return str(error.failure.value)
    return f"read {seen}"


def _read(runtime: Runtime, source: SourceConnection, system: System, owner: str) -> int:
    if not KEPT & set(system.kind.brings):
        account = system.account()
        _ended(runtime, source, owner, ASKED_HOW_IT_IS, warnings=list(account.warnings))
        return 0
    seen, changed, refused = 0, 0, list[str]()
    for batch in system.pull(source.cursor, since=runtime.clock.now() - HISTORY):
        seen += sum(kept.kind != PICTURE for kept in batch.records)
        changed += _take(runtime, source, batch, system.kind.adapter, owner, seen)
        refused += batch.refused
    if not source.first_import_done and changed:
        _prepare_again(runtime, source, None)
    _ended(runtime, source, owner, POLL, state_detail=_told(refused), first_import_done=True)
    return seen


def _take(runtime: Runtime, source: SourceConnection, batch: Batch, adapter: str, owner: str, seen: int) -> int:
    """Bytes first, rows after: a row never names bytes that are not there. The cursor goes with its page."""
    records = without_erased(runtime, source.merchant_id, batch.records)
    stored = [(kept, runtime.files.put(source.merchant_id, kept.data)) for kept in records]
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        state = "ok" if source.first_import_done else "importing"
        if not store_sources.hold(
            session, source.id, owner, now, cursor=batch.cursor, seen=seen, total=batch.total, state=state
        ):
            raise PullLost(source.id)
        changed = store_sources.keep(session, source, stored, adapter, now)
    if source.first_import_done and changed:
        _prepare_again(runtime, source, changed)
    return len(changed)


def _prepare_again(runtime: Runtime, source: SourceConnection, changed: Sequence[Kept] | None) -> None:
    """After a first import every case that lacks evidence, afterwards those that the new records speak of."""
    keys = None if changed is None else list(chain.from_iterable(kept.keys for kept in changed))
    with runtime.database.writing() as session:
        look_again(runtime, session, source.merchant_id, keys)


def look_again(runtime: Runtime, session: Session, merchant_id: str, keys: Sequence[Key] | None) -> int:
    """Gather again for the cases that lack evidence and that these keys speak of (None: all); how many they are.

    The sweep takes them, the most urgent first. What a person is about to approve is left as it is.
    """
    now = runtime.clock.now()
    again = 0
    for dispute in store_sources.waiting_cases(session, merchant_id, keys):
        waiting: Round | None = store.current_round(session, dispute)
        if dispute.work is WorkState.NEEDS_EVIDENCE and waiting is not None:
            waiting.prepare_at = now
            session.add(waiting)
            again += 1
    return again


def _ended(
    runtime: Runtime, source: SourceConnection, owner: str, then: timedelta, *, state_detail: str = "", **more: object
) -> None:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        store_sources.release(
            session, source.id, owner,
            state="ok", state_detail=within(state_detail, 500), last_read_at=now, next_poll_at=now + then, **more,
        )  # fmt: skip


def _failed(runtime: Runtime, source: SourceConnection, owner: str, error: SourceError) -> None:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        store_sources.release(session, source.id, owner, **failure_notes(error, now))


def failure_notes(error: SourceError, now: datetime) -> dict[str, object]:
    """How a failure stands on the source: its state, its words, and when it is tried again."""
    wait = _BACK_OFF[error.failure]
    if error.retry_after is not None:
        wait = max(wait, timedelta(seconds=min(error.retry_after, 86_400)))
    return {"state": error.failure.value, "state_detail": within(said_by(error), 500), "next_poll_at": now + wait}


def _told(refused: Sequence[str]) -> Phrase:
    more = len(refused) - _REFUSALS_TOLD
    words = joined(refused[:_REFUSALS_TOLD])
    return phrase("{sentences} And {number} more.", sentences=words, number=more) if more > 0 else words
