"""The sandbox's time: the system's, moved by a shift that the control API advances and the file remembers."""

from __future__ import annotations

from datetime import datetime, timedelta

from disputes.clock import SystemClock
from gateways.sandbox.store import Store


class SandboxClock:
    def __init__(self, store: Store, shift_seconds: float | None = None) -> None:
        self._store = store
        self._system = SystemClock()
        if shift_seconds is not None:
            store.set("clock_shift", shift_seconds)

    @property
    def shift(self) -> float:
        return float(self._store.setting("clock_shift", 0))

    def now(self) -> datetime:
        return self._system.now() + timedelta(seconds=self.shift)

    def unix(self) -> int:
        return int(self.now().timestamp())

    def real(self) -> float:
        """The system's own seconds: webhook signatures are checked against these, whatever time the sandbox plays."""
        return self.system().timestamp()

    def system(self) -> datetime:
        return self._system.now()

    def advance(self, seconds: float) -> None:
        if seconds < 0:
            raise ValueError("the sandbox's clock only moves forward")
        self._store.set("clock_shift", self.shift + seconds)
