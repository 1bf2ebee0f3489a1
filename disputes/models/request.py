"""What somebody outside was asked for: a supplier, a warehouse, a carrier, a colleague."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import instant, key, parent


class EvidenceRequest(SQLModel, table=True):
    """One question to one person about one evidence item, answered through a link that works once."""

    __tablename__ = "evidence_request"
    __table_args__ = (
        sa.UniqueConstraint("token_hash"),
        sa.Index(
            "ix_evidence_request_due",
            "next_act_at",
            sqlite_where=sa.text("state = 'asked'"),
            postgresql_where=sa.text("state = 'asked'"),
        ),
    )
    id: str = key()
    merchant_id: str = parent("merchant")
    dispute_id: str = parent("dispute")
    item: str = Field(max_length=60)
    recipient: str = Field(max_length=254)
    recipient_name: str = Field(default="", max_length=120)
    role: str = Field(max_length=20)
    """supplier, warehouse, carrier or colleague."""
    language: str = Field(default="en", max_length=5)
    words: str = Field(default="", max_length=1000)
    """What the merchant adds in their own words."""
    token: str
    """The link's secret, encrypted under the key file: reminders carry the same link."""
    token_hash: str = Field(max_length=64)
    state: str = Field(default="asked", max_length=20)
    """asked, answered, declined, cancelled or expired."""
    due_at: datetime = instant()
    """After it the link is dead."""
    next_act_at: datetime | None = instant(nullable=True)
    """The next reminder, or the end."""
    reminders: int = 0
    asked_by: str = Field(max_length=40)
    asked_at: datetime = instant()
    opened_at: datetime | None = instant(nullable=True)
    ended_at: datetime | None = instant(nullable=True)
    answer: str = Field(default="", max_length=1000)
    """What they wrote beside the files, or why they have none."""
