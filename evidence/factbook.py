"""The facts a sentence may use, by name, each with its words and the exhibits that show it.

A name is in the book only when a record says so. Guards (facts without words of their own) have an empty text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from disputes.clock import local_day
from disputes.facts import OrderLine, Record, Refund
from disputes.money import Money
from evidence import contradictions, customer
from evidence.compelling import compelling_evidence
from evidence.credits import Credits
from evidence.goods import described, listed
from evidence.junk import filler
from evidence.matching import address_agreement, normalise
from evidence.passages import shortened
from evidence.records import Ref, refs
from evidence.sale import Sale
from evidence.words import announces_renewal, complains, offers_return, says_has_goods, says_withdraws

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
SMALLEST_DOCUMENT = 512
"""Bytes. A picture or page next to empty proves nothing; the smallest legible scan is far larger."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A fact in words, the exhibits it is shown in and the records it comes from."""

    text: str
    exhibits: tuple[str, ...]
    records: tuple[Ref, ...]


Entry = tuple[str, Cited]
Book = dict[str, Cited]


def in_words(day: date) -> str:
    """A day as the letter prints it; not strftime, which follows the process's locale."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


class _Writer:
    def __init__(self, sale: Sale, credits: Credits, zone: str) -> None:
        self.sale = sale
        self.credits = credits
        self.zone = zone

    def day(self, instant: datetime) -> str:
        return in_words(local_day(instant, self.zone))

    @staticmethod
    def say(name: str, text: Any, exhibit: str, *records: Record) -> Entry:
        return name, Cited(str(text), (exhibit,), refs(records))


def factbook(sale: Sale, credits: Credits, zone: str) -> Book:
    """Everything the records of this sale let a sentence say, less what a finding or a contradiction denies."""
    writer = _Writer(sale, credits, zone)
    book: Book = {"amount_disputed": Cited(str(sale.claim.amount), (), ())}
    for part in (
        _payment,
        _checks,
        _history,
        _repeated,
        _order,
        _delivery,
        _customs,
        _words,
        _usage,
        _cancellation,
        _policies,
        _returns,
    ):
        book.update(part(writer))
    for part in (_credits, _other_order, _documents):
        book.update(part(writer))
    denied = customer.silenced(sale, credits) | contradictions.silenced(sale)
    return {name: fact for name, fact in book.items() if name not in denied}


def _payment(w: _Writer) -> Iterator[Entry]:
    payment = w.sale.payment
    if payment is None:
        return
    yield w.say("paid_on", w.day(payment.paid_at), "payment", payment)
    yield w.say("amount_charged", payment.amount, "payment", payment)
    yield w.say("payment_id", payment.payment_id, "payment", payment)
    if payment.statement_descriptor:
        yield w.say("statement_descriptor", payment.statement_descriptor, "payment", payment)
    if payment.authorization_code:
        yield w.say("authorization_code", payment.authorization_code, "payment", payment)
    if payment.captured == payment.amount:
        yield w.say("captured_in_full", "", "payment", payment)
    if w.sale.order and local_day(w.sale.order.placed_at, w.zone) == local_day(payment.paid_at, w.zone):
        yield w.say("paid_on_order_day", "", "payment", payment, w.sale.order)


def _checks(w: _Writer) -> Iterator[Entry]:
    payment = w.sale.payment
    if payment is None:
        return
    secure = payment.three_d_secure
    if secure and secure.authenticated:
        yield w.say("three_d_secure", "", "payment", payment)
        if secure.version:
            yield w.say("three_d_secure_version", secure.version, "payment", payment)
        if secure.eci:
            yield w.say("eci", secure.eci, "payment", payment)
    if payment.checks_match:
        yield w.say("checks_match", "", "payment", payment)
    if payment.cvc == "pass":
        yield w.say("cvc_pass", "", "payment", payment)
    if w.sale.sent_to_verified_address:
        yield w.say("sent_to_verified_address", "", "tracking", payment, *w.sale.delivered)
    if w.sale.purchase_ip:
        yield w.say("purchase_ip", w.sale.purchase_ip, "payment", payment)


def _history(w: _Writer) -> Iterator[Entry]:
    prior = sorted(w.sale.prior, key=lambda each: each.paid_at)
    if not prior:
        return
    yield w.say("prior_count", _count(len(prior), "earlier payment"), "history", *prior)
    yield w.say("prior_first_on", w.day(prior[0].paid_at), "history", *prior)
    same_ip = [each for each in prior if each.ip and each.ip == w.sale.purchase_ip]
    if same_ip:
        yield w.say("prior_same_ip", _count(len(same_ip), "of them", "of them"), "history", *same_ip)


def _repeated(w: _Writer) -> Iterator[Entry]:
    """Two earlier orders that share their marks with this one, as Visa's rule wants them."""
    found = compelling_evidence(w.sale)
    if found is None or not found.qualified or w.sale.payment is None:
        return
    chosen = {each.payment_id for each in found.prior}
    prior = sorted((each for each in w.sale.prior if each.payment_id in chosen), key=lambda each: each.paid_at)
    days = [w.day(each.paid_at) for each in prior]
    yield w.say("repeated_on", " and ".join(days), "history", *prior)
    marks = list(dict.fromkeys(each.label for each in found.matches))
    yield w.say("repeated_marks", _listed(marks), "history", *prior)


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1])))


def _count(number: int, one: str, many: str | None = None) -> str:
    words = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return f"{words[number - 1] if number <= 10 else number} {one if number == 1 else many or one + 's'}"


def _order(w: _Writer) -> Iterator[Entry]:
    order, payment = w.sale.order, w.sale.payment
    if order is None:
        return
    yield w.say("order_ref", order.order_ref, "order", order)
    yield w.say("ordered_on", w.day(order.placed_at), "order", order)
    if order.lines and not filler(described(order.lines)):
        yield w.say("goods", described(order.lines), "order", order)
    if listed(order.lines):
        yield w.say("doc:product_description", "Description of the goods", "order", order)
    if payment and order.payment_id == payment.payment_id:
        yield w.say("order_names_payment", "", "order", order)
    if order.customer_email:
        yield w.say("order_email", order.customer_email, "order", order)
    if order.account_since and order.account_since < order.placed_at:
        yield w.say("account_since", w.day(order.account_since), "order", order)
    if order.terms_accepted_at and order.terms_accepted_at <= (payment.paid_at if payment else order.terms_accepted_at):
        yield w.say("terms_accepted_on", w.day(order.terms_accepted_at), "order", order)
    if order.total and payment and order.total == payment.amount:
        yield w.say("order_total", order.total, "order", order, payment)
        parts = broken_down(order.lines, order.amounts, order.total)
        if parts:
            yield w.say("amount_breakdown", parts, "order", order)


def broken_down(lines: tuple[OrderLine, ...], amounts: dict[str, Money], total: Money) -> str | None:
    """The parts of the total in words, only when they add up to it."""
    parts = [(word, amount) for word, amount in amounts.items() if word != "total"]
    if not parts:
        parts = [(line.description, line.amount) for line in lines if line.amount]
    if not parts or any(amount.currency != total.currency for _, amount in parts):
        return None
    signed = sum(-abs(amount.minor) if normalise(word) == "discount" else amount.minor for word, amount in parts)
    if signed != total.minor:
        return None
    return ", ".join(f"{word} {amount}" for word, amount in parts)


def _delivery(w: _Writer) -> Iterator[Entry]:
    if w.sale.scanned:
        told = (w.sale.delivered or w.sale.scanned)[0]
        yield w.say("carrier", told.carrier, "tracking", told)
        yield w.say("tracking_number", told.tracking_number, "tracking", told)
        if told.shipped_at:
            yield w.say("shipped_on", w.day(told.shipped_at), "tracking", told)
    parcel = next(iter(w.sale.delivered), None)
    if parcel is None or parcel.delivered_at is None:
        return
    yield w.say("delivered_on", w.day(parcel.delivered_at), "tracking", parcel)
    if parcel.delivered_at < w.sale.claim.opened_at:
        yield w.say("delivered_before_dispute", "", "tracking", parcel)
    agreement = address_agreement(parcel.delivered_to, w.sale.ordered_to)
    if agreement == "same":
        yield w.say("delivered_to_order_address", "", "tracking", parcel)
    elif agreement == "partial" and parcel.delivered_to and parcel.delivered_to.city:
        yield w.say("delivered_in_town", parcel.delivered_to.city, "tracking", parcel)
    if parcel.signed_by:
        yield w.say("signed_by", parcel.signed_by, "tracking", parcel)
    promised = w.sale.order.promised_by if w.sale.order else None
    if promised and local_day(parcel.delivered_at, w.zone) <= promised:
        yield w.say("promised_by", in_words(promised), "tracking", parcel)
    cancelled = w.sale.cancellations
    if cancelled and parcel.shipped_at and parcel.shipped_at < cancelled[0]:
        yield w.say("shipped_before_cancellation", "", "tracking", parcel)


def _customs(w: _Writer) -> Iterator[Entry]:
    returned = [each for each in w.sale.scanned if any(event.state == "returned" for event in each.events)]
    if returned:
        yield w.say("returned_to_sender", "", "tracking", *returned)


def _words(w: _Writer) -> Iterator[Entry]:
    readable = [each for each in w.sale.acknowledged if w.sale.readable(each)]
    for message in readable:
        passage = says_has_goods(message.translation or message.body)
        if passage is None:
            continue
        yield w.say("ack_on", w.day(message.at), "messages", message)
        yield w.say("ack_quote", shortened(passage), "messages", message)
        if complains(message.translation or message.body):
            yield w.say("ack_complains", "", "messages", message)
        break
    confirmed = [
        each for each in w.sale.quotable if each.direction == "out" and announces_renewal(each.translation or each.body)
    ]
    paid_at = w.sale.payment.paid_at if w.sale.payment else None
    early = [each for each in confirmed if paid_at and each.at < paid_at]
    if early:
        yield w.say("renewal_notice_on", w.day(early[-1].at), "messages", early[-1])


def _usage(w: _Writer) -> Iterator[Entry]:
    events, logs = w.sale.usage, w.sale.case.usage
    if not events:
        return
    yield w.say("usage_count", _count(len(events), "use", "uses"), "usage", *logs)
    yield w.say("usage_first_on", w.day(events[0].at), "usage", *logs)
    yield w.say("usage_last_on", w.day(events[-1].at), "usage", *logs)
    yield w.say("usage_system", ", ".join(log.system for log in logs), "usage", *logs)
    downloads = [event for event in events if event.action == "download"]
    if downloads:
        yield w.say("downloaded_on", w.day(downloads[0].at), "usage", *logs)
    own = w.sale.device_usage
    if own:
        device = w.sale.order.device_id if w.sale.order else None
        word = "device" if device and own[0].device_id == device else "IP address"
        yield w.say("purchase_device", word, "usage", *logs)
        yield w.say("device_usage_on", w.day(own[-1].at), "usage", *logs)
    later = [event for event in events if w.sale.payment and event.at > w.sale.payment.paid_at]
    if later:
        yield w.say("used_after_charge", _count(len(later), "use", "uses"), "usage", *logs)
    if w.sale.cancellations and events[-1].at > w.sale.cancellations[0]:
        yield w.say("used_after_cancellation", "", "usage", *logs)


def _cancellation(w: _Writer) -> Iterator[Entry]:
    logs = [log for log in w.sale.case.usage if log.events]
    if w.sale.cancellations:
        source = [*logs, *([w.sale.order] if w.sale.order else [])]
        yield w.say("cancelled_on", w.day(w.sale.cancellations[0]), "usage" if logs else "order", *source)
        paid_at = w.sale.payment.paid_at if w.sale.payment else None
        if paid_at and w.sale.cancellations[0] > paid_at:
            yield w.say("cancelled_after_charge", "", "usage" if logs else "order", *source)
    elif logs and not any(
        says_withdraws(each.translation or "") or says_withdraws(each.body) for each in w.sale.incoming
    ):
        yield w.say("no_cancellation", "", "usage", *logs)


def _policies(w: _Writer) -> Iterator[Entry]:
    for name, kinds in (
        ("return", ("return", "refund")),
        ("cancellation", ("cancellation",)),
        ("shipping", ("shipping",)),
    ):
        for policy in w.sale.policies(*kinds)[:1]:
            exhibit = f"{name}_policy"
            yield w.say(f"{name}_policy", policy.title, exhibit, policy)
            yield w.say(f"{name}_policy_from", in_words(policy.in_force_from), exhibit, policy)
            plain = normalise(policy.text)
            if re.search(r"\brefund\w*|\bcredit\w*|\bmoney back", plain) and re.search(
                r"\breturn\w*|\b(?:sent|send|goods are) back", plain
            ):
                yield w.say(f"{name}_required", "", exhibit, policy)
            if policy.shown_where:
                yield w.say(f"{name}_policy_shown", policy.shown_where.rstrip("."), exhibit, policy)


def _returns(w: _Writer) -> Iterator[Entry]:
    if w.sale.no_return_recorded:
        yield w.say("no_return", "", "tracking", *w.sale.delivered)
    offers = [
        each for each in w.sale.quotable if each.direction == "out" and offers_return(each.translation or each.body)
    ]
    if offers:
        yield w.say("return_offered_on", w.day(offers[0].at), "messages", offers[0])


def refund_in_words(refund: Refund, day: str) -> str:
    arn = f", acquirer reference number {refund.arn}" if refund.arn else ""
    return f"{refund.amount} on {day} (refund {refund.refund_id}{arn})"


def _credits(w: _Writer) -> Iterator[Entry]:
    before = w.credits.before
    if not before:
        return
    listed = "; ".join(refund_in_words(each, w.day(each.created_at)) for each in before)
    yield w.say("refunds", listed, "refunds", *before)
    yield w.say("refunded", w.credits.refunded_before, "refunds", *before)
    yield w.say("contested", w.credits.contested, "refunds", *before)
    yield w.say("refunded_in_full" if w.credits.covers == "all" else "refunded_in_part", "", "refunds", *before)


def _other_order(w: _Writer) -> Iterator[Entry]:
    order = w.sale.order
    for other in w.sale.other_orders:
        if order is None or other.order_ref == order.order_ref or not other.payment_id or not other.lines:
            continue
        yield w.say("other_order_ref", other.order_ref, "duplicate", other)
        yield w.say("other_payment_id", other.payment_id, "duplicate", other)
        yield w.say("other_ordered_on", w.day(other.placed_at), "duplicate", other)
        yield w.say("other_goods", described(other.lines), "duplicate", other)
        parcels = [each for each in w.sale.case.shipments if each.order_ref == other.order_ref and each.delivered_at]
        if parcels and parcels[0].delivered_at:
            yield w.say("other_delivered_on", w.day(parcels[0].delivered_at), "duplicate", *parcels)
            yield w.say("other_tracking_number", parcels[0].tracking_number, "duplicate", *parcels)
        return


def _documents(w: _Writer) -> Iterator[Entry]:
    for paper in w.sale.case.documents:
        if paper in w.sale.documents(paper.item) and paper.size >= SMALLEST_DOCUMENT:
            yield w.say(f"doc:{paper.item}", paper.title, f"doc_{paper.item}", paper)
            if paper.dated and paper.item in ("service_proof", "appointment_record", "service_date"):
                yield w.say("service_on", w.day(paper.dated), f"doc_{paper.item}", paper)


__all__ = ["SMALLEST_DOCUMENT", "Book", "Cited", "broken_down", "described", "factbook", "in_words", "refund_in_words"]
