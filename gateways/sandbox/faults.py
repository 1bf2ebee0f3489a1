"""Faults on demand: what the control API ordered for the next matching requests or webhooks."""

from __future__ import annotations

import itertools
import re
from dataclasses import asdict, dataclass
from typing import Any

REQUEST_KINDS = ("latency", "status", "html", "truncate", "drop_before", "drop_after", "hang")
WEBHOOK_KINDS = ("webhook_double", "webhook_reorder", "webhook_delay", "webhook_drop")


@dataclass
class Fault:
    """`after`: the effect happens first and only the answer is lost. `skip`: so many matches pass untouched."""

    kind: str
    method: str = ""
    path: str = ""
    host: str = ""
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    status: int = 500
    after: bool = False
    code: str = ""
    id: int = 0

    @property
    def at_the_edge(self) -> bool:
        """Answered before the gateway's application saw the request: nothing happens and nothing is kept."""
        return self.kind == "drop_before" or (self.kind in ("html", "hang") and not self.after)

    def matches(self, host: str, method: str, path: str) -> bool:
        return (
            self.times > 0
            and self.method.upper() in ("", method)
            and self.host in ("", host)
            and re.search(self.path, path) is not None
        )


class Faults:
    def __init__(self) -> None:
        self._waiting: list[Fault] = []
        self._ids = itertools.count(1)

    def add(self, wanted: dict[str, Any]) -> dict[str, Any]:
        """Raises ValueError, with the reason, for what is no fault."""
        kind = wanted.get("kind")
        if kind not in REQUEST_KINDS + WEBHOOK_KINDS:
            raise ValueError(f"no fault of kind {kind!r}; there are {', '.join(REQUEST_KINDS + WEBHOOK_KINDS)}")
        known = set(Fault.__dataclass_fields__) - {"id"}
        if unknown := set(wanted) - known:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}; it has {', '.join(sorted(known))}")
        try:
            re.compile(wanted.get("path", ""))
        except re.error as error:
            raise ValueError(f"path is no regular expression: {error}") from error
        fault = Fault(**wanted, id=next(self._ids))
        self._waiting.append(fault)
        return asdict(fault)

    def take(self, host: str, method: str, path: str) -> list[Fault]:
        """The faults for this request: any latency, and the first of the others."""
        taken: list[Fault] = []
        for fault in [f for f in self._waiting if f.kind in REQUEST_KINDS and f.matches(host, method, path)]:
            if fault.skip > 0:
                fault.skip -= 1
            elif fault.kind == "latency" or all(other.kind == "latency" for other in taken):
                fault.times -= 1
                taken.append(fault)
        self._forget_spent()
        return taken

    def take_webhook(self, kind: str) -> Fault | None:
        for fault in self._waiting:
            if fault.kind == kind and fault.times > 0:
                fault.times -= 1
                self._forget_spent()
                return fault
        return None

    def clear(self) -> None:
        self._waiting.clear()

    def waiting(self) -> list[dict[str, Any]]:
        return [asdict(fault) for fault in self._waiting]

    def _forget_spent(self) -> None:
        self._waiting = [fault for fault in self._waiting if fault.times > 0]
