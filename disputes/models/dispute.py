"""The dispute and its rounds."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.lifecycle import GatewayStatus, Kind, WorkState
from disputes.models.base import document, instant, key, parent
from disputes.models.sentence import sentence, sentences
from disputes.money import Money
from disputes.phrases import Phrase


class Dispute(SQLModel, table=True):
    """`gateway_status` and what the gateway says are written by sync alone, `work_state` by our workflows alone."""

    __table_args__ = (
        sa.UniqueConstraint("connection_id", "external_id"),
        sa.Index(
            "ix_dispute_open_queue",
            "merchant_id",
            "due_sort",
            "queue_rank",
            "id",
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        ),
        sa.Index(
            "ix_dispute_open_gateway",
            "merchant_id",
            "gateway",
            "due_sort",
            "queue_rank",
            "id",
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        ),
        sa.Index(
            "ix_dispute_open_assigned",
            "merchant_id",
            "assigned_to",
            "due_sort",
            "queue_rank",
            "id",
            sqlite_where=sa.text("is_open"),
            postgresql_where=sa.text("is_open"),
        ),
        sa.Index("ix_dispute_view", "merchant_id", "view", "due_sort", "queue_rank", "id"),
        sa.Index("ix_dispute_order", "merchant_id", "order_ref"),
        sa.Index("ix_dispute_customer", "merchant_id", "customer_email", "id"),
        sa.Index("ix_dispute_named_card", "merchant_id", "customer_name", "card_last4", "id"),
        sa.Index("ix_dispute_card", "merchant_id", "card_fingerprint", "id"),
        sa.Index(
            "ix_dispute_flag",
            "next_flag_at",
            sqlite_where=sa.text("next_flag_at IS NOT NULL"),
            postgresql_where=sa.text("next_flag_at IS NOT NULL"),
        ),
    )
    id: str = key()
    merchant_id: str = parent("merchant", index=False)
    connection_id: str = parent("connection")
    gateway: str = Field(max_length=20)
    live: bool = False
    external_id: str = Field(max_length=120)
    version: int = 1

    kind: str = Field(max_length=20)
    gateway_status: str = Field(default=GatewayStatus.UNKNOWN, max_length=20)
    raw_status: str = Field(default="", max_length=120)
    raw_reason: str = Field(default="", max_length=120)
    network: str | None = Field(default=None, max_length=40)
    reason_code: str | None = Field(default=None, max_length=40)
    category: str = Field(default="general", max_length=40)
    amount_minor: int = Field(sa_type=sa.BigInteger)
    currency: str = Field(max_length=3)
    opened_at: datetime = instant()
    due_at: datetime | None = instant(nullable=True)
    due_sort: datetime = instant()
    """The due date, or the far end of time where none is known: what the queue is ordered by."""
    queue_rank: str = Field(default="ZZZZ", max_length=24, sa_column_kwargs={"server_default": "ZZZZ"})
    """What comes first among equal deadlines: within a settlement currency the larger amount; unknown ones last."""
    settlement_minor: int | None = Field(default=None, sa_type=sa.BigInteger, nullable=True)
    settlement_currency: str | None = Field(default=None, max_length=3)
    """What was withdrawn, in the account's currency."""
    assigned_to: str | None = Field(default=None, max_length=40)
    """The person who works on it."""
    payment_id: str | None = Field(default=None, max_length=120)
    order_ref: str | None = Field(default=None, max_length=120)
    customer_name: str | None = Field(default=None, max_length=300)
    customer_email: str | None = Field(default=None, max_length=254)
    card_fingerprint: str | None = Field(default=None, max_length=120)
    """The gateway's own mark of the card that paid: for finding its other cases, never printed."""
    card_last4: str | None = Field(default=None, max_length=4)
    search_text: str = ""
    search_key: int = Field(sa_type=sa.BigInteger, unique=True)
    """Row number of the search index, made from the id: SQLite's own row numbers may change."""
    can_submit: bool = False
    can_accept: bool = False
    smart_filing: bool = False
    answer_act: str = Field(default="submit", max_length=20, sa_column_kwargs={"server_default": "submit"})
    """How this round is answered: submit or appeal."""
    offers: list[dict[str, Any]] = Field(
        default_factory=list, sa_type=sa.JSON, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    """Acts that the gateway offers beside the answer (`disputes.acts.Offered` as JSON)."""
    requested: list[str] = Field(
        default_factory=list, sa_type=sa.JSON, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    """Evidence types that the gateway asks for, by its own codes."""
    compelling: dict[str, Any] = Field(
        default_factory=dict, sa_type=sa.JSON, nullable=False, sa_column_kwargs={"server_default": "{}"}
    )
    """What the gateway says about Visa Compelling Evidence 3.0: {"status", "actions"}; empty where it says nothing."""
    capability_reason: Phrase = sentence(500)
    submission_count: int = 0
    submission_method: str | None = Field(default=None, max_length=60)
    answered_elsewhere: Phrase | None = sentence(300, nullable=True)
    """Who answered, in words, when it was not us."""
    unknown: list[Phrase] = sentences()
    raw: dict[str, Any] = document(dict)
    history: bool = False
    """Closed before we were connected: never counted as handled by us."""

    work_state: str = Field(default=WorkState.NEW, max_length=20)
    is_open: bool = Field(default=True, sa_column_kwargs={"nullable": False})
    view: str = Field(default="new", max_length=24)
    """The shown status without the clock, kept for queue views and counters."""
    verdict: str | None = Field(default=None, max_length=24)
    round_ordinal: int = 0
    product_type: str | None = Field(default=None, max_length=20)
    sub_condition: str | None = Field(default=None, max_length=60)
    contradictions_read: list[str] = document(list)
    """Contradictions (their ids) that a person looked at and let stand; who and when is in the audit chain."""
    next_flag_at: datetime | None = instant(nullable=True)
    flag: str | None = Field(default=None, max_length=10)
    reminded_due_at: datetime | None = instant(nullable=True)
    """The deadline that was last mailed about."""
    reminded_hours: int | None = None
    """How many hours ahead of it."""
    erased_at: datetime | None = instant(nullable=True)
    """When the customer's data was taken out of it; figures, dates and hashes stay."""
    first_seen_at: datetime = instant()
    changed_at: datetime = instant()

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def settlement(self) -> Money | None:
        """What was withdrawn, in the account's currency."""
        if self.settlement_minor is None or self.settlement_currency is None:
            return None
        return Money(self.settlement_minor, self.settlement_currency)

    @property
    def status(self) -> GatewayStatus:
        return GatewayStatus(self.gateway_status)

    @property
    def work(self) -> WorkState:
        return WorkState(self.work_state)

    @property
    def dispute_kind(self) -> Kind:
        return Kind(self.kind)


class Round(SQLModel, table=True):
    """One time the gateway asked for an answer: deadline, evidence, packet, response and outcome belong to it."""

    __table_args__ = (
        sa.UniqueConstraint("dispute_id", "ordinal"),
        sa.Index(
            "ix_round_prepare",
            "prepare_at",
            sqlite_where=sa.text("prepare_at IS NOT NULL"),
            postgresql_where=sa.text("prepare_at IS NOT NULL"),
        ),
    )
    id: str = key()
    dispute_id: str = parent("dispute")
    merchant_id: str = parent("merchant")
    ordinal: int
    kind: str = Field(max_length=20)
    facts: str = Field(max_length=200)
    """The gateway's facts that opened it."""
    due_at: datetime | None = instant(nullable=True)
    opened_at: datetime = instant()
    answered_at: datetime | None = instant(nullable=True)
    outcome: str | None = Field(default=None, max_length=20)
    outcome_reason: str = Field(default="", max_length=500, sa_column_kwargs={"server_default": ""})
    """Why, in the gateway's own word or the merchant's."""
    outcome_at: datetime | None = instant(nullable=True)
    assessment: dict[str, Any] = document(dict)
    letter_edits: dict[str, Any] = document(dict)
    exhibit_order: list[str] = Field(
        default_factory=list, sa_type=sa.JSON, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    """Exhibits by key in the order a person gave them; the others follow in the desk's own order."""
    packet_id: str | None = Field(default=None, max_length=40)
    response_sha256: str | None = Field(default=None, max_length=64)
    prepare_at: datetime | None = instant(nullable=True)
    """When somebody should (again) start preparing it; None once that is done or pointless."""
    prepared_at: datetime | None = instant(nullable=True)
    prepare_note: Phrase = sentence(2000)
    """Why no packet could be built, or what a source did not answer; shown on the case."""


class ViewCount(SQLModel, table=True):
    """How many disputes a merchant has in each view, kept by the writing transaction."""

    __tablename__ = "view_count"
    merchant_id: str = Field(foreign_key="merchant.id", primary_key=True, max_length=40)
    live: bool = Field(primary_key=True)
    view: str = Field(primary_key=True, max_length=24)
    count: int = 0


class OpenStake(SQLModel, table=True):
    """What the open cases of a merchant dispute in one currency; the database keeps it (`disputes.triggers`)."""

    __tablename__ = "open_stake"
    merchant_id: str = Field(foreign_key="merchant.id", primary_key=True, max_length=40)
    live: bool = Field(primary_key=True)
    currency: str = Field(primary_key=True, max_length=3)
    minor: int = Field(sa_type=sa.BigInteger)
    cases: int
