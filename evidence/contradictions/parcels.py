"""Parcels that cannot be what they are said to be."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from disputes.facts import Shipment
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
    return passage(f"Order placed {when(sale.started)}" if sale.started else "", record)


@check(
    "delivered_before_ordered",
    "blocks",
    "Delivered before it was ordered",
    "This parcel cannot be the one of this order. Check the tracking number before you answer.",
)
def _delivered_before(sale: Sale) -> Found:
    for parcel in _outbound(sale):
        if sale.started and parcel.delivered_at and parcel.delivered_at < sale.started:
            yield passage(f"{parcel.carrier}: delivered {when(parcel.delivered_at)}", parcel), started(sale)


@check(
    "tracking_older_than_order",
    "blocks",
    "The tracking is older than the order",
    "The carrier scanned this parcel before the order existed. The number may be wrong or used twice.",
)
def _older(sale: Sale) -> Found:
    for parcel in _outbound(sale):
        if sale.older(parcel):
            words = f"{parcel.carrier} {parcel.tracking_number}: first record {when(min(_moments(parcel)))}"
            yield passage(words, parcel), started(sale)


def _moments(parcel: Shipment) -> list[datetime]:
    return [event.at for event in parcel.events] + [at for at in (parcel.shipped_at, parcel.delivered_at) if at]


@check(
    "tracking_of_other_order",
    "blocks",
    "The tracking number belongs to another order",
    "The same parcel cannot prove two orders. Find the parcel of this order, or leave the tracking out.",
)
def _foreign_tracking(sale: Sale) -> Found:
    known = {each.order_ref for each in sale.case.orders}
    for parcel in sale.case.shipments:
        if sale.order and not parcel.is_return and parcel.order_ref not in known:
            words = f"{parcel.carrier} {parcel.tracking_number} is recorded for order {parcel.order_ref}"
            yield passage(words, parcel), passage(f"Disputed order {sale.order.order_ref}", sale.order)
    for parcel in _outbound(sale):
        for other in sale.case.shipments:
            if other.tracking_number == parcel.tracking_number and other.order_ref != parcel.order_ref:
                words = f"{other.tracking_number} is also recorded for order {other.order_ref}"
                yield (
                    passage(f"{parcel.tracking_number}: order {parcel.order_ref}", parcel),
                    passage(words, other),
                )


@check(
    "delivered_elsewhere",
    "blocks",
    "Delivered to another address than ordered",
    "The bank compares these two addresses. Find out why they differ before you answer.",
)
def _elsewhere(sale: Sale) -> Found:
    for parcel in _to_customer(sale):
        if parcel.delivered_at and address_agreement(parcel.delivered_to, sale.ordered_to) == "different":
            ordered = passage(f"Ordered to: {place(sale.ordered_to)}", sale.order or sale.payment)
            yield ordered, passage(f"Delivered to: {place(parcel.delivered_to)}", parcel)


@check(
    "delivered_after_dispute",
    "blocks",
    "Delivered only after the dispute was opened",
    "The customer was right on the day they complained. Say so openly, or consider accepting.",
    silences=("delivered_before_dispute",),
)
def _late(sale: Sale) -> Found:
    opened = Passage(words=f"Dispute opened {when(sale.claim.opened_at)}", records=())
    for parcel in sale.delivered:
        if parcel.delivered_at and parcel.delivered_at > sale.claim.opened_at:
            yield opened, passage(f"{parcel.carrier}: delivered {when(parcel.delivered_at)}", parcel)


@check(
    "delivered_after_promise",
    "note",
    "Delivered later than promised",
    "The bank may hold the delay against you. Explain it if you can.",
    silences=("promised_by",),
)
def _after_promise(sale: Sale) -> Found:
    for parcel in sale.delivered:
        if sale.late(parcel) and sale.order and sale.order.promised_by and parcel.delivered_at:
            words = f"{parcel.carrier}: delivered {when(parcel.delivered_at)}"
            yield passage(f"Promised by {sale.order.promised_by.isoformat()}", sale.order), passage(words, parcel)


@check(
    "returned_to_sender",
    "blocks",
    "The parcel came back",
    "If the goods are with you again and no refund was made, the customer may be right.",
)
def _returned(sale: Sale) -> Found:
    for parcel in sale.shipments:
        back = [event for event in parcel.events if event.state == "returned"]
        if back and not sale.arrived(parcel):
            yield passage(f"{when(back[0].at)}: {back[0].text}", parcel), started(sale)


@check(
    "return_received",
    "blocks",
    "A return parcel is on record",
    "The customer seems to have sent the goods back. Check what arrived and whether a refund is due.",
    silences=("no_return",),
)
def _return(sale: Sale) -> Found:
    if credits_of(sale).covers == "all":
        return  # it was paid back, which is what the answer says
    for parcel in sale.returns:
        state = f"received {when(parcel.delivered_at)}" if parcel.delivered_at else "on its way"
        yield passage(f"{parcel.carrier} {parcel.tracking_number}: {state}", parcel), started(sale)


@check(
    "scanned_after_delivery",
    "blocks",
    "The carrier scanned the parcel again after the delivery",
    "A parcel that still moves was not handed over. Ask the carrier where it is before you answer.",
)
def _moved_on(sale: Sale) -> Found:
    for parcel in sale.shipments:
        handed = [event for event in parcel.events if event.state == "delivered"]
        if not handed or sale.first_leg(parcel):
            continue
        last = max(handed, key=lambda event: event.at)
        after = [each for each in parcel.events if each.at > last.at and each.state in _STILL_MOVES]
        if after:
            words = f"{when(after[0].at)}: {after[0].text or after[0].state.replace('_', ' ')}"
            yield passage(f"{when(last.at)}: {last.text or 'delivered'}", parcel), passage(words, parcel)


_STILL_MOVES = ("in_transit", "out_for_delivery", "failed", "lost")


@check(
    "dispatched_after_delivery",
    "blocks",
    "Dispatched after it was delivered",
    "One of the two days is wrong, or the records are of two parcels. Check them before you answer.",
)
def _backwards(sale: Sale) -> Found:
    for parcel in sale.shipments:
        if parcel.shipped_at and parcel.delivered_at and parcel.shipped_at > parcel.delivered_at:
            yield (
                passage(f"{parcel.carrier}: dispatched {when(parcel.shipped_at)}", parcel),
                passage(f"{parcel.carrier}: delivered {when(parcel.delivered_at)}", parcel),
            )


@check(
    "recorded_in_the_future",
    "blocks",
    "A delivery of a day that has not come",
    "An expected delivery was recorded as one that happened. It proves nothing; take the carrier's own record.",
)
def _future(sale: Sale) -> Found:
    for parcel in _outbound(sale):
        if sale.now and parcel.delivered_at and parcel.delivered_at > sale.now:
            today = Passage(words=f"Judged {when(sale.now)}", records=())
            yield passage(f"{parcel.carrier}: delivered {when(parcel.delivered_at)}", parcel), today


@check(
    "left_with_neighbour",
    "note",
    "Left with a neighbour",
    "The bank may ask how it came from there to the customer. A word of the neighbour or the customer answers that.",
    silences=("delivered_to_order_address",),
)
def _neighbour(sale: Sale) -> Found:
    for parcel in sale.delivered:
        if sale.left_with_neighbour(parcel):
            handed = max((each for each in parcel.events if each.state == "delivered"), key=lambda each: each.at)
            ordered = passage(f"Ordered to: {place(sale.ordered_to)}", sale.order or sale.payment)
            yield ordered, passage(f"{when(handed.at)}: {handed.text}", parcel)


@check(
    "signature_required_not_recorded",
    "note",
    "A signature was required, and none is recorded",
    "Ask the carrier for the signature; without it the parcel counts as delivered, not as signed for.",
)
def _unsigned(sale: Sale) -> Found:
    for parcel in sale.delivered:
        if parcel.signature_required and not parcel.signed_by and not sale.documents("delivery_signature"):
            name = f"{parcel.carrier} {parcel.tracking_number}"
            yield passage(f"{name}: sent with a signature required", parcel), passage("Delivered without one", parcel)


CHECKS = tuple(check.checks)
