"""Shopify's webhooks: an HMAC over the raw body with the app's client secret, and a dispute in its REST shape."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping

from disputes.phrases import phrase
from disputes.ports import VerifiedEvent, WebhookRefused
from gateways.shopify_payments.contract import is_number, number_of

SIGNATURE = "x-shopify-hmac-sha256"
TOPIC = "x-shopify-topic"
DELIVERY = "x-shopify-webhook-id"
TOPICS = frozenset({"disputes/create", "disputes/update"})


def verify(body: bytes, headers: Mapping[str, str], *, secret: str) -> VerifiedEvent:
    """Raises WebhookRefused unless the signature fits the body. The address and the headers are not part of it: the
    topic only says whether there is anything to read again, and the delivery's id only keeps it from being read twice.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if not secret:
        raise WebhookRefused(phrase("This endpoint has no client secret, so that anybody could sign."))
    if SIGNATURE not in given:
        raise WebhookRefused(phrase("There is no signature of Shopify's on this."))
    wanted = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest())
    # Bytes: comparing texts that are not ASCII raises.
    if not hmac.compare_digest(wanted, given[SIGNATURE].strip().encode()):
        raise WebhookRefused(phrase("The signature does not belong to this app's client secret."))
    topic = given.get(TOPIC, "")
    named = given.get(DELIVERY, "").strip()
    event_id = named if named and named.isascii() and named.isprintable() and len(named) <= 100 else _digest(body)
    return VerifiedEvent(event_id, topic, _dispute_of(body) if topic in TOPICS else None)


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _dispute_of(body: bytes) -> str:
    try:
        content = json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise WebhookRefused(phrase("The body is no event of Shopify's.")) from error
    told = content if isinstance(content, dict) else {}
    number = str(told.get("id") or "")
    found = number if is_number(number) else number_of(told.get("admin_graphql_api_id"))
    if not found:
        raise WebhookRefused(phrase("The event names no dispute that Shopify could have."))
    return found
