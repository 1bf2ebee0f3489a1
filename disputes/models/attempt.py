"""Attempts to file, and the journal of every write that leaves the house."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import document, instant, key, parent
from disputes.models.sentence import sentence
from disputes.phrases import Phrase

LIVE = ("scheduled", "submitting", "unclear", "filed")


class Attempt(SQLModel, table=True):
    """One try at an act. At most one lives in each lane of a round; refused and cancelled ones have ended."""

    __table_args__ = (
        sa.UniqueConstraint("round_id", "ordinal"),
        sa.Index(
            "uq_attempt_live",
            "round_id",
            "lane",
            unique=True,
            sqlite_where=sa.text("is_live"),
            postgresql_where=sa.text("is_live"),
        ),
        sa.Index(
            "ix_attempt_due",
            "act_at",
            sqlite_where=sa.text("state = 'scheduled'"),
            postgresql_where=sa.text("state = 'scheduled'"),
        ),
    )
    id: str = key()
    merchant_id: str = parent("merchant")
    connection_id: str = parent("connection")
    dispute_id: str = parent("dispute")
    round_id: str = parent("round")
    ordinal: int
    act: str = Field(default="submit", max_length=20)
    """A `GatewayAct`."""
    lane: str = Field(default="answer", max_length=10, sa_column_kwargs={"server_default": "answer"})
    """answer, or side for acts that may stand beside it."""
    state: str = Field(default="scheduled", max_length=20)
    """scheduled, submitting, filed, rejected, cancelled or unclear."""
    is_live: bool = Field(default=True, sa_column_kwargs={"nullable": False})
    response_sha256: str | None = Field(default=None, max_length=64)
    approved_by: str = Field(max_length=40)
    """A person's id, or "rule"."""
    rule_version: int | None = None
    act_at: datetime = instant()
    approved_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    result: Phrase = sentence(1000)
    """What came of it, in words."""
    read_back: dict[str, Any] = document(dict)
    runs: int = 0
    """How often it was handed to the engine; part of the workflow's id when a person asks again."""


class JournalStep(SQLModel, table=True):
    """One write of an attempt: planned -> intent -> done | rejected | unclear."""

    __tablename__ = "journal_step"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "name", "tries"),)
    id: str = key()
    attempt_id: str = parent("attempt")
    name: str = Field(max_length=80)
    """upload:<slot>, stage, or the act."""
    tries: int = 1
    state: str = Field(default="planned", max_length=20)
    write_key: str = Field(max_length=45)
    owner: str | None = Field(default=None, max_length=80)
    intent_at: datetime | None = instant(nullable=True)
    send_by: datetime | None = instant(nullable=True)
    pre_image: dict[str, Any] = document(dict)
    answer: dict[str, Any] = document(dict)
    ended_at: datetime | None = instant(nullable=True)
