"""Disputes, evidence and orders in the shape the schema gives them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from gateways.sandbox.shopify_payments.lifecycle import FILES
from gateways.sandbox.shopify_payments.times import DAY, text
from gateways.sandbox.shopify_payments.world import World
from gateways.sandbox.store import JSON, Row

VISIBLE_DAYS = 60


def gid(kind: str, number: object) -> str:
    return f"gid://shopify/{kind}/{number}"


def dispute(world: World, row: Row, *, old_orders: bool) -> JSON:
    """`old_orders`: the key may see orders that are older than sixty days."""
    body = row.body
    return {
        "id": gid("ShopifyPaymentsDispute", body["number"]),
        "legacyResourceId": str(body["number"]),
        "type": body["type"],
        "status": body["status"],
        "amount": {"amount": body["amount"], "currencyCode": body["currency"]},
        "reasonDetails": {"reason": body["reason"], "networkReasonCode": body["code"]},
        "initiatedAt": text(body["opened"]),
        "evidenceDueBy": text(body["due"]),
        "evidenceSentOn": text(body["sent"]),
        "finalizedOn": text(body["final"]),
        "disputeEvidence": lambda *_: evidence(world, row, old_orders=old_orders),
        "order": lambda *_: _order(world, row, old_orders=old_orders),
    }


def evidence(world: World, row: Row, *, old_orders: bool) -> JSON:
    told, files = row.body["evidence"], {each.id: upload(world, each) for each in world.uploads(row)}
    order = world.find("order", row.body["order"])
    known = order.body if order else {}
    fulfillments = [
        {"id": gid("ShopifyPaymentsDisputeFulfillment", number), "shippingCarrier": each["carrier"],
         "shippingTrackingNumber": each["number"]}
        for number, each in enumerate(known.get("parcels", ()), 1)
    ]  # fmt: skip
    return {
        "id": gid("ShopifyPaymentsDisputeEvidence", told["number"]),
        "submitted": told["submitted"],
        **told["texts"],
        **{slot: files.get(str(told["slots"].get(slot))) for slot in FILES},
        "disputeFileUploads": list(files.values()),
        "billingAddress": known.get("billingAddress"),
        "shippingAddress": known.get("shippingAddress"),
        "fulfillments": fulfillments,
        "dispute": lambda *_: dispute(world, row, old_orders=old_orders),
    }


def upload(world: World, row: Row) -> JSON:
    body = row.body
    return {
        "id": gid("ShopifyPaymentsDisputeFileUpload", body["number"]),
        "disputeEvidenceType": body["type"],
        "fileSize": body["size"],
        "fileType": body["mimetype"],
        "originalFileName": body["filename"],
        "url": f"{world.address}/files/{body['number']}",
    }


def _order(world: World, row: Row, *, old_orders: bool) -> JSON | None:
    found = world.find("order", row.body["order"])
    if found is None or (not old_orders and found.body["placed"] < world.clock.unix() - VISIBLE_DAYS * DAY):
        return None
    return {**found.body["shown"], "transactions": _first("transactions", found), "refunds": _first("refunds", found)}


def _first(name: str, order: Row) -> Callable[..., list[JSON]]:
    def listed(_info: Any, first: int | None = None) -> list[JSON]:
        found: list[JSON] = order.body["shown"][name]
        return [_connected(each) for each in found[:first]]

    return listed


def _connected(thing: JSON) -> JSON:
    """A refund's transactions are a connection, an order's are a list."""
    if "transactions" not in thing:
        return thing
    nodes = thing["transactions"]
    return {**thing, "transactions": lambda _info, first=None, after=None: {
        "nodes": nodes[:first], "pageInfo": {"hasNextPage": False, "endCursor": None}}}  # fmt: skip
