"""The parcel never arrived, or came too late."""

from __future__ import annotations

import re
from collections.abc import Callable

from disputes.facts import Shipment, TrackingEvent
from disputes.phrases import phrase
from evidence.credits import Credits
from evidence.customer.rule import Found, Rule, content, moved_at, parcel_words
from evidence.matching import normalise
from evidence.passages import Passage, passage, when
from evidence.sale import Sale

_LOST = re.compile(r"\b(?:lost|can ?not be (?:located|found)|untraceable|kayip|kayboldu|bulunamiyor)\b")
_STOPPED = re.compile(
    r"\b(?:stopped|intercepted|recalled|withheld|seized|confiscated|destroyed|disposed of|held (?:by|at|in) customs"
    r"|customs hold|embargo|prohibited|durduruldu|el konuldu|gumrukte (?:tutul\w*|bekl\w*)|imha edildi|geri cagrildi)\b"
)
_WORDLESS = ("other", "failed")
"""States by which carriers also tell of an end; their own words say which."""
_STATES = {"lost": phrase("lost"), "returned": phrase("returned"), "failed": phrase("failed")}
_LATE_MATTERS = frozenset({"not_received", "canceled", "credit_not_processed", "general", "inquiry", "no_reply"})


def _last(parcel: Shipment) -> TrackingEvent | None:
    return max(parcel.events, key=lambda event: event.at, default=None)


def _is_lost(event: TrackingEvent) -> bool:
    return event.state == "lost" or (event.state in _WORDLESS and bool(_LOST.search(normalise(event.text))))


def _is_returned(event: TrackingEvent) -> bool:
    return event.state == "returned"


def _is_stopped(event: TrackingEvent) -> bool:
    return event.state in _WORDLESS and bool(_STOPPED.search(normalise(event.text)))


def _ended(sale: Sale, ends: Callable[[TrackingEvent], bool]) -> tuple[Shipment, Passage] | None:
    """A parcel of this order whose last word is such an end; one that moved on afterwards is none."""
    for parcel in sale.shipments:
        last = _last(parcel)
        if last and ends(last) and not sale.arrived(parcel) and not sale.handed_on(parcel):
            end = last.text or _STATES.get(last.state, last.state)
            named = {"carrier": parcel.carrier, "number": parcel.tracking_number, "at": when(last.at)}
            return parcel, passage(phrase("{carrier} {number}: {end} ({at})", end=end, **named), parcel)
    return None


def _instead(sale: Sale, gone: Shipment) -> Passage | None:
    """Another parcel of the order was delivered, or was sent out after this one came to its end."""
    last = _last(gone)
    for parcel in sale.delivered:
        if parcel != gone:
            return parcel_words(parcel, phrase("delivered"), parcel.delivered_at)
    for parcel in sale.scanned:
        left = moved_at(parcel)
        if parcel != gone and last and left and left > last.at:
            return parcel_words(parcel, phrase("sent out instead"), left)
    return None


def _lost(sale: Sale, credits: Credits) -> Found | None:
    found = _ended(sale, _is_lost)
    return Found((found[1],), answer=_instead(sale, found[0])) if found else None


def _returned(sale: Sale, credits: Credits) -> Found | None:
    found = _ended(sale, _is_returned)
    return Found((found[1],), answer=_instead(sale, found[0])) if found else None


def _stopped(sale: Sale, credits: Credits) -> Found | None:
    found = _ended(sale, _is_stopped)
    if found is None:
        return None
    papers = sale.documents("customs_hold_proof")
    held = (
        passage(phrase("Held by the customs of the customer's country: {title}", title=papers[0].title), papers[0])
        if papers
        else None
    )
    return Found((found[1],), answer=held or _instead(sale, found[0]))


def _late(sale: Sale, credits: Credits) -> Found | None:
    order = sale.order
    if order is None or order.promised_by is None or not _LATE_MATTERS & {sale.reason.claim, sale.reason.category}:
        return None
    late = [each for each in sale.delivered if sale.late(each)]
    if not late or late[0].delivered_at is None:
        return None
    promised = passage(phrase("Promised by {day}", day=order.promised_by.isoformat()), order)
    return Found(
        (promised, parcel_words(late[0], phrase("delivered"), late[0].delivered_at)),
        answer=content(sale, late[0].delivered_at),
        whole=len(late) == len(sale.delivered),
    )


RULES = (
    Rule("parcel_lost", _lost),
    Rule("parcel_returned", _returned),
    Rule("parcel_stopped", _stopped),
    Rule("delivered_late", _late, silences=("promised_by",)),
)
