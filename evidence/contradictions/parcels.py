"""Parcels that cannot be what they are said to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from disputes.facts import Shipment
from disputes.phrases import Phrase, joined, phrase
from evidence.contradictions.check import Pair, Register
from evidence.credits import credits_of
from evidence.matching import address_agreement
from evidence.passages import Passage, passage, place, when
from evidence.sale import Sale

check = Register()
Found = Iterator[Pair]


def _outbound(sale: Sale) -> list[Shipment]:
    """Parcels said to be of this order, the ones left out of the evidence among them."""
    mine = sale.order.order_ref if sale.order else None
    return [each for each in sale.case.shipments if not each.is_return and (mine is None or each.order_ref == mine)]


def _to_customer(sale: Sale) -> list[Shipment]:
    """Without the first half of a way two carriers share: where that one ends, the parcel still moves."""
    return [each for each in _outbound(sale) if not sale.first_leg(each)]


def started(sale: Sale) -> Passage:
    record = sale.order or sale.payment
    return passage(phrase("Order placed {at}", at=when(sale.started)) if sale.started else Phrase(""), record)


@check(
    "delivered_before_ordered",
    "blocks",
    phrase("Delivered before it was ordered"),
    phrase("This parcel cannot be the one of this order. Check the tracking number before you answer."),
)
def _delivered_before(sale: Sale) -> Found:
    for parcel in _outbound(sale):
        if sale.started and parcel.delivered_at and parcel.delivered_at < sale.started:
            yield (
                passage(
                    phrase("{carrier}: delivered {at}", carrier=parcel.carrier, at=when(parcel.delivered_at)), parcel
                ),
                started(sale),
            )


@check(
    "tracking_older_than_order",
    "blocks",
    phrase("The tracking is older than the order"),
    phrase("The carrier scanned this parcel before the order existed. The number may be wrong or used twice."),
)
def _older(sale: Sale) -> Found:
    for parcel in _outbound(sale):
        if sale.older(parcel):
            words = phrase(
                "{carrier} {number}: first record {at}",
                carrier=parcel.carrier,
                number=parcel.tracking_number,
                at=when(min(_moments(parcel))),
            )
            yield passage(words, parcel), started(sale)


def _moments(parcel: Shipment) -> list[datetime]:
    return [event.at for event in parcel.events] + [at for at in (parcel.shipped_at, parcel.delivered_at) if at]


@check(
    "tracking_of_other_order",
    "blocks",
    phrase("The tracking number belongs to another order"),
    phrase("The same parcel cannot prove two orders. Find the parcel of this order, or leave the tracking out."),
)
def _foreign_tracking(sale: Sale) -> Found:
    known = {each.order_ref for each in sale.case.orders}
    for parcel in sale.case.shipments:
        if sale.order and not parcel.is_return and parcel.order_ref not in known:
            words = phrase(
                "{carrier} {number} is recorded for order {order}",
                carrier=parcel.carrier,
                number=parcel.tracking_number,
                order=parcel.order_ref,
            )
            yield (
                passage(words, parcel),
                passage(phrase("Disputed order {order}", order=sale.order.order_ref), sale.order),
            )
    for parcel in _outbound(sale):
        for other in sale.case.shipments:
            if other.tracking_number == parcel.tracking_number and other.order_ref != parcel.order_ref:
                words = phrase(
                    "{number} is also recorded for order {order}", number=other.tracking_number, order=other.order_ref
                )
                yield (
                    passage(
                        phrase("{number}: order {order}", number=parcel.tracking_number, order=parcel.order_ref), parcel
                    ),
                    passage(words, other),
                )


@check(
    "delivered_elsewhere",
    "blocks",
    phrase("Delivered to another address than ordered"),
    phrase("The bank compares these two addresses. Find out why they differ before you answer."),
)
def _elsewhere(sale: Sale) -> Found:
    for parcel in _to_customer(sale):
        if parcel.delivered_at and address_agreement(parcel.delivered_to, sale.ordered_to) == "different":
            ordered = passage(
                phrase("Ordered to: {address}", address=place(sale.ordered_to)), sale.order or sale.payment
            )
            yield ordered, passage(phrase("Delivered to: {address}", address=place(parcel.delivered_to)), parcel)


@check(
    "delivered_after_dispute",
    "blocks",
    phrase("Delivered only after the dispute was opened"),
    phrase("The customer was right on the day they complained. Say so openly, or consider accepting."),
    silences=("delivered_before_dispute",),
)
def _late(sale: Sale) -> Found:
    opened = Passage(words=phrase("Dispute opened {at}", at=when(sale.claim.opened_at)), records=())
    for parcel in sale.delivered:
        if parcel.delivered_at and parcel.delivered_at > sale.claim.opened_at:
            yield (
                opened,
                passage(
                    phrase("{carrier}: delivered {at}", carrier=parcel.carrier, at=when(parcel.delivered_at)), parcel
                ),
            )


@check(
    "delivered_after_promise",
    "note",
    phrase("Delivered later than promised"),
    phrase("The bank may hold the delay against you. Explain it if you can."),
    silences=("promised_by",),
)
def _after_promise(sale: Sale) -> Found:
    for parcel in sale.delivered:
        if sale.late(parcel) and sale.order and sale.order.promised_by and parcel.delivered_at:
            words = phrase("{carrier}: delivered {at}", carrier=parcel.carrier, at=when(parcel.delivered_at))
            yield (
                passage(phrase("Promised by {day}", day=sale.order.promised_by.isoformat()), sale.order),
                passage(words, parcel),
            )


@check(
    "returned_to_sender",
    "blocks",
    phrase("The parcel came back"),
    phrase("If the goods are with you again and no refund was made, the customer may be right."),
)
def _returned(sale: Sale) -> Found:
    for parcel in sale.shipments:
        back = [event for event in parcel.events if event.state == "returned"]
        if back and not sale.arrived(parcel):
            yield passage(phrase("{at}: {text}", at=when(back[0].at), text=back[0].text), parcel), started(sale)


@check(
    "return_received",
    "blocks",
    phrase("A return parcel is on record"),
    phrase("The customer seems to have sent the goods back. Check what arrived and whether a refund is due."),
    silences=("no_return",),
)
def _return(sale: Sale) -> Found:
    if credits_of(sale).covers == "all":
        return  # it was paid back, which is what the answer says
    for parcel in sale.returns:
        named = {"carrier": parcel.carrier, "number": parcel.tracking_number}
        words = phrase("{carrier} {number}: on its way", **named)
        if parcel.delivered_at:
            words = phrase("{carrier} {number}: received {at}", at=when(parcel.delivered_at), **named)
        yield passage(words, parcel), started(sale)


@check(
    "scanned_after_delivery",
    "blocks",
    phrase("The carrier scanned the parcel again after the delivery"),
    phrase("A parcel that still moves was not handed over. Ask the carrier where it is before you answer."),
)
def _moved_on(sale: Sale) -> Found:
    for parcel in sale.shipments:
        handed = [event for event in parcel.events if event.state == "delivered"]
        if not handed or sale.first_leg(parcel):
            continue
        last = max(handed, key=lambda event: event.at)
        after = [each for each in parcel.events if each.at > last.at and each.state in _STILL_MOVES]
        if after:
            words = joined((when(after[0].at), after[0].text or _STILL_MOVES[after[0].state]), ": ")
            handed_over = joined((when(last.at), last.text or phrase("delivered")), ": ")
            yield passage(handed_over, parcel), passage(words, parcel)


_STILL_MOVES = {
    "in_transit": phrase("in transit"),
    "out_for_delivery": phrase("out for delivery"),
    "failed": phrase("failed"),
    "lost": phrase("lost"),
}


@check(
    "dispatched_after_delivery",
    "blocks",
    phrase("Dispatched after it was delivered"),
    phrase("One of the two days is wrong, or the records are of two parcels. Check them before you answer."),
)
def _backwards(sale: Sale) -> Found:
    for parcel in sale.shipments:
        if parcel.shipped_at and parcel.delivered_at and parcel.shipped_at > parcel.delivered_at:
            yield (
                passage(
                    phrase("{carrier}: dispatched {at}", carrier=parcel.carrier, at=when(parcel.shipped_at)), parcel
                ),
                passage(
                    phrase("{carrier}: delivered {at}", carrier=parcel.carrier, at=when(parcel.delivered_at)), parcel
                ),
            )


@check(
    "recorded_in_the_future",
    "blocks",
    phrase("A delivery of a day that has not come"),
    phrase("An expected delivery was recorded as one that happened. It proves nothing; take the carrier's own record."),
)
def _future(sale: Sale) -> Found:
    for parcel in _outbound(sale):
        if sale.now and parcel.delivered_at and parcel.delivered_at > sale.now:
            today = Passage(words=phrase("Judged {at}", at=when(sale.now)), records=())
            yield (
                passage(
                    phrase("{carrier}: delivered {at}", carrier=parcel.carrier, at=when(parcel.delivered_at)), parcel
                ),
                today,
            )


@check(
    "left_with_neighbour",
    "note",
    phrase("Left with a neighbour"),
    phrase(
        "The bank may ask how it came from there to the customer. A word of the neighbour or the customer answers that."
    ),
    silences=("delivered_to_order_address",),
)
def _neighbour(sale: Sale) -> Found:
    for parcel in sale.delivered:
        if sale.left_with_neighbour(parcel):
            handed = max((each for each in parcel.events if each.state == "delivered"), key=lambda each: each.at)
            ordered = passage(
                phrase("Ordered to: {address}", address=place(sale.ordered_to)), sale.order or sale.payment
            )
            yield ordered, passage(phrase("{at}: {text}", at=when(handed.at), text=handed.text), parcel)


@check(
    "signature_required_not_recorded",
    "note",
    phrase("A signature was required, and none is recorded"),
    phrase("Ask the carrier for the signature; without it the parcel counts as delivered, not as signed for."),
)
def _unsigned(sale: Sale) -> Found:
    for parcel in sale.delivered:
        if parcel.signature_required and not parcel.signed_by and not sale.documents("delivery_signature"):
            words = phrase(
                "{carrier} {number}: sent with a signature required",
                carrier=parcel.carrier,
                number=parcel.tracking_number,
            )
            yield passage(words, parcel), passage(phrase("Delivered without one"), parcel)


CHECKS = tuple(check.checks)
