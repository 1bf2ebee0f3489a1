"""How a payment was made: the card, the way it was read, and what the issuer said to its checks."""

from __future__ import annotations

from gateways.sandbox.square import times
from gateways.sandbox.square.people import digest
from gateways.sandbox.store import JSON

AVS_COUNTRIES = ("US", "CA", "GB")
_BINS = {
    "VISA": "453275", "MASTERCARD": "540988", "AMERICAN_EXPRESS": "371263", "DISCOVER": "601100", "JCB": "354120",
    "INTERAC": "450644", "EFTPOS": "560279",
}  # fmt: skip


def details(spec: JSON, customer: JSON, payment: str, now: int) -> JSON:
    """A payment's `card_details`. Words of `spec`: card {brand, last_4, type, prepaid, country}, checks {avs, cvv},
    entry_method."""
    card = {"brand": "VISA", "last_4": "5858", "type": "CREDIT", "prepaid": False, "country": "US"}
    card |= spec.get("card", {})
    keyed = spec.get("entry_method", "KEYED") == "KEYED"
    checks = {"avs": "ACCEPTED" if card["country"] in AVS_COUNTRIES and keyed else "NOT_CHECKED",
              "cvv": "ACCEPTED" if keyed else "NOT_CHECKED", **spec.get("checks", {})}  # fmt: skip
    found: JSON = {
        "status": "CAPTURED",
        "card": _card(card, customer),
        "entry_method": spec.get("entry_method", "KEYED"),
        "cvv_status": f"CVV_{checks['cvv']}",
        "avs_status": f"AVS_{checks['avs']}",
        "auth_result_code": digest(payment, 6, alphabet="ABCDEFGHJKLMNPQRSTUVWXYZ23456789"),
        "statement_description": "SQ *LALE LIVING",
        "card_payment_timeline": {"authorized_at": times.text(now), "captured_at": times.text(now)},
    }
    if not keyed:
        found["device_details"] = _REGISTER
    return found


_REGISTER = {"device_id": "DEVICE_INSTALLATION_ID:7F3C2A10", "device_name": "Counter, Crosby Street"}


def _card(card: JSON, customer: JSON) -> JSON:
    return {
        "card_brand": card["brand"],
        "last_4": card["last_4"],
        "exp_month": 8,
        "exp_year": 2029,
        "cardholder_name": customer["name"],
        "fingerprint": f"sq-1-{digest(card['brand'] + card['last_4'] + customer['email'], 57)}",
        "card_type": card["type"],
        "prepaid_type": "PREPAID" if card["prepaid"] else "NOT_PREPAID",
        "bin": _BINS.get(card["brand"], "411111"),
    }
