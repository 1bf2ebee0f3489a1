"""The audit chain, and small facts the processes leave for each other."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlmodel import Field, SQLModel

from disputes.models.base import document, instant


class AuditHead(SQLModel, table=True):
    """The end of one merchant's chain; its row is locked by whoever appends."""

    __tablename__ = "audit_head"
    merchant_id: str = Field(foreign_key="merchant.id", primary_key=True, max_length=40)
    seq: int = 0
    hash: str = Field(default="0" * 64, max_length=64)


class AuditEntry(SQLModel, table=True):
    """Ids and hashes only; `hash` covers everything else and the entry before it."""

    __tablename__ = "audit_entry"
    merchant_id: str = Field(foreign_key="merchant.id", primary_key=True, max_length=40)
    seq: int = Field(primary_key=True)
    at: datetime = instant()
    actor: str = Field(max_length=80)
    action: str = Field(max_length=60)
    subject: str = Field(max_length=80, index=True)
    details: dict[str, Any] = document(dict)
    previous: str = Field(max_length=64)
    hash: str = Field(max_length=64)


class Heartbeat(SQLModel, table=True):
    """When a recurring piece of work last ran; read by /health."""

    name: str = Field(primary_key=True, max_length=80)
    at: datetime = instant()
    detail: str = Field(default="", max_length=300)
