"""Once a day: what nobody needs any more is deleted, a bounded piece at a time."""

from __future__ import annotations

from datetime import timedelta

from disputes import store_due
from scheduler.runtime import Runtime

EVERY = timedelta(days=1)
RUNS_KEPT = timedelta(days=60)
"""Longer than anything re-fires: a finished run's id must not be free while something could ask for it again."""
EVENTS_KEPT = timedelta(days=90)


def tidy(runtime: Runtime) -> int:
    """Finished runs, ended sessions, old sign-in tries and webhook notes; 0 when it ran within the last day."""
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        last = store_due.beats(session).get("tidy")
    if last is not None and now - last.at < EVERY:
        return 0
    deleted = 0
    while piece := runtime.engine.forget(now - RUNS_KEPT):
        deleted += piece
    with runtime.database.writing() as session:
        deleted += store_due.forget_old(session, now, events_before=now - EVENTS_KEPT)
        store_due.beat(session, "tidy", now, f"{deleted} rows")
    return deleted
