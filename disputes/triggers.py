"""What the database itself keeps up: the search index, the books that are only added to, the money at stake.

Looked for after every migration: a table that SQLite builds anew loses its triggers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

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

# Summing up tens of thousands of open cases would take a third of the queue page's time.
_STAKE = "INSERT INTO open_stake (merchant_id, live, currency, minor, cases) "
_ADDED = (
    "ON CONFLICT (merchant_id, live, currency) DO UPDATE "
    "SET minor = open_stake.minor + excluded.minor, cases = open_stake.cases + excluded.cases"
)
_TAKEN = (
    "UPDATE open_stake SET minor = minor - old.amount_minor, cases = cases - 1 "
    "WHERE old.is_open AND merchant_id = old.merchant_id AND live = old.live AND currency = old.currency"
)
_ONE = f"{_STAKE}SELECT new.merchant_id, new.live, new.currency, new.amount_minor, 1 WHERE new.is_open {_ADDED}"
_CHANGES = (
    "old.is_open <> new.is_open OR old.amount_minor <> new.amount_minor "
    "OR old.currency <> new.currency OR old.live <> new.live"
)
_SQLITE_STAKE = (
    "DROP TRIGGER IF EXISTS open_stake_insert",
    "DROP TRIGGER IF EXISTS open_stake_delete",
    "DROP TRIGGER IF EXISTS open_stake_update",
    f"CREATE TRIGGER open_stake_insert AFTER INSERT ON dispute WHEN new.is_open BEGIN {_ONE}; END",
    f"CREATE TRIGGER open_stake_delete AFTER DELETE ON dispute WHEN old.is_open BEGIN {_TAKEN}; END",
    "CREATE TRIGGER open_stake_update AFTER UPDATE OF is_open, amount_minor, currency, live ON dispute "
    f"WHEN {_CHANGES} BEGIN {_TAKEN}; {_ONE}; END",
)
# Many rows that come at once are added up first: a row that is changed a thousand times in one transaction gets slow.
_POSTGRESQL_STAKE = (
    "CREATE OR REPLACE FUNCTION open_stake_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "  # noqa: S608 - only words of ours
    f"{_STAKE}SELECT merchant_id, live, currency, sum(amount_minor), count(*) FROM fresh WHERE is_open "
    f"GROUP BY merchant_id, live, currency ORDER BY merchant_id, live, currency {_ADDED}; RETURN NULL; END $$",
    f"CREATE OR REPLACE FUNCTION open_stake_taken() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_TAKEN}; "
    "RETURN NULL; END $$",
    f"CREATE OR REPLACE FUNCTION open_stake_changed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {_TAKEN}; {_ONE}; "
    "RETURN NULL; END $$",
    "DROP TRIGGER IF EXISTS open_stake_insert ON dispute",
    "DROP TRIGGER IF EXISTS open_stake_delete ON dispute",
    "DROP TRIGGER IF EXISTS open_stake_update ON dispute",
    "CREATE TRIGGER open_stake_insert AFTER INSERT ON dispute REFERENCING NEW TABLE AS fresh "
    "FOR EACH STATEMENT EXECUTE FUNCTION open_stake_added()",
    "CREATE TRIGGER open_stake_delete AFTER DELETE ON dispute "
    "FOR EACH ROW WHEN (old.is_open) EXECUTE FUNCTION open_stake_taken()",
    "CREATE TRIGGER open_stake_update AFTER UPDATE OF is_open, amount_minor, currency, live ON dispute "
    f"FOR EACH ROW WHEN ({_CHANGES}) EXECUTE FUNCTION open_stake_changed()",
)

_SQLITE = {"dispute": _SQLITE_SEARCH, "ledger_entry": _SQLITE_LEDGER, "open_stake": _SQLITE_STAKE}
_POSTGRESQL = {"dispute": _POSTGRESQL_SEARCH, "ledger_entry": _POSTGRESQL_LEDGER, "open_stake": _POSTGRESQL_STAKE}
_MADE = re.compile(r"CREATE (?:TRIGGER|INDEX IF NOT EXISTS) (\w+)")


def statements(connection: sa.Connection) -> list[str]:
    """What is missing. A database of an older version gets what belongs to the tables that it has.

    What is there already is left alone: making a trigger locks its table against the processes that are at work.
    """
    sqlite = connection.dialect.name == "sqlite"
    tables = set(sa.inspect(connection).get_table_names())
    there = _on_sqlite(connection) if sqlite else _on_postgresql(connection)
    found = (group for table, group in (_SQLITE if sqlite else _POSTGRESQL).items() if table in tables)
    return [statement for group in found if not _stands(group, there) for statement in group]


def _stands(group: Sequence[str], there: Mapping[str, str | None]) -> bool:
    """Whether every trigger or index of the group is there, with these words where the database tells them."""
    made = {named[1]: statement for statement in group if (named := _MADE.match(statement))}
    return all(name in there and there[name] in (None, statement) for name, statement in made.items())


def _on_sqlite(connection: sa.Connection) -> dict[str, str | None]:
    rows = connection.exec_driver_sql("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
    return {row.name: row.sql for row in rows}


def _on_postgresql(connection: sa.Connection) -> dict[str, str | None]:
    here = "relnamespace = current_schema()::regnamespace"
    rows = connection.exec_driver_sql(
        f"SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal AND {here} "  # noqa: S608 - words of ours
        f"UNION SELECT relname FROM pg_class WHERE relkind = 'i' AND {here}"
    )
    return dict.fromkeys((str(name) for (name,) in rows), None)
