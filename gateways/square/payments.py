"""The disputed payment with all that stands around it at Square: refunds, order, customer, earlier payments."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from square import Square
from square.core.request_options import RequestOptions

from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.square.contract import CLOSED_STATES
from gateways.square.listing import by_state
from gateways.square.mapping import instant, money
from gateways.square.wire import Call, Wire, checked

Raw = Mapping[str, Any]

_BACK, _ON = timedelta(days=400), timedelta(days=30)
"""Earlier payments that a card network may look at are at most 364 days old; a second charge follows soon."""
_PAYMENT_PAGES, _REFUND_PAGES, _DISPUTE_PAGES, _ORDERS = 5, 5, 20, 10


@dataclass(frozen=True, slots=True)
class Sale:
    """Square's answers about one payment, as they were sent."""

    payment: Raw
    refunds: list[Raw] = field(default_factory=list)
    order: Raw | None = None
    customer: Raw | None = None
    others: list[Raw] = field(default_factory=list)
    """Other payments of the same card."""
    orders: Mapping[str, Raw] = field(default_factory=dict)
    """Orders of the others, by id."""
    disputed: frozenset[str] | None = frozenset()
    """Ids of payments with a dispute; None where nobody can say."""


def read_sale(wire: Wire, payment_id: str) -> Sale:
    """Raises NOT_FOUND for an id that is none, RIGHTS where payments may not be read.

    Order and customer are left out where the token may not read them, or Square has none.
    """
    safe = checked(payment_id, phrase("a payment"))
    payment = wire.read(lambda sdk, options: sdk.payments.get(safe, request_options=options), "payment")
    others = _same_card(wire, payment)
    return Sale(
        payment=payment,
        refunds=_refunds(wire, payment),
        order=_order(wire, payment.get("order_id")),
        customer=_customer(wire, payment.get("customer_id")),
        others=others,
        orders=_orders_of(wire, others),
        disputed=_disputed(wire) if others else frozenset(),
    )


def _order(wire: Wire, order_id: object) -> Raw | None:
    if not order_id:
        return None
    safe = checked(order_id, phrase("an order"))
    return _if_allowed(wire, lambda sdk, options: sdk.orders.get(safe, request_options=options), "order")


def _customer(wire: Wire, customer_id: object) -> Raw | None:
    if not customer_id:
        return None
    safe = checked(customer_id, phrase("a customer"))
    return _if_allowed(wire, lambda sdk, options: sdk.customers.get(safe, request_options=options), "customer")


def _if_allowed(wire: Wire, call: Call, wanted: str) -> Raw | None:
    try:
        return wire.read(call, wanted)
    except GatewayError as error:
        if error.failure in (GatewayFailure.RIGHTS, GatewayFailure.NOT_FOUND):
            return None
        raise


# ---- refunds -------------------------------------------------------------------------------------------------------


def _refunds(wire: Wire, payment: Raw) -> list[Raw]:
    """By the payment's own list; where it tells of refunded money without one, they are searched for."""
    found = [_refund(wire, checked(each, phrase("a refund"))) for each in payment.get("refund_ids") or ()]
    if not found and _refunded(payment):
        found = _searched(wire, payment)
    if not found and _refunded(payment):
        words = phrase(
            "Square says that money of this payment went back, but shows no refund. Look at the payment there."
        )
        raise GatewayError(GatewayFailure.MALFORMED, words)
    return found


def _refund(wire: Wire, refund_id: str) -> Raw:
    return wire.read(lambda sdk, options: sdk.refunds.get(refund_id, request_options=options), "refund")


def _refunded(payment: Raw) -> bool:
    told = payment.get("refunded_money")
    return told is not None and money(told).minor > 0


def _searched(wire: Wire, payment: Raw) -> list[Raw]:
    def listed(sdk: Square, cursor: str | None, options: RequestOptions) -> object:
        return sdk.refunds.list(
            begin_time=payment.get("created_at"),
            location_id=payment.get("location_id"),
            sort_order="ASC",
            limit=100,
            cursor=cursor,
            request_options=options,
        )

    pages = wire.pages(listed, "refunds", most=_REFUND_PAGES)
    return [refund for page in pages for refund in page if refund.get("payment_id") == payment["id"]]


# ---- other payments of the same card -------------------------------------------------------------------------------


def card_of(payment: Raw) -> Raw:
    return (payment.get("card_details") or {}).get("card") or {}


def _same_card(wire: Wire, payment: Raw) -> list[Raw]:
    """Completed payments of the same card, by Square's fingerprint, around this one; none for a card without one."""
    card, paid_at = card_of(payment), instant(payment.get("created_at"))
    if not card.get("fingerprint") or not card.get("last_4") or paid_at is None:
        return []

    def listed(sdk: Square, cursor: str | None, options: RequestOptions) -> object:
        # Without a begin time Square looks back one year only.
        return sdk.payments.list(
            begin_time=(paid_at - _BACK).isoformat(),
            end_time=(paid_at + _ON).isoformat(),
            sort_order="DESC",
            last4=card["last_4"],
            card_brand=card.get("card_brand"),
            limit=100,
            cursor=cursor,
            request_options=options,
        )

    return [
        raw
        for page in wire.pages(listed, "payments", most=_PAYMENT_PAGES)
        for raw in page
        if card_of(raw).get("fingerprint") == card["fingerprint"]
        and raw.get("status") == "COMPLETED"
        and raw.get("id") != payment.get("id")
    ]


def _orders_of(wire: Wire, payments: list[Raw]) -> dict[str, Raw]:
    """Orders of payments that carry no order number themselves, by their id at Square; the first few."""
    nameless = [str(raw["order_id"]) for raw in payments if raw.get("order_id") and not raw.get("reference_id")]
    found = {one: _order(wire, one) for one in nameless[:_ORDERS]}
    return {one: order for one, order in found.items() if order is not None}


def _disputed(wire: Wire) -> frozenset[str] | None:
    """Payments with a dispute, open or closed; None where there are too many disputes to be sure."""
    found: set[str] = set()
    for state in (None, *CLOSED_STATES):
        cursor = None
        for _ in range(_DISPUTE_PAGES):
            page, cursor = wire.page(by_state(state), cursor, "disputes")
            found |= {str((raw.get("disputed_payment") or {}).get("payment_id")) for raw in page}
            if cursor is None:
                break
        else:
            return None
    return frozenset(found)
