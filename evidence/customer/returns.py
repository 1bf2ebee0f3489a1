"""The goods are back, or on their way: by the carrier, by the shop's own return cases, or by what was written."""

from __future__ import annotations

from datetime import datetime

from disputes.facts import Return, Shipment
from disputes.phrases import phrase
from evidence.credits import Credits
from evidence.customer.rule import Found, Rule, moved_at, parcel_words, quoted
from evidence.own_words import confirms_return
from evidence.passages import Passage, passage, when
from evidence.sale import Sale


def _travelling(parcel: Shipment) -> bool:
    """Handed to the carrier and not at an end; a return label that nobody used is no return."""
    ended = any(event.state in ("delivered", "returned", "lost") for event in parcel.events)
    return moved_at(parcel) is not None and parcel.delivered_at is None and not ended


def _on_its_way(sale: Sale, credits: Credits) -> Found | None:
    for parcel in sale.returns:
        if _travelling(parcel):
            return Found((parcel_words(parcel, phrase("handed to the carrier"), moved_at(parcel)),))
    for each in sale.return_cases:
        if each.label_sent_at and not (each.received_at or each.refused_at or each.refunded_at):
            # A label that nobody used is no return; only the carrier knows.
            return Found(
                (
                    passage(
                        phrase("Return {case}: label sent {at}", case=each.return_id, at=when(each.label_sent_at)), each
                    ),
                ),
                whole=False,
            )
    papers = sale.documents("return_tracking")
    if papers and not sale.returns:
        # The paper may as well show a label that was never used.
        return Found(
            (passage(phrase("Return tracking on file: {title}", title=papers[0].title), papers[0]),), whole=False
        )
    return None


def _received(sale: Sale, credits: Credits) -> Found | None:
    for parcel in sale.returns:
        if sale.arrived(parcel):
            found = parcel_words(parcel, phrase("received"), parcel.delivered_at)
            return Found((found,), answer=_inspected(sale, parcel.delivered_at))
    for each in sale.return_cases:
        if each.received_at and not each.refunded_at:
            words = phrase("Return {case}: received {at}", case=each.return_id, at=when(each.received_at))
            return Found((passage(words, each),), answer=_refused(each) or _inspected(sale, each.received_at))
    for message in sale.outgoing:
        confirmed = quoted(message, confirms_return)
        if confirmed:
            return Found((confirmed,), answer=_inspected(sale, message.at))
    return None


def _refused(case: Return) -> Passage | None:
    """The shop looked at what came back and refused it, and wrote down why."""
    why = case.refusal or case.inspection
    return (
        passage(phrase("Return {case} refused: {why}", case=case.return_id, why=why), case)
        if case.refused_at and why
        else None
    )


def _inspected(sale: Sale, back: datetime | None) -> Passage | None:
    """What came back was looked at and recorded, or something was sent out again after it."""
    reports = sale.documents("return_inspection_report")
    if reports:
        return passage(phrase("Report on what came back: {title}", title=reports[0].title), reports[0])
    for parcel in sale.shipments:
        left = moved_at(parcel)
        if back and left and left > back:
            return parcel_words(parcel, phrase("sent out again"), left)
    return None


RULES = (
    Rule("return_on_its_way", _on_its_way, silences=("no_return", "return_required")),
    Rule("return_received", _received, silences=("no_return", "return_required")),
)
