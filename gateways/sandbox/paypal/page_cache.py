"""Answers kept as bytes while nothing changes, so that a bench measures the reader and not this server."""

from __future__ import annotations

from gateways.sandbox.paypal.call import Call
from gateways.sandbox.paypal.world import World


class PageCache:
    def __init__(self, world: World) -> None:
        self._world = world
        self._as_of = -1
        self._pages: dict[str, bytes] = {}

    def get(self, call: Call) -> bytes | None:
        return self._current().get(_key(call))

    def keep(self, call: Call, body: bytes) -> None:
        self._current()[_key(call)] = body

    def _current(self) -> dict[str, bytes]:
        """Any change anywhere empties it."""
        if self._as_of != self._world.store.generation:
            self._as_of = self._world.store.generation
            self._pages.clear()
        return self._pages


def _key(call: Call) -> str:
    return f"{call.path}?{sorted(call.query)}"
