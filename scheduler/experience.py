"""What the merchant's own closed cases say about the next one; counted at most every ten minutes."""

from __future__ import annotations

import time
from datetime import timedelta

from disputes import store_outcomes
from evidence.calibration import Tally
from scheduler.runtime import Runtime

LOOKS_BACK = timedelta(days=730)
FRESH_SECONDS = 600.0


def tallies(runtime: Runtime, merchant_id: str, *, live: bool) -> tuple[Tally, ...]:
    """By category and gateway. A case that was decided a minute ago changes a judgement a little later."""
    key = (merchant_id, live)
    known = runtime.experience.get(key)
    if known is not None and time.monotonic() - known[0] < FRESH_SECONDS:
        return known[1]
    with runtime.database.reading() as session:
        rows = store_outcomes.decided(session, merchant_id, live=live, since=runtime.clock.now() - LOOKS_BACK)
    found = tuple(
        Tally(category=category, gateway=gateway, won=won, lost=lost) for category, gateway, won, lost in rows
    )
    runtime.experience[key] = (time.monotonic(), found)
    return found
