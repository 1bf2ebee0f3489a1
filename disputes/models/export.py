"""An export of everything a merchant has here: asked for, built, fetched, removed."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import instant, key, parent


class ExportJob(SQLModel, table=True):
    """One zip. It lies beside the data under its id until it is removed."""

    __tablename__ = "export_job"
    id: str = key()
    merchant_id: str = parent("merchant")
    asked_by: str = Field(max_length=40)
    asked_at: datetime = instant()
    state: str = Field(default="waiting", max_length=20)
    """waiting, running, done, failed or removed."""
    at: str = Field(default="", max_length=60)
    """What it is busy with: a table's name, or "files"."""
    done: int = 0
    total: int = 0
    """Rows and files, so far and in all."""
    size: int = Field(default=0, sa_type=sa.BigInteger)
    sha256: str = Field(default="", max_length=64)
    left_out: int = 0
    """Files that are named by a row and missing from the store."""
    ended_at: datetime | None = instant(nullable=True)
