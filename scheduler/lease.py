"""A lease says that a process lives: a file lock beside the SQLite file, an advisory lock on PostgreSQL.

Both vanish with the process, however it dies; nothing has to expire.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import sqlalchemy as sa
from sqlalchemy.pool import NullPool


class LeaseBusy(RuntimeError):
    """Its owner is alive."""


class Lease:
    def __init__(self, release: Callable[[], None]) -> None:
        self.release = release


class Leases(Protocol):
    def take(self, name: str) -> Lease:
        """The lease of this name, or LeaseBusy."""
        ...


class FileLeases:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def take(self, name: str) -> Lease:
        descriptor = os.open(self._folder / f"{name}.lease", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise LeaseBusy(name) from error
        return Lease(lambda: os.close(descriptor))


class AdvisoryLeases:
    """One connection a lease, outside every pool: the lock lives exactly as long as the connection."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def take(self, name: str) -> Lease:
        number = int.from_bytes(hashlib.sha256(f"lease:{name}".encode()).digest()[:8], "big", signed=True)
        connection = self._engine.connect()
        if not connection.execute(sa.select(sa.func.pg_try_advisory_lock(number))).scalar_one():
            connection.close()
            raise LeaseBusy(name)
        return Lease(connection.close)
