"""Brings a database to this version's tables, checks it, and keeps the search index's triggers alive."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from disputes.database import migration_engine

MIGRATIONS = Path(__file__).parent / "migrations"

# External content: the index holds no second copy of the text, so the triggers hand over the old words to forget them.
_SQLITE_SEARCH = (
    "CREATE VIRTUAL TABLE IF NOT EXISTS dispute_search USING fts5("
    "search_text, content='dispute', content_rowid='search_key', tokenize='trigram')",
    "DROP TRIGGER IF EXISTS dispute_search_insert",
    "DROP TRIGGER IF EXISTS dispute_search_delete",
    "DROP TRIGGER IF EXISTS dispute_search_update",
    "CREATE TRIGGER dispute_search_insert AFTER INSERT ON dispute BEGIN "
    "INSERT INTO dispute_search(rowid, search_text) VALUES (new.search_key, new.search_text); END",
    "CREATE TRIGGER dispute_search_delete AFTER DELETE ON dispute BEGIN "
    "INSERT INTO dispute_search(dispute_search, rowid, search_text) "
    "VALUES ('delete', old.search_key, old.search_text); END",
    "CREATE TRIGGER dispute_search_update AFTER UPDATE OF search_text ON dispute "
    "WHEN old.search_text <> new.search_text BEGIN "
    "INSERT INTO dispute_search(dispute_search, rowid, search_text) "
    "VALUES ('delete', old.search_key, old.search_text); "
    "INSERT INTO dispute_search(rowid, search_text) VALUES (new.search_key, new.search_text); END",
)
# The gateway's books are only ever added to; the database itself refuses anything else.
_SQLITE_LEDGER = tuple(
    statement
    for act in ("UPDATE", "DELETE")
    for statement in (
        f"DROP TRIGGER IF EXISTS ledger_entry_no_{act.lower()}",
        f"CREATE TRIGGER ledger_entry_no_{act.lower()} BEFORE {act} ON ledger_entry BEGIN "
        "SELECT RAISE(ABORT, 'the ledger is append-only'); END",
    )
)
_POSTGRESQL_LEDGER = (
    "CREATE OR REPLACE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$",
    "DROP TRIGGER IF EXISTS ledger_entry_append_only ON ledger_entry",
    "CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry "
    "FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only()",
)
_POSTGRESQL_SEARCH = (
    "CREATE EXTENSION IF NOT EXISTS pg_trgm",
    "CREATE INDEX IF NOT EXISTS ix_dispute_search_text ON dispute USING gin (search_text gin_trgm_ops)",
)


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
    on_sqlite = connection.dialect.name == "sqlite"
    statements = (*_SQLITE_SEARCH, *_SQLITE_LEDGER) if on_sqlite else (*_POSTGRESQL_SEARCH, *_POSTGRESQL_LEDGER)
    for statement in statements:
        connection.exec_driver_sql(statement)
    connection.commit()
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").fetchall()
        if broken:
            raise DatabaseDamaged(f"{len(broken)} rows point at rows that do not exist, first: {broken[0]}")
