"""The database: one engine, readers and writers, and the rule that no port is called while a writer is open."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.pool import NullPool
from sqlmodel import Session

_writer_open: ContextVar[bool] = ContextVar("writer_open", default=False)


class WriterOpen(RuntimeError):
    """A gateway, source, mail, renderer or file-store call inside a writing transaction."""


def refuse_inside_writer(what: str) -> None:
    """Every port calls this first: a slow foreign system must never hold the one writer."""
    if _writer_open.get():
        raise WriterOpen(f"{what} was called while a writing transaction was open")


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC instants. SQLite drops offsets, so a naive value is refused and UTC is put back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no zone; only aware instants are stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """Opens sessions. `url` is "sqlite:///path" or "postgresql+psycopg://..."."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.is_sqlite = url.startswith("sqlite")
        if self.is_sqlite:
            self.engine = sa.create_engine(url, connect_args={"timeout": 30, "check_same_thread": False})
            sa.event.listen(self.engine, "connect", _prepare_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        else:
            self.engine = sa.create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True)

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A snapshot to read from; nothing is committed."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """One short transaction: committed at the end, rolled back on any exception. The only place that commits."""
        connection = self.engine.connect().execution_options(writer=True)
        token = _writer_open.set(True)
        try:
            with Session(bind=connection, expire_on_commit=False) as session:
                yield session
                session.commit()
        finally:
            _writer_open.reset(token)
            connection.close()

    def dispose(self) -> None:
        self.engine.dispose()


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own BEGIN is deferred and cannot be upgraded under load; `_begin_sqlite` says which one is meant.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON", "busy_timeout=30000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    writer = connection.get_execution_options().get("writer")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writer else "BEGIN")


def sqlite_url(path: Path) -> str:
    """The URL of a database file that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    return f"sqlite:///{path}"


def migration_engine(url: str) -> sa.Engine:
    """For Alembic: foreign keys stay off on SQLite, which rebuilds a table by dropping it (and cascades)."""
    engine = sa.create_engine(url, poolclass=NullPool)
    if url.startswith("sqlite"):
        sa.event.listen(engine, "connect", _plain_sqlite)
        sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN IMMEDIATE"))
    return engine


def _plain_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None
    connection.execute("PRAGMA busy_timeout=30000")
