"""The file beside the data folder: whose installation this is, and how many writes it has sent.

A database that knows fewer writes than its file is older than what was done: it was restored from a backup.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Told:
    identity: str
    writes: int


class Mark:
    def __init__(self, path: Path) -> None:
        self.path = path

    @classmethod
    def beside(cls, data: Path) -> Mark:
        """Beside the folder and not in it, so that a copy of the whole folder is known as a copy."""
        return cls(data.with_name(f"{data.name}.installation"))

    def read(self) -> Told | None:
        try:
            identity, _, writes = self.path.read_text().strip().partition(" ")
        except FileNotFoundError:
            return None
        return Told(identity, int(writes) if writes.isdigit() else 0) if identity else None

    def write(self, told: Told) -> None:
        temporary = self.path.with_suffix(".new")
        descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(f"{told.identity} {told.writes}")
        temporary.replace(self.path)

    def raise_to(self, writes: int) -> None:
        """Called after the intent is in the database and before anything is sent; several processes may."""
        with self._locked():
            told = self.read()
            if told is not None and told.writes < writes:
                self.write(Told(told.identity, writes))

    @contextmanager
    def _locked(self) -> Iterator[None]:
        descriptor = os.open(self.path.with_suffix(".lock"), os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
