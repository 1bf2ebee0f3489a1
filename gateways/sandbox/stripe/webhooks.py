"""Webhook endpoints and the background thread that delivers signed events to them, again if need be."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
import secrets
import threading

import httpx

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import ids
from gateways.sandbox.stripe.versions import CURRENT, at
from gateways.sandbox.stripe.world import World

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = (0.3, 1.0, 3.0, 10.0, 60.0)
SWAP_SECONDS = 0.25


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
    world.store.run("DELETE FROM delivery WHERE endpoint = ?", (id,))


def endpoints(world: World) -> list[Row]:
    return world.store.find("webhook_endpoint")


def enqueue(world: World, event: str, endpoint: str) -> None:
    """Queue one delivery; faults may drop it, hold it back, let the next overtake it, or double it."""
    due, state, copies = world.clock.real(), "waiting", 1
    if world.faults.take_webhook("webhook_drop"):
        state = "dropped"
    if delay := world.faults.take_webhook("webhook_delay"):
        due += delay.seconds
    if world.faults.take_webhook("webhook_reorder"):
        due += SWAP_SECONDS
    if world.faults.take_webhook("webhook_double"):
        copies = 2
    for _ in range(copies):
        world.store.run(
            "INSERT INTO delivery (event, endpoint, due, state) VALUES (?, ?, ?, ?)", (event, endpoint, due, state)
        )


def signature(payload: bytes, secret: str, timestamp: int) -> str:
    digest = hmac.new(secret.encode(), f"{timestamp}.".encode() + payload, hashlib.sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Deliveries(threading.Thread):
    """Sends what is due, forever; a receiver that does not answer 2xx gets it again a few times."""

    def __init__(self, world: World) -> None:
        super().__init__(name="webhooks", daemon=True)
        self._world = world
        self._ended = threading.Event()

    def run(self) -> None:
        with httpx.Client(timeout=10, trust_env=False) as client:
            while not self._ended.wait(0.05):
                try:
                    self._send_due(client)
                except Exception:
                    log.exception("webhook delivery failed inside the sandbox")

    def end(self) -> None:
        self._ended.set()
        self.join(timeout=2)

    def _send_due(self, client: httpx.Client) -> None:
        store = self._world.store
        due = store.run(
            "SELECT seq, event, endpoint, tries FROM delivery WHERE state = 'waiting' AND due <= ?"
            " ORDER BY due, seq LIMIT 50",
            (self._world.clock.real(),),
        )
        for seq, event, endpoint, tries in due:
            if self._ended.is_set():
                return
            self._settle(seq, event, tries, self._post(client, event, endpoint))

    def _post(self, client: httpx.Client, event: str, endpoint: str) -> str | None:
        """Why it was not delivered, or None when it was."""
        row, target = self._world.store.get("event", event), self._world.store.get("webhook_endpoint", endpoint)
        if row is None or target is None:
            return None
        payload = json.dumps(at(row.body, target.body["api_version"] or CURRENT), indent=2, ensure_ascii=False).encode()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
            "Stripe-Signature": signature(payload, target.hidden["secret"], int(self._world.clock.real())),
        }
        try:
            answer = client.post(target.body["url"], content=payload, headers=headers)
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
        return None if answer.is_success else f"HTTP {answer.status_code}"

    def _settle(self, seq: int, event: str, tries: int, problem: str | None) -> None:
        store = self._world.store
        if problem is None:
            store.run("UPDATE delivery SET state = 'delivered', tries = tries + 1, note = NULL WHERE seq = ?", (seq,))
            with store.transaction():
                if row := store.get("event", event):
                    row.body["pending_webhooks"] = max(0, row.body["pending_webhooks"] - 1)
                    store.put("event", row)
            return
        state = "waiting" if tries < len(RETRY_AFTER_SECONDS) else "given up"
        again = self._world.clock.real() + RETRY_AFTER_SECONDS[min(tries, len(RETRY_AFTER_SECONDS) - 1)]
        store.run(
            "UPDATE delivery SET state = ?, tries = tries + 1, due = ?, note = ? WHERE seq = ?",
            (state, again, problem, seq),
        )
