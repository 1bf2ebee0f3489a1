"""`webhook`: a signed webhook to the serving desk, beside an endpoint that checks the signature and inserts a row."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
from sqlmodel import col, func, select

from disputes import links
from disputes.models import Connection, WebhookEvent
from gateways.sandbox.launch import launch
from scheduler.runtime import Runtime
from tests.benchmarks.desk import add_connection, add_merchant, desk
from tests.benchmarks.figure import Figure, in_turn, lap
from tests.benchmarks.serving import free_port, process, serving
from web.practice import SANDBOX_WEBHOOK_SECRET

EVENTS = 25
_REST_SECONDS = 30.0


def measure(runs: int, *, events: int = EVENTS) -> list[Figure]:
    """Each run is the median of `events` posts, taken by turns one by one; every event has an id of its own."""
    with tempfile.TemporaryDirectory() as folder, launch(Path(folder) / "sandbox", empty=True) as sandbox:
        dispute = str(sandbox.controls.dispute(reason="product_not_received")["id"])
        with desk() as runtime:
            connection_id = add_connection(runtime, add_merchant(runtime), sandbox)
            _pulled(runtime, connection_id)
            with serving(runtime) as ours, _bare(Path(folder)) as theirs, httpx.Client() as client:
                send = _sender(client, dispute)
                mine, bare = ours + links.webhook(connection_id), theirs + "/hook"
                rest = _Rest(runtime, connection_id)
                figure = _figure(runs, events, rest, lambda: send(mine), lambda: send(bare))
            _all_stored(runtime, connection_id, (runs + 1) * events)
    return [figure]


def _figure(
    runs: int, events: int, rest: Callable[[], None], ours: Callable[[], float], theirs: Callable[[], float]
) -> Figure:
    """A-B-A-B post by post, so that a machine that slows down slows both."""
    taken: list[tuple[list[float], list[float]]] = []

    def batch() -> float:
        pairs = []
        for _ in range(events):
            rest()
            pairs.append((ours(), theirs()))
        taken.append(([a for a, _ in pairs], [b for _, b in pairs]))
        return statistics.median(taken[-1][0])

    batch()  # both are warm from here on
    note = (
        f"median of {events} signed posts a run, stored and the re-reading run queued in one transaction, SQLite; "
        "the engine runs, each post waits until the re-reading of the one before is over"
    )
    return in_turn("webhook", batch, lambda: statistics.median(taken[-1][1]), note=note, runs=runs, unit="ms")


class _Rest:
    """Waits until the desk has nothing to re-read any more."""

    def __init__(self, runtime: Runtime, connection_id: str) -> None:
        self._runtime, self._connection_id = runtime, connection_id

    def __call__(self) -> None:
        ends = time.monotonic() + _REST_SECONDS
        while self._waiting() and time.monotonic() < ends:
            time.sleep(0.02)

    def _waiting(self) -> bool:
        query = select(WebhookEvent.id).where(
            WebhookEvent.connection_id == self._connection_id, WebhookEvent.state == "received"
        )
        with self._runtime.database.reading() as session:
            return session.exec(query.limit(1)).first() is not None


def _sender(client: httpx.Client, dispute: str) -> Callable[[str], float]:
    numbers = itertools.count()

    def send(url: str) -> float:
        body, headers = signed(f"evt_bench{next(numbers):012d}", dispute)
        answers: list[httpx.Response] = []
        taken = lap(lambda: answers.append(client.post(url, content=body, headers=headers)))
        answers[0].raise_for_status()
        return taken

    return send


def signed(event_id: str, dispute: str, kind: str = "charge.dispute.updated") -> tuple[bytes, dict[str, str]]:
    now = int(time.time())
    event: dict[str, Any] = {
        "id": event_id, "object": "event", "type": kind, "created": now, "api_version": "2026-10-28.dahlia",
        "livemode": False, "data": {"object": {"id": dispute, "object": "dispute", "status": "needs_response"}},
    }  # fmt: skip
    body = json.dumps(event).encode()
    mark = hmac.new(SANDBOX_WEBHOOK_SECRET.encode(), f"{now}.".encode() + body, hashlib.sha256).hexdigest()
    return body, {"stripe-signature": f"t={now},v1={mark}", "content-type": "application/json"}


def _bare(folder: Path) -> Any:
    port = free_port()
    arguments = [str(folder / "bare.db"), str(port), SANDBOX_WEBHOOK_SECRET]
    command = [sys.executable, "-m", "tests.benchmarks.bare_endpoint", *arguments]
    return process(command, f"http://127.0.0.1:{port}", "/health")


def _pulled(runtime: Runtime, connection_id: str) -> None:
    """As after a first pull, so that the serving desk does not start one."""
    with runtime.database.writing() as session:
        session.get_one(Connection, connection_id).first_pull_done = True


def _all_stored(runtime: Runtime, connection_id: str, wanted: int) -> None:
    with runtime.database.reading() as session:
        query = select(func.count(col(WebhookEvent.id))).where(WebhookEvent.connection_id == connection_id)
        stored = session.exec(query).one()
    if stored != wanted:
        raise RuntimeError(f"{stored} of {wanted} events were stored")
