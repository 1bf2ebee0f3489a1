"""What a gateway must bring to be played by this server.

`gateways/sandbox/<name>/play.py` exposes one `PLAY`, and the server finds it by that name. `Play` says what is known
before anything runs; `open` makes the rest of it on a data folder.
"""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from typing import Any, Protocol

from starlette.types import ASGIApp

from gateways.sandbox.clock import SandboxClock
from gateways.sandbox.control import SandboxControl
from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.deliveries import Postman
from gateways.sandbox.faults import Faults
from gateways.sandbox.ledger import Ledger
from gateways.sandbox.store import Store
from gateways.sandbox.timers import Timers

GATEWAYS = ("stripe", "paypal", "square", "shopify_payments")


@dataclass
class Ground:
    """What every gateway's world stands on."""

    store: Store
    clock: SandboxClock
    timers: Timers
    faults: Faults
    ledger: Ledger


class Opened(Protocol):
    """A gateway on its data folder."""

    def lay_out(self, *, story: bool) -> None:
        """Once in the life of a folder, inside a transaction: what the account always has, and the demo's disputes."""

    def host(self, name: str) -> ASGIApp:
        """The application behind one of `Play.hosts`; it takes its own faults and writes its own requests down."""

    def controls(self) -> list[ControlRoute]:
        """Its own control routes; the clock, the log, the faults and the deliveries are common to all."""

    def tick(self) -> int:
        """Let happen what is due by the clock; how much that was."""

    def postman(self) -> Postman:
        """Who packs the webhooks that wait in the delivery table."""


class Play(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def hosts(self) -> tuple[str, ...]:
        """A port each; the first is "api", and a second is only known as "files"."""

    @property
    def effects(self) -> tuple[str, ...]:
        """Its words for what a request can do to a dispute: the keys of `control.effects(dispute)`."""

    @property
    def control(self) -> type[SandboxControl]:
        """The client of its control routes: `SandboxControl`, or one of its own that knows more."""

    def open(self, ground: Ground, addresses: dict[str, str]) -> Opened:
        """`addresses` has the base address of every host, for links."""


def play_of(name: str) -> Play:
    if name not in GATEWAYS:
        raise ValueError(f"no gateway {name!r}; there are {', '.join(GATEWAYS)}")
    found: Any = importlib.import_module(f"gateways.sandbox.{name}.play")
    play: Play = found.PLAY
    return play
