"""Ways into the desk besides a password: second factors, recovery codes, passkeys, invitations and resets."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import instant, key, parent


class RecoveryCode(SQLModel, table=True):
    """One of the codes that stand in for a lost second factor, each good for once."""

    __tablename__ = "recovery_code"
    code_hash: str = Field(primary_key=True, max_length=64)
    person_id: str = parent("person")
    created_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class Passkey(SQLModel, table=True):
    """A key in somebody's device. Only its public half is here."""

    id: str = key()
    person_id: str = parent("person")
    credential_id: str = Field(max_length=1400, unique=True)
    """Base64url, as the browser names it."""
    public_key: bytes = Field(sa_type=sa.LargeBinary)
    sign_count: int = Field(default=0, sa_type=sa.BigInteger)
    name: str = Field(max_length=120)
    created_at: datetime = instant()
    last_used_at: datetime | None = instant(nullable=True)


class Invitation(SQLModel, table=True):
    """Somebody asked to join a merchant, by a link that works once."""

    token_hash: str = Field(primary_key=True, max_length=64)
    merchant_id: str = parent("merchant")
    email: str = Field(max_length=254)
    role: str = Field(max_length=20)
    invited_by: str = Field(max_length=40)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = instant(nullable=True)
    """When it was taken or withdrawn."""
    taken_by: str | None = Field(default=None, max_length=40)


class PasswordReset(SQLModel, table=True):
    """A way to a new password, by a link that works once."""

    __tablename__ = "password_reset"
    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: str = parent("person")
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)
