"""Running the desk: uvicorn with the engine and the clock beside it, and the sandboxes as children where asked for."""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator

import uvicorn
from rich.console import Console

from disputes import links
from scheduler.clock import Ticker
from scheduler.runtime import Runtime
from web import practice, practice_systems
from web.app import build_app
from web.compose import compose
from web.demo.by_hand import enter_by_hand
from web.first_data import demo_merchant, setup_token
from web.settings import Settings


@contextlib.contextmanager
def running(runtime: Runtime, *, tick_seconds: float) -> Iterator[None]:
    """Engine and clock while the block runs."""
    ticker = Ticker(runtime, seconds=tick_seconds)
    runtime.engine.launch()
    threading.Thread(target=runtime.packets.warm, name="warm", daemon=True).start()
    ticker.start()
    try:
        yield
    finally:
        ticker.stop()
        runtime.close()


def serve(settings: Settings, *, sandbox: bool, console: Console) -> None:
    runtime = compose(settings)
    with contextlib.ExitStack() as stack:
        if sandbox:
            sandboxes = stack.enter_context(practice.launched(settings.data.resolve()))
            merchant_id = demo_merchant(runtime, in_systems=True)
            systems = stack.enter_context(practice_systems.launched(runtime.data))
            # What cannot be read now is tried again by the clock.
            practice_systems.read(runtime, practice_systems.connect(runtime, merchant_id, systems))
            connections = practice.connect(runtime, merchant_id, sandboxes)
            enter_by_hand(runtime, merchant_id)
            practice.hear(runtime, connections, sandboxes, settings.url)
        stack.enter_context(running(runtime, tick_seconds=settings.tick_seconds))
        _greet(runtime, settings, console)
        config = uvicorn.Config(
            build_app(runtime, settings),
            host=settings.host,
            port=settings.port,
            log_level="warning",
            proxy_headers=bool(settings.trusted_proxies),
            forwarded_allow_ips=settings.trusted_proxies or None,
            server_header=False,
        )
        uvicorn.Server(config).run()


def work(settings: Settings) -> None:
    """Engine and clock alone, until the process is asked to end."""
    runtime = compose(settings)
    ended = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: ended.set())
    with running(runtime, tick_seconds=settings.tick_seconds):
        ended.wait()


def _greet(runtime: Runtime, settings: Settings, console: Console) -> None:
    token = setup_token(runtime)
    console.print(f"Counterproof is at [bold]{settings.url}[/bold]")
    if token:
        console.print(f"Set it up once, here: [bold]{settings.url}{links.setup(token)}[/bold]", soft_wrap=True)
    console.print("Ctrl-C ends it; nothing is lost.")
