"""Webhook endpoints, and how an event for one of them is signed."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets

from gateways.sandbox.deliveries import Parcel, forget
from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import ids
from gateways.sandbox.stripe.versions import CURRENT, at
from gateways.sandbox.stripe.world import World


def add(world: World, url: str, *, secret: str | None = None, api_version: str | None = None,
        enabled_events: list[str] | None = None) -> JSON:  # fmt: skip
    """A new endpoint; one that had the same address goes, for a desk makes itself known at every start."""
    for row in endpoints(world):
        if row.body["url"] == url:
            remove(world, row.id)
    secret = secret or f"whsec_{secrets.token_hex(16)}"
    body: JSON = {
        "id": ids.new("we_1"),
        "object": "webhook_endpoint",
        "api_version": api_version,
        "application": None,
        "created": world.clock.unix(),
        "description": None,
        "enabled_events": enabled_events or ["*"],
        "livemode": False,
        "metadata": {},
        "status": "enabled",
        "url": url,
    }
    world.store.put("webhook_endpoint", Row(body, {"secret": secret}))
    return {**body, "secret": secret}


def remove(world: World, id: str) -> None:
    world.store.run("DELETE FROM object WHERE kind = 'webhook_endpoint' AND id = ?", (id,))
    forget(world.store, id)


def endpoints(world: World) -> list[Row]:
    return world.store.find("webhook_endpoint")


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class StripePostman:
    def __init__(self, world: World) -> None:
        self._world = world

    def pack(self, event: str, endpoint: str) -> Parcel | None:
        row, target = self._world.store.get("event", event), self._world.store.get("webhook_endpoint", endpoint)
        if row is None or target is None:
            return None
        payload = json.dumps(at(row.body, target.body["api_version"] or CURRENT), indent=2, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(payload, target.hidden["secret"], int(self._world.clock.real())),
        }
        return Parcel(target.body["url"], payload, headers)

    def delivered(self, event: str) -> None:
        if row := self._world.store.get("event", event):
            row.body["pending_webhooks"] = max(0, row.body["pending_webhooks"] - 1)
            self._world.store.put("event", row)
