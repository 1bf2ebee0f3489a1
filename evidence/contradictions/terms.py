"""Policies, terms and notices that came too late to bind this sale."""

from __future__ import annotations

from collections.abc import Iterator

from disputes.phrases import phrase
from evidence.contradictions.check import Pair, Register
from evidence.contradictions.parcels import started
from evidence.passages import passage, when
from evidence.sale import SLACK, Sale
from evidence.words import announces_renewal

check = Register()
Found = Iterator[Pair]


@check(
    "policy_newer_than_order",
    "note",
    phrase("A policy came into force only after the order"),
    phrase("It did not bind this customer and is not cited. Add the version that held on the day of the order."),
)
def _newer(sale: Sale) -> Found:
    if sale.started is None:
        return
    day = sale.started.date()
    for policy in sale.case.policies:
        older = any(each.kind == policy.kind and each.in_force_from <= day for each in sale.case.policies)
        if policy.in_force_from > day and not older:
            yield (
                passage(
                    phrase("{title}: in force from {day}", title=policy.title, day=policy.in_force_from.isoformat()),
                    policy,
                ),
                started(sale),
            )


@check(
    "terms_accepted_after_payment",
    "blocks",
    phrase("The terms were accepted after the payment"),
    phrase("Terms shown afterwards do not bind. The sign-up record may be of another sale."),
)
def _terms(sale: Sale) -> Found:
    order, payment = sale.order, sale.payment
    if order is None or payment is None or order.terms_accepted_at is None:
        return
    if order.terms_accepted_at > payment.paid_at + SLACK:
        yield (
            passage(phrase("Terms accepted {at}", at=when(order.terms_accepted_at)), order),
            passage(phrase("Paid {at}", at=when(payment.paid_at)), payment),
        )


@check(
    "renewal_notice_after_charge",
    "note",
    phrase("The renewal was announced only after the charge"),
    phrase("A notice that comes late is none; it is not cited."),
)
def _notice(sale: Sale) -> Found:
    payment = sale.payment
    if payment is None or sale.product_type != "subscription":
        return
    told = [each for each in sale.outgoing if announces_renewal(each.translation or each.body)]
    if told and all(each.at > payment.paid_at for each in told):
        yield (
            passage(phrase("Renewal announced {at}", at=when(told[0].at)), told[0]),
            passage(phrase("Charged {at}", at=when(payment.paid_at)), payment),
        )


CHECKS = tuple(check.checks)
