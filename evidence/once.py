"""Each record once: several systems tell of the same order, parcel and message."""

from __future__ import annotations

from collections.abc import Sequence

from disputes.facts import CaseFile, Order, Shipment
from evidence.redaction import bare
from evidence.sources.asking import one_sale
from evidence.sources.keys import order_number
from evidence.sources.message_identity import deduplicated


def one_each(case: CaseFile) -> CaseFile:
    """The case without copies. Nothing is mixed: the copy that tells more stays, whole, with its own origin."""
    return case.model_copy(
        update={
            "orders": _orders(case.orders),
            "shipments": _shipments(case.shipments),
            "messages": tuple(deduplicated(case.messages)),
        }
    )


def _orders(orders: Sequence[Order]) -> tuple[Order, ...]:
    kept: list[Order] = []
    for order in orders:
        place = next((at for at, each in enumerate(kept) if one_sale(each, order)), None)
        if place is None:
            kept.append(order)
        elif _tells(order) > _tells(kept[place]):
            kept[place] = order
    return tuple(kept)


def _tells(order: Order) -> int:
    return sum(1 for name in type(order).model_fields if getattr(order, name) not in (None, (), {}))


def _shipments(shipments: Sequence[Shipment]) -> tuple[Shipment, ...]:
    """A shop's entry of a parcel goes where a carrier's own record of it is there. Two carriers' records both stay:
    they may see two halves of one way."""
    told = {_parcel(each) for each in shipments if _scanned(each)}
    return tuple(each for each in shipments if _scanned(each) or _parcel(each) not in told)


def _scanned(shipment: Shipment) -> bool:
    return bool(shipment.events or shipment.delivered_at)


def _parcel(shipment: Shipment) -> tuple[str, str, bool]:
    return bare(shipment.tracking_number), order_number(shipment.order_ref), shipment.is_return
