"""Which records of the folder belong to one dispute: the rules every source has, held against the folder's tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from disputes.facts import UNNAMED_CARRIER
from disputes.ports import Parcel, Wanted
from evidence.sources.keys import order_number
from evidence.sources.library import Library, MailRecord
from evidence.sources.message_matching import judged
from evidence.sources.order_matching import CERTAIN, LIKELY, matched
from evidence.sources.orders import OrderRecord, same_reference

__all__ = ["CERTAIN", "LIKELY", "MailMatch", "Match", "matched_mails", "matched_orders", "the_sale"]


@dataclass(frozen=True, slots=True)
class Match:
    record: OrderRecord
    confidence: str
    why: str
    further: bool = False
    """Another order of the same customer, not the disputed one."""

    @property
    def ref(self) -> str:
        return self.record.order.order_ref


@dataclass(frozen=True, slots=True)
class MailMatch:
    mail: MailRecord
    order_ref: str | None
    """None: about one of several candidates, and it does not say which."""
    confidence: str
    why: str


def matched_orders(library: Library, wanted: Wanted) -> list[Match]:
    """The disputed order, or every order it might be; then the customer's further orders."""
    records = {id(record.order): record for record in library.orders}
    parcels = [each.shipment for each in library.shipments]
    found = matched([record.order for record in library.orders], wanted, parcels=parcels)
    return [Match(records[id(each.order)], each.confidence, each.why, each.further) for each in found]


def the_sale(library: Library, matches: Sequence[Match], wanted: Wanted) -> tuple[Wanted, set[str]] | None:
    """The question with what the folder knows of the order, as messages are held against it, and the numbers of the
    folder's other orders; None without an order."""
    disputed = [match for match in matches if not match.further]
    if not disputed:
        return None
    certain = len(disputed) == 1 and disputed[0].confidence == CERTAIN
    orders = tuple(match.record.order for match in disputed)
    parcels = tuple(parcel for match in disputed for parcel in _parcels(library, match))
    mine = {order_number(number) for order in orders for number in (order.order_ref, *order.numbers)}
    others = {order_number(record.order.order_ref) for record in library.orders} - mine
    return replace(wanted, orders=orders, certain=certain, parcels=parcels), others


def matched_mails(library: Library, matches: Sequence[Match], wanted: Wanted) -> list[MailMatch]:
    """Mail that names the order or its parcel, answers such a mail, or was exchanged with the customer after it."""
    sale = the_sale(library, matches, wanted)
    if sale is None:
        return []
    mails = {mail.letter.message.message_id: mail for mail in library.mails}
    found = judged(
        [mail.letter.message for mail in mails.values()],
        sale[0],
        people=frozenset(),
        answers={name: mail.letter.answers for name, mail in mails.items()},
        others=sale[1],
    )
    return [
        MailMatch(mails[message.message_id], message.order_ref, confidence, why) for message, confidence, why in found
    ]


def _parcels(library: Library, match: Match) -> list[Parcel]:
    """Every number a parcel of the order is known by, unless another order has the same one."""
    order = match.record.order
    sent = [each for each in library.shipments if same_reference(each.shipment.order_ref, match.ref)]
    carriers = dict.fromkeys(match.record.tracking_numbers, UNNAMED_CARRIER)
    carriers |= {each.shipment.tracking_number: each.shipment.carrier for each in sent if not each.shares_number}
    return [Parcel(carrier, number, order.order_ref, order.placed_at) for number, carrier in carriers.items()]
