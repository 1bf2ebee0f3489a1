"""Webhooks: registered like PayPal's, signed with the sandbox's own certificate, verified by postback.

The signed string is `transmission id|time|webhook id|crc32 of the body`, the crc as an unsigned decimal number. The
transmission carries the system's time, whatever time the sandbox plays: receivers check its age against theirs.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from datetime import UTC, datetime
from uuid import uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from gateways.sandbox.deliveries import Parcel, forget
from gateways.sandbox.paypal import ids
from gateways.sandbox.paypal.call import Call
from gateways.sandbox.paypal.certificates import PATH
from gateways.sandbox.paypal.errors import PayPalError, detail, invalid, missing, not_found
from gateways.sandbox.paypal.events import CREATED, RESOLVED, UPDATED
from gateways.sandbox.paypal.shapes import listed, mapping, text
from gateways.sandbox.paypal.times import stamp
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row
from gateways.sandbox.wire import Answer

WEBHOOKS = "/v1/notifications/webhooks"
TYPES = ("*", CREATED, UPDATED, RESOLVED, "RISK.DISPUTE.CREATED", "PAYMENT.CAPTURE.COMPLETED",
         "PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED")  # fmt: skip
MOST = 10
ALGORITHM, VERSION = "SHA256withRSA", "v2"
POSTED = ("auth_algo", "cert_url", "transmission_id", "transmission_sig", "transmission_time", "webhook_id")


def register(world: World, call: Call) -> Answer:
    sent = mapping(call.body, "")
    url = text(sent, "url", 2048, required=True) or ""
    names = [text(mapping(one, ""), "name", 50, required=True) or "" for one in listed(sent, "event_types")]
    if not names:
        raise missing("/event_types")
    if not re.match(r"^https?://[^\s/]+", url):
        raise invalid("INVALID_URL", "/url", "The address is not valid.", value=url)
    if unknown := [name for name in names if name not in TYPES]:
        raise PayPalError(400, [detail("UNKNOWN_EVENT_TYPE", "/event_types", "No such event.", value=unknown[0])])
    known = world.store.find("webhook")
    if any(row.body["url"] == url for row in known):
        raise PayPalError(400, name="WEBHOOK_URL_ALREADY_EXISTS", message="Webhook URL already exists.")
    if len(known) >= MOST:
        raise PayPalError(400, name="WEBHOOK_NUMBER_LIMIT_EXCEEDED", message=f"An app has {MOST} webhooks at most.")
    row = add(world, url, names)
    return Answer(201, json.dumps(shown(world, row)).encode(), {"content-type": "application/json"})


def add(world: World, url: str, names: list[str]) -> Row:
    """A webhook; one that had the same address goes, for a desk makes itself known at every start."""
    for row in world.store.find("webhook"):
        if row.body["url"] == url:
            drop(world, row.id)
    id = ids.transaction()
    body: JSON = {"id": id, "url": url, "event_types": [{"name": name, "status": "ENABLED"} for name in names]}
    row = Row(body, {"columns": {"id": id, "created": world.clock.unix()}})
    world.store.put("webhook", row)
    return row


def drop(world: World, id: str) -> None:
    world.store.run("DELETE FROM object WHERE kind = 'webhook' AND id = ?", (id,))
    forget(world.store, id)


def all_of_them(world: World, call: Call) -> JSON:
    return {"webhooks": [shown(world, row) for row in world.store.find("webhook", oldest=True)]}


def one(world: World, call: Call) -> JSON:
    return shown(world, world.need("webhook", call.id))


def remove(world: World, call: Call) -> Answer:
    drop(world, world.need("webhook", call.id).id)
    return Answer(204, b"")


def shown(world: World, row: Row) -> JSON:
    own = f"{WEBHOOKS}/{row.id}"
    links = [world.link(own, "self"), world.link(own, "update", "PATCH"), world.link(own, "delete", "DELETE")]
    return {**row.body, "links": links}


def certificate(world: World, call: Call) -> Answer:
    """Leaf and intermediate, or the leaf alone: what PayPal's address serves today is not known."""
    if call.id != world.trust.name:
        raise not_found(call.id)
    chain = world.trust.intermediate if world.setting("certificate") == "chain" else b""
    return Answer(200, world.trust.leaf + chain, {"content-type": "application/x-pem-file"})


def cert_url(world: World) -> str:
    return f"{world.base}{PATH}{world.trust.name}"


def signed_string(transmission: str, time: str, webhook: str, body: bytes) -> bytes:
    return f"{transmission}|{time}|{webhook}|{zlib.crc32(body)}".encode()


class PayPalPostman:
    def __init__(self, world: World) -> None:
        self._world = world

    def pack(self, event: str, endpoint: str) -> Parcel | None:
        world = self._world
        row, webhook = world.store.get("event", event), world.store.get("webhook", endpoint)
        if row is None or webhook is None:
            return None
        body = json.dumps(row.body, ensure_ascii=False, separators=(",", ":")).encode()
        transmission = str(uuid4())
        time = stamp(datetime.fromtimestamp(world.clock.real(), UTC).timestamp()).replace(".000Z", "Z")
        signature = world.trust.sign(signed_string(transmission, time, webhook.id, body))
        headers = {
            "Content-Type": "application/json",
            "User-Agent": "PayPal/AUHR-1.0-1",
            "PAYPAL-AUTH-ALGO": ALGORITHM,
            "PAYPAL-AUTH-VERSION": VERSION,
            "PAYPAL-CERT-URL": cert_url(world),
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
            "PAYPAL-TRANSMISSION-TIME": time,
        }
        return Parcel(webhook.body["url"], body, headers)

    def delivered(self, event: str) -> None:
        """PayPal keeps no count of it."""


def verify(world: World, call: Call) -> JSON:
    """The postback: over the very bytes of `webhook_event`, so a caller that writes them anew gets FAILURE."""
    sent = mapping(call.body, "")
    given = {name: text(sent, name, 2048, required=True) or "" for name in POSTED}
    if "webhook_event" not in sent:
        raise missing("/webhook_event")
    known = world.store.get("webhook", given["webhook_id"]) is not None
    right = given["cert_url"] == cert_url(world) and given["auth_algo"] == ALGORITHM
    message = signed_string(
        given["transmission_id"], given["transmission_time"], given["webhook_id"], embedded(call.raw, "webhook_event")
    )
    good = known and right and _signed(world, given["transmission_sig"], message)
    return {"verification_status": "SUCCESS" if good else "FAILURE"}


def embedded(raw: bytes, name: str) -> bytes:
    """The bytes of one value of a JSON object, as they were sent."""
    document, decoder = raw.decode("utf-8"), json.JSONDecoder()
    place = document.index("{") + 1
    while match := re.compile(r'[\s,]*(?=")').match(document, place):
        key, place = decoder.raw_decode(document, match.end())
        begin = re.compile(r"\s*:\s*").match(document, place)
        if begin is None:
            break
        _, place = decoder.raw_decode(document, begin.end())
        if key == name:
            return document[begin.end() : place].encode()
    raise missing(f"/{name}")


def _signed(world: World, signature: str, message: bytes) -> bool:
    try:
        found = base64.b64decode(signature, validate=True)
        world.trust.public_key().verify(found, message, padding.PKCS1v15(), hashes.SHA256())
    except (InvalidSignature, binascii.Error):
        return False
    return True
