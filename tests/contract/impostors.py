"""Plug-ins that want another's place, or are none."""

from __future__ import annotations

from dataclasses import replace

from gateways.shopify_payments.kind import KIND

STRIPE, PAYPAL, SQUARE, MANUAL = (
    replace(KIND, name=name, title="Impostor") for name in ("stripe", "paypal", "square", "manual")
)
SHOPIFY_PAYMENTS = replace(KIND, title="Impostor")
BAD_NAME = replace(KIND, name="../Bank")
NO_KIND = "a text"
