"""What a person entered about the payment."""

from __future__ import annotations

from disputes.entered import Entered
from disputes.facts import Payment, Refund


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
