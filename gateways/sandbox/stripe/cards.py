"""How a charge was paid: the card with its checks and 3-D Secure, or a bank debit."""

from __future__ import annotations

import hashlib

from gateways.sandbox.store import JSON
from gateways.sandbox.stripe import ids

PASS = {"address_line1_check": "pass", "address_postal_code_check": "pass", "cvc_check": "pass"}
NO_AVS = {"address_line1_check": "unavailable", "address_postal_code_check": "unavailable", "cvc_check": "pass"}
AVS_COUNTRIES = ("US", "CA", "GB")


def details(spec: JSON, customer: JSON, charge: str, amount: int) -> JSON:
    if "sepa_debit" in spec:
        debit = {"mandate": ids.new("mandate_1"), "fingerprint": digest(customer["email"], 16), **spec["sepa_debit"]}
        return {"sepa_debit": debit, "type": "sepa_debit"}
    wanted = {
        "brand": spec.get("brand", "visa"),
        "last4": "4242",
        "funding": "credit",
        "country": "US",
        **spec.get("card", {}),
    }
    return {"card": _card(spec, wanted, customer, charge, amount), "type": "card"}


def _card(spec: JSON, card: JSON, customer: JSON, charge: str, amount: int) -> JSON:
    digits = str(int(digest(charge, 12), 36))
    return {
        "amount_authorized": amount,
        "authorization_code": digits[:6],
        "brand": card["brand"],
        "checks": spec.get("checks", PASS if card["country"] in AVS_COUNTRIES else NO_AVS),
        "country": card["country"],
        "exp_month": 8,
        "exp_year": 2029,
        "extended_authorization": {"status": "disabled"},
        "fingerprint": digest(f"{card['brand']}{card['last4']}{customer['email']}", 16),
        "funding": card["funding"],
        "incremental_authorization": {"status": "unavailable"},
        "installments": None,
        "last4": card["last4"],
        "mandate": None,
        "multicapture": {"status": "unavailable"},
        "network": card["brand"],
        "network_token": {"used": False},
        "network_transaction_id": digits[-15:].rjust(15, "7"),
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": _three_d_secure(spec.get("three_d_secure"), charge),
        "wallet": None,
    }


def _three_d_secure(flow: str | None, charge: str) -> JSON | None:
    if flow is None:
        return None
    code = digest(charge, 32, alphabet="0123456789abcdef")
    return {
        "authentication_flow": flow, "electronic_commerce_indicator": "05", "exemption_indicator": None,
        "exemption_indicator_applied": None, "result": "authenticated", "result_reason": None,
        "transaction_id": f"{code[:8]}-{code[8:12]}-{code[12:16]}-{code[16:20]}-{code[20:]}", "version": "2.2.0",
    }  # fmt: skip


def digest(of: str, length: int, alphabet: str = "0123456789abcdefghijklmnopqrstuvwxyz") -> str:
    """Steady letters for a name: the same seed gives the same fingerprints on every machine."""
    number = int.from_bytes(hashlib.sha512(of.encode()).digest())
    letters = []
    for _ in range(length):
        number, rest = divmod(number, len(alphabet))
        letters.append(alphabet[rest])
    return "".join(letters)
