"""What the records tell of a sale, as moments of the case's timeline: order, money, parcels, returns, words, use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from disputes.facts import Order, Payment, Refund, Return, Shipment
from disputes.money import Money
from templates.language import marked as _
from templates.language import money_words, say, say_many
from web.case_mail import channel_words
from web.case_view import Case
from web.words import plain

MOST_USE = 20
"""Log-ins and downloads shown one by one; how many more there are is said."""
SHORT = 100
"""Signs of a message without a subject."""


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    side: str
    """order, payment, shipping, messages, dispute or desk."""
    what: str
    detail: str = ""
    anchor: str = ""
    """Where on the case the whole of it stands."""


def moments(case: Case) -> Iterator[Moment]:
    """In no order."""
    if case.file.order:
        yield from _order(case.file.order)
    if case.file.payment:
        yield from _payment(case.file.payment)
    for parcel in case.file.shipments:
        yield from _parcel(parcel)
    for each in case.file.returns:
        yield from _return(each)
    yield from _messages(case)
    yield from _use(case)
    yield from _documents(case)


def _order(order: Order) -> Iterator[Moment]:
    ref = order.order_ref
    yield Moment(order.placed_at, "order", say("Order placed"), ref)
    if order.account_since and order.account_since < order.placed_at:
        yield Moment(order.account_since, "order", say("Customer opened an account"))
    if order.terms_accepted_at:
        yield Moment(order.terms_accepted_at, "order", say("Terms accepted"), ref)
    if order.cancelled_at:
        yield Moment(order.cancelled_at, "order", say("Order cancelled"), ref)
    for refund in order.refunds:
        yield _refund(refund, by_shop=True)


def _payment(payment: Payment) -> Iterator[Moment]:
    card = say("card ending %(digits)s") % {"digits": payment.card_last4} if payment.card_last4 else ""
    yield Moment(payment.paid_at, "payment", say("Paid"), _with(money_words(payment.amount), card))
    for refund in payment.refunds:
        yield _refund(refund, by_shop=False)


_REFUNDS = {
    "succeeded": _("Refunded"),
    "pending": _("Refund under way"),
    "failed": _("Refund failed"),
    "canceled": _("Refund cancelled"),
    "cancelled": _("Refund cancelled"),
}


def _refund(refund: Refund, *, by_shop: bool) -> Moment:
    known = _REFUNDS.get(refund.status)
    what = say(known) if known else say("Refund: %(state)s") % {"state": plain(refund.status)}
    told = say("as the shop's own records say") if by_shop else ""
    return Moment(refund.created_at, "payment", what, _with(money_words(refund.amount), refund.reason or "", told))


_ON_THE_WAY = {
    "failed": _("Delivery failed"),
    "returned": _("Parcel sent back"),
    "lost": _("Parcel lost"),
    "out_for_delivery": _("Out for delivery"),
}


def _parcel(parcel: Shipment) -> Iterator[Moment]:
    name = f"{parcel.carrier} {parcel.tracking_number}"
    if parcel.shipped_at:
        what = say("Return sent") if parcel.is_return else say("Shipped")
        yield Moment(parcel.shipped_at, "shipping", what, name)
    for event in parcel.events:
        if event.state in _ON_THE_WAY:
            what = say(_ON_THE_WAY[event.state])
            yield Moment(event.at, "shipping", what, _with(name, event.text, event.place or ""))
    if parcel.delivered_at:
        what = say("Return received") if parcel.is_return else say("Delivered")
        signed = say("signed by %(name)s") % {"name": parcel.signed_by} if parcel.signed_by else ""
        yield Moment(parcel.delivered_at, "shipping", what, _with(name, signed))


def _return(each: Return) -> Iterator[Moment]:
    steps: tuple[tuple[datetime | None, str, str, str], ...] = (
        (each.requested_at, "messages", say("Return asked for"), each.reason or ""),
        (each.label_sent_at, "shipping", say("Return label sent"), each.tracking_number or ""),
        (each.received_at, "shipping", say("Return received"), each.inspection or ""),
        (each.refused_at, "order", say("Return refused"), each.refusal or ""),
        (each.refund_promised_at, "payment", say("Refund promised"), _money(each.amount)),
        (each.refunded_at, "payment", say("Refunded for the return"), _money(each.amount)),
    )
    for at, side, what, detail in steps:
        if at is not None:
            yield Moment(at, side, what, detail)


def _messages(case: Case) -> Iterator[Moment]:
    for message in case.file.messages:
        what = say("Customer wrote") if message.direction == "in" else say("You wrote")
        anchor = f"m-{message.provenance.item_id}" if message.provenance else ""
        words = message.subject or " ".join(message.body.split())[:SHORT]
        yield Moment(message.at, "messages", what, _with(channel_words(message.channel), words), anchor)


def _use(case: Case) -> Iterator[Moment]:
    for log in case.file.usage:
        for event in log.events[:MOST_USE]:
            what = say("%(action)s (%(system)s)") % {"action": plain(event.action), "system": log.system}
            yield Moment(event.at, "order", what, event.detail or "")
        if more := len(log.events) - MOST_USE:
            if more < 0:
                continue
            what = say_many("%(n)s more entry in %(system)s", "%(n)s more entries in %(system)s", more)
            told = say("all are in the evidence item")
            yield Moment(log.events[-1].at, "order", what % {"n": more, "system": log.system}, told)


def _documents(case: Case) -> Iterator[Moment]:
    """A document with a date of its own: a receipt, a record of delivery."""
    for each in case.file.documents:
        if each.dated:
            anchor = f"e-{each.provenance.item_id}" if each.provenance else ""
            yield Moment(each.dated, "order", say("Dated document"), each.title, anchor)


def _money(amount: Money | None) -> str:
    return money_words(amount) if amount else ""


def _with(*parts: str) -> str:
    return " · ".join(part for part in parts if part)
