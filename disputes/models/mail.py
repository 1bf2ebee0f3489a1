"""What goes out by mail: one outbox for digests, notices and reminders."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import document, instant, key, parent


class OutgoingMail(SQLModel, table=True):
    """A mail to one recipient. `dedupe` makes it one: "digest:<merchant>:<local date>:<recipient>"."""

    __tablename__ = "outgoing_mail"
    __table_args__ = (
        sa.UniqueConstraint("dedupe"),
        sa.Index(
            "ix_outgoing_mail_due",
            "next_try_at",
            sqlite_where=sa.text("state = 'pending'"),
            postgresql_where=sa.text("state = 'pending'"),
        ),
    )
    id: str = key()
    merchant_id: str = parent("merchant")
    dispute_id: str | None = parent("dispute", nullable=True)
    kind: str = Field(max_length=20)
    """digest, new_case, outcome, flag, hold or test."""
    dedupe: str = Field(max_length=400)
    message_id: str = Field(max_length=200)
    recipient: str = Field(max_length=254)
    subject: str = Field(max_length=300)
    text: str
    html: str
    headers: dict[str, str] = document(dict)
    state: str = Field(default="pending", max_length=20)
    """pending, sent or failed."""
    tries: int = 0
    next_try_at: datetime = instant()
    created_at: datetime = instant()
    sent_at: datetime | None = instant(nullable=True)
    went_to: str = Field(default="", max_length=500)
    error: str = Field(default="", max_length=500)


class Digest(SQLModel, table=True):
    """One a merchant and local day; a day without a row was missed and is named in the next."""

    __table_args__ = (sa.UniqueConstraint("merchant_id", "day"),)
    id: str = key()
    merchant_id: str = parent("merchant")
    day: date
    due_at: datetime = instant()
    built_at: datetime = instant()
    late: bool = False
    missed_days: list[str] = document(list)
    audit_head: str = Field(default="", max_length=64)
