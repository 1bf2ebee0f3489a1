"""How WooCommerce and its plug-ins write parts of an order."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal

from evidence.sandbox.world import Thing


def payment_of(payment: Thing) -> tuple[str, list[Thing]]:
    """Stripe's plug-in keeps the charge as the transaction and the intent in the meta; PayPal's its order there."""
    main, others = payment.get("transaction_id") or "", list(payment.get("transaction_ids") or [])
    match payment["gateway"]:
        case "stripe" if others:
            return others[0], [{"id": 1, "key": "_stripe_intent_id", "value": main}]
        case "paypal" if others:
            return main, [{"id": 1, "key": "_ppcp_paypal_order_id", "value": others[0]}]
    return main, []


def status_of(order: Thing) -> str:
    if order.get("status"):
        return str(order["status"])
    if order["cancelled_at"]:
        return "cancelled"
    given_back = sum((Decimal(each["amount"]) for each in order["refunds"]), Decimal(0))
    if given_back and given_back >= Decimal(order["total"]):
        return "refunded"
    return "completed" if order["parcels"] else "processing"


def address(place: Thing | None) -> Thing:
    place = place or {}
    first, _, last = (place.get("name") or "").partition(" ")
    return {
        "first_name": first, "last_name": last, "company": "", "address_1": place.get("line1") or "",
        "address_2": place.get("line2") or "", "city": place.get("city") or "", "state": place.get("region") or "",
        "postcode": place.get("postal_code") or "", "country": place.get("country") or "",
    }  # fmt: skip


def slug(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.casefold()).strip("-")


def _day(moment: str | None) -> str:
    return (moment or "")[:10]


def meta_item(parcel: Thing) -> Thing:
    """The day only, as midnight UTC in seconds, written as a text."""
    shipped = ""
    if parcel.get("shipped_at"):
        day = datetime.fromisoformat(f"{_day(parcel['shipped_at'])}T00:00:00+00:00")
        shipped = str(int(day.timestamp()))
    return {
        "tracking_provider": slug(parcel["carrier"]), "custom_tracking_provider": "", "custom_tracking_link": "",
        "tracking_number": parcel["number"], "date_shipped": shipped, "tracking_id": f"t{slug(parcel['number'])}",
    }  # fmt: skip


def route_item(parcel: Thing) -> Thing:
    return {
        "tracking_id": f"t{slug(parcel['number'])}", "tracking_provider": parcel["carrier"], "tracking_link": "",
        "tracking_number": parcel["number"], "date_shipped": _day(parcel.get("shipped_at")),
    }  # fmt: skip
