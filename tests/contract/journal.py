"""The scheduler's journal, as far as a plan can tell."""

from __future__ import annotations

import json
import uuid

from disputes.ports import (
    Answer,
    Approved,
    Gateway,
    Write,
    WriteClass,
)


def new_key() -> str:
    """As the journal makes them: 36 characters."""
    return str(uuid.uuid4())


class Journal:
    """What the scheduler's journal does, as far as a plan can tell: each write once, its answer kept."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.done: dict[str, Answer] = {}
        self.answers: list[Answer] = []
        self.wrote: dict[str, str] = {}
        self.classes: dict[str, WriteClass] = {}

    def run(self, wanted: Approved, *, until: str | None = None, sent: bool = False) -> list[str]:
        """The names of the writes that were sent in this run. `until`: stop as a crash would, right before it."""
        given = Approved(wanted.external_id, wanted.act, wanted.response, wanted.bytes_of, sent, self.wrote,
                         tuple(self.answers))  # fmt: skip
        names: list[str] = []
        plan = self.gateway.plan(given)
        try:
            write = next(plan)
            while write.name != until:
                if write.name not in self.done:
                    self._send(write)
                    names.append(write.name)
                write = plan.send(self.done[write.name])
        except StopIteration:
            pass
        finally:
            plan.close()
        return names

    def _send(self, write: Write) -> None:
        before = write.before()
        json.dumps(before)  # the journal keeps it
        if write.name == "stage":
            self.wrote |= before.get("writes", {})
        self.classes[write.name] = write.write_class
        self.done[write.name] = write.send(new_key())
        json.dumps(self.done[write.name])
        self.answers.append(self.done[write.name])
