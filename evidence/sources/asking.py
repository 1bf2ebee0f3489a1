"""What the shops said goes into the question to carriers and mailboxes: the disputed order and its parcels."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from disputes.facts import UNNAMED_CARRIER, Order, Return, Shipment
from disputes.phrases import joined, phrase
from disputes.ports import Parcel, SourceReport, Wanted
from evidence.junk import no_tracking_number
from evidence.matching import same_email, same_person
from evidence.redaction import bare
from evidence.sources.keys import order_number, phone_number
from evidence.sources.order_matching import CERTAIN, LIKELY


@dataclass(slots=True)
class _Sale:
    """One order, as one or several systems know it."""

    told: list[Order]
    certain: bool

    @property
    def order(self) -> Order:
        """The first that was certain, with the numbers of all."""
        first = self.told[0]
        numbers = [number for order in self.told for number in (order.order_ref, *order.numbers)]
        ids = [each for order in self.told for each in (order.payment_id, *order.transaction_ids) if each]
        return first.model_copy(
            update={
                "numbers": _others(numbers, order_number(first.order_ref)),
                "transaction_ids": tuple(each for each in dict.fromkeys(ids) if each != first.payment_id),
            }
        )


def enriched(wanted: Wanted, reports: Iterable[SourceReport]) -> Wanted:
    """The question with the disputed order, or every order it might be, and the parcels sent for it.

    `certain` only where one order is left and a system is sure of it; two systems that are sure of different orders
    leave both to a person.
    """
    reports = tuple(reports)
    sales = _sales(reports)
    sure = [sale for sale in sales if sale.certain]
    chosen = sure or sales
    certain = len(sure) == 1
    orders = [(sale, sale.order) for sale in chosen]
    return replace(
        wanted,
        orders=tuple(order for _, order in orders),
        certain=certain,
        phone=wanted.phone or _phone([order for _, order in orders]),
        parcels=tuple(_parcels(reports, orders, certain=certain)),
    )


def _phone(orders: Sequence[Order]) -> str | None:
    """Of the customer, where every order this may be about has the same one: chats know people by nothing else."""
    said = [order.customer_phone for order in orders if order.customer_phone]
    alike = len({phone_number(each) for each in said}) == 1 and len(said) == len(orders)
    return said[0] if alike else None


def doubted(report: SourceReport, wanted: Wanted) -> SourceReport:
    """What a system brought about an order it was sure of, once another system is as sure of another order: all of it
    waits for a person."""
    if wanted.certain or len(wanted.orders) < 2:
        return report
    items = [
        replace(
            item,
            confidence=LIKELY,
            why=joined((item.why, phrase("another system names another order for this payment")), "; "),
        )
        if item.confidence == CERTAIN and not item.further and isinstance(item.fact, Order | Shipment | Return)
        else item
        for item in report.items
    ]
    return replace(report, items=tuple(items))


def _sales(reports: Sequence[SourceReport]) -> list[_Sale]:
    told = [
        (item.fact, item.confidence == CERTAIN)
        for report in reports
        for item in report.items
        if isinstance(item.fact, Order) and not item.further
    ]
    sales: list[_Sale] = []
    for order, certain in sorted(told, key=lambda each: not each[1]):
        mine = next((sale for sale in sales if any(one_sale(order, other) for other in sale.told)), None)
        if mine is None:
            sales.append(_Sale([order], certain))
        else:
            mine.told.append(order)
    return sales


def one_sale(one: Order, other: Order) -> bool:
    """Two systems tell of one order: a number in common, and the same payment, customer or, that failing, amount."""
    if not _numbers(one) & _numbers(other):
        return False
    ids = [{each for each in (order.payment_id, *order.transaction_ids) if each} for order in (one, other)]
    if ids[0] & ids[1] or same_email(one.customer_email, other.customer_email):
        return True
    if one.customer_email and other.customer_email:
        return False
    named = bool(one.customer_name and other.customer_name)
    alike = same_person(one.customer_name, other.customer_name) if named else True
    return alike and one.total is not None and one.total == other.total


def _numbers(order: Order) -> set[str]:
    return {order_number(each) for each in (order.order_ref, *order.numbers)} - {""}


def _others(numbers: Iterable[str], first: str) -> tuple[str, ...]:
    once = {order_number(each): each for each in reversed(list(numbers))}
    return tuple(each for key, each in reversed(once.items()) if key and key != first)


# ---- parcels -------------------------------------------------------------------------------------------------------


def _parcels(
    reports: Sequence[SourceReport], orders: Sequence[tuple[_Sale, Order]], *, certain: bool
) -> Iterable[Parcel]:
    """Every parcel on its way to the customer, once; one whose number another order has too is only likely."""
    found: dict[str, Parcel] = {}
    shared = _shared(reports)
    for report in reports:
        told = [item.fact for item in report.items if isinstance(item.fact, Order)]
        for item in report.items:
            parcel = item.fact
            if not isinstance(parcel, Shipment) or item.further or parcel.is_return:
                continue
            order = _order_of(parcel, told, orders)
            if order is None:
                continue
            sure = certain and item.confidence == CERTAIN and bare(parcel.tracking_number) not in shared
            for number, carrier in ((parcel.tracking_number, parcel.carrier), (parcel.onward_number, UNNAMED_CARRIER)):
                if number and bare(number) and not no_tracking_number(number):
                    asked = Parcel(
                        carrier, number, order.order_ref, order.placed_at, order.shipping, CERTAIN if sure else LIKELY
                    )
                    _note(found, asked)
    return found.values()


def _note(found: dict[str, Parcel], asked: Parcel) -> None:
    known = found.setdefault(bare(asked.number), asked)
    if known.carrier == UNNAMED_CARRIER != asked.carrier:
        found[bare(asked.number)] = replace(
            asked, confidence=known.confidence if known.confidence == LIKELY else asked.confidence
        )


def _order_of(parcel: Shipment, told: Sequence[Order], orders: Sequence[tuple[_Sale, Order]]) -> Order | None:
    """The order this very report says it was sent for; a system that knows no orders is taken by the number."""
    ref = order_number(parcel.order_ref)
    own = [order for order in told if ref in _numbers(order)]
    for sale, order in orders:
        if any(each in sale.told for each in own) or (not own and ref in _numbers(order)):
            return order
    return None


def _shared(reports: Sequence[SourceReport]) -> set[str]:
    """Numbers that stand at parcels of different orders in one system: one parcel cannot prove two."""
    shared = set()
    for report in reports:
        owners: dict[str, str] = {}
        for item in report.items:
            if isinstance(item.fact, Shipment):
                ref = order_number(item.fact.order_ref)
                if owners.setdefault(bare(item.fact.tracking_number), ref) != ref:
                    shared.add(bare(item.fact.tracking_number))
    return shared
