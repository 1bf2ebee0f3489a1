"""The merchant's own policies as they were entered here, one row a version."""

from __future__ import annotations

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from disputes.models.base import instant, key, parent


class PolicyVersion(SQLModel, table=True):
    """One version of one policy. A version is never changed: a new one takes its place from its day on."""

    __tablename__ = "policy_version"
    id: str = key()
    merchant_id: str = parent("merchant")
    kind: str = Field(max_length=30)
    """`disputes.facts.PolicyKind`."""
    title: str = Field(max_length=200)
    text: str
    in_force_from: date
    shown_where: str | None = Field(default=None, max_length=300)
    """Where the customer saw it before paying."""
    sha256: str = Field(max_length=64)
    """Of the file it was read from, in the file store."""
    media_type: str = Field(max_length=80)
    added_by: str = Field(max_length=40)
    added_at: datetime = instant()
    withdrawn_at: datetime | None = instant(nullable=True)
    """Entered by mistake: no case after this uses it."""
