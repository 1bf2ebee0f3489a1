"""Gateways by the names people read."""

from __future__ import annotations

from typing import Protocol

from disputes.gateway_kinds import gateway_kind

TITLES = {"stripe": "Stripe", "paypal": "PayPal", "square": "Square", "manual": "By hand"}


class _Named(Protocol):
    @property
    def gateway(self) -> str: ...
    @property
    def account_name(self) -> str: ...


def gateway_title(gateway: str) -> str:
    kind = gateway_kind(gateway)
    return TITLES.get(gateway) or (kind.title if kind else gateway.title())


def connection_title(connection: _Named) -> str:
    """A processor without an API is called what the merchant called it: "iyzico"."""
    if connection.gateway == "manual" and connection.account_name:
        return connection.account_name
    return gateway_title(connection.gateway)
