"""The accounts of the practice systems, and how the desk is connected to them. The keys open these and nothing else."""

from __future__ import annotations

from typing import Any

_KEYS = {
    "shopify": {"token": "shpat_sandbox_lale"},
    "woocommerce": {"key": "ck_sandbox_lale", "secret": "cs_sandbox_lale"},
    "easypost": {"api_key": "EZAK_sandbox_lale"},
    "aftership": {"api_key": "asat_sandbox_lale"},
    "zendesk": {"client_id": "counterproof", "client_secret": "sandbox_lale_zendesk"},
    "gorgias": {"email": "defne@lale.example", "key": "sandbox_lale_gorgias"},
}
_PLACES = {
    "shopify": ("shop", "shopify"),
    "woocommerce": ("address", "woocommerce"),
    "easypost": ("address", "easypost/v2"),
    "aftership": ("address", "aftership/tracking/2026-07"),
    "zendesk": ("address", "zendesk"),
    "gorgias": ("address", "gorgias"),
}
_OF_ITSELF: dict[str, dict[str, Any]] = {
    "shopify": {"id": 61407, "name": "Lale Living", "domain": "lale-living.myshopify.com"},
    # The place of the numbers as most shops have it: the extension for parcels, with carriers in its own words.
    "woocommerce": {"name": "Lale Living", "tracking": "extension", "zone_hours": 3},
    "easypost": {"user": {"id": "user_lale", "name": "Lale Living"}},
    # A whole desk asks at once here: plans with room, so that nobody waits for a limit while practising.
    "aftership": {"per_second": 1000},
    "zendesk": {"me": {"name": "Defne", "email": "defne@lale.example"}},
    "gorgias": {"limit": 100_000},
}
_NAMED_AT_THE_SYSTEM = {"api_key": "key"}


def accounts(system: str) -> dict[str, Any]:
    """What the practice system asks for, and what it says of itself."""
    keys = {_NAMED_AT_THE_SYSTEM.get(name, name): value for name, value in _KEYS[system].items()}
    return {**_OF_ITSELF[system], **keys}


def settings(system: str, base: str) -> dict[str, str]:
    """How the desk reaches it; `base`: the address of the practice systems."""
    name, path = _PLACES[system]
    return {name: f"{base}/{path}", **_KEYS[system]}
