"""The systems a merchant connected for evidence, and the orders that are kept from them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import document, instant, key, parent
from disputes.models.sentence import sentence, sentences
from disputes.phrases import Phrase


class SourceConnection(SQLModel, table=True):
    """One connected system of one merchant."""

    __tablename__ = "source_connection"
    __table_args__ = (sa.UniqueConstraint("merchant_id", "system", "account_id"),)
    id: str = key()
    merchant_id: str = parent("merchant")
    system: str = Field(max_length=40)
    account_id: str = Field(max_length=200)
    account_name: str = Field(default="", max_length=200)
    settings: dict[str, str] = document(dict)
    """What was typed and is no secret: address, user name, folder."""
    secret: str
    """Every secret setting as one JSON object, encrypted under the key file."""
    webhook_secret: str | None = None
    rights_too_many: list[str] = sentences()
    warnings: list[str] = sentences()
    state: str = Field(default="never_read", max_length=20)
    """never_read, importing, ok, or why it failed."""
    state_detail: Phrase = sentence(500)
    last_read_at: datetime | None = instant(nullable=True)
    """When a pull, or a question about a case, last went well."""
    last_asked_at: datetime | None = instant(nullable=True)
    last_event_at: datetime | None = instant(nullable=True)
    cursor: str | None = Field(default=None, max_length=2000)
    first_import_done: bool = False
    seen: int = 0
    """Objects the pull under way has read."""
    total: int | None = None
    """How many there are, where the system tells it."""
    next_poll_at: datetime | None = instant(nullable=True, index=True)
    pull_owner: str | None = Field(default=None, max_length=80)
    pull_until: datetime | None = instant(nullable=True)
    paused: bool = False
    created_at: datetime = instant()


class SourceRecord(SQLModel, table=True):
    """One object of a system, kept so that a dispute that comes later finds it."""

    __tablename__ = "source_record"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "kind", "external_id"),
        sa.Index("ix_source_record_file", "merchant_id", "sha256"),
    )
    id: str = key()
    merchant_id: str = parent("merchant", index=False)
    source_id: str = parent("source_connection", index=False)
    kind: str = Field(max_length=20)
    external_id: str = Field(max_length=200)
    facts: list[dict[str, Any]] = document(list)
    """[{"type", "fact"}], the order first."""
    name: str = Field(default="", max_length=300)
    request: str = Field(default="", max_length=1000)
    media_type: str = Field(max_length=80)
    sha256: str = Field(max_length=64)
    size: int
    adapter: str = Field(max_length=40)
    at: datetime | None = instant(nullable=True)
    taken_at: datetime = instant()


class SourceKey(SQLModel, table=True):
    """By what a kept object is found: any of its numbers, the customer's address, a tracking number."""

    __tablename__ = "source_key"
    __table_args__ = (sa.Index("ix_source_key_lookup", "source_id", "kind", "value"),)
    record_id: str = Field(foreign_key="source_record.id", primary_key=True, max_length=40)
    source_id: str = Field(max_length=40)
    kind: str = Field(primary_key=True, max_length=20)
    value: str = Field(primary_key=True, max_length=200)
