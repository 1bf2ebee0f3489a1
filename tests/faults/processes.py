"""Processes of a run: the desk's workers, the parent that forks them, the sandboxes, and waiting for what they do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateways.sandbox.launch import Sandbox, launch

ROOT = Path(__file__).resolve().parents[2]


class Forge:
    """The parent of all workers of one test run (see `tests.faults.worker`)."""

    def __init__(self) -> None:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.worker"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True, cwd=ROOT,
        )  # fmt: skip

    def fork(self, order: dict[str, Any]) -> int:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()
        self._process.wait(10)


class Sandboxes:
    """A sandbox of each gateway, started when the first test asks for it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._running: dict[str, Sandbox] = {}

    def __getitem__(self, gateway: str) -> Sandbox:
        if gateway not in self._running:
            self._running[gateway] = launch(self._folder / gateway, gateway=gateway, empty=True)
        return self._running[gateway]

    def clear_faults(self) -> None:
        for running in self._running.values():
            running.controls.clear_faults()

    def close(self) -> None:
        for running in self._running.values():
            running.stop()


class Worker:
    """A running desk process."""

    def __init__(self, pid: int, ready: Path, said: Path) -> None:
        self.pid, self._ready, self._said = pid, ready, said

    def alive(self) -> bool:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        return True

    def stopped(self) -> bool:
        """Whether SIGSTOP holds it."""
        try:
            return Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()[0] in "tT"
        except (FileNotFoundError, ProcessLookupError):
            return False

    def ready(self) -> bool:
        return self._ready.exists()

    def signal(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        if self.alive():
            os.kill(self.pid, signal.SIGKILL)
            wait_for(lambda: not self.alive(), "the worker to die")

    def said(self) -> str:
        return self._said.read_text() if self._said.exists() else ""


def wait_for(
    happened: Callable[[], bool], what: str, *, seconds: float = 60, said: Callable[[], str] = lambda: ""
) -> None:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        if happened():
            return
        time.sleep(0.05)
    raise AssertionError(f"waited {seconds:.0f} s in vain for {what}\n{said()[-6000:]}")
