"""Card networks by the names their banks print."""

from __future__ import annotations

_NAMES = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "paypal": "PayPal",
    "troy": "Troy",
    "unionpay": "UnionPay",
    "visa": "Visa",
}


def network_name(network: str | None) -> str | None:
    """ "visa" as "Visa"; a network nobody listed keeps the gateway's word."""
    return _NAMES.get(network, network) if network else None
