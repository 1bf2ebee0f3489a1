"""Answers kept as bytes while nothing changes, so that a bench measures the reader and not this server."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from gateways.sandbox.store import Store

Call = TypeVar("Call")


class PageCache(Generic[Call]):
    def __init__(self, store: Store, key: Callable[[Call], str]) -> None:
        """`key` tells calls apart that are answered differently."""
        self._store, self._key = store, key
        self._as_of = -1
        self._pages: dict[str, bytes] = {}

    def get(self, call: Call) -> bytes | None:
        return self._current().get(self._key(call))

    def keep(self, call: Call, body: bytes) -> None:
        self._current()[self._key(call)] = body

    def _current(self) -> dict[str, bytes]:
        """Any change anywhere empties it."""
        if self._as_of != self._store.generation:
            self._as_of = self._store.generation
            self._pages.clear()
        return self._pages
