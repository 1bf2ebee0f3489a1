"""One order and its payment, keyword by keyword; alike in everything unless a test says otherwise."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from disputes.facts import Address, Message, Order, Shipment
from disputes.money import Money
from disputes.ports import Wanted

ORDERED = datetime(2026, 9, 1, 10, 15, tzinfo=UTC)
PAID = datetime(2026, 9, 1, 10, 20, tzinfo=UTC)
HOME = Address(name="Emily Carter", line1="12 Rose Lane", city="Austin", postal_code="78701", country="US")
ELSEWHERE = Address(name="Zoe Long", line1="7 Hill Road", city="Boston", postal_code="02108", country="US")
STRANGER = {"customer_email": "zoe@example.org", "customer_name": "Zoe Long", "shipping": ELSEWHERE}


def order(number: str = "1042", **changes: Any) -> Order:
    told: dict[str, Any] = {
        "order_ref": number, "placed_at": ORDERED, "total": Money(18900, "USD"), "customer_name": "Emily Carter",
        "customer_email": "emily@example.com", "shipping": HOME,
    }  # fmt: skip
    return Order(**(told | changes))


def paid(**changes: Any) -> Wanted:
    """The payment's side: its number is in the metadata and nowhere else."""
    told: dict[str, Any] = {
        "payment_id": "ch_A1", "order_ref": None,
        "customer_email": "emily@example.com", "customer_name": "Emily Carter",
        "paid_at": PAID, "amount": Money(18900, "USD"), "payment_ids": ("ch_A1", "pi_A1"),
        "metadata": {"order_id": "1042"}, "shipping": HOME,
    }  # fmt: skip
    return Wanted(**(told | changes))


def parcel(number: str = "1Z999AA10123456784", **changes: Any) -> Shipment:
    return Shipment(**({"order_ref": "1042", "carrier": "UPS", "tracking_number": number} | changes))


def message(number: int = 1, body: str = "Hello", **changes: Any) -> Message:
    told: dict[str, Any] = {
        "message_id": f"<m{number}@example.com>", "at": datetime(2026, 9, 5, 9, number, tzinfo=UTC), "direction": "in",
        "sender": "Emily Carter <emily@example.com>", "recipients": ("help@lumen.example",), "subject": "Hello",
        "body": body,
    }  # fmt: skip
    return Message(**(told | changes))
