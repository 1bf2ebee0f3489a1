"""A made-up shop as the practice systems tell it, and what a system is given of the world."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from disputes.clock import FixedClock
from disputes.facts import Address, Order
from disputes.money import Money
from disputes.ports import Parcel, Wanted
from disputes.systems import Outside
from evidence.sandbox.world import World

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Thing = dict[str, Any]


def outside(
    *, seconds: float = 20.0, zone: str = "Europe/Istanbul", own: tuple[str, ...] = ("lumen.example",)
) -> Outside:
    return Outside(FixedClock(NOW), seconds=seconds, loopback=True, zone=zone, own_addresses=own)


def world(**told: Any) -> World:
    return World(**told)


def place(**changes: Any) -> Thing:
    return {
        "name": "Emily Carter", "line1": "12 Rose Lane", "line2": "", "city": "Austin", "region": "TX",
        "postal_code": "78701", "country": "US",
    } | changes  # fmt: skip


def order(number: str = "LL-1001", **changes: Any) -> Thing:
    """An order of the world, paid by card, one line, nothing shipped yet."""
    digits = int("".join(sign for sign in number if sign.isdigit()) or 1)
    return {
        "id": 5_000_000 + digits, "number": number, "placed_at": "2026-09-01T10:15:00+00:00",
        "updated_at": "2026-09-01T10:20:00+00:00", "currency": "USD", "total": "189.00", "subtotal": "175.00",
        "shipping_cost": "14.00", "tax": "0.00", "discount": "0.00",
        "payment": {"gateway": "stripe", "transaction_id": f"pi_{digits}", "transaction_ids": [f"ch_{digits}"],
                    "last4": "4242", "brand": "visa", "avs": "Y", "cvv": "M"},
        "customer": {"id": 700 + digits, "name": "Emily Carter", "email": "emily.carter@example.com",
                     "phone": "+15125550148", "since": "2025-02-01T08:00:00+00:00", "orders": 3},
        "customer_note": "", "ip": "203.0.113.24", "user_agent": "Mozilla/5.0", "billing": place(), "shipping": place(),
        "lines": [{"sku": "LAMP-7", "title": "Walnut desk lamp", "quantity": 1, "price": "175.00", "type": "physical",
                   "about": "A lamp of walnut.", "supplier": None, "supplier_order": None}],
        "shipping_method": "Express", "promised_by": None, "cancelled_at": None, "cancel_reason": None,
        "terms_accepted_at": None, "refunds": [], "returns": [], "parcels": [], "notes": [],
    } | changes  # fmt: skip


def picture(named: str = "brown") -> str:
    """A JPEG in base64, as the world has those of its goods; another one for another name."""
    out = io.BytesIO()
    place = sum(named.encode()) / 100
    Image.effect_mandelbrot((400, 300), (-2 - place, -1, 1, 1), 40).convert("RGB").save(out, "JPEG")
    return base64.b64encode(out.getvalue()).decode()


def parcel(number: str = "1Z999AA10123456784", **changes: Any) -> Thing:
    """The carrier's own view of a parcel that was handed over and signed for."""
    return {
        "number": number, "carrier": "UPS", "service": "Express Saver", "signed_by": "E CARTER",
        "signature_required": True,
        "destination": {"city": "Austin", "region": "TX", "postal_code": "78701", "country": "US"},
        "proof": None, "first_mile": None,
        "events": [
            {"at": "2026-09-02T08:00:00+00:00", "state": "in_transit", "text": "Departed facility", "city": "Dallas",
             "region": "TX", "postal_code": "75201", "country": "US"},
            {"at": "2026-09-04T14:32:00+00:00", "state": "delivered", "text": "Delivered", "city": "Austin",
             "region": "TX", "postal_code": "78701", "country": "US"},
        ],
    } | changes  # fmt: skip


def message(number: int = 1, **changes: Any) -> Thing:
    return {
        "id": number, "message_id": f"<m{number}@mail.example.com>", "at": f"2026-09-05T09:{number:02d}:00+00:00",
        "from": "customer", "name": "Emily Carter", "email": "emily.carter@example.com", "to": ["help@lumen.example"],
        "channel": "email", "public": True, "draft": False, "failed_at": None, "text": "It came, thank you.",
        "html": None, "attachments": [],
    } | changes  # fmt: skip


def ticket(number: int = 1, **changes: Any) -> Thing:
    return {
        "id": number, "subject": "Order LL-1001", "status": "closed", "channel": "email",
        "created_at": "2026-09-05T09:00:00+00:00", "updated_at": "2026-09-05T10:00:00+00:00",
        "customer": {"id": 701, "name": "Emily Carter", "email": "emily.carter@example.com"},
        "order_number": "LL-1001", "messages": [message()],
    } | changes  # fmt: skip


def wanted(**changes: Any) -> Wanted:
    """The disputed sale once its order is known without a doubt."""
    known = Order(
        order_ref="LL-1001", placed_at=datetime(2026, 9, 1, 10, 15, tzinfo=UTC), total=Money(18900, "USD"),
        customer_email="emily.carter@example.com", customer_name="Emily Carter",
        shipping=Address(**place()),
    )  # fmt: skip
    told: dict[str, Any] = {
        "payment_id": "pi_1001", "order_ref": "LL-1001", "customer_email": "emily.carter@example.com",
        "customer_name": "Emily Carter", "paid_at": datetime(2026, 9, 1, 10, 16, tzinfo=UTC),
        "amount": Money(18900, "USD"), "orders": (known,), "certain": True,
    }  # fmt: skip
    return Wanted(**(told | changes))


def parcel_asked(number: str = "1Z999AA10123456784", **changes: Any) -> Parcel:
    told: dict[str, Any] = {
        "carrier": "UPS", "number": number, "order_ref": "LL-1001", "since": datetime(2026, 9, 1, 10, 15, tzinfo=UTC),
        "destination": Address(city="Austin", region="TX", postal_code="78701", country="US"),
    }  # fmt: skip
    return Parcel(**(told | changes))
