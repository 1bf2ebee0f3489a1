"""What people leave on a case, and how they like to look at the queue. None of it is ever shown to a bank."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import document, instant, key, parent


class CaseNote(SQLModel, table=True):
    """What one person tells the others about a case."""

    __tablename__ = "case_note"
    id: str = key()
    merchant_id: str = parent("merchant")
    dispute_id: str = parent("dispute")
    author: str = Field(max_length=40)
    text: str
    """Card numbers masked."""
    at: datetime = instant()
    deleted_at: datetime | None = instant(nullable=True)
    """Its author took it away; for a day it can be brought back, then the text is gone."""


class CaseAttention(SQLModel, table=True):
    """How long one person had a case before them and how much they did: who is here now, and what a case costs."""

    __tablename__ = "case_attention"
    dispute_id: str = Field(foreign_key="dispute.id", primary_key=True, max_length=40)
    person_id: str = Field(foreign_key="person.id", primary_key=True, max_length=40)
    merchant_id: str = parent("merchant")
    first_at: datetime = instant()
    seen_at: datetime = instant()
    seconds: int = 0
    """While the page was in sight; nothing is counted without scripts."""
    acts: int = 0
    """Changes made, by form or key."""


class SavedView(SQLModel, table=True):
    """A way of looking at the queue under a name."""

    __tablename__ = "saved_view"
    __table_args__ = (sa.UniqueConstraint("merchant_id", "person_id", "name"),)
    id: str = key()
    merchant_id: str = parent("merchant")
    person_id: str | None = parent("person", nullable=True)
    """None: everybody's."""
    name: str = Field(max_length=60)
    wanted: dict[str, str] = document(dict)
    """Filters by their names in the address."""
    created_at: datetime = instant()
