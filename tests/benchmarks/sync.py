"""`sync`: a first pull of 10,000 disputes, beside the SDK's bare pagination and one bare bulk insert."""

from __future__ import annotations

import json
import sqlite3
import tempfile
from pathlib import Path

import stripe

from gateways.sandbox.launch import Sandbox, launch
from scheduler import pull
from tests.benchmarks.desk import add_connection, add_merchant, desk
from tests.benchmarks.figure import Figure, in_turn, timed
from web.practice import SANDBOX_KEY

DISPUTES = 10_000


def measure(runs: int) -> list[Figure]:
    with tempfile.TemporaryDirectory() as folder, launch(Path(folder), empty=True) as sandbox:
        sandbox.controls.bulk(DISPUTES, page_cache=True)
        _bare(sandbox)  # the pages are serialised once, before anything is timed
        note = f"{DISPUTES} disputes, SQLite, against SDK pagination and one bare bulk insert"
        return [in_turn("sync", lambda: _ours(sandbox), lambda: _bare(sandbox), note=note, runs=runs)]


def _ours(sandbox: Sandbox) -> float:
    with desk() as runtime:
        connection_id = add_connection(runtime, add_merchant(runtime), sandbox)
        said: list[str] = []
        seconds = timed(lambda: said.append(pull.run(runtime, connection_id)))
    if int(said[0].removeprefix("read ")) < DISPUTES:
        raise RuntimeError(f"the pull said {said}")
    return seconds


def _bare(sandbox: Sandbox) -> float:
    client = stripe.StripeClient(SANDBOX_KEY, base_addresses={"api": sandbox.api, "files": sandbox.files})

    def work() -> None:
        listed = client.v1.disputes.list({"limit": 100}).auto_paging_iter()
        rows = [(dispute.id, json.dumps(dispute.to_dict())) for dispute in listed]
        with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "bare.db") as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE dispute (id TEXT PRIMARY KEY, raw TEXT NOT NULL)")
            connection.executemany("INSERT INTO dispute VALUES (?, ?)", rows)
        connection.close()
        if len(rows) < DISPUTES:
            raise RuntimeError(f"{len(rows)} disputes listed")

    return timed(work)
