"""`digest`: a merchant with 10,000 open disputes, beside the bare queries the mail rests on."""

from __future__ import annotations

import sqlalchemy as sa

from disputes.clock import local_day
from disputes.models import Digest, OutgoingMail
from scheduler import digest
from scheduler.runtime import Runtime
from tests.benchmarks.desk import add_connection, add_merchant, desk
from tests.benchmarks.figure import Figure, in_turn, timed
from tests.benchmarks.filling import fill

OPEN = 10_000

_BARE = (
    "SELECT live, currency, sum(amount_minor), count(*) FROM dispute WHERE merchant_id = :m AND is_open "
    "GROUP BY live, currency",
    "SELECT * FROM dispute WHERE merchant_id = :m AND is_open AND can_submit ORDER BY due_sort, id LIMIT 41",
    "SELECT work_state, count(*) FROM dispute WHERE merchant_id = :m AND is_open AND can_submit GROUP BY work_state",
)


def measure(runs: int) -> list[Figure]:
    with desk() as runtime:
        merchant_id = add_merchant(runtime)
        fill(runtime, merchant_id, add_connection(runtime, merchant_id, None), total=OPEN, open_share=1.0)
        day = local_day(runtime.clock.now(), "UTC")

        def ours() -> float:
            _forget(runtime)
            return timed(lambda: digest.run(runtime, merchant_id, day))

        note = f"{OPEN} open disputes, built into the outbox, against its bare queries"
        return [in_turn("digest", ours, lambda: _bare(runtime, merchant_id), note=note, runs=runs)]


def _bare(runtime: Runtime, merchant_id: str) -> float:
    with runtime.database.engine.connect() as connection:
        return timed(lambda: [connection.execute(sa.text(query), {"m": merchant_id}).fetchall() for query in _BARE])


def _forget(runtime: Runtime) -> None:
    with runtime.database.writing() as session:
        session.execute(sa.delete(OutgoingMail))
        session.execute(sa.delete(Digest))
