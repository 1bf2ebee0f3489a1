"""One process: the hosts of the gateway it plays, the control API, the clock's ticks and the webhook thread."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from starlette.types import Receive, Scope, Send

from gateways.sandbox.clock import SandboxClock
from gateways.sandbox.control_api import PREFIX, ControlApi, common_routes
from gateways.sandbox.deliveries import Deliveries
from gateways.sandbox.faults import Faults
from gateways.sandbox.ledger import Ledger
from gateways.sandbox.play import Ground, Opened, Play, play_of
from gateways.sandbox.store import Store
from gateways.sandbox.timers import Timers

HOST = "127.0.0.1"
TICK_SECONDS = 0.5


class CannotStart(Exception):
    """With a sentence for whoever typed the command."""


@dataclass
class Options:
    data: Path
    gateway: str = "stripe"
    api_port: int = 0
    files_port: int = 0
    ready_file: Path | None = None
    empty: bool = False
    clock_shift: float | None = None


class Server(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """The loop's own handlers end it; uvicorn would raise the signal again and the exit code would say so."""
        yield


def run(options: Options) -> None:
    try:
        play = play_of(options.gateway)
    except (ValueError, ImportError) as error:
        raise CannotStart(f"cannot play {options.gateway}: {error}") from error
    if options.files_port and len(play.hosts) == 1:
        raise CannotStart(f"{play.name} has no files host; --files-port is Stripe's")
    store = open_store(options.data)
    try:
        sockets = [_bound(port) for port, _ in zip((options.api_port, options.files_port), play.hosts, strict=False)]
        asyncio.run(Process(play, store, options, sockets).serve())
    finally:
        store.close()


def open_store(folder: Path) -> Store:
    """The folder holds made-up customers, but a demo may be pointed at real ones: it is the owner's alone."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.chmod(0o700)
        store = Store(folder / "sandbox.sqlite")
    except Exception as error:
        raise CannotStart(f"cannot use {folder} as the data folder: {error}") from error
    if not store.lock(folder / "lock"):
        raise CannotStart(f"another sandbox is using {folder}")
    return store


class Process:
    """One gateway on its ports, until a signal ends it."""

    def __init__(self, play: Play, store: Store, options: Options, sockets: list[socket.socket]) -> None:
        self._options, self._sockets = options, sockets
        ports = [sock.getsockname()[1] for sock in sockets]
        self._addresses = {name: f"http://{HOST}:{port}" for name, port in zip(play.hosts, ports, strict=True)}
        self._ground = Ground(
            store,
            SandboxClock(store, options.clock_shift),
            Timers(store),
            Faults(),
            Ledger(store, play.effects),
        )
        self._opened = opened(play, self._ground, self._addresses, options)
        self._hosts = {port: self._opened.host(name) for name, port in zip(play.hosts, ports, strict=True)}
        ground = self._ground
        common = common_routes(store, ground.clock, ground.faults, ground.ledger, self._opened.tick)
        self._controls = ControlApi(store, common + self._opened.controls())

    async def serve(self) -> None:
        server = Server(
            uvicorn.Config(self, lifespan="off", log_level="error", access_log=False, server_header=False, ws="none")
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, _end, server)
        deliveries = Deliveries(self._ground.store, self._ground.clock, self._opened.postman())
        deliveries.start()
        ticking = asyncio.create_task(self._tick())
        announcing = asyncio.create_task(self._announce(server))
        await server.serve(self._sockets)
        ticking.cancel()
        announcing.cancel()
        deliveries.end()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(PREFIX):
            await self._controls(scope, receive, send)
        else:
            await self._hosts[scope["server"][1]](scope, receive, send)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_SECONDS)
            self._opened.tick()

    async def _announce(self, server: Server) -> None:
        """Write the ready file once the sockets answer: whole or not at all."""
        while not server.started:
            await asyncio.sleep(0.01)
        api = self._addresses["api"]
        ready = {"pid": os.getpid(), "gateway": self._options.gateway, "api": api, "control": api + PREFIX}
        if self._options.ready_file:
            part = self._options.ready_file.with_name(self._options.ready_file.name + ".part")
            part.write_text(json.dumps({"files": api, **ready, **self._addresses}), encoding="utf-8")
            part.replace(self._options.ready_file)


def opened(play: Play, ground: Ground, addresses: dict[str, str], options: Options) -> Opened:
    """A folder belongs to the gateway it was laid out for; the ones from before there were others are Stripe's."""
    store = ground.store
    laid_out = store.setting("laid_out", False)
    if laid_out and (owner := store.setting("gateway", "stripe")) != play.name:
        raise CannotStart(f"{options.data} was laid out for {owner}, not for {play.name}")
    found = play.open(ground, addresses)
    if not laid_out:
        with store.transaction():
            found.lay_out(story=not options.empty)
            store.set("gateway", play.name)
            store.set("laid_out", True)
    return found


def _end(server: Server) -> None:
    """At once: nobody needs the answer of a request that a fault holds back."""
    server.should_exit = True
    server.force_exit = True


def _bound(port: int) -> socket.socket:
    # The protocol by name: asyncio switches Nagle off only for sockets that say TCP, and 40 ms an answer is a lot.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
    except OSError as error:
        raise CannotStart(f"cannot listen on {HOST}:{port}: {error.strerror}") from error
    return sock
