"""The engine for real, on either database: runs begin at their commit, once, and never more at a time than allowed."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from dbos._core import ActiveWorkflowById, ActiveWorkflowEntry

from disputes.database import Database, refuse_inside_writer
from disputes.ids import new_id
from scheduler import engine as engines
from scheduler.engine import QUEUES, DbosEngine, workflow
from scheduler.lease import AdvisoryLeases, FileLeases, Leases
from scheduler.wake import THREAD

SELDOM = 3600.0
"""Seconds between two polls, so that what runs was not found by one."""
PATIENCE = 60.0


class Counting:
    """How often each run ran, and how many ran side by side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.times: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self.most: Counter[str] = Counter()

    def stay(self, queue: str, name: str) -> None:
        with self._lock:
            self.times[name] += 1
            self._now[queue] += 1
            self.most[queue] = max(self.most[queue], self._now[queue])
        time.sleep(0.05)
        with self._lock:
            self._now[queue] -= 1


counting = Counting()


@workflow("tests.stay")
def stay(queue: str, name: str) -> str:
    refuse_inside_writer("A run")
    counting.stay(queue, name)
    return "stayed"


@pytest.fixture(autouse=True)
def _nothing_counted() -> None:
    counting.__init__()  # type: ignore[misc]


@pytest.fixture
def leases(database: Database, tmp_path: Path) -> Leases:
    return FileLeases(tmp_path / "leases") if database.is_sqlite else AdvisoryLeases(database.url)


@pytest.fixture
def engine(database: Database, leases: Leases) -> Iterator[DbosEngine]:
    """Not launched."""
    made = DbosEngine(database.url, leases, new_id("exe"))
    yield made
    made.stop()


def launch(engine: DbosEngine, polling_seconds: float) -> None:
    """In a thread without an event loop, as a server launches it: a browser test before may have left one here."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(engine.launch, polling_seconds=polling_seconds).result()


def ask(engine: DbosEngine, database: Database, name: str, queue: str = "work") -> str:
    with database.writing() as session:
        engine.enqueue(session, "tests.stay", name, queue, name, queue=queue)
    return name


def ended(engine: DbosEngine, *names: str) -> bool:
    ends = time.monotonic() + PATIENCE
    while time.monotonic() < ends:
        if all(engine.status(name) == "SUCCESS" for name in names):
            return True
        time.sleep(0.02)
    return False


def test_a_run_begins_at_its_commit_without_waiting_for_a_poll(engine: DbosEngine, database: Database) -> None:
    launch(engine, SELDOM)
    for name in ("first", "second"):
        assert ended(engine, ask(engine, database, name)), f"{name} was not found"
    assert counting.times == {"first": 1, "second": 1}


def test_what_is_not_committed_is_not_run(engine: DbosEngine, database: Database) -> None:
    launch(engine, SELDOM)
    with contextlib.suppress(ZeroDivisionError), database.writing() as session:
        engine.enqueue(session, "tests.stay", "undone", "work", "undone")
        1 / 0  # noqa: B018 - the rest of the transaction fails
    assert ended(engine, ask(engine, database, "done"))
    assert engine.status("undone") is None
    assert counting.times == {"done": 1}


def test_what_another_process_enqueued_is_found_by_the_next_poll(
    engine: DbosEngine, database: Database, leases: Leases
) -> None:
    launch(engine, 0.1)
    client = DbosEngine(database.url, leases, new_id("exe"), client_only=True)
    try:
        assert ended(engine, ask(client, database, "from elsewhere"))
    finally:
        client.stop()


def test_without_early_polls_the_polls_do_it_alone(
    engine: DbosEngine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "_wakes", lambda *_: None)
    launch(engine, 0.1)
    assert ended(engine, ask(engine, database, "slowly"))


def test_an_engine_without_the_names_we_need_is_polled() -> None:
    assert engines._wakes(object(), "exe_1") is None  # type: ignore[arg-type]


def test_the_pinned_engine_still_has_what_early_polls_need(engine: DbosEngine, database: Database) -> None:
    launch(engine, 0.1)
    assert engine._wakes is not None, "names of the engine have gone: every run waits for its poll now"
    assert ended(engine, ask(engine, database, "any"))
    threads = {thread.name for thread in threading.enumerate()}
    assert {THREAD.format(queue) for queue in QUEUES} <= threads, "the engine names the threads of its queues otherwise"


def test_many_at_once_each_run_once_and_never_more_than_the_limit(
    engine: DbosEngine, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    launch(engine, 1.0)
    assert ended(engine, *(ask(engine, database, f"{queue} is listened to", queue) for queue in ("gateway", "work")))
    counting.times.clear()
    count_late(monkeypatch, seconds=0.3)
    asked = [(f"{queue}:{number}", queue) for number in range(8) for queue in ("gateway", "work")]
    with ThreadPoolExecutor(4) as pool:
        names = list(pool.map(lambda each: ask(engine, database, *each), asked))
    ask(engine, database, *asked[0])
    assert ended(engine, *names)
    assert counting.times == dict.fromkeys(names, 1)
    assert 1 < counting.most["gateway"] <= QUEUES["gateway"]
    assert 1 < counting.most["work"] <= QUEUES["work"]


def count_late(monkeypatch: pytest.MonkeyPatch, *, seconds: float) -> None:
    """As on a loaded machine: time passes between the claim of a run and the moment the engine counts it."""
    add = ActiveWorkflowById.add

    def late(self: ActiveWorkflowById, *arguments: str) -> ActiveWorkflowEntry:
        time.sleep(seconds)
        return add(self, *arguments)

    monkeypatch.setattr(ActiveWorkflowById, "add", late)
