"""Named checks for records that contradict the answer or each other. Ids are append-only.

`blocks`: the case waits for a person until the contradiction was read. `note`: shown, nothing more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Literal

from disputes.facts import Address, Fact, Record, Shipment
from evidence.matching import address_agreement, same_email, same_person
from evidence.records import Ref, refs
from evidence.sale import SLACK, Sale
from evidence.words import says_cancels, says_not_received, says_sent_back

Severity = Literal["blocks", "note"]


class Passage(Fact):
    """What one record says, in its own words or figures."""

    words: str
    records: tuple[Ref, ...]


class Contradiction(Fact):
    id: str
    severity: Severity
    title: str
    meaning: str
    """What it means for the merchant and what to do."""
    passages: tuple[Passage, Passage]


Check = Callable[[Sale], Iterator[tuple[Passage, Passage]]]
_CHECKS: list[tuple[str, Severity, str, str, Check]] = []


def check(id: str, severity: Severity, title: str, meaning: str) -> Callable[[Check], Check]:
    def register(function: Check) -> Check:
        _CHECKS.append((id, severity, title, meaning, function))
        return function

    return register


def check_ids() -> tuple[str, ...]:
    """Every check there is, in the order they were added."""
    return tuple(each[0] for each in _CHECKS)


def contradictions(sale: Sale) -> tuple[Contradiction, ...]:
    """All that was found, in the order of the checks."""
    return tuple(
        Contradiction(id=id, severity=severity, title=title, meaning=meaning, passages=pair)
        for id, severity, title, meaning, function in _CHECKS
        for pair in function(sale)
    )


def _when(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def _passage(words: str, *records: Record | None) -> Passage:
    return Passage(words=words, records=refs(each for each in records if each is not None))


def _place(address: Address | None) -> str:
    return ", ".join(address.lines()) if address else ""


def _outbound(sale: Sale) -> list[Shipment]:
    """Parcels said to be of this order, the ones left out of the evidence among them."""
    mine = sale.order.order_ref if sale.order else None
    return [each for each in sale.case.shipments if not each.is_return and (mine is None or each.order_ref == mine)]


def _started(sale: Sale) -> Passage:
    record = sale.order or sale.payment
    return _passage(f"Order placed {_when(sale.started)}" if sale.started else "", record)


@check(
    "delivered_before_ordered",
    "blocks",
    "Delivered before it was ordered",
    "This parcel cannot be the one of this order. Check the tracking number before you answer.",
)
def _delivered_before(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    for parcel in _outbound(sale):
        if sale.started and parcel.delivered_at and parcel.delivered_at < sale.started:
            yield _passage(f"{parcel.carrier}: delivered {_when(parcel.delivered_at)}", parcel), _started(sale)


@check(
    "tracking_older_than_order",
    "blocks",
    "The tracking is older than the order",
    "The carrier scanned this parcel before the order existed. The number may be wrong or used twice.",
)
def _older(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    for parcel in _outbound(sale):
        if sale.older(parcel):
            first = min(
                [event.at for event in parcel.events] + [at for at in (parcel.shipped_at, parcel.delivered_at) if at]
            )
            yield (
                _passage(f"{parcel.carrier} {parcel.tracking_number}: first record {_when(first)}", parcel),
                _started(sale),
            )


@check(
    "tracking_of_other_order",
    "blocks",
    "The tracking number belongs to another order",
    "The same parcel cannot prove two orders. Find the parcel of this order, or leave the tracking out.",
)
def _foreign_tracking(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    known = {each.order_ref for each in sale.case.orders}
    for parcel in sale.case.shipments:
        if sale.order and not parcel.is_return and parcel.order_ref not in known:
            words = f"{parcel.carrier} {parcel.tracking_number} is recorded for order {parcel.order_ref}"
            yield _passage(words, parcel), _passage(f"Disputed order {sale.order.order_ref}", sale.order)
    for parcel in _outbound(sale):
        for other in sale.case.shipments:
            if other.tracking_number == parcel.tracking_number and other.order_ref != parcel.order_ref:
                words = f"{other.tracking_number} is also recorded for order {other.order_ref}"
                yield _passage(f"{parcel.tracking_number}: order {parcel.order_ref}", parcel), _passage(words, other)


@check(
    "delivered_elsewhere",
    "blocks",
    "Delivered to another address than ordered",
    "The bank compares these two addresses. Find out why they differ before you answer.",
)
def _elsewhere(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    for parcel in _outbound(sale):
        if parcel.delivered_at and address_agreement(parcel.delivered_to, sale.ordered_to) == "different":
            ordered = _passage(f"Ordered to: {_place(sale.ordered_to)}", sale.order or sale.payment)
            yield ordered, _passage(f"Delivered to: {_place(parcel.delivered_to)}", parcel)


@check(
    "shipping_differs_from_billing",
    "note",
    "Shipped to another address than the card's",
    "Usual for gifts. In a fraud case it weakens the answer unless something links the two.",
)
def _gift(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    if sale.product_type == "physical" and address_agreement(sale.ordered_to, sale.billing) == "different":
        billing = _passage(f"Billing: {_place(sale.billing)}", sale.payment or sale.order)
        yield billing, _passage(f"Shipping: {_place(sale.ordered_to)}", sale.order or sale.payment)


@check(
    "delivered_after_dispute",
    "blocks",
    "Delivered only after the dispute was opened",
    "The customer was right on the day they complained. Say so openly, or consider accepting.",
)
def _late(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    opened = Passage(words=f"Dispute opened {_when(sale.claim.opened_at)}", records=())
    for parcel in sale.delivered:
        if parcel.delivered_at and parcel.delivered_at > sale.claim.opened_at:
            yield opened, _passage(f"{parcel.carrier}: delivered {_when(parcel.delivered_at)}", parcel)


@check(
    "delivered_after_promise",
    "note",
    "Delivered later than promised",
    "The bank may hold the delay against you. Explain it if you can.",
)
def _after_promise(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    promised = sale.order.promised_by if sale.order else None
    for parcel in sale.delivered:
        if promised and parcel.delivered_at and parcel.delivered_at.date() > promised + timedelta(days=1):
            words = f"{parcel.carrier}: delivered {_when(parcel.delivered_at)}"
            yield _passage(f"Promised by {promised.isoformat()}", sale.order), _passage(words, parcel)


@check(
    "email_mismatch",
    "note",
    "Order and payment carry different e-mail addresses",
    "Check that this order belongs to this payment.",
)
def _email(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    order, payment = sale.order, sale.payment
    if order is None or payment is None or not order.customer_email or not payment.customer_email:
        return
    if not same_email(order.customer_email, payment.customer_email):
        yield _passage(f"Order: {order.customer_email}", order), _passage(f"Payment: {payment.customer_email}", payment)


@check(
    "name_mismatch",
    "note",
    "Order and card carry different names",
    "Check that this order belongs to this payment; a gift or a family member's card is possible.",
)
def _name(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    order, payment = sale.order, sale.payment
    if order is None or payment is None:
        return
    card = (payment.billing.name if payment.billing else None) or payment.customer_name
    if order.customer_name and card and not same_person(order.customer_name, card):
        yield _passage(f"Order: {order.customer_name}", order), _passage(f"Card: {card}", payment)


@check(
    "signed_by_other",
    "note",
    "Somebody else signed for the parcel",
    "The letter quotes the signature as recorded and claims no more.",
)
def _signature(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    names = [each for each in (sale.customer_name, sale.ordered_to.name if sale.ordered_to else None) if each]
    for parcel in sale.delivered:
        if parcel.signed_by and names and not any(same_person(parcel.signed_by, name) for name in names):
            yield (
                _passage(f"Signed: {parcel.signed_by}", parcel),
                _passage(f"Ordered by: {names[0]}", sale.order or sale.payment),
            )


@check(
    "amount_mismatch",
    "blocks",
    "The order's total is not the amount charged",
    "The bank will ask about the difference. Check the order and the charge before you answer.",
)
def _amount(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
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
        yield _passage(f"Order total {order.total}", order), _passage(f"Charged {payment.amount}", payment)


@check(
    "order_of_other_payment",
    "blocks",
    "The order was paid by another payment",
    "This order's record names another payment. Check that it is the disputed one.",
)
def _other_payment(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    order, payment = sale.order, sale.payment
    if sale.product_type == "subscription":
        return  # a renewal is another payment of the same order
    if order and payment and order.payment_id and order.payment_id != payment.payment_id:
        yield (
            _passage(f"Order {order.order_ref}: {order.payment_id}", order),
            _passage(f"Disputed: {payment.payment_id}", payment),
        )


@check(
    "returned_to_sender",
    "blocks",
    "The parcel came back",
    "If the goods are with you again and no refund was made, the customer may be right.",
)
def _returned(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    for parcel in sale.shipments:
        for event in parcel.events:
            if event.state == "returned":
                yield _passage(f"{_when(event.at)}: {event.text}", parcel), _started(sale)
                break


@check(
    "return_received",
    "blocks",
    "A return parcel is on record",
    "The customer seems to have sent the goods back. Check what arrived and whether a refund is due.",
)
def _return(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    for parcel in sale.returns:
        state = f"received {_when(parcel.delivered_at)}" if parcel.delivered_at else "on its way"
        yield _passage(f"{parcel.carrier} {parcel.tracking_number}: {state}", parcel), _started(sale)


@check(
    "cancelled_before_charge",
    "blocks",
    "Cancelled before the charge",
    "The records show a cancellation before the payment. The customer may be right.",
)
def _cancelled(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    if sale.payment and sale.cancellations and sale.cancellations[0] < sale.payment.paid_at - SLACK:
        source = [log for log in sale.case.usage if log.events]
        words = f"Cancelled {_when(sale.cancellations[0])}"
        yield _passage(words, *source, sale.order), _passage(f"Charged {_when(sale.payment.paid_at)}", sale.payment)


@check(
    "customer_denies_receipt",
    "note",
    "The customer wrote after the delivery that nothing came",
    "Ask the carrier for a signature or photo; delivery alone answers this badly.",
)
def _denied(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    delivered = [each for each in sale.delivered if each.delivered_at]
    for message in sale.incoming:
        words = says_not_received(message.translation or message.body) or says_not_received(message.body)
        if words and delivered and delivered[0].delivered_at and message.at > delivered[0].delivered_at:
            recorded = f"{delivered[0].carrier}: delivered {_when(delivered[0].delivered_at)}"
            yield _passage(words, message), _passage(recorded, delivered[0])
            return


@check(
    "customer_says_sent_back",
    "blocks",
    "The customer wrote that the goods were sent back",
    "No return parcel is on record. Find out before you say that none was made.",
)
def _sent_back(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    for message in sale.incoming:
        words = says_sent_back(message.translation or message.body) or says_sent_back(message.body)
        if words and not sale.returns:
            yield _passage(words, message), _started(sale)
            return


@check(
    "customer_cancelled_in_writing",
    "blocks",
    "The customer cancelled in writing",
    "The message lies before the charge or the dispatch. Check whether the cancellation had to be honoured.",
)
def _cancel_mail(sale: Sale) -> Iterator[tuple[Passage, Passage]]:
    if sale.reason.category not in ("subscription_canceled", "canceled", "credit_not_processed"):
        return
    moved = min((each.shipped_at for each in sale.shipments if each.shipped_at), default=None)
    charged = sale.payment.paid_at if sale.payment else None
    limit = charged if sale.reason.category == "subscription_canceled" else moved
    for message in sale.incoming:
        words = says_cancels(message.translation or message.body) or says_cancels(message.body)
        if words and limit and message.at < limit:
            yield _passage(words, message), _passage(f"Charged or dispatched {_when(limit)}", sale.payment)
            return
