"""Who was erased, so that a source does not bring them back."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Field, SQLModel

from disputes.models.base import instant


class ErasedMark(SQLModel, table=True):
    """One address or order number of an erased customer, as an HMAC that tells nothing about it."""

    __tablename__ = "erased_mark"
    merchant_id: str = Field(foreign_key="merchant.id", primary_key=True, max_length=40)
    mark: str = Field(primary_key=True, max_length=64)
    erased_at: datetime = instant()
    """What they bought or wrote after this is new, and is kept."""
