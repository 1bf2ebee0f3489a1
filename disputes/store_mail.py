"""The outbox: mails are rows first, so that none is lost and none goes out twice by our doing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes.ids import digest, new_id
from disputes.models import OutgoingMail

MESSAGE_DOMAIN = "counterproof.invalid"
SECRET = frozenset({"invited", "reset"})
"""Kinds whose words let somebody in: they are forgotten once the mail is out."""


def message_id(dedupe: str) -> str:
    """The same mail has the same Message-ID, also when a crash makes it go out a second time."""
    return f"<{digest(dedupe.encode())[:32]}@{MESSAGE_DOMAIN}>"


def put(
    session: Session,
    *,
    merchant_id: str,
    kind: str,
    dedupe: str,
    recipient: str,
    subject: str,
    text: str,
    html: str,
    now: datetime,
    dispute_id: str | None = None,
) -> OutgoingMail | None:
    """Queue a mail; None when this one was queued before."""
    key = f"{dedupe}:{recipient}"
    if session.exec(select(OutgoingMail.id).where(OutgoingMail.dedupe == key)).first() is not None:
        return None
    mail = OutgoingMail(
        id=new_id("eml"),
        merchant_id=merchant_id,
        dispute_id=dispute_id,
        kind=kind,
        dedupe=key,
        message_id=message_id(key),
        recipient=recipient,
        subject=subject[:300],
        text=text,
        html=html,
        next_try_at=now,
        created_at=now,
    )
    session.add(mail)
    session.flush()
    return mail


def due(session: Session, now: datetime, limit: int = 50) -> Sequence[OutgoingMail]:
    return session.exec(
        select(OutgoingMail)
        .where(sa.literal_column("outgoing_mail.state = 'pending'"), col(OutgoingMail.next_try_at) <= now)
        .order_by(col(OutgoingMail.next_try_at))
        .limit(limit)
    ).all()


def claim(session: Session, mail_id: str, tries: int, until: datetime) -> bool:
    """Take a mail for one try by compare-and-set; False when another process has it."""
    table = OutgoingMail.__table__  # type: ignore[attr-defined]
    taken = session.execute(
        sa.update(table)
        .where(table.c.id == mail_id, table.c.state == "pending", table.c.tries == tries)
        .values(tries=tries + 1, next_try_at=until)
    )
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def failed_count(session: Session, merchant_id: str | None = None) -> int:
    query = (
        select(sa.func.count())
        .select_from(OutgoingMail)
        .where(
            sa.or_(
                col(OutgoingMail.state) == "failed",
                sa.and_(col(OutgoingMail.state) == "pending", col(OutgoingMail.tries) > 1),
            )
        )
    )
    if merchant_id is not None:
        query = query.where(OutgoingMail.merchant_id == merchant_id)
    return session.exec(query).one()
