"""Pointing at records: what an item, a sentence or a contradiction rests on."""

from __future__ import annotations

from collections.abc import Iterable

from disputes.facts import (
    Document,
    Fact,
    Message,
    Order,
    Payment,
    Policy,
    PriorPayment,
    Record,
    Refund,
    Return,
    Shipment,
    UsageLog,
)


class Ref(Fact):
    kind: str
    """payment, refund, prior_payment, order, shipment, return, message, policy, usage or document."""
    key: str
    """The record's own id."""
    item_id: str | None = None
    """The stored evidence item it was read from."""


def ref(record: Record) -> Ref:
    """How a record is pointed at."""
    match record:
        case Payment():
            kind, key = "payment", record.payment_id
        case Refund():
            kind, key = "refund", record.refund_id
        case PriorPayment():
            kind, key = "prior_payment", record.payment_id
        case Order():
            kind, key = "order", record.order_ref
        case Shipment():
            kind, key = "shipment", record.tracking_number
        case Return():
            kind, key = "return", record.return_id
        case Message():
            kind, key = "message", record.message_id
        case Policy():
            kind, key = "policy", record.title
        case UsageLog():
            kind, key = "usage", record.system
        case Document():
            kind, key = "document", record.sha256
        case _:
            raise TypeError(f"not a record: {type(record).__name__}")
    return Ref(kind=kind, key=key, item_id=record.provenance.item_id if record.provenance else None)


def refs(records: Iterable[Record]) -> tuple[Ref, ...]:
    return tuple(dict.fromkeys(ref(each) for each in records))
