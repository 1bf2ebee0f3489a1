"""The warm process that forks one limited child per job: `python -m evidence.packet.server <control fd>`.

It ends when its parent ends (the control socket closes, or the parent's id changes), and its children end with it.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import math
import os
import resource
import select
import signal
import socket
import sys
from typing import Any

from disputes.phrases import Phrase, phrase, said_by
from evidence.packet import wire
from evidence.packet.errors import FileRefused, PacketRefused, RenderFailed

_PR_SET_PDEATHSIG = 1
_FORBIDDEN = ("socket.connect", "socket.bind", "subprocess.", "os.exec", "os.system", "os.posix_spawn", "urllib.")
"""Audit events of a child that would reach out; a renderer has no reason to."""


_NEEDED = "libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core"


def serve(control: socket.socket, broken: str | None = None) -> None:
    """`broken` says why this installation cannot render; it is then the answer to every job."""
    parent = os.getppid()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while os.getppid() == parent:
        if not select.select([control], [], [], 1.0)[0]:
            continue
        message, fds, _, _ = socket.recv_fds(control, 16, 4)
        if not message:
            return
        for fd in fds:
            _fork(control, fd, broken)


def _fork(control: socket.socket, fd: int, broken: str | None) -> None:
    server = os.getpid()
    if os.fork():
        os.close(fd)
        return
    try:
        control.close()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() == server:
            _work(socket.socket(fileno=fd), broken)
    finally:
        os._exit(0)


def _work(job: socket.socket, broken: str | None) -> None:
    try:
        head, blobs = wire.receive(job)
        if broken:
            return wire.send(job, {"failed": [Phrase.of(broken).as_json()]}, [])
        limit(head["seconds"], head["cpu"], head["bytes"])
        answer, out = _run(head["task"], head["arguments"], blobs)
    except MemoryError:
        answer, out = {"exhausted": "memory"}, []
    except (EOFError, OSError):
        return None
    return wire.send(job, answer, out)


def _run(task: str, arguments: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    module, _, name = task.partition(":")
    try:
        result, out = getattr(importlib.import_module(module), name)(arguments, blobs)
    except FileRefused as refusal:
        return {"file": refusal.name, "reason": refusal.reason.as_json()}, []
    except RenderFailed as failure:
        return {"failed": [each.as_json() for each in failure.reasons]}, []
    except PacketRefused as refusal:
        return {"refused": [each.as_json() for each in refusal.reasons]}, []
    except MemoryError:
        raise
    except BaseException as error:  # also FatalURLFetchingError, RecursionError: whatever it is, it ends this job only
        return {"failed": [f"{type(error).__name__}: {error}"]}, []
    return {"done": result}, out


def limit(seconds: float, cpu: float, size: int) -> None:
    """Bound this process: wall clock, processor, address space, no writing of files, no reaching out."""
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    processor = math.ceil(cpu)
    resource.setrlimit(resource.RLIMIT_CPU, (processor, processor + 1))
    resource.setrlimit(resource.RLIMIT_AS, (size, size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    sys.addaudithook(_refuse_reaching_out)


def _refuse_reaching_out(event: str, _arguments: tuple[object, ...]) -> None:
    if event.startswith(_FORBIDDEN):
        raise PermissionError(f"{event} is not allowed while rendering")


def main() -> None:
    with socket.socket(fileno=int(sys.argv[1])) as control:
        broken = _warm_up()
        # What the warm-up left stays for good: a child's collector need not walk it over and over.
        gc.collect()
        gc.freeze()
        serve(control, broken)


def _warm_up() -> Phrase | None:
    try:
        from evidence.packet import produce

        produce.warm_up()
    except (OSError, PacketRefused) as error:
        return phrase(
            "The renderer cannot work here: {why} On Debian: apt-get install --no-install-recommends {needed}",
            why=said_by(error),
            needed=_NEEDED,
        )
    return None


if __name__ == "__main__":
    main()
