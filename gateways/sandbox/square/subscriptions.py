"""Webhook subscriptions, and how an event for one of them is signed."""

from __future__ import annotations

import base64
import hmac
import json
import secrets

from gateways.sandbox.deliveries import Parcel, forget
from gateways.sandbox.square import ids, times
from gateways.sandbox.square.call import Call
from gateways.sandbox.square.errors import SquareError
from gateways.sandbox.square.paging import page
from gateways.sandbox.square.reading import CURRENT
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.shapes import body_of, boolean, list_of, text
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row

KIND = "webhook_subscription"
CREATE = body_of(
    required=("subscription",),
    idempotency_key=text(1, 45),
    subscription=body_of(
        required=("name", "event_types", "notification_url"),
        name=text(1, 64), enabled=boolean, event_types=list_of(text(1)), notification_url=text(1), api_version=text(1),
    ),
)  # fmt: skip


def create(world: World, call: Call) -> JSON:
    wanted = call.body["subscription"]
    if not wanted["notification_url"].startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise SquareError("INVALID_VALUE", "The URL must be HTTPS.", field="subscription.notification_url")
    return {"subscription": add(world, wanted["notification_url"], **{k: wanted[k] for k in _OPTIONAL if k in wanted})}


_OPTIONAL = ("name", "event_types", "enabled", "api_version")


def list_all(world: World, call: Call) -> JSON:
    wanted: list[tuple[str, list[object]]] = []
    if not call.query.get("include_disabled"):
        wanted.append(("json_extract(body, '$.enabled') = 1", []))
    oldest = call.query.get("sort_order", "ASC") == "ASC"
    rows, more = page(world, call, KIND, wanted, limit=call.query.get("limit"), oldest=oldest)
    return {"subscriptions": [each.body for each in rows], **more} if rows else {}


def get(world: World, call: Call) -> JSON:
    return {"subscription": world.need(KIND, call.id).body}


def delete(world: World, call: Call) -> JSON:
    remove(world, world.need(KIND, call.id).id)
    return {}


def add(
    world: World,
    url: str,
    *,
    name: str = "Disputes",
    event_types: list[str] | None = None,
    signature_key: str | None = None,
    enabled: bool = True,
    api_version: str = CURRENT,
) -> JSON:
    """A new subscription; one that had the same address goes, for a desk makes itself known at every start."""
    for old in world.store.find(KIND):
        if old.body["notification_url"] == url:
            remove(world, old.id)
    now = times.text(world.clock.unix())
    body: JSON = {
        "id": ids.subscription(),
        "name": name,
        "enabled": enabled,
        "event_types": event_types or ["dispute.created", "dispute.state.updated", "dispute.evidence.created",
                                       "dispute.evidence.deleted"],
        "notification_url": url,
        "api_version": api_version,
        "signature_key": signature_key or secrets.token_urlsafe(16)[:22],
        "created_at": now,
        "updated_at": now,
    }  # fmt: skip
    world.store.put(KIND, row(body, created=world.clock.unix()))
    return body


def remove(world: World, id: str) -> None:
    world.store.run(f"DELETE FROM object WHERE kind = '{KIND}' AND id = ?", (id,))  # noqa: S608 - our own word
    forget(world.store, id)


def listening(world: World, type: str) -> list[Row]:
    return [each for each in world.store.find(KIND) if each.body["enabled"] and type in each.body["event_types"]]


def signature(algorithm: str, key: str, url: str, payload: bytes) -> str:
    return base64.b64encode(hmac.new(key.encode(), url.encode() + payload, algorithm).digest()).decode()


class SquarePostman:
    def __init__(self, world: World) -> None:
        self._world = world

    def pack(self, event: str, endpoint: str) -> Parcel | None:
        told, target = self._world.store.get("event", event), self._world.store.get(KIND, endpoint)
        if told is None or target is None:
            return None
        payload = json.dumps({name: value for name, value in told.body.items() if name != "id"}, ensure_ascii=False)
        url, content = target.body["notification_url"], payload.encode()
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "Square Connect v2",
            "square-environment": "Sandbox",
            "square-initial-delivery-timestamp": told.body["created_at"],
            "square-version": target.body["api_version"],
        }
        return Parcel(url, content, headers | self._signed(target.body["signature_key"], url, content))

    def delivered(self, event: str) -> None:
        """Square keeps no count of it."""

    def _signed(self, key: str, url: str, content: bytes) -> dict[str, str]:
        both = {
            "sha256": ("x-square-hmacsha256-signature", signature("sha256", key, url, content)),
            "legacy": ("x-square-signature", signature("sha1", key, url, content)),
        }
        wanted = self._world.setting("signatures")
        return dict(header for name, header in both.items() if wanted in ("both", name))
