"""A server that plays a gateway, and the adapter that is tried on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from disputes.ports import (
    Gateway,
)
from disputes.response import Response
from gateways.sandbox.control import SandboxControl

PDF = b"%PDF-1.4 proof"


class Practice(Protocol):
    """A server that plays the gateway, as the suite drives it."""

    @property
    def addresses(self) -> Mapping[str, str]: ...
    def open_dispute(self) -> str:
        """One that can be answered now; its id, as the adapter tells it."""
        ...

    def effects(self) -> Any:
        """Everything that writes over the API brought about, so that two moments can be compared."""
        ...

    def submissions(self, external_id: str) -> int:
        """How many answers were filed for it."""
        ...

    def requests(self) -> int: ...
    def fault(self, kind: str, *, times: int, **details: Any) -> None:
        """The next requests: "status" (with `status`), "html", "truncate", "drop_before" (the connection is lost, and
        nothing happened), "drop_after" (it happened, and the answer is lost)."""
        ...

    def clear_faults(self) -> None: ...


@dataclass
class SandboxPractice:
    """One of our own sandboxes as a Practice. `submitted`: its word for an answer that was filed."""

    controls: SandboxControl
    addresses: Mapping[str, str]
    submitted: str = "submitted"

    def open_dispute(self) -> str:
        made = self.controls.dispute()
        return str(made.get("dispute_id") or made["id"])

    def effects(self) -> Any:
        counts = self.controls.counts()
        return counts["disputes"], counts["files"]

    def submissions(self, external_id: str) -> int:
        return int(self.controls.effects(external_id)[self.submitted])

    def requests(self) -> int:
        return int(self.controls.counts()["requests"]["total"])

    def fault(self, kind: str, *, times: int, **details: Any) -> None:
        self.controls.fault(kind, times=times, **details)

    def clear_faults(self) -> None:
        self.controls.clear_faults()


@dataclass(frozen=True)
class Subject:
    """One adapter. `answer` makes what a person approved: `answer(external_id=..., data=...)`, its file holding `data`.

    `reader` is a key that may only read, None where the gateway does not tell; `stranger` is one it does not know.
    """

    name: str
    open: Callable[[str, Mapping[str, str]], Gateway]
    key: str
    stranger: str
    answer: Callable[..., Response]
    reader: str | None = None
    bytes_of: Callable[[Any], bytes] = lambda _file: PDF
