"""Desks as processes of their own, which can be told to die at one named point of one write.

Importing the house takes seconds, so one parent imports it and forks a child for each desk that is asked for: a line of
JSON in, the child's process id out. The product knows nothing of this; the points are wrapped around it here.
"""

from __future__ import annotations

import faulthandler
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import scheduler.workflows  # noqa: F401  (the engine must know every workflow before it starts)
from disputes import submission
from disputes.clock import ShiftedClock
from disputes.models import JournalStep
from disputes.ports import Answer, Approved, Plan, Write
from scheduler import journalled
from scheduler.runtime import Runtime
from scheduler.sweep import sweep
from web.compose import compose
from web.settings import load

TICK = 0.3
HANGS = 0.7
"""How long the call may take to have its effect before the process that waits for its answer is killed."""


class Point:
    """Where to die ("kill") or to be stopped ("stop"): once in the life of a data folder, which the marker notes."""

    def __init__(self, spec: dict[str, Any], marker: Path) -> None:
        self.at, self.write, self.act, self._marker = spec["at"], spec["write"], spec.get("act", "kill"), marker

    def reached(self, at: str, write: str) -> None:
        if self.is_at(at, write):
            self.strike()

    def is_at(self, at: str, write: str) -> bool:
        return at == self.at and write.partition(":")[0] == self.write and not self._marker.exists()

    def strike(self) -> None:
        self._marker.write_text(f"{os.getpid()}")
        # To this very thread: sent to the process, another thread may take it, and this one runs on for a moment.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP if self.act == "stop" else signal.SIGKILL)


class Mortal:
    """A gateway whose writes pass the point."""

    def __init__(self, gateway: Any, point: Point) -> None:
        self._gateway, self._point = gateway, point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._gateway, name)

    def plan(self, approved: Approved) -> Plan:
        inner = self._gateway.plan(approved)
        answer = None
        while True:
            try:
                write = inner.send(answer)
            except StopIteration:
                return
            answer = yield replace(write, send=self._passing(write))

    def _passing(self, write: Write) -> Callable[[str], Answer]:
        name = write.name.partition(":")[0]

        def send(key: str) -> Answer:
            if self._point.is_at("without_answer", name):
                threading.Timer(HANGS, self._point.strike).start()
            answer = write.send(key)
            self._point.reached("after_answer", name)
            return answer

        return send


def lay_point(runtime: Runtime, point: Point) -> None:
    gateway_for = runtime.gateway_for
    runtime.gateway_for = lambda connection: Mortal(gateway_for(connection), point)  # type: ignore[return-value]
    intend, end_step = submission.intend, submission.end_step
    send, end = journalled._send, journalled._end

    def intending(session: Any, step: JournalStep, **more: Any) -> Any:
        point.reached("before_intent", step.name)
        made = intend(session, step, **more)
        point.reached("torn_intent", step.name)
        return made

    def ending(session: Any, step: JournalStep, state: str, **more: Any) -> Any:
        done = end_step(session, step, state, **more)
        point.reached("torn_record", step.name)
        return done

    def sending(runtime: Runtime, step: JournalStep, write: Any) -> Any:
        point.reached("after_intent", step.name)
        return send(runtime, step, write)

    def ended(runtime: Runtime, step: JournalStep, answer: Any) -> Any:
        outcome = end(runtime, step, answer)
        point.reached("after_record", step.name)
        return outcome

    submission.intend, submission.end_step = intending, ending
    journalled._send, journalled._end = sending, ended


def work(order: dict[str, Any]) -> None:
    """One desk: engine and ticks until it is killed or told to end."""
    os.environ.update(order["env"])
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    clock = ShiftedClock(timedelta(seconds=order.get("shift", 0)))
    runtime = compose(load(Path(order["data"])), clock=clock)
    if order.get("point"):
        lay_point(runtime, Point(order["point"], Path(order["marker"])))
    runtime.engine.launch(polling_seconds=0.1)
    Path(order["ready"]).write_text(runtime.owner)
    while not ended.wait(TICK):
        sweep(runtime)
    runtime.engine.stop()
    runtime.database.dispose()


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            _be(order)
        sys.stdout.write(f"{child}\n")
        sys.stdout.flush()


def _be(order: dict[str, Any]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    said = os.open(order["said"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(said, 1)
    os.dup2(said, 2)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    code = 1
    try:
        work(order)
        code = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        time.sleep(0)
        os._exit(code)


if __name__ == "__main__":
    main()
