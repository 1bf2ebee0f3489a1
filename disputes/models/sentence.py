"""Columns that hold sentences for people, so that they can be said in another language later."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field

from disputes.phrases import Phrase


class SentenceText(sa.types.TypeDecorator[Phrase]):
    """A phrase in a text column. `length` binds no database: what is kept of a sentence is longer than its text."""

    impl = sa.String
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> sa.types.TypeEngine[Any]:
        # SQLite never looks at a length, and would have to build the table anew for another type.
        return sa.Text() if dialect.name == "postgresql" else self.impl_instance

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        if value is None:
            return None
        return Phrase.of(value).kept()

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Phrase | None:
        return None if value is None else Phrase.read(value)


class SentenceList(sa.types.TypeDecorator[list[Phrase]]):
    """Phrases in a JSON column."""

    impl = sa.JSON
    cache_ok = True

    def process_bind_param(self, value: list[Phrase] | None, dialect: sa.Dialect) -> Any:
        return [Phrase.of(each).as_json() for each in value or ()]

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> list[Phrase]:
        return [Phrase.read(each) for each in value or ()]


def sentence(length: int, *, nullable: bool = False) -> Any:
    """A column for one; on SQLite it is declared with the length it has always had."""
    return Field(default=None if nullable else Phrase(""), sa_type=SentenceText(length), nullable=nullable)


def sentences(*, later: bool = False) -> Any:
    """A column for several. `later`: added to rows that were there before it."""
    more: dict[str, Any] = {"sa_column_kwargs": {"server_default": "[]"}} if later else {}
    return Field(default_factory=list, sa_type=SentenceList, nullable=False, **more)
