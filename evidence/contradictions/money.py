"""Sums, payments and their days that do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from disputes.phrases import phrase
from evidence.contradictions.check import Pair, Register
from evidence.passages import passage, when
from evidence.sale import SLACK, Sale

check = Register()
Found = Iterator[Pair]


@check(
    "amount_mismatch",
    "blocks",
    phrase("The order's total is not the amount charged"),
    phrase("The bank will ask about the difference. Check the order and the charge before you answer."),
)
def _amount(sale: Sale) -> Found:
    order, payment = sale.order, sale.payment
    if sale.product_type == "subscription":
        return  # the sign-up and a later renewal need not cost the same
    if (
        order
        and payment
        and order.total
        and order.total.currency == payment.amount.currency
        and order.total != payment.amount
    ):
        yield (
            passage(phrase("Order total {amount}", amount=order.total), order),
            passage(phrase("Charged {amount}", amount=payment.amount), payment),
        )


@check(
    "order_of_other_payment",
    "blocks",
    phrase("The order was paid by another payment"),
    phrase(
        "This order's record names another payment. Nothing of it counts here until you say that it is the disputed "
        "one."
    ),
)
def _other_payment(sale: Sale) -> Found:
    order, payment = sale.case.order, sale.payment
    if order and payment and sale.other_payment_named:
        yield (
            passage(phrase("Order {order}: {payment}", order=order.order_ref, payment=order.payment_id), order),
            passage(phrase("Disputed: {payment}", payment=payment.payment_id), payment),
        )


@check(
    "cancelled_before_charge",
    "blocks",
    phrase("Cancelled before the charge"),
    phrase("The records show a cancellation before the payment. The customer may be right."),
)
def _cancelled(sale: Sale) -> Found:
    if sale.payment and sale.cancellations and sale.cancellations[0] < sale.payment.paid_at - SLACK:
        source = [log for log in sale.case.usage if log.events]
        words = phrase("Cancelled {at}", at=when(sale.cancellations[0]))
        yield (
            passage(words, *source, sale.order),
            passage(phrase("Charged {at}", at=when(sale.payment.paid_at)), sale.payment),
        )


@check(
    "captured_more_than_authorised",
    "blocks",
    phrase("More was taken than was authorised"),
    phrase("The bank approved a smaller sum. Find out why before you answer."),
    silences=("captured_in_full",),
)
def _captured(sale: Sale) -> Found:
    payment = sale.payment
    if payment is None or payment.captured is None or payment.captured.currency != payment.amount.currency:
        return
    if payment.captured.minor > payment.amount.minor:
        yield (
            passage(phrase("Authorised {amount}", amount=payment.amount), payment),
            passage(phrase("Taken {amount}", amount=payment.captured), payment),
        )


@check(
    "history_disputed",
    "note",
    phrase("An earlier payment of the card was disputed or reported as fraud"),
    phrase("Earlier payments speak for you only as long as nobody contested them; this one is left out."),
)
def _history(sale: Sale) -> Found:
    payment = sale.payment
    for each in payment.prior_payments if payment else ():
        if payment and (each.disputed or each.fraud_report):
            what = phrase("{payment}: disputed", payment=each.payment_id)
            if not each.disputed:
                what = phrase("{payment}: reported as fraud", payment=each.payment_id)
            yield passage(what, each), passage(phrase("Disputed now: {payment}", payment=payment.payment_id), payment)


@check(
    "paid_before_ordered",
    "note",
    phrase("Paid days before the order was placed"),
    phrase("Check that this order belongs to this payment; a deposit or a changed order is possible."),
)
def _early(sale: Sale) -> Found:
    order, payment = sale.order, sale.payment
    if order is None or payment is None or sale.product_type == "subscription":
        return
    if payment.paid_at < order.placed_at - timedelta(days=1):
        yield (
            passage(phrase("Paid {at}", at=when(payment.paid_at)), payment),
            passage(phrase("Ordered {at}", at=when(order.placed_at)), order),
        )


@check(
    "refund_only_the_shop_knows",
    "blocks",
    phrase("The shop's records show a refund that the payment does not"),
    phrase(
        "Money or credit may have gone back by another way. If it did, it belongs into the answer; if the shop's "
        "entry is wrong, say so by reading this."
    ),
    silences=("no_refund",),
)
def _shop_refund(sale: Sale) -> Found:
    known = sale.payment.refunds if sale.payment else ()
    left = [(each.amount, each.created_at) for each in known]
    for refund in sale.order.refunds if sale.order else ():
        same = next((pair for pair in left if pair[0] == refund.amount and _near(pair[1], refund.created_at)), None)
        if same:
            left.remove(same)
            continue
        words = phrase("Refunds of the payment: none")
        if known:
            words = phrase("Refunds of the payment: {amounts}", amounts=", ".join(str(each.amount) for each in known))
        yield (
            passage(
                phrase(
                    "The shop: {amount} given back {at} ({refund})",
                    amount=refund.amount,
                    at=when(refund.created_at),
                    refund=refund.refund_id,
                ),
                sale.order,
            ),
            passage(words, sale.payment),
        )


def _near(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= timedelta(days=3)


CHECKS = tuple(check.checks)
