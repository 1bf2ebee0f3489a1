"""Shopify Payments, as the server plays it: one shop's host, its tokens, the story's disputes."""

from __future__ import annotations

from starlette.types import ASGIApp

from gateways.sandbox.control_api import ControlRoute
from gateways.sandbox.deliveries import Postman
from gateways.sandbox.play import Ground, Play
from gateways.sandbox.shopify_payments import control, lifecycle, seed, tokens
from gateways.sandbox.shopify_payments.api import ShopifyHost
from gateways.sandbox.shopify_payments.events import ShopifyPostman
from gateways.sandbox.shopify_payments.world import World


class OpenedShop:
    def __init__(self, world: World) -> None:
        self._world = world

    def lay_out(self, *, story: bool) -> None:
        tokens.seed(self._world)
        if story:
            seed.lay_out(self._world)

    def host(self, name: str) -> ASGIApp:
        return ShopifyHost(self._world)

    def controls(self) -> list[ControlRoute]:
        return control.routes(self._world)

    def tick(self) -> int:
        return lifecycle.tick(self._world)

    def postman(self) -> Postman:
        return ShopifyPostman(self._world)


class ShopifyPaymentsPlay:
    name = "shopify_payments"
    hosts = ("api",)
    effects = ("file_uploaded", "file_removed", "staged", "submitted", "submission_ignored")
    control = control.ShopifyPaymentsControl

    def open(self, ground: Ground, addresses: dict[str, str]) -> OpenedShop:
        return OpenedShop(World(ground, addresses["api"]))


PLAY: Play = ShopifyPaymentsPlay()
