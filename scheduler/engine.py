"""The engine behind a small port: durable runs of named workflows, started in the business transaction.

DBOS (MIT) does the work; nothing outside this file, `scheduler.lease` and `scheduler.wake` knows it. Arguments and
results are ids and enum words only, so its tables hold no customer data.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from dbos import DBOS, DBOSClient, DBOSConfig, DBOSPortableJSONSerializer
from sqlmodel import Session

from scheduler.lease import Lease, LeaseBusy, Leases
from scheduler.wake import Wakes

log = logging.getLogger("counterproof.engine")

QUEUES = {"gateway": 4, "work": 2, "sources": 2, "mail": 1}
"""Queues and how many runs of each one process does at a time: gateway calls, packets, pulls of shops, mail. A first
import lasts for minutes and must not stand in the way of a gateway."""
_QUIET = frozenset({"sources", "mail"})
"""Nobody waits for their start; the other two make up the time from a webhook to the filed answer."""
_QUIET_POLLING_SECONDS = 1.0

_RETENTION_ROWS = 500


class Engine(Protocol):
    """How the house starts work that must not be lost."""

    def launch(self, *, polling_seconds: float = 0.1) -> None: ...
    def stop(self) -> None: ...

    def enqueue(self, session: Session, workflow: str, run_id: str, *arguments: str, queue: str = "work") -> None:
        """Start a run when the session commits. A run id that is known already is not run again."""
        ...

    def status(self, run_id: str) -> str | None: ...
    def alive(self) -> bool: ...
    def forget(self, before: datetime) -> int: ...


@dataclass(frozen=True, slots=True)
class Workflow:
    name: str
    run: Callable[..., str]


def workflow(name: str) -> Callable[[Callable[..., str]], Workflow]:
    """Mark a function as a workflow: strings in, one tagged word or sentence out, no exception for the expected."""

    def wrap(function: Callable[..., str]) -> Workflow:
        @functools.wraps(function)
        def contained(*arguments: str) -> str:
            try:
                return function(*arguments)
            except Exception as error:
                # After a crash the engine hands an exception back as another type: a tagged word stays what it is.
                log.exception("The workflow %s failed for %s.", name, ", ".join(arguments))
                return f"failed: {type(error).__name__}"

        step = DBOS.step(name=f"{name}.step")(contained)

        def run(*arguments: str) -> str:
            return step(*arguments)

        run.__qualname__ = name
        return Workflow(name, DBOS.workflow(name=name)(run))

    return wrap


def system_url(url: str) -> str:
    """DBOS wants the plain dialect name."""
    return url.replace("postgresql+psycopg://", "postgresql://")


class DbosEngine:
    """`client_only` serves CLI and scripts: they may enqueue, but never run or recover anything."""

    def __init__(self, url: str, leases: Leases, executor_id: str, *, client_only: bool = False) -> None:
        self._url = system_url(url)
        self._leases = leases
        self._executor_id = executor_id
        self._client_only = client_only
        self._lease: Lease | None = None
        self._stop = threading.Event()
        self._recovery: threading.Thread | None = None
        self._wakes: Wakes | None = None
        self._made = False
        # Made here and not at the first enqueue: that happens inside a writing transaction, where nobody else writes.
        DBOS.migrate(self._url)
        self._client = DBOSClient(system_database_url=self._url, serializer=DBOSPortableJSONSerializer())

    def launch(self, *, polling_seconds: float = 0.1) -> None:
        """Take this process's lease, start the engine and the loop that takes over what dead processes left."""
        importlib.import_module("scheduler.workflows")
        self._lease = self._leases.take(self._executor_id)
        config: DBOSConfig = {
            "name": "counterproof",
            "system_database_url": self._url,
            "executor_id": self._executor_id,
            "application_version": "1",
            "log_level": "WARNING",
            "console_log_level": "WARNING",
            "serializer": DBOSPortableJSONSerializer(),
            "sys_db_pool_size": 10,
        }
        engine = DBOS(config=config)
        self._made = True
        DBOS.listen_queues(list(QUEUES))
        DBOS.launch()
        self._wakes = _wakes(engine, self._executor_id)
        for name, concurrency in QUEUES.items():
            seconds = _QUIET_POLLING_SECONDS if name in _QUIET else polling_seconds
            DBOS.register_queue(name, worker_concurrency=concurrency, polling_interval_sec=seconds)
        self._recovery = threading.Thread(target=self._recover_forever, name="recovery", daemon=True)
        self._recovery.start()

    def stop(self) -> None:
        self._stop.set()
        if self._recovery:
            self._recovery.join(timeout=5)
        if self._wakes:
            self._wakes.end()
        if self._made:
            # Also where the launch failed half-way: the library holds one engine a process.
            DBOS.destroy(workflow_completion_timeout_sec=5)
            self._made = False
        self._client.destroy()
        if self._lease:
            self._lease.release()

    def enqueue(self, session: Session, workflow: str, run_id: str, *arguments: str, queue: str = "work") -> None:
        self._client.enqueue_in_transaction(
            session.connection(), {"workflow_name": workflow, "queue_name": queue, "workflow_id": run_id}, *arguments
        )
        if self._wakes:
            self._wakes.at_commit(session, queue)

    def status(self, run_id: str) -> str | None:
        found = self._client.list_workflows(workflow_ids=[run_id])
        return str(found[0].status) if found else None

    def alive(self) -> bool:
        return self._client_only or (self._recovery is not None and self._recovery.is_alive())

    # ---- taking over ---------------------------------------------------------------------------------------------

    def _recover_forever(self) -> None:
        while not self._stop.wait(1.0):
            try:
                self.recover()
            except Exception:
                log.exception("The recovery loop failed once and goes on.")

    def recover(self) -> list[str]:
        """Take over the unfinished runs of executors whose lease is free: their process is dead."""
        pending = DBOS.list_workflows(status="PENDING", load_input=False, load_output=False)
        others = {run.executor_id for run in pending if run.executor_id and run.executor_id != self._executor_id}
        recovered = []
        for executor_id in sorted(others):
            with contextlib.suppress(LeaseBusy):
                lease = self._leases.take(executor_id)
                try:
                    DBOS._recover_pending_workflows([executor_id])
                    recovered.append(executor_id)
                finally:
                    lease.release()
        return recovered

    def forget(self, before: datetime) -> int:
        """Delete finished runs that are older. Their ids are free again after that, so keep them long enough."""
        old = DBOS.list_workflows(
            status=["SUCCESS", "ERROR", "CANCELLED"],
            end_time=before.isoformat(),
            limit=_RETENTION_ROWS,
            load_input=False,
            load_output=False,
        )
        if old:
            DBOS.delete_workflows([run.workflow_id for run in old])
        return len(old)


def _wakes(engine: DBOS, executor_id: str) -> Wakes | None:
    """Early polls by what the pinned DBOS has no public name for; None where it is gone, and then polls do alone."""
    try:
        sleeps, begun = engine.background_thread_stop_events, engine._active_workflows_set.activeList
    except AttributeError:
        return None

    def settled(queue: str) -> bool:
        try:
            claimed = DBOS.list_workflows(
                status="PENDING", queue_name=queue, executor_id=executor_id, load_input=False, load_output=False
            )
        except Exception:  # the poll that follows says what is wrong with the database
            return False
        return {run.workflow_id for run in claimed} <= set(begun())

    wakes = Wakes((name for name in QUEUES if name not in _QUIET), settled)
    for event in sleeps:
        wakes.shorten(event)
    return wakes
