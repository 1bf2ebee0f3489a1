"""Columns that every table builds on."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.database import UtcDateTime

# Names for constraints, so that Alembic can alter them on both databases.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


def instant(*, nullable: bool = False, index: bool = False) -> Any:
    """A column of aware UTC instants."""
    return Field(default=None if nullable else ..., sa_type=UtcDateTime, nullable=nullable, index=index)


def document(default_factory: Any) -> Any:
    """A JSON column. SQLAlchemy does not see changes inside it: assign a new value."""
    return Field(default_factory=default_factory, sa_type=sa.JSON, nullable=False)


def key(prefix_length: int = 40) -> Any:
    return Field(primary_key=True, max_length=prefix_length)


def parent(table: str, *, index: bool = True, nullable: bool = False) -> Any:
    """A foreign key to another table's id."""
    return Field(
        default=None if nullable else ...,
        foreign_key=f"{table}.id",
        index=index,
        nullable=nullable,
        max_length=40,
    )


def defaults(model: type[SQLModel]) -> dict[str, Any]:
    """What a row holds where nothing is said: for bulk inserts, which would make thousands of objects for nothing."""
    fields = model.model_fields.items()
    return {name: field.get_default(call_default_factory=True) for name, field in fields if not field.is_required()}


__all__ = ["SQLModel", "datetime", "defaults", "document", "instant", "key", "parent"]
