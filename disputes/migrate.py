"""Brings a database to this version's tables, checks it, and keeps the search index's triggers alive."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from disputes import triggers
from disputes.database import migration_engine

MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseDamaged(RuntimeError):
    """The check after a migration found rows that point at nothing."""


def migrate(url: str, target: str = "head") -> None:
    """Upgrade to `target` in one transaction; a failure leaves the database as it was."""
    engine = migration_engine(url)
    try:
        with engine.connect() as connection:
            _run(connection, target)
    finally:
        engine.dispose()


def _run(connection: sa.Connection, target: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    if connection.dialect.name == "postgresql":
        # Two processes starting at once: the second waits, then finds nothing left to do.
        connection.exec_driver_sql("SELECT pg_advisory_lock(779317250)")
        connection.commit()
    command.upgrade(config, target)
    connection.commit()
    for statement in triggers.statements(connection):
        connection.exec_driver_sql(statement)
    connection.commit()
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DatabaseDamaged(f"{len(broken)} rows point at rows that do not exist, first: {broken[0]}")
