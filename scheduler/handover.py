"""Giving an approved attempt to the engine: from a person's approval, from the sweep, or right after preparing."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import Session

from disputes.models import Attempt
from scheduler.runtime import Runtime

LOOK_AGAIN = timedelta(minutes=2)


def hand_over(runtime: Runtime, session: Session, attempt: Attempt) -> None:
    """Give the attempt to the engine once more; the sweep looks again two minutes later, whatever happens."""
    attempt.runs += 1
    attempt.act_at = runtime.clock.now() + LOOK_AGAIN
    session.add(attempt)
    suffix = "" if attempt.runs == 1 else f":{attempt.runs}"
    runtime.engine.enqueue(session, "respond", f"respond:{attempt.id}{suffix}", attempt.id, queue="gateway")
