"""Webhooks: signed with the app's client secret, a dispute in its REST shape."""

from __future__ import annotations

import base64
import hmac
import json
import uuid
from typing import Any

from gateways.sandbox.deliveries import Parcel, enqueue, forget
from gateways.sandbox.shopify_payments import times, tokens
from gateways.sandbox.shopify_payments.times import row_columns
from gateways.sandbox.shopify_payments.world import SHOP, World
from gateways.sandbox.store import JSON, Row

TOPICS = ("disputes/create", "disputes/update")
_KIND = "webhook"


def tell(world: World, topic: str, dispute: Row, now: int) -> None:
    event = str(uuid.uuid4())
    body = {"id": event, "topic": topic, "at": times.text(now), "dispute": rest(dispute)}
    listening = [row for row in world.store.find(_KIND) if topic in row.body["topics"]]
    if listening:
        world.store.put("event", Row(body, {"columns": row_columns(event, now, label=topic)}))
    for endpoint in listening:
        enqueue(world.store, world.clock, world.faults, event, endpoint.id)


def rest(dispute: Row) -> JSON:
    """As the REST API shows a dispute: numbers as numbers, words in small letters."""
    body = dispute.body
    return {
        "id": int(body["number"]),
        "order_id": int(body["order"]) if body["order"] else None,
        "type": body["type"].lower(),
        "amount": body["amount"],
        "currency": body["currency"],
        "reason": body["reason"].lower(),
        "network_reason_code": body["code"],
        "status": body["status"].lower(),
        "evidence_due_by": times.text(body["due"]),
        "evidence_sent_on": times.text(body["sent"]),
        "finalized_on": times.text(body["final"]),
        "initiated_at": times.text(body["opened"]),
    }


def subscribe(world: World, sent: JSON) -> JSON:
    """`secret` stands for the app's client secret; one address has one subscription."""
    for old in world.store.find(_KIND):
        if old.body["url"] == sent["url"]:
            unsubscribe(world, old.id)
    id, now = str(world.next_number()), world.clock.unix()
    body = {"id": id, "url": sent["url"], "secret": sent.get("secret") or tokens.APP[1],
            "topics": sent.get("enabled_events") or list(TOPICS)}  # fmt: skip
    world.store.put(_KIND, Row(body, {"columns": row_columns(id, now)}))
    return body


def unsubscribe(world: World, id: str) -> JSON:
    world.store.run(f"DELETE FROM object WHERE kind = '{_KIND}' AND id = ?", (id,))  # noqa: S608 - our own word
    forget(world.store, id)
    return {"removed": id}


def signature(secret: str, content: bytes) -> str:
    return base64.b64encode(hmac.new(secret.encode(), content, "sha256").digest()).decode()


class ShopifyPostman:
    def __init__(self, world: World) -> None:
        self._world = world

    def pack(self, event: str, endpoint: str) -> Parcel | None:
        told, target = self._world.store.get("event", event), self._world.store.get(_KIND, endpoint)
        if told is None or target is None:
            return None
        content = json.dumps(told.body["dispute"]).encode()
        headers: dict[str, Any] = {
            "Content-Type": "application/json",
            "X-Shopify-Topic": told.body["topic"],
            "X-Shopify-Shop-Domain": SHOP["domain"],
            "X-Shopify-API-Version": "2026-10",
            "X-Shopify-Webhook-Id": told.body["id"],
            "X-Shopify-Triggered-At": told.body["at"],
            "X-Shopify-Hmac-SHA256": signature(target.body["secret"], content),
        }
        return Parcel(target.body["url"], content, headers)

    def delivered(self, event: str) -> None:
        """Shopify keeps no count of it."""
