"""Square's webhooks: an HMAC over the configured address and the raw body, and an event that is read here.

Not by the SDK: its helper raises AttributeError where the header is missing, and its event models look for the dispute
under a name that no delivery has.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from disputes.phrases import phrase
from disputes.ports import VerifiedEvent, WebhookRefused
from gateways.square.contract import DISPUTE_ID_CHARS, is_id

SIGNATURE = "x-square-hmacsha256-signature"
LEGACY_SIGNATURE = "x-square-signature"
_DISPUTES = "dispute."
_REFUSED = phrase("The signature does not belong to this endpoint's key and its public address.")


def verify(body: bytes, headers: Mapping[str, str], *, secret: str, url: str) -> VerifiedEvent:
    """Raises WebhookRefused unless the signature fits `url` and `body`.

    The SHA-1 header counts only where the other is absent (a genuine dispute.created came with it alone); beside a
    wrong SHA-256 it changes nothing.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if not secret:
        raise WebhookRefused(phrase("This endpoint has no signature key, so that anybody could sign."))
    if SIGNATURE in given:
        fits = _fits(given[SIGNATURE], body, secret, url, hashlib.sha256)
    elif LEGACY_SIGNATURE in given:
        fits = _fits(given[LEGACY_SIGNATURE], body, secret, url, hashlib.sha1)
    else:
        raise WebhookRefused(phrase("There is no signature of Square's on this."))
    if not fits:
        raise WebhookRefused(_REFUSED)
    return _event(body)


def _fits(signature: str, body: bytes, secret: str, url: str, digest: Any) -> bool:
    wanted = base64.b64encode(hmac.new(secret.encode(), url.encode() + body, digest).digest())
    # Bytes: comparing texts that are not ASCII raises.
    return hmac.compare_digest(wanted, signature.strip().encode())


def _event(body: bytes) -> VerifiedEvent:
    try:
        event = json.loads(body)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise WebhookRefused(phrase("The body is no Square event.")) from error
    event_id = event.get("event_id") if isinstance(event, dict) else None
    if not isinstance(event_id, str) or not event_id:
        raise WebhookRefused(phrase("The body is no Square event."))
    kind = str(event.get("type"))
    return VerifiedEvent(event_id, kind, _dispute_of(event) if kind.startswith(_DISPUTES) else None)


def _dispute_of(event: Mapping[str, Any]) -> str:
    """From data.object.dispute, which every delivery has, though the schema calls it data.object.object."""
    data = _object(event.get("data"))
    dispute = _object(_object(data.get("object")).get("dispute"))
    found = dispute.get("id") or dispute.get("dispute_id")
    if not found and data.get("type") == "dispute":
        found = data.get("id")
    if not is_id(found, chars=DISPUTE_ID_CHARS):
        raise WebhookRefused(phrase("The event names no dispute that Square could have."))
    return str(found)


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
