"""Connections to gateways, what they are allowed to do by themselves, and the webhooks they sent."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import document, instant, key, parent
from disputes.models.sentence import sentence, sentences
from disputes.phrases import Phrase


class Connection(SQLModel, table=True):
    """One gateway account of one merchant. The account belongs to one connection in the whole installation."""

    __table_args__ = (sa.UniqueConstraint("gateway", "mode", "account_id"),)
    id: str = key()
    merchant_id: str = parent("merchant")
    gateway: str = Field(max_length=20)
    mode: str = Field(max_length=10)
    """live, test or sandbox."""
    account_id: str = Field(max_length=120)
    account_name: str = Field(default="", max_length=200)
    account_currency: str = Field(default="", max_length=3)
    addresses: dict[str, str] = document(dict)
    """Base addresses other than the live ones, by the adapter's names."""
    secret: str
    """Encrypted under the key file."""
    webhook_secret: str | None = None
    rights_found: list[Phrase] = sentences(later=True)
    rights_missing: list[Phrase] = sentences()
    rights_too_many: list[Phrase] = sentences()
    state: str = Field(default="never_read", max_length=20)
    state_detail: Phrase = sentence(500)
    last_read_at: datetime | None = instant(nullable=True)
    last_event_at: datetime | None = instant(nullable=True)
    event_cursor: str | None = Field(default=None, max_length=500)
    first_pull_done: bool = False
    first_pull_cursor: str | None = Field(default=None, max_length=500)
    next_poll_at: datetime | None = instant(nullable=True, index=True)
    next_daily_at: datetime | None = instant(nullable=True)
    next_weekly_at: datetime | None = instant(nullable=True)
    sync_owner: str | None = Field(default=None, max_length=60)
    sync_until: datetime | None = instant(nullable=True)
    live_filings: int = 0
    """Confirmed filings; the first three on a live account need a person."""
    paused: bool = False
    by_hand: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """Its key may only read, or there is no API: answers are handed over as files and text, and marked as filed."""
    created_at: datetime = instant()


class Rule(SQLModel, table=True):
    """What a merchant lets the machine do on one gateway: off, prepare (default) or file_after_hold."""

    __table_args__ = (sa.UniqueConstraint("merchant_id", "gateway"),)
    id: str = key()
    merchant_id: str = parent("merchant")
    gateway: str = Field(max_length=20)
    mode: str = Field(default="prepare", max_length=20)
    version: int = 1
    switched_by: str = Field(default="", max_length=40)
    switched_at: datetime = instant()


class WebhookEvent(SQLModel, table=True):
    """A verified webhook, stored before it is acted on."""

    __tablename__ = "webhook_event"
    __table_args__ = (sa.UniqueConstraint("connection_id", "event_id"),)
    id: str = key()
    connection_id: str = parent("connection")
    event_id: str = Field(max_length=120)
    type: str = Field(max_length=120)
    external_id: str | None = Field(default=None, max_length=120)
    received_at: datetime = instant()
    state: str = Field(default="received", max_length=20)
    """received, done or failed."""


class WebhookFailure(SQLModel, table=True):
    """Webhooks that were refused, counted: nothing of them is stored."""

    __tablename__ = "webhook_failure"
    connection_id: str = Field(foreign_key="connection.id", primary_key=True, max_length=40)
    count: int = 0
    last_at: datetime = instant()
    last_reason: Phrase = sentence(300)


class LedgerEntry(SQLModel, table=True):
    """One line of the gateway's own books about a dispute; never changed once written."""

    __tablename__ = "ledger_entry"
    __table_args__ = (sa.UniqueConstraint("connection_id", "movement_id"),)
    id: str = key()
    connection_id: str = parent("connection")
    dispute_id: str = parent("dispute")
    movement_id: str = Field(max_length=120)
    kind: str = Field(max_length=40)
    minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    at: datetime = instant()
