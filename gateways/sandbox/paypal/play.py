"""PayPal, as the server plays it: one host, three REST apps, the demo's disputes."""

from __future__ import annotations

from starlette.types import ASGIApp

from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.deliveries import Postman
from gateways.sandbox.paypal import clockwork, control, seed, tokens, webhooks
from gateways.sandbox.paypal.api import PayPalHost
from gateways.sandbox.paypal.certificates import trust_of
from gateways.sandbox.paypal.client import PayPalControl
from gateways.sandbox.paypal.world import World
from gateways.sandbox.play import Ground, Play


class OpenedPayPal:
    def __init__(self, world: World) -> None:
        self._world = world

    def lay_out(self, *, story: bool) -> None:
        tokens.seed(self._world.store)
        if story:
            seed.lay_out(self._world)

    def host(self, name: str) -> ASGIApp:
        return PayPalHost(self._world)

    def controls(self) -> list[ControlRoute]:
        return control.routes(self._world)

    def tick(self) -> int:
        return clockwork.tick(self._world)

    def postman(self) -> Postman:
        return webhooks.PayPalPostman(self._world)


class PayPalPlay:
    name = "paypal"
    hosts = ("api",)
    effects = (
        "evidence_provided", "appealed", "accepted", "message_sent", "offer_made", "escalated", "return_acknowledged",
        "supporting_info_provided",
    )  # fmt: skip
    control = PayPalControl

    def open(self, ground: Ground, addresses: dict[str, str]) -> OpenedPayPal:
        trust = trust_of(ground.store, ground.clock.system())
        return OpenedPayPal(
            World(ground.store, ground.clock, ground.timers, ground.faults, ground.ledger, addresses["api"], trust)
        )


PLAY: Play = PayPalPlay()
