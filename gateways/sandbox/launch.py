"""Start the sandbox as a process of its own and wait until it answers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from gateways.sandbox.control import SandboxControl
from gateways.sandbox.play import play_of

START_SECONDS = 30.0


class SandboxFailed(RuntimeError):
    """The process ended, or did not answer in time; carries what it said."""


class Sandbox:
    """A running sandbox: `api`, `files` and `control` are base addresses, `controls` the client for the last.

    Only Stripe has a files host; for the others `files` is `api`."""

    def __init__(
        self, process: subprocess.Popen[bytes], ready: dict[str, str], client: type[SandboxControl] = SandboxControl
    ) -> None:
        self._process = process
        self.pid = process.pid
        self.api, self.files, self.control = ready["api"], ready["files"], ready["control"]
        self.controls = client(self.control)

    def stop(self) -> int:
        """End it cleanly and give its exit code; a second call does nothing."""
        self.controls.close()
        if self._process.poll() is None:
            self._process.terminate()
        try:
            return self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            return self._process.wait(10)

    def kill(self) -> None:
        """As a power cut would end it."""
        self._process.kill()
        self.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def launch(
    folder: Path,
    *,
    gateway: str = "stripe",
    empty: bool = False,
    api_port: int = 0,
    files_port: int = 0,
    clock_shift: float | None = None,
) -> Sandbox:
    """Raises ValueError for a gateway it does not know, SandboxFailed with the process's words when it does not run."""
    client = play_of(gateway).control
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    ready = folder / "ready.json"
    ready.unlink(missing_ok=True)
    command = [
        sys.executable, "-m", "gateways.sandbox", "--gateway", gateway, "--data", str(folder),
        "--ready-file", str(ready), "--api-port", str(api_port), "--files-port", str(files_port),
    ]  # fmt: skip
    command += ["--empty"] if empty else []
    command += ["--clock-shift", str(clock_shift)] if clock_shift is not None else []
    command += ["--die-with-parent"] if sys.platform == "linux" else []
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(part for part in (root, os.environ.get("PYTHONPATH")) if part)
    said = folder / "sandbox.log"
    with said.open("wb") as stderr:  # a pipe that nobody reads would fill up and stop the server
        process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": path}, stderr=stderr)  # noqa: S603 - our own
    return Sandbox(process, _await(process, ready, said), client)


def _await(process: subprocess.Popen[bytes], ready: Path, said: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if ready.exists():
            found: dict[str, str] = json.loads(ready.read_text(encoding="utf-8"))
            return found
        if process.poll() is not None:
            words = said.read_text(encoding="utf-8", errors="replace").strip()
            raise SandboxFailed(f"the sandbox ended at once: {words or 'without a word'}")
        time.sleep(0.02)
    process.kill()
    process.wait()
    raise SandboxFailed(f"the sandbox did not answer within {START_SECONDS:.0f} s")
