"""The installation, the merchants in it and the people who work for them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from disputes.models.base import document, instant, key, parent


class Installation(SQLModel, table=True):
    """One row. `installation_id` must match the file beside the data, else filing is off: this is a copy."""

    id: int = Field(default=1, primary_key=True)
    installation_id: str = Field(max_length=40)
    filing_on: bool = True
    writes: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """Writes ever intended. Fewer than the file beside the data knows means: restored from a backup."""
    created_at: datetime = instant()


class Merchant(SQLModel, table=True):
    id: str = key()
    slug: str = Field(max_length=60, unique=True)
    """The merchant in the path of every page."""
    name: str = Field(max_length=200)
    zone: str = Field(default="UTC", max_length=60)
    legal_name: str = Field(default="", max_length=200)
    address: list[str] = document(list)
    country: str = Field(default="", max_length=60)
    contact: str = Field(default="", max_length=200)
    registration: str = Field(default="", max_length=120)
    signatory_name: str = Field(default="", max_length=120)
    signatory_role: str = Field(default="", max_length=120)
    page_size: str = Field(default="A4", max_length=10)
    default_product_type: str = Field(default="physical", max_length=20)
    digest_hour: int = 8
    digest_recipients: list[str] = document(list)
    next_digest_at: datetime | None = instant(nullable=True, index=True)
    hold_hours: int = 24
    cut_off_hours: int = 6
    labour_minor: int = Field(default=0, sa_type=sa.BigInteger)
    labour_currency: str = Field(default="EUR", max_length=3)
    mail_addresses: list[str] = Field(
        default_factory=list, sa_type=sa.JSON, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    """The shop's own mail addresses and domains: who wrote a message is told by them."""
    calendar_token_hash: str | None = Field(default=None, max_length=64, index=True)
    filing_paused: bool = False
    """The kill switch: no machine files for this merchant."""
    is_demo: bool = False
    language: str = Field(default="en", max_length=8, sa_column_kwargs={"server_default": "en"})
    """What its mails are written in, and its pages for who chose nothing. The bank's papers do not follow it."""
    reminder_hours: list[int] = Field(
        default_factory=lambda: [72, 24],
        sa_type=sa.JSON,
        nullable=False,
        sa_column_kwargs={"server_default": "[72, 24]"},
    )
    """How many hours before a deadline an open case is mailed about, besides the digest."""
    retention_days: int | None = None
    """After how long a closed case loses the customer's data; None keeps it."""
    welcome: list[str] = Field(
        default_factory=list, sa_type=sa.JSON, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    """Steps of the first-run checklist that were said to be done or not wanted."""
    created_at: datetime = instant()

    @property
    def own_addresses(self) -> tuple[str, ...]:
        """Every address and domain known to be the shop's own: those set, the contact's, the people's."""
        said = [*self.mail_addresses, *self.digest_recipients, *self.contact.split()]
        written = (word.strip("<>,;") for word in said)
        return tuple(dict.fromkeys(word for word in written if "@" in word or word in self.mail_addresses))


class Person(SQLModel, table=True):
    id: str = key()
    email: str = Field(max_length=254, unique=True)
    name: str = Field(max_length=120)
    password_hash: str = Field(max_length=200)
    language: str | None = Field(default=None, max_length=8)
    """None: as the browser asks."""
    totp_secret: str | None = None
    """Encrypted under the key file; it counts once `totp_on_at` is set."""
    totp_on_at: datetime | None = instant(nullable=True)
    totp_used: int = Field(default=0, sa_type=sa.BigInteger, sa_column_kwargs={"server_default": "0"})
    """The last time step a code was taken for: no code works twice."""
    seen_at: datetime | None = instant(nullable=True)
    """When they last used the desk, to the hour."""
    created_at: datetime = instant()


class Membership(SQLModel, table=True):
    """Which merchant a person works for, and as what."""

    __table_args__ = (sa.UniqueConstraint("merchant_id", "person_id"),)
    id: str = key()
    merchant_id: str = parent("merchant")
    person_id: str = parent("person")
    role: str = Field(default="owner", max_length=20)
    rights: list[str] = Field(
        default_factory=list, sa_type=sa.JSON, nullable=False, sa_column_kwargs={"server_default": "[]"}
    )
    """What this person may do beyond their role (`disputes.roles.Right`)."""
    joined_at: datetime | None = instant(nullable=True)


class WebSession(SQLModel, table=True):
    """A signed-in browser. Only the hash of its token is stored."""

    __tablename__ = "web_session"
    token_hash: str = Field(primary_key=True, max_length=64)
    person_id: str = parent("person")
    csrf: str = Field(max_length=64)
    needs_factor: bool = Field(default=False, sa_column_kwargs={"server_default": sa.false()})
    """The password fitted, the second factor has not been shown yet: good for nothing but showing it."""
    browser: str = Field(default="", max_length=200, sa_column_kwargs={"server_default": ""})
    """What the browser calls itself, for the list of one's own sessions."""
    seen_at: datetime | None = instant(nullable=True)
    created_at: datetime = instant()
    expires_at: datetime = instant(index=True)


class SetupLink(SQLModel, table=True):
    """The one-time link that makes the first owner."""

    __tablename__ = "setup_link"
    token_hash: str = Field(primary_key=True, max_length=64)
    created_at: datetime = instant()
    expires_at: datetime = instant()
    used_at: datetime | None = instant(nullable=True)


class SignInTry(SQLModel, table=True):
    """Failed sign-ins, counted in the database so that every process sees them."""

    __tablename__ = "sign_in_try"
    id: str = key()
    subject: str = Field(max_length=254, index=True)
    at: datetime = instant(index=True)
