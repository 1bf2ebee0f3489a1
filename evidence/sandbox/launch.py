"""Start the practice systems: as a process of their own for the demo, or in a thread for a test."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import uvicorn

from evidence.sandbox.app import Faults, application
from evidence.sandbox.world import World

START_SECONDS = 20.0
HOST = "127.0.0.1"


class DidNotStart(RuntimeError):
    """The process ended, or did not answer in time."""


def bound(port: int = 0) -> socket.socket:
    """A socket to serve on; 0 takes any free port."""
    # The protocol by name: asyncio switches Nagle off only for sockets that say TCP, and 40 ms an answer is a lot.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        sock.bind((HOST, port))
    except OSError:
        sock.close()
        raise
    return sock


class Prompt(uvicorn.Server):
    """Looks every few milliseconds whether it should end: a test suite starts and ends a thousand of them."""

    async def main_loop(self) -> None:
        while not self.should_exit:
            await asyncio.sleep(0.005)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Without the tenth of a second the library waits in any case: an answer under way is finished, no more."""
        for listening in self.servers:
            listening.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while (self.server_state.connections or self.server_state.tasks) and not self.force_exit:
            await asyncio.sleep(0.001)
        if not self.force_exit:
            await self.lifespan.shutdown()


@contextlib.contextmanager
def in_thread(world: World, faults: Faults | None = None) -> Iterator[str]:
    """The base address, while the block lasts; the test holds the world itself."""
    with bound() as listening:
        config = uvicorn.Config(application(world, faults), log_level="error", lifespan="off")
        server = Prompt(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        until = time.monotonic() + START_SECONDS
        while not server.started:
            if time.monotonic() > until or not thread.is_alive():
                raise DidNotStart("the practice systems did not start")
            time.sleep(0.01)
        try:
            yield f"http://{HOST}:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join(10)


class Systems:
    """A running process; `address` is the base of every system's API."""

    def __init__(self, process: subprocess.Popen[bytes], address: str) -> None:
        self._process = process
        self.address = address

    def stop(self) -> None:
        if self._process.poll() is None:
            self._process.terminate()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(10)
        if self._process.stderr is not None:
            self._process.stderr.close()


def launch(seed: Path, *, port: int = 0) -> Systems:
    """`seed`: a world as JSON. Raises DidNotStart with what the process said."""
    ready = seed.with_name("systems-ready.json")
    ready.unlink(missing_ok=True)
    command = [sys.executable, "-m", "evidence.sandbox", "--seed", str(seed), "--ready-file", str(ready)]
    process = subprocess.Popen([*command, "--port", str(port), "--die-with-parent"], stderr=subprocess.PIPE)  # noqa: S603
    until = time.monotonic() + START_SECONDS
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > until:
            process.kill()
            said = process.stderr.read().decode(errors="replace") if process.stderr else ""
            raise DidNotStart(said.strip()[-500:] or "the practice systems did not answer in time")
        time.sleep(0.02)
    return Systems(process, json.loads(ready.read_text(encoding="utf-8"))["address"])
