"""Alembic's side: same tables as the models; the engine's and the search index's tables are left alone."""

from __future__ import annotations

import os
from typing import Any

import sqlalchemy as sa
from alembic import context
from sqlmodel import SQLModel

import disputes.models  # noqa: F401  (registers every table)
from disputes.database import migration_engine

SEARCH_TABLE = "dispute_search"


def include_name(name: str | None, type_: str, _parents: Any) -> bool:
    """Only our own tables: the engine shares the file on SQLite and has a schema of its own on PostgreSQL."""
    if type_ == "table":
        return name in SQLModel.metadata.tables
    return not (type_ == "index" and name == "ix_dispute_search_text")


def run(connection: sa.Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=SQLModel.metadata,
        include_name=include_name,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    with migration_engine(os.environ["COUNTERPROOF_DATABASE_URL"]).connect() as connection:
        run(connection)
