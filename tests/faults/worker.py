"""Desks as processes of their own, which can be told to die at one named point of one write; and the CLI's commands.

Importing the house takes seconds, so one parent imports it and forks a child for each process that is asked for: a line
of JSON in, the child's process id out. The product knows nothing of this; the points are wrapped around it here.
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
from disputes.ports import Answer
from gateways.sandbox.control import SandboxControl
from scheduler import engine, journalled
from scheduler.runtime import Runtime
from scheduler.sweep import sweep
from tests.faults.gateways import counted
from web import cli
from web.compose import compose
from web.settings import load

TICK = 0.3


class Point:
    """Where to die ("kill") or to be stopped ("stop"): once, which the marker notes; in one attempt, or in whichever
    comes first."""

    def __init__(self, spec: dict[str, Any]) -> None:
        self.at, self.write, self.act, self._attempt = spec["at"], spec["write"], spec["act"], spec.get("attempt")
        self._marker = Path(spec["marker"])
        self._counted: dict[str, Any] = spec.get("counted", {})

    def is_at(self, at: str, step: JournalStep) -> bool:
        ours = self._attempt in (None, step.attempt_id)
        return at == self.at and ours and step.name.partition(":")[0] == self.write and not self._marker.exists()

    def strike(self) -> None:
        self._marker.write_text(f"{os.getpid()}")
        # To this very thread: sent to the process, another thread may take it, and this one runs on for a moment.
        signal.pthread_kill(threading.get_ident(), signal.SIGSTOP if self.act == "stop" else signal.SIGKILL)

    def strike_when_it_happened(self) -> None:
        """The gateway has done what it was asked and keeps its answer: that is the moment."""
        control = SandboxControl(self._counted["control"])
        while counted(control, self._counted["dispute"], self._counted["word"]) <= self._counted["before"]:
            time.sleep(0.02)
        self.strike()


class Points:
    def __init__(self, specs: list[dict[str, Any]]) -> None:
        self._points = [Point(spec) for spec in specs]

    def reached(self, at: str, step: JournalStep) -> None:
        if (point := self.at(at, step)) is not None:
            point.strike()

    def at(self, at: str, step: JournalStep) -> Point | None:
        return next((point for point in self._points if point.is_at(at, step)), None)

    def passed_by(self, step: JournalStep, send: Callable[[str], Answer]) -> Callable[[str], Answer]:
        """The call itself, with the two points around its effect."""

        def sending(key: str) -> Answer:
            if (point := self.at("without_answer", step)) is not None:
                threading.Thread(target=point.strike_when_it_happened, daemon=True).start()
            answer = send(key)
            self.reached("after_answer", step)
            return answer

        return sending


def lay(points: Points) -> None:
    intend, end_step = submission.intend, submission.end_step
    send, end = journalled._send, journalled._end

    def intending(session: Any, step: JournalStep, **more: Any) -> Any:
        points.reached("before_intent", step)
        made = intend(session, step, **more)
        points.reached("torn_intent", step)
        return made

    def ending(session: Any, step: JournalStep, state: str, **more: Any) -> Any:
        done = end_step(session, step, state, **more)
        points.reached("torn_record", step)
        return done

    def sending(runtime: Runtime, step: JournalStep, write: Any) -> Any:
        points.reached("after_intent", step)
        return send(runtime, step, replace(write, send=points.passed_by(step, write.send)))

    def ended(runtime: Runtime, step: JournalStep, answer: Any) -> Any:
        outcome = end(runtime, step, answer)
        points.reached("after_record", step)
        return outcome

    submission.intend, submission.end_step = intending, ending
    journalled._send, journalled._end = sending, ended


def work(order: dict[str, Any]) -> None:
    """One desk: engine and ticks until it is killed or told to end.

    `doomed`: it takes one filing at a time and nothing that another process left, so that it dies in its own alone.
    """
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    doomed = bool(order.get("doomed"))
    if doomed:
        engine.QUEUES["gateway"] = 1
        engine.DbosEngine.recover = lambda self: []  # type: ignore[method-assign]
    clock = ShiftedClock(timedelta(seconds=order.get("shift", 0)))
    runtime = compose(load(Path(order["data"])), clock=clock)
    lay(Points(order.get("points", [])))
    runtime.engine.launch(polling_seconds=0.1)
    Path(order["ready"]).write_text(runtime.owner)
    while not ended.wait(TICK):
        if not doomed:
            sweep(runtime)
    runtime.engine.stop()
    runtime.database.dispose()


def command(order: dict[str, Any]) -> None:
    """One command of the product, as its script would run it."""
    os.chdir(order["data"])
    os.dup2(os.open(order["typed"], os.O_RDONLY), 0)
    sys.argv = ["counterproof", *order["command"]]
    cli.main()


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
    os.dup2(os.open(order["errors"], os.O_CREAT | os.O_WRONLY, 0o600) if "errors" in order else said, 2)
    faulthandler.register(signal.SIGUSR1, all_threads=True)
    os.environ.update(order["env"])
    code = 1
    try:
        (command if "command" in order else work)(order)
        code = 0
    except SystemExit as ended:
        code = int(ended.code or 0)
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        if "code" in order:
            Path(order["code"]).write_text(f"{code}")
        os._exit(code)


if __name__ == "__main__":
    main()
