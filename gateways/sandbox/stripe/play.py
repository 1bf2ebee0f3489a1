"""Stripe, as the server plays it: two hosts, keys, the demo's disputes."""

from __future__ import annotations

from starlette.types import ASGIApp

from gateways.sandbox.control import SandboxControl
from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.deliveries import Postman
from gateways.sandbox.play import Ground, Play
from gateways.sandbox.stripe import control, keys, seed, webhooks
from gateways.sandbox.stripe.api import StripeHost
from gateways.sandbox.stripe.idempotency import Idempotency
from gateways.sandbox.stripe.world import World


class OpenedStripe:
    def __init__(self, world: World) -> None:
        self._world = world
        self._idempotency = Idempotency(world.store)  # both hosts share the keys in flight

    def lay_out(self, *, story: bool) -> None:
        keys.seed(self._world.store)
        if story:
            seed.lay_out(self._world)

    def host(self, name: str) -> ASGIApp:
        return StripeHost(self._world, name, self._idempotency)

    def controls(self) -> list[ControlRoute]:
        return control.routes(self._world)

    def tick(self) -> int:
        return control.tick(self._world)

    def postman(self) -> Postman:
        return webhooks.StripePostman(self._world)


class StripePlay:
    name = "stripe"
    hosts = ("api", "files")
    effects = ("staged", "submitted", "closed")
    control = SandboxControl

    def open(self, ground: Ground, addresses: dict[str, str]) -> OpenedStripe:
        return OpenedStripe(
            World(ground.store, ground.clock, ground.timers, ground.faults, ground.ledger, addresses["files"])
        )


PLAY: Play = StripePlay()
