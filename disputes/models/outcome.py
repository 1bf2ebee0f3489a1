"""What came of decided cases, kept beside them by sync, so that a page over a year of them reads one narrow index."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import instant, key, parent
from disputes.money import Money


class RoundResult(SQLModel, table=True):
    """One round of a decided case; a case that never asked us for an answer has one row all the same.

    `is_last` marks the round the case ended with: those rows are the cases. The rows of a case are written anew when
    its outcome or its money changes, and taken away when it is open again.
    """

    __tablename__ = "round_result"
    __table_args__ = (
        sa.Index(
            "ix_round_result_cell",
            "merchant_id", "live", "cell", "day", "amount_minor", "seconds", "acts",
        ),
        sa.Index("ix_round_result_margin", "merchant_id", "live", "margin_hours", "gateway", "day"),
        sa.Index("ix_round_result_proof", "merchant_id", "live", "proof", "result", "gateway", "day"),
        sa.Index("ix_round_result_decided", "merchant_id", "live", "decided_at", "id"),
    )  # fmt: skip
    id: str = key()
    """The round's, or the dispute's where there was no round."""
    merchant_id: str = parent("merchant", index=False)
    dispute_id: str = parent("dispute")
    live: bool
    is_last: bool
    ordinal: int
    gateway: str = Field(max_length=20)
    network: str = Field(default="", max_length=40)
    category: str = Field(max_length=40)
    kind: str = Field(max_length=20)
    product_type: str = Field(default="", max_length=20)
    currency: str = Field(max_length=3)
    amount_minor: int = Field(sa_type=sa.BigInteger)
    result: str = Field(max_length=20)
    """How the round ended: a `GatewayStatus`, or went_on where the next one opened without a decision."""
    answered: str = Field(max_length=12)
    """A `disputes.outcomes.Answered`."""
    margin_hours: int | None = None
    """Whole hours between our answer and the deadline; below zero where it came after it."""
    cell: str = Field(max_length=220)
    """What the page counts by, as one text: `disputes.outcomes.Cell`."""
    proof: str | None = Field(default=None, max_length=16)
    """`EvidenceSet.id` of what the answer held; only where it was contested and then won or lost."""
    opened_at: datetime = instant()
    decided_at: datetime = instant()
    day: int
    """Of the decision in the shop's zone when it was noted, as 20261122."""
    seconds: int = 0
    acts: int = 0
    """What people spent on the case up to its decision; on the last round only."""

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class EvidenceSet(SQLModel, table=True):
    """One combination of evidence: what an answer held and what it lacked of what its reason asks for."""

    __tablename__ = "evidence_set"
    merchant_id: str = Field(foreign_key="merchant.id", primary_key=True, max_length=40)
    id: str = Field(primary_key=True, max_length=16)
    items: str
    """ "+delivery_confirmation -usage_log", sorted."""


class CaseMoneyRow(SQLModel, table=True):
    """The gateway's own books about one decided case in one currency, added up; positive figures."""

    __tablename__ = "case_money"
    __table_args__ = (
        sa.Index(
            "ix_case_money_currency",
            "merchant_id", "live", "currency", "day", "gateway",
            "withdrawn", "returned", "fees", "fees_returned", "other",
        ),
    )  # fmt: skip
    dispute_id: str = Field(foreign_key="dispute.id", primary_key=True, max_length=40)
    currency: str = Field(primary_key=True, max_length=3)
    merchant_id: str = parent("merchant", index=False)
    live: bool
    gateway: str = Field(max_length=20)
    day: int
    withdrawn: int = Field(default=0, sa_type=sa.BigInteger)
    returned: int = Field(default=0, sa_type=sa.BigInteger)
    fees: int = Field(default=0, sa_type=sa.BigInteger)
    fees_returned: int = Field(default=0, sa_type=sa.BigInteger)
    other: int = Field(default=0, sa_type=sa.BigInteger)
