"""One process: the hosts of the gateways it plays, the control API, the clock's ticks and the webhook thread."""

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
from starlette.types import ASGIApp, Receive, Scope, Send

from gateways.sandbox.clock import SandboxClock
from gateways.sandbox.control_api import PREFIX, ControlApi, common_routes
from gateways.sandbox.faults import Faults
from gateways.sandbox.ledger import Ledger
from gateways.sandbox.store import Store
from gateways.sandbox.stripe import control, keys, seed, webhooks
from gateways.sandbox.stripe.api import StripeHost
from gateways.sandbox.stripe.idempotency import Idempotency
from gateways.sandbox.stripe.world import World
from gateways.sandbox.timers import Timers

HOST = "127.0.0.1"
TICK_SECONDS = 0.5


class CannotStart(Exception):
    """With a sentence for whoever typed the command."""


@dataclass
class Options:
    data: Path
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
    store = open_store(options.data)
    sockets = [_bound(options.api_port), _bound(options.files_port)]
    try:
        world = open_world(store, options, sockets[1].getsockname()[1])
        asyncio.run(_serve(world, options, sockets))
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


def open_world(store: Store, options: Options, files_port: int) -> World:
    clock = SandboxClock(store, options.clock_shift)
    world = World(store, clock, Timers(store), Faults(), Ledger(store), f"http://{HOST}:{files_port}")
    if not store.setting("laid_out", False):
        with store.transaction():
            keys.seed(store)
            if not options.empty:
                seed.lay_out(world)
            store.set("laid_out", True)
    return world


async def _serve(world: World, options: Options, sockets: list[socket.socket]) -> None:
    ports = [sock.getsockname()[1] for sock in sockets]
    app = _by_port(world, ports)
    server = Server(
        uvicorn.Config(app, lifespan="off", log_level="error", access_log=False, server_header=False, ws="none")
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, server)
    deliveries = webhooks.Deliveries(world)
    deliveries.start()
    ticking = asyncio.create_task(_tick(world))
    announcing = asyncio.create_task(_announce(server, options, ports))
    await server.serve(sockets)
    ticking.cancel()
    announcing.cancel()
    deliveries.end()


def _end(server: Server) -> None:
    """At once: nobody needs the answer of a request that a fault holds back."""
    server.should_exit = True
    server.force_exit = True


def _by_port(world: World, ports: list[int]) -> ASGIApp:
    idempotency = Idempotency(world.store)
    hosts = {port: StripeHost(world, name, idempotency) for port, name in zip(ports, ("api", "files"), strict=True)}
    common = common_routes(world.clock, world.faults, world.ledger, lambda: control.tick(world))
    controls = ControlApi(world.store, common + control.routes(world))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"].startswith(PREFIX):
            await controls(scope, receive, send)
        else:
            await hosts[scope["server"][1]](scope, receive, send)

    return app


async def _tick(world: World) -> None:
    while True:
        await asyncio.sleep(TICK_SECONDS)
        control.tick(world)


async def _announce(server: Server, options: Options, ports: list[int]) -> None:
    """Write the ready file once the sockets answer: whole or not at all."""
    while not server.started:
        await asyncio.sleep(0.01)
    api, files = (f"http://{HOST}:{port}" for port in ports)
    ready = json.dumps({"pid": os.getpid(), "api": api, "files": files, "control": api + PREFIX})
    if options.ready_file:
        part = options.ready_file.with_name(options.ready_file.name + ".part")
        part.write_text(ready, encoding="utf-8")
        part.replace(options.ready_file)


def _bound(port: int) -> socket.socket:
    # The protocol by name: asyncio switches Nagle off only for sockets that say TCP, and 40 ms an answer is a lot.
    sock = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((HOST, port))
    except OSError as error:
        raise CannotStart(f"cannot listen on {HOST}:{port}: {error.strerror}") from error
    return sock
