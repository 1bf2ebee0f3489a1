"""Square, as the server plays it: one host, tokens, locations, the demo's disputes."""

from __future__ import annotations

from starlette.types import ASGIApp

from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.deliveries import Postman
from gateways.sandbox.play import Ground, Play
from gateways.sandbox.square import account, clockwork, control, seed, tokens
from gateways.sandbox.square.api import SquareHost
from gateways.sandbox.square.subscriptions import SquarePostman
from gateways.sandbox.square.world import World


class OpenedSquare:
    def __init__(self, world: World) -> None:
        self._world = world

    def lay_out(self, *, story: bool) -> None:
        tokens.seed(self._world.store)
        account.lay_out(self._world)
        if story:
            seed.lay_out(self._world)

    def host(self, name: str) -> ASGIApp:
        return SquareHost(self._world)

    def controls(self) -> list[ControlRoute]:
        return control.routes(self._world)

    def tick(self) -> int:
        return clockwork.tick(self._world)

    def postman(self) -> Postman:
        return SquarePostman(self._world)


class SquarePlay:
    name = "square"
    hosts = ("api",)
    effects = ("evidence_file", "evidence_text", "evidence_deleted", "submitted", "accepted")
    control = control.SquareControl

    def open(self, ground: Ground, addresses: dict[str, str]) -> OpenedSquare:
        return OpenedSquare(World(ground))


PLAY: Play = SquarePlay()
