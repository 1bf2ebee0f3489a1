"""What will happen by itself when the sandbox's clock gets there."""

from __future__ import annotations

from collections.abc import Callable

from gateways.sandbox.store import Store


class Timers:
    def __init__(self, store: Store) -> None:
        self._store = store

    def set(self, at: int, subject: str, action: str) -> None:
        self._store.run("INSERT INTO timer (at, subject, action) VALUES (?, ?, ?)", (at, subject, action))

    def run(self, now: int, act: Callable[[int, str, str], None]) -> int:
        """Let everything due by `now` happen, each at its own moment and in order; one may set another."""
        happened = 0
        while True:
            due = self._store.run(
                "SELECT seq, at, subject, action FROM timer WHERE at <= ? ORDER BY at, seq LIMIT 1", (now,)
            )
            if not due:
                return happened
            seq, at, subject, action = due[0]
            with self._store.transaction():
                self._store.run("DELETE FROM timer WHERE seq = ?", (seq,))
                act(at, subject, action)
            happened += 1
