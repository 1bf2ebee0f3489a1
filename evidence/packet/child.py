"""Our side of the limited child: a warm server started on first use, one bounded fork of it per job."""

from __future__ import annotations

import atexit
import contextlib
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from disputes.phrases import Phrase, phrase
from evidence.packet import wire
from evidence.packet.errors import FileRefused, PacketRefused, RenderFailed

_ROOT = Path(__file__).resolve().parents[2]
_KEPT = (
    *("PATH", "HOME", "LANG", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME", "FONTCONFIG_FILE", "FONTCONFIG_PATH"),
    "PYTHONPYCACHEPREFIX",
)
"""Only what fonts need, and where bytecode lies: no password or key of ours reaches the process that reads hostile
files."""


@dataclass(frozen=True, slots=True)
class Bounds:
    seconds: float = 60.0
    cpu: float = 45.0
    bytes: int = 1536 * 2**20


class Helper:
    """Safe from any thread; after a fork the new process starts a server of its own."""

    def __init__(self, bounds: Bounds | None = None, parallel: int | None = None) -> None:
        self.bounds = bounds or Bounds()
        self._lock = threading.Lock()
        self._slots = threading.BoundedSemaphore(parallel or max(2, os.cpu_count() or 2))
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None
        self._owner = 0
        atexit.register(self.close)

    def call(
        self, task: str, arguments: dict[str, Any], blobs: list[bytes], bounds: Bounds | None = None
    ) -> tuple[dict[str, Any], list[bytes]]:
        """Run `module:function(arguments, blobs)` in a fresh limited child."""
        bounds = bounds or self.bounds
        head = {
            "task": task,
            "arguments": arguments,
            "seconds": bounds.seconds,
            "cpu": bounds.cpu,
            "bytes": bounds.bytes,
        }
        with self._slots, self._open() as job:
            job.settimeout(bounds.seconds + 10)
            try:
                wire.send(job, head, blobs)
                answer, out = wire.receive(job)
            except (EOFError, OSError):
                raise RenderFailed([_TOO_MUCH]) from None
        return _taken(answer), out

    def warm(self) -> None:
        """Start the server now instead of at the first job."""
        with self._lock:
            self._ensure()

    def close(self) -> None:
        with self._lock:
            self._stop()

    def _open(self) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs, self._lock:
            for attempt in (1, 2):
                try:
                    socket.send_fds(self._ensure(), [b"job"], [theirs.fileno()])
                    return ours
                except OSError:
                    self._stop()
                    if attempt == 2:
                        ours.close()
                        raise RenderFailed([phrase("The renderer could not be started.")]) from None
        raise AssertionError("unreachable")

    def _ensure(self) -> socket.socket:
        if self._owner != os.getpid():  # a forked copy must not talk over its parent's socket
            self._process, self._control = None, None
        if self._process is None or self._process.poll() is not None or self._control is None:
            self._stop()
            self._start()
        return cast("socket.socket", self._control)

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, no word of it from outside
                [sys.executable, "-m", "evidence.packet.server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env={**kept, "PYTHONPATH": str(_ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
            )
        self._control, self._owner = ours, os.getpid()

    def _stop(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None and self._owner == os.getpid():
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(timeout=5)
            if self._process.poll() is None:
                self._process.kill()
                self._process.wait()
        self._process, self._control = None, None


_TOO_MUCH = phrase(
    "The packet needs more time or memory than one packet may take. Remove or shorten the largest exhibits."
)


def _taken(answer: dict[str, Any]) -> dict[str, Any]:
    if "refused" in answer:
        raise PacketRefused([Phrase.read(each) for each in answer["refused"]])
    if "failed" in answer:
        raise RenderFailed([Phrase.read(each) for each in answer["failed"]])
    if "file" in answer:
        raise FileRefused(answer["file"], Phrase.read(answer["reason"]))
    if "done" not in answer:
        raise RenderFailed([_TOO_MUCH])
    done: dict[str, Any] = answer["done"]
    return done


_default: Helper | None = None
_guard = threading.Lock()


def default() -> Helper:
    """One warm helper for the whole process."""
    global _default
    with _guard:
        _default = _default or Helper()
        return _default
