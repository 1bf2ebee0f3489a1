"""What the `sync` figures share: a first pull into an empty desk, beside bare reading and one bare bulk insert."""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from gateways.sandbox.launch import Sandbox, launch
from scheduler import pull
from tests.benchmarks.desk import add_connection, add_merchant, desk
from tests.benchmarks.figure import Figure, in_turn, timed

Row = tuple[str, str]
"""A dispute's id and the JSON of it."""
Listed = Callable[[], Iterable[Row]]
"""Reads every dispute there is, with the gateway's SDK alone."""


def measure(
    name: str, gateway: str, disputes: int, listing: Callable[[Sandbox], Listed], *, note: str, runs: int
) -> list[Figure]:
    """`listing` makes the bare client, once: what it keeps between runs (a token) the desk's adapter keeps too."""
    with (
        tempfile.TemporaryDirectory() as folder,
        launch(Path(folder) / "sandbox", gateway=gateway, empty=True) as sandbox,
    ):
        sandbox.controls.bulk(disputes, page_cache=True)
        listed = listing(sandbox)

        def ours() -> float:
            return pulled(sandbox, gateway, disputes)

        def bare() -> float:
            return inserted(listed, disputes)

        ours(), bare()  # what each side asks for is serialised from here on
        return [in_turn(name, ours, bare, note=f"{disputes} disputes, SQLite, against {note}", runs=runs)]


def pulled(sandbox: Sandbox, gateway: str, least: int) -> float:
    """Seconds of the first pull of a new connection."""
    with desk() as runtime:
        connection_id = add_connection(runtime, add_merchant(runtime), sandbox, gateway=gateway)
        said: list[str] = []
        seconds = timed(lambda: said.append(pull.run(runtime, connection_id)))
    word, _, number = said[0].partition(" ")
    if word != "read" or int(number) < least:
        raise RuntimeError(f"the pull of {least} disputes said {said[0]!r}")
    return seconds


def inserted(listed: Listed, least: int) -> float:
    """Seconds of reading them all and writing them down at once."""
    rows: list[Row] = []

    def work() -> None:
        rows.extend(listed())
        with tempfile.TemporaryDirectory() as folder, sqlite3.connect(Path(folder) / "bare.db") as connection:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("CREATE TABLE dispute (id TEXT PRIMARY KEY, raw TEXT NOT NULL)")
            connection.executemany("INSERT INTO dispute VALUES (?, ?)", rows)
        connection.close()

    seconds = timed(work)
    if len(rows) < least:
        raise RuntimeError(f"{len(rows)} of {least} disputes were listed")
    return seconds
