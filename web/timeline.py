"""What happened in a case, in the order of time: sale, parcels, words, dispute, and what the desk did."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from disputes.clock import plainly
from disputes.models import Attempt, AuditEntry
from web import words
from web.case_view import Case

MOST_USE = 20
"""Log-ins and downloads shown one by one; how many more there are is said."""


@dataclass(frozen=True, slots=True)
class Moment:
    at: datetime
    side: str
    """sale, customer, gateway or desk."""
    what: str
    detail: str = ""


def timeline(case: Case) -> list[Moment]:
    found = [*_sale(case), *_parcels(case), *_words(case), *_gateway(case), *_desk(case)]
    return sorted(found, key=lambda moment: moment.at)


def _sale(case: Case) -> Iterator[Moment]:
    order, payment = case.file.order, case.file.payment
    if order:
        yield Moment(order.placed_at, "sale", "Order placed", order.order_ref)
        if order.cancelled_at:
            yield Moment(order.cancelled_at, "sale", "Order cancelled", order.order_ref)
    if payment:
        yield Moment(payment.paid_at, "sale", "Paid", str(payment.amount))
        for refund in payment.refunds:
            yield Moment(refund.created_at, "sale", f"Refund {refund.status}", str(refund.amount))


def _parcels(case: Case) -> Iterator[Moment]:
    for parcel in case.file.shipments:
        name = f"{parcel.carrier} {parcel.tracking_number}"
        if parcel.shipped_at:
            yield Moment(parcel.shipped_at, "sale", "Return sent" if parcel.is_return else "Shipped", name)
        if parcel.delivered_at:
            signed = f", signed {parcel.signed_by}" if parcel.signed_by else ""
            what = "Return received" if parcel.is_return else "Delivered"
            yield Moment(parcel.delivered_at, "sale", what, name + signed)


def _words(case: Case) -> Iterator[Moment]:
    for message in case.file.messages:
        who = "Customer wrote" if message.direction == "in" else "You wrote"
        yield Moment(message.at, "customer", who, message.subject or message.body[:80])
    for log in case.file.usage:
        for event in log.events[:MOST_USE]:
            yield Moment(event.at, "customer", f"{words.plain(event.action)} ({log.system})", event.detail or "")
        if len(log.events) > MOST_USE:
            more = f"{len(log.events) - MOST_USE} more entries in {log.system}"
            yield Moment(log.events[-1].at, "customer", more, "all are in the evidence item")


def _gateway(case: Case) -> Iterator[Moment]:
    yield Moment(case.dispute.opened_at, "gateway", "Dispute opened", str(case.dispute.amount))
    for each in case.rounds:
        if each.ordinal > 1:
            yield Moment(each.opened_at, "gateway", f"Round {each.ordinal} opened", words.plain(each.kind))
        if each.outcome and each.outcome_at:
            yield Moment(each.outcome_at, "gateway", f"Outcome: {each.outcome}")


_DONE = {
    "approved": "Approved",
    "cancelled": "Filing cancelled",
    "filed_by_hand": "Filed by hand",
    "unclear_settled": "Looked up at the gateway",
    "prepared": "Judged and packet built",
    "uploaded": "Evidence added",
    "withdrawn": "Evidence taken out",
    "letter_edited": "Letter edited",
    "waived": "Item waived",
    "contradictions_read": "Contradictions read",
}


def _desk(case: Case) -> Iterator[Moment]:
    attempts = {attempt.id: attempt for attempt in case.attempts}
    for entry in case.entries:
        attempt = attempts.get(str(entry.details.get("attempt", "")))
        if attempt is None or entry.action == "filed_by_hand" or not attempt.read_back.get("by_hand"):
            # Of an answer that was filed by hand only that is told: its other entries are of the same moment.
            yield Moment(entry.at, "desk", _what(entry, attempt), _detail(case, entry, attempt))


def _what(entry: AuditEntry, attempt: Attempt | None) -> str:
    """Which act it was is said wherever it was not the answer."""
    if attempt is not None and entry.action.startswith("attempt_"):
        return words.act(attempt.act).title(entry.action.removeprefix("attempt_"))
    done = _DONE.get(entry.action, words.plain(entry.action))
    beside = attempt is not None and attempt.act != "submit"
    return f"{words.act(attempt.act).name}: {done.lower()}" if attempt and beside else done


def _detail(case: Case, entry: AuditEntry, attempt: Attempt | None) -> str:
    hashed = entry.details.get("response")
    by = f"by {case.who(entry.actor)}" + (f", answer {hashed[:10]}" if isinstance(hashed, str) else "")
    filed_at = attempt.read_back.get("filed_at") if attempt and entry.action == "filed_by_hand" else None
    told = plainly(datetime.fromisoformat(filed_at), case.visit.merchant.zone) if filed_at else ""
    return f"{by}, {told}" if told else by
