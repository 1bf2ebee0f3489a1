"""What a new installation starts with: the set-up link, and the demo merchant."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from pathlib import Path

from sqlmodel import col, select

from disputes.ids import new_id
from disputes.models import Merchant, Person, Rule, SetupLink
from disputes.store_audit import record
from scheduler.digest import plan_first
from scheduler.runtime import Runtime
from web import practice_systems
from web.demo.shop import lay_out
from web.demo.systems import move
from web.practice import PRACTICE
from web.sources import IMPORTS

DEMO_SLUG = "demo"
SETUP_LASTS = timedelta(days=7)


def demo_merchant(runtime: Runtime, *, hold_hours: int = 24, rule: str = "prepare", in_systems: bool = False) -> str:
    """The demo shop as a merchant of its own; made once, its records laid out around the present day.

    `in_systems`: part of them in the practice systems, which are to be connected; else all in the import folder.
    """
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        found = session.exec(select(Merchant.id).where(Merchant.slug == DEMO_SLUG)).first()
    if found is not None:
        return found
    folder = runtime.data / IMPORTS / DEMO_SLUG
    lay_out(folder, now)
    if in_systems:
        practice_systems.lay(runtime.data, move(folder, now))
    merchant = Merchant(
        id=new_id("mer"),
        slug=DEMO_SLUG,
        name="Lale Living (demo)",
        zone="Europe/Istanbul",
        legal_name="Lale Living Ltd",
        address=["14 Harbour Row", "Dublin D02 XH91"],
        country="Ireland",
        contact="support@lale.example",
        registration="Company no. 614207",
        signatory_name="Derya Aksoy",
        signatory_role="Head of customer care",
        digest_recipients=["desk@lale.example"],
        mail_addresses=["lale.example"],
        hold_hours=hold_hours,
        is_demo=True,
        created_at=now,
    )
    merchant.next_digest_at = plan_first(merchant, now)
    with runtime.database.writing() as session:
        session.add(merchant)
        session.flush()
        for practice in PRACTICE:
            session.add(
                Rule(
                    id=new_id("rul"),
                    merchant_id=merchant.id,
                    gateway=practice.gateway,
                    mode=rule,
                    switched_by="set-up",
                    switched_at=now,
                )
            )
        record(session, merchant.id, at=now, actor="set-up", action="merchant_made", subject=merchant.id)
    return merchant.id


def setup_token(runtime: Runtime) -> str | None:
    """A fresh one-time set-up link while nobody owns the installation; earlier unused ones stop working."""
    now = runtime.clock.now()
    token = secrets.token_urlsafe(24)
    with runtime.database.writing() as session:
        if session.exec(select(Person.id)).first() is not None:
            return None
        for old in session.exec(select(SetupLink).where(col(SetupLink.used_at).is_(None))):
            session.delete(old)
        session.add(SetupLink(token_hash=token_hash(token), created_at=now, expires_at=now + SETUP_LASTS))
    return token


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def packets_folder(data: Path) -> Path:
    return data / "packets"
