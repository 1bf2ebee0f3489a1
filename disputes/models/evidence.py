"""Evidence items, the packets made of them and the responses that carry them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import document, instant, key, parent
from disputes.models.sentence import sentence, sentences
from disputes.phrases import Phrase


class EvidenceItem(SQLModel, table=True):
    """One thing that was gathered: its bytes (in the file store), where it came from, and the fact read out of it."""

    __tablename__ = "evidence_item"
    __table_args__ = (sa.UniqueConstraint("dispute_id", "source", "fact_type", "fact_key"),)
    id: str = key()
    merchant_id: str = parent("merchant")
    dispute_id: str = parent("dispute")
    source: str = Field(max_length=60)
    source_title: str = Field(max_length=120)
    request: str = Field(default="", max_length=1000)
    why: Phrase = sentence(300)
    adapter: str = Field(default="", max_length=40, sa_column_kwargs={"server_default": ""})
    """What read it, with its version; empty for what a person laid down."""
    fact_type: str = Field(max_length=20)
    fact_key: str = Field(max_length=200)
    """What makes it the same thing when gathered again: message id, tracking number, file hash."""
    fact: dict[str, Any] = document(dict)
    name: str = Field(default="", max_length=300)
    media_type: str = Field(max_length=80)
    sha256: str = Field(max_length=64, index=True)
    original_hmac: str | None = Field(default=None, max_length=64)
    size: int
    taken_at: datetime = instant()
    confidence: str = Field(default="certain", max_length=20)
    confirmed_by: str | None = Field(default=None, max_length=40)
    caption: str | None = Field(default=None, max_length=1000)
    translation: str | None = None
    translated_by: str | None = Field(default=None, max_length=40)
    withdrawn_at: datetime | None = instant(nullable=True)
    """Taken out by a person; kept because an earlier packet may rest on it."""


class ItemMark(SQLModel, table=True):
    """An evidence item that is not there and why: unavailable (the system says it has none) or waived by a person."""

    __tablename__ = "item_mark"
    __table_args__ = (sa.UniqueConstraint("dispute_id", "item"),)
    id: str = key()
    dispute_id: str = parent("dispute")
    item: str = Field(max_length=60)
    state: str = Field(max_length=20)
    said_by: str = Field(max_length=120)
    note: str = Field(default="", max_length=500)
    at: datetime = instant()


class Packet(SQLModel, table=True):
    """A built packet. The bytes lie in the file store; `context` is what was printed."""

    id: str = key()
    merchant_id: str = parent("merchant")
    round_id: str = parent("round")
    sha256: str = Field(max_length=64)
    size: int
    pages: int
    files: list[dict[str, Any]] = document(list)
    reductions: list[Phrase] = sentences()
    context: dict[str, Any] = document(dict)
    built_at: datetime = instant()


class StoredResponse(SQLModel, table=True):
    """The Response as canonical JSON; its SHA-256 is what is approved, journalled and compared."""

    __tablename__ = "stored_response"
    sha256: str = Field(primary_key=True, max_length=64)
    round_id: str = parent("round")
    packet_id: str | None = parent("packet", nullable=True)
    """None where an act carries no packet: a message, an offer."""
    canonical: str
    built_at: datetime = instant()
