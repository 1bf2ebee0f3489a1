"""The demo shop's cases at a processor without an API, entered as a person would."""

from __future__ import annotations

from datetime import timedelta

from sqlmodel import select

from disputes.entered import Entered
from disputes.lifecycle import Kind
from disputes.models import Connection, Merchant
from disputes.money import Money
from scheduler import entering
from scheduler.runtime import Runtime


def enter_by_hand(runtime: Runtime, merchant_id: str) -> None:
    """One chargeback at iyzico in lira; its answer is prepared and handed over as files and text."""
    now = runtime.clock.now()
    case = Entered(
        case_number="IYZ-2026-4001",
        kind=Kind.CHARGEBACK,
        category="not_received",
        network="visa",
        reason_code="13.1",
        amount=Money.parse("2450.00", "TRY"),
        opened_at=now - timedelta(days=2),
        due_at=now + timedelta(days=5),
        payment_reference="1899120034",
        paid_at=now - timedelta(days=26),
        card_last4="5528",
        authorization_code="731902",
        order_ref="LL-4001",
        customer_name="Zeynep Arslan",
        customer_email="zeynep.arslan@example.com.tr",
    )
    with runtime.database.writing() as session:
        merchant = session.get_one(Merchant, merchant_id)
        if session.exec(
            select(Connection.id).where(Connection.merchant_id == merchant_id, Connection.gateway == "manual")
        ).first():
            return
        connection = entering.processor(runtime, session, merchant, "iyzico", by="set-up")
        entering.take(runtime, session, connection, [case], by="set-up")
