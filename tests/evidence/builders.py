"""Keyword-only builders with the defaults of one good sale: a linen set for Emily Carter, shipped and delivered."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from typing import Any

from disputes.facts import (
    Address,
    CaseFile,
    Document,
    Message,
    Order,
    OrderLine,
    Payment,
    Policy,
    PriorPayment,
    Provenance,
    Refund,
    Shipment,
    ThreeDSecure,
    TrackingEvent,
    UsageEvent,
    UsageLog,
)
from disputes.lifecycle import Kind
from disputes.money import Money
from evidence.assessment import Assessment, AssessmentSettings, assess
from evidence.claim import Claim
from evidence.packet.context import Letterhead, Signatory

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOME = Address(
    name="Emily Carter", line1="12 Maple Street", city="Portland", region="OR", postal_code="97201", country="US"
)
ELSEWHERE = Address(name="J. Doe", line1="900 Dock Road", city="Miami", region="FL", postal_code="33101", country="US")
IP = "203.0.113.7"
LETTERHEAD = Letterhead(legal_name="Lale Living Ltd", address=("14 Harbour Row", "Dublin D02 XH91"), country="Ireland")
SIGNATORY = Signatory(name="Defne Aydın", role="Payments")


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def usd(minor: int) -> Money:
    return Money(minor, "USD")


def provenance(item_id: str = "item-1", source: str = "Shop order export") -> Provenance:
    return Provenance(item_id=item_id, source=source, sha256="0" * 64, taken_at=NOW)


def claim(**changes: Any) -> Claim:
    base: dict[str, Any] = {
        "external_id": "du_1",
        "gateway": "stripe",
        "gateway_title": "Stripe",
        "kind": Kind.CHARGEBACK,
        "network": "visa",
        "reason_code": "13.1",
        "raw_reason": "product_not_received",
        "amount": usd(18900),
        "opened_at": ago(6),
        "due_at": ago(-9),
    }
    return Claim(**base | changes)


def payment(**changes: Any) -> Payment:
    base: dict[str, Any] = {
        "payment_id": "ch_1",
        "amount": usd(18900),
        "paid_at": ago(40),
        "statement_descriptor": "LALE LIVING",
        "card_brand": "visa",
        "card_last4": "4242",
        "ip": IP,
        "customer_name": "Emily Carter",
        "customer_email": "emily@example.com",
        "billing": HOME,
        "provenance": provenance("item-payment", "Stripe"),
    }
    return Payment(**base | changes)


def line(**changes: Any) -> OrderLine:
    base: dict[str, Any] = {"description": "Linen set", "amount": usd(18900), "product_type": "physical"}
    return OrderLine(**base | changes)


def order(**changes: Any) -> Order:
    base: dict[str, Any] = {
        "order_ref": "LL-1001",
        "placed_at": ago(40),
        "total": usd(18900),
        "payment_id": "ch_1",
        "customer_name": "Emily Carter",
        "customer_email": "emily@example.com",
        "ip": IP,
        "billing": HOME,
        "shipping": HOME,
        "lines": (line(),),
        "provenance": provenance("item-order"),
    }
    return Order(**base | changes)


def shipment(**changes: Any) -> Shipment:
    base: dict[str, Any] = {
        "order_ref": "LL-1001",
        "carrier": "DHL",
        "tracking_number": "JD0146000031",
        "shipped_at": ago(38),
        "delivered_at": ago(34),
        "delivered_to": HOME,
        "events": (
            TrackingEvent(at=ago(38), state="in_transit", text="Picked up"),
            TrackingEvent(at=ago(34), state="delivered", text="Delivered", place="Portland"),
        ),
        "provenance": provenance("item-tracking", "DHL tracking record"),
    }
    return Shipment(**base | changes)


def label_only(**changes: Any) -> Shipment:
    """A label was printed and nothing was ever handed over."""
    events = (TrackingEvent(at=ago(33), state="label", text="Label created"),)
    return shipment(**{"shipped_at": None, "delivered_at": None, "delivered_to": None, "events": events} | changes)


def message(**changes: Any) -> Message:
    base: dict[str, Any] = {
        "message_id": "<m1@example.com>",
        "at": ago(33),
        "direction": "in",
        "sender": "Emily Carter <emily@example.com>",
        "recipients": ("support@lale.example",),
        "subject": "My order",
        "body": "Hello, thank you, it arrived today and it is lovely.",
        "provenance": provenance("item-mail", "Shop mailbox"),
    }
    return Message(**base | changes)


def ours(body: str, **changes: Any) -> Message:
    """A mail of the shop."""
    base = {
        "message_id": f"<o{len(body)}@lale.example>",
        "direction": "out",
        "sender": "support@lale.example",
        "body": body,
    }
    return message(**base | {"recipients": ("emily@example.com",)} | changes)


def policy(**changes: Any) -> Policy:
    base: dict[str, Any] = {
        "kind": "return",
        "title": "Returns within 30 days",
        "text": "Goods may be returned within 30 days of delivery. A refund is paid once the goods are back.",
        "in_force_from": date(2025, 1, 1),
        "shown_where": "Checkout, beside the button to pay",
        "provenance": provenance("item-policy", "Shop policies"),
    }
    return Policy(**base | changes)


def document(item: str, **changes: Any) -> Document:
    base: dict[str, Any] = {
        "item": item,
        "title": item.replace("_", " ").capitalize(),
        "media_type": "application/pdf",
        "sha256": hashlib.sha256(item.encode()).hexdigest(),
        "size": 20_000,
        "provenance": provenance(f"item-{item}", "Merchant upload"),
    }
    return Document(**base | changes)


def usage(*events: UsageEvent, **changes: Any) -> UsageLog:
    base: dict[str, Any] = {
        "system": "Lale Patterns",
        "events": events,
        "provenance": provenance("item-usage", "Lale Patterns log"),
    }
    return UsageLog(**base | changes)


def event(**changes: Any) -> UsageEvent:
    base: dict[str, Any] = {"at": ago(30), "action": "login", "ip": IP, "order_ref": None}
    return UsageEvent(**base | changes)


def refund(**changes: Any) -> Refund:
    base: dict[str, Any] = {"refund_id": "re_1", "amount": usd(18900), "created_at": ago(20), "status": "succeeded"}
    return Refund(**base | changes)


def prior(**changes: Any) -> PriorPayment:
    base: dict[str, Any] = {"payment_id": "ch_0", "amount": usd(4000), "paid_at": ago(200), "ip": IP}
    return PriorPayment(**base | changes)


def three_d_secure(result: str = "authenticated") -> ThreeDSecure:
    return ThreeDSecure(result=result, version="2.2.0", eci="05")


def case(**changes: Any) -> CaseFile:
    """The good sale; every part can be replaced."""
    base: dict[str, Any] = {
        "payment": payment(),
        "orders": (order(),),
        "shipments": (shipment(),),
        "messages": (message(),),
    }
    return CaseFile(**base | changes)


def judged(the_claim: Claim, the_case: CaseFile, *, settings: AssessmentSettings | None = None) -> Assessment:
    return assess(the_claim, the_case, NOW, settings=settings)
