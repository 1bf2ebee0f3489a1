"""The same order was paid twice."""

from __future__ import annotations

from datetime import timedelta

from disputes.facts import Order, Payment, PriorPayment, order_reference
from disputes.money import totals
from disputes.phrases import Phrase, phrase
from evidence.credits import Credits
from evidence.customer.rule import Found, Rule
from evidence.passages import Passage, passage, when
from evidence.sale import Sale

_SAME_MOMENT = timedelta(hours=1)


def _charged_twice(sale: Sale, credits: Credits) -> Found | None:
    payment, order = sale.payment, sale.order
    if payment is None or sale.product_type == "subscription":
        return None  # every renewal names the same order
    reference = order.order_ref if order else order_reference(payment.metadata)
    for other in _others(payment):
        if other.amount != payment.amount or other.disputed or not _same_order(sale, other, reference):
            continue
        return Found(
            (
                passage(
                    phrase(
                        "{payment}: {amount} {at}",
                        payment=payment.payment_id,
                        amount=payment.amount,
                        at=when(payment.paid_at),
                    ),
                    payment,
                ),
                passage(_with_its_order(other), other),
            ),
            answer=_answer(sale, order, other),
        )
    return None


def _others(payment: Payment) -> tuple[PriorPayment, ...]:
    """Each once, whichever list names it."""
    listed = {each.payment_id: each for each in (*payment.prior_payments, *payment.same_order)}
    return tuple(each for each in listed.values() if each.payment_id != payment.payment_id)


def _same_order(sale: Sale, other: PriorPayment, reference: str | None) -> bool:
    """It names the same order; or it names none, lies within the hour, and the claim is that very one."""
    payment = sale.payment
    if other.order_ref and reference:
        return other.order_ref == reference
    near = payment is not None and abs(other.paid_at - payment.paid_at) <= _SAME_MOMENT
    return near and other.order_ref is None and sale.reason.category == "duplicate"


def _with_its_order(other: PriorPayment) -> Phrase:
    named = {"payment": other.payment_id, "amount": other.amount, "at": when(other.paid_at)}
    if other.order_ref:
        return phrase("{payment}: {amount} {at}, for order {order}", order=other.order_ref, **named)
    return phrase("{payment}: {amount} {at}, for no order on record", **named)


def _answer(sale: Sale, order: Order | None, other: PriorPayment) -> Passage | None:
    """The other payment was given back, belongs to another order, pays the rest of this one, or was a hold only."""
    if other.refunded:
        return passage(phrase("{payment} was refunded", payment=other.payment_id), other)
    for each in sale.case.orders[1:]:
        if each.payment_id == other.payment_id:
            return passage(phrase("{payment} pays order {order}", payment=other.payment_id, order=each.order_ref), each)
    both = totals((other.amount, sale.payment.amount)) if sale.payment else []
    if order and both == [order.total]:
        return passage(
            phrase(
                "Order {order} costs {amount}: the two payments together", order=order.order_ref, amount=order.total
            ),
            order,
        )
    holds = sale.documents("authorization_hold_proof")
    return passage(phrase("One of the two was a hold only: {title}", title=holds[0].title), holds[0]) if holds else None


RULES = (
    Rule("charged_twice", _charged_twice, silences_open=("other_order_ref", "other_payment_id", "order_names_payment")),
)
