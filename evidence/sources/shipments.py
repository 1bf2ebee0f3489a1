"""Parcels: the shop's own rows joined with the carrier's scans. Delivered is what the carrier says, never the shop."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from disputes.facts import UNNAMED_CARRIER, Address, Order, Shipment, TrackingEvent, TrackingState
from disputes.phrases import phrase, said_by
from evidence.redaction import bare
from evidence.sources import values
from evidence.sources.orders import OrderRecord, address, field, reference
from evidence.sources.tables import Row
from evidence.sources.values import Unreadable
from evidence.sources.vocabulary import known


@dataclass(frozen=True, slots=True)
class ShipmentRecord:
    shipment: Shipment
    rows: tuple[Row, ...]
    shares_number: bool = False
    """The export names this tracking number for more than one order."""


@dataclass(frozen=True, slots=True)
class _Scan:
    event: TrackingEvent
    row: Row
    signed_by: str | None
    to: Address | None


def read_shipments(
    shipments: Sequence[Row], tracking: Sequence[Row], orders: Sequence[OrderRecord], zone: str
) -> tuple[list[ShipmentRecord], list[str]]:
    refused: list[str] = []
    scans = _scans(tracking, zone, refused)
    by_number = {bare(number): record.order for record in orders for number in record.tracking_numbers}
    by_ref = {reference(ref): each.order for each in orders for ref in (each.order.order_ref, *each.order.numbers)}
    found: list[ShipmentRecord] = []
    for row in shipments:
        number = row.get("tracking_number")
        if number is None:
            refused.append(phrase("{place}: has no tracking number; the line was left out.", place=row.place))
            continue
        said = row.get("order_ref")
        order = by_ref.get(reference(said)) if said else by_number.get(bare(number))
        ref = order.order_ref if order else said
        if ref is None:
            refused.append(
                phrase(
                    "{place}: parcel {number} belongs to no order that is known; the line was left out.",
                    place=row.place,
                    number=number,
                )
            )
            continue
        try:
            found.append(_shipment(row, number, ref, scans.get(bare(number), []), zone, order))
        except Unreadable as error:
            refused.append(said_by(error))
    known_numbers = {bare(each.shipment.tracking_number) for each in found}
    for number, events in scans.items():
        if number not in known_numbers:
            refused.append(
                phrase(
                    "{place}: parcel {number} is in no shipment file.",
                    place=events[0].row.place,
                    number=events[0].row.get("tracking_number"),
                )
            )
    return _shared(found), refused


def _shared(found: list[ShipmentRecord]) -> list[ShipmentRecord]:
    owners: dict[str, set[str]] = defaultdict(set)
    for each in found:
        owners[bare(each.shipment.tracking_number)].add(reference(each.shipment.order_ref))
    return [
        ShipmentRecord(each.shipment, each.rows, len(owners[bare(each.shipment.tracking_number)]) > 1) for each in found
    ]


def _scans(rows: Sequence[Row], zone: str, refused: list[str]) -> dict[str, list[_Scan]]:
    scans: dict[str, list[_Scan]] = defaultdict(list)
    for row in rows:
        number = row.get("tracking_number")
        if number is None:
            refused.append(phrase("{place}: has no tracking number; the line was left out.", place=row.place))
            continue
        try:
            scans[bare(number)].append(_scan(row, zone))
        except Unreadable as error:
            refused.append(said_by(error))
    return {number: sorted(found, key=lambda scan: scan.event.at) for number, found in scans.items()}


def _scan(row: Row, zone: str) -> _Scan:
    at = field(row, "at", lambda text: values.instant(text, zone))
    if at is None:
        raise Unreadable(phrase("{place}: the scan has no time; the line was left out.", place=row.place))
    state = cast(TrackingState, known("tracking_states", row.get("state")) or "other")
    text = row.get("text") or row.get("state") or ""
    event = TrackingEvent(at=at, state=state, text=text, place=row.get("place"))
    return _Scan(event, row, row.get("signed_by"), address(row, "delivered"))


def _shipment(
    row: Row, number: str, order_ref: str, scans: list[_Scan], zone: str, order: Order | None
) -> ShipmentRecord:
    # A day alone is the day's start; on the day of the order itself that is before there was an order.
    placed_at = order.placed_at if order else None
    handed_over = [scan for scan in scans if scan.event.state == "delivered"]
    delivery = handed_over[-1] if handed_over and not _came_back(scans) else None
    shipment = Shipment(
        order_ref=order_ref.lstrip("#").strip(),
        carrier=row.get("carrier") or UNNAMED_CARRIER,
        tracking_number=number,
        shipped_at=field(row, "shipped_at", lambda text: values.instant(text, zone, not_before=placed_at)),
        delivered_at=delivery.event.at if delivery else None,
        delivered_to=delivery.to if delivery else None,
        signed_by=delivery.signed_by if delivery else None,
        is_return=bool(field(row, "is_return", values.yes)),
        service=row.get("service"),
        signature_required=field(row, "signature_required", values.yes),
        leg=cast(Literal["first", "last"] | None, known("legs", row.get("leg"))),
        onward_number=row.get("onward_number"),
        events=tuple(scan.event for scan in scans),
    )
    return ShipmentRecord(shipment, (row, *(scan.row for scan in scans)))


def _came_back(scans: list[_Scan]) -> bool:
    """The last word counts: a parcel returned after a wrong "delivered" was not delivered."""
    last: Literal["delivered", "returned"] | None = None
    for scan in scans:
        if scan.event.state in ("delivered", "returned"):
            last = "delivered" if scan.event.state == "delivered" else "returned"
    return last == "returned"
