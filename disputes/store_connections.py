"""Connections, their webhooks and rules, as the pages and the webhook endpoint need them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select

from disputes.ids import new_id
from disputes.models import Connection, Dispute, Merchant, Rule, WebhookEvent, WebhookFailure
from disputes.money import Money
from disputes.phrases import within
from disputes.ports import VerifiedEvent


def connections_of(session: Session, merchant_id: str) -> Sequence[Connection]:
    return session.exec(
        select(Connection).where(Connection.merchant_id == merchant_id).order_by(col(Connection.created_at))
    ).all()


def with_account(session: Session, gateway: str, mode: str, account_id: str) -> Connection | None:
    """The one connection of this account in the whole installation."""
    return session.exec(
        select(Connection).where(
            Connection.gateway == gateway, Connection.mode == mode, Connection.account_id == account_id
        )
    ).first()


def open_money(session: Session, connection_id: str) -> list[tuple[Money, int]]:
    """What is disputed in open cases of one connection, one total a currency; never across connections."""
    rows = session.exec(
        select(Dispute.currency, sa.func.sum(col(Dispute.amount_minor)), sa.func.count())
        .where(Dispute.connection_id == connection_id, sa.literal_column("dispute.is_open"))
        .group_by(col(Dispute.currency))
        .order_by(col(Dispute.currency))
    )
    return [(Money(int(minor), currency), number) for currency, minor, number in rows]


# ---- webhooks ------------------------------------------------------------------------------------------------------


# The bare tables, and each statement made once: the gateway waits for this answer, and the making takes longer than
# the writing. RETURNING, because the row count of such an insert is not told alike by the two drivers.
_EVENTS, _CONNECTIONS = WebhookEvent.__table__, Connection.__table__  # type: ignore[attr-defined]
_ENDPOINT = select(Connection).where(col(Connection.id) == sa.bindparam("id"))
_STORE = {
    name: dialect.insert(_EVENTS).on_conflict_do_nothing().returning(_EVENTS.c.id)
    for name, dialect in (("sqlite", sqlite), ("postgresql", postgresql))
}
_TELL = sa.update(_CONNECTIONS).where(_CONNECTIONS.c.id == sa.bindparam("of")).values(last_event_at=sa.bindparam("at"))


def endpoint(session: Session, connection_id: str) -> Connection | None:
    """The connection a webhook is addressed to."""
    return session.exec(_ENDPOINT, params={"id": connection_id}).one_or_none()


def store_event(session: Session, connection_id: str, event: VerifiedEvent, now: datetime) -> str | None:
    """Write a verified event down; its row's id, or None when this event came before."""
    row_id = new_id("whk")
    row = {
        "id": row_id,
        "connection_id": connection_id,
        "event_id": event.event_id[:120],
        "type": event.type[:120],
        "external_id": event.external_id[:120] if event.external_id else None,
        "received_at": now,
        "state": "received",
    }
    database = session.connection()
    if database.execute(_STORE[database.dialect.name], row).first() is None:
        return None
    database.execute(_TELL, {"of": connection_id, "at": now})
    return row_id


def end_event(session: Session, event_row_id: str, state: str) -> None:
    session.execute(sa.update(WebhookEvent).where(col(WebhookEvent.id) == event_row_id).values(state=state))


def count_failure(session: Session, connection_id: str, reason: str, now: datetime) -> None:
    row = session.get(WebhookFailure, connection_id) or WebhookFailure(connection_id=connection_id, last_at=now)
    row.count, row.last_at, row.last_reason = row.count + 1, now, within(reason, 300)
    session.add(row)


def last_event(session: Session, connection_id: str) -> WebhookEvent | None:
    return session.exec(
        select(WebhookEvent)
        .where(WebhookEvent.connection_id == connection_id)
        .order_by(col(WebhookEvent.received_at).desc())
    ).first()


# ---- rules ---------------------------------------------------------------------------------------------------------


def rules_of(session: Session, merchant_id: str) -> dict[str, Rule]:
    return {rule.gateway: rule for rule in session.exec(select(Rule).where(Rule.merchant_id == merchant_id))}


def switch_rule(session: Session, merchant_id: str, gateway: str, mode: str, *, by: str, now: datetime) -> Rule:
    """A new version of the rule; attempts carry the version they were opened under."""
    found = session.exec(select(Rule).where(Rule.merchant_id == merchant_id, Rule.gateway == gateway)).first()
    rule = found or Rule(id=new_id("rul"), merchant_id=merchant_id, gateway=gateway, version=0, switched_at=now)
    rule.mode, rule.version, rule.switched_by, rule.switched_at = mode, rule.version + 1, by, now
    session.add(rule)
    session.flush()
    return rule


# ---- calendar ------------------------------------------------------------------------------------------------------


def merchant_by_calendar(session: Session, token_hash: str) -> Merchant | None:
    return session.exec(select(Merchant).where(Merchant.calendar_token_hash == token_hash)).first()


def with_deadline(session: Session, merchant_id: str, limit: int = 1000) -> Sequence[Dispute]:
    """Open cases in which something can be filed and a deadline is known, the nearest first."""
    return session.exec(
        select(Dispute)
        .where(
            Dispute.merchant_id == merchant_id,
            sa.literal_column("dispute.is_open"),
            col(Dispute.can_submit),
            col(Dispute.due_at).is_not(None),
        )
        .order_by(col(Dispute.due_sort), col(Dispute.id))
        .limit(limit)
        .options(sa.orm.defer(col(Dispute.raw)))  # type: ignore[arg-type]
    ).all()
