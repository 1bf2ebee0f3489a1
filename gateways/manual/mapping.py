"""What a person entered as the house's objects: pure functions."""

from __future__ import annotations

from disputes.facts import Payment, Refund
from disputes.lifecycle import GatewayStatus
from disputes.ports import Capabilities, DisputeSnapshot
from gateways.manual.entered import Entered

NO_API = "There is no API here: the answer is handed over as files and text, and marked as filed."


def snapshot(entered: Entered) -> DisputeSnapshot:
    asks = entered.state is GatewayStatus.NEEDS_RESPONSE
    return DisputeSnapshot(
        gateway="manual",
        external_id=entered.case_number,
        kind=entered.kind,
        status=entered.state,
        raw_status=entered.state.value,
        raw_reason=entered.category,
        amount=entered.amount,
        opened_at=entered.opened_at,
        due_at=entered.due_at if asks else None,
        live=True,
        capabilities=Capabilities(submit=asks, accept=asks, reason="" if asks else NO_API),
        submission_count=0,
        round_facts=f"{entered.kind}:{entered.asks}",
        network=entered.network,
        reason_code=entered.reason_code,
        payment_id=entered.payment_reference,
        order_ref=entered.order_ref,
        customer_name=entered.customer_name,
        customer_email=entered.customer_email,
        raw=entered.model_dump(mode="json"),
    )


def payment(entered: Entered) -> Payment:
    """The payment and its refunds as the letter and the merchant's panel tell them."""
    return Payment(
        payment_id=entered.payment_reference or entered.case_number,
        amount=entered.charged or entered.amount,
        paid_at=entered.paid_at,
        card_brand=entered.card_brand,
        card_last4=entered.card_last4,
        authorization_code=entered.authorization_code,
        statement_descriptor=entered.statement_descriptor,
        customer_name=entered.customer_name,
        customer_email=entered.customer_email,
        refunds=tuple(
            Refund(refund_id=each.reference, amount=each.amount, created_at=each.at, status="succeeded")
            for each in entered.refunds
        ),
        metadata={"order_number": entered.order_ref} if entered.order_ref else {},
    )
