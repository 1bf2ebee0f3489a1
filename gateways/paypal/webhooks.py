"""PayPal's webhooks: signed with a certificate of its own, checked here; where that is impossible PayPal is asked."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256

from disputes.phrases import phrase, said_by
from disputes.ports import GatewayError, VerifiedEvent, WebhookRefused, WebhookUnverifiable
from gateways.paypal.certificates import Certificates, NoCertificate
from gateways.paypal.contract import DISPUTE_EVENTS, LEGACY_EVENTS, part
from gateways.paypal.mapping import dispute_id
from gateways.paypal.values import instant

POSTBACK = "/v1/notifications/verify-webhook-signature"
SIMULATED = "WEBHOOK_ID"
"""What PayPal's simulator signs with instead of a webhook's id: anybody's events would pass."""
ALGORITHM = "SHA256withRSA"
_OLDEST, _AHEAD = timedelta(days=3, hours=1), timedelta(minutes=5)
"""PayPal repeats a delivery for three days."""
_LONGEST = 4096

Ask = Callable[[str, bytes], Mapping[str, Any]]
"""POST of these very bytes to PayPal; raises GatewayError."""


@dataclass(frozen=True, slots=True)
class Transmission:
    """The headers of one delivery."""

    id: str
    time: str
    signature: str
    certificate: str
    algorithm: str


def verify(
    body: bytes, headers: Mapping[str, str], *, webhook_id: str, certificates: Certificates, ask: Ask, now: datetime
) -> VerifiedEvent:
    """The event, once PayPal's signature over exactly these bytes and this webhook is proved."""
    if not webhook_id or webhook_id == SIMULATED:
        raise WebhookRefused(phrase("The webhook's id is not set; the simulator's placeholder proves nothing."))
    sent = _transmission(headers)
    event = _event(body)
    if sent.algorithm != ALGORITHM:
        raise WebhookRefused(phrase("The delivery is signed in another way than PayPal signs."))
    _refuse_untimely(sent, now)
    if not certificates.trusts(sent.certificate):
        raise WebhookRefused(phrase("The delivery names a certificate that is not PayPal's."))
    try:
        key = certificates.key(sent.certificate, now)
    except NoCertificate:
        _ask_paypal(body, sent, webhook_id, ask)
    else:
        _check(body, sent, webhook_id, key)
    return _told(event)


def _transmission(headers: Mapping[str, str]) -> Transmission:
    told = {name.lower(): value for name, value in headers.items()}
    names = ("transmission-id", "transmission-time", "transmission-sig", "cert-url", "auth-algo")
    values = [told.get(f"paypal-{name}", "") for name in names]
    if not all(0 < len(value) <= _LONGEST for value in values):
        raise WebhookRefused(phrase("The delivery does not carry PayPal's signature."))
    return Transmission(*values)


def _event(body: bytes) -> Mapping[str, Any]:
    try:
        event = json.loads(body.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WebhookRefused(phrase("The body is no PayPal event.")) from error
    if not isinstance(event, Mapping) or not isinstance(event.get("id"), str) or not 0 < len(event["id"]) <= 120:
        raise WebhookRefused(phrase("The body is no PayPal event."))
    return event


def _refuse_untimely(sent: Transmission, now: datetime) -> None:
    at = instant(sent.time)
    if at is None:
        raise WebhookRefused(phrase("The delivery does not say when it was sent."))
    if at - now > _AHEAD:
        raise WebhookRefused(phrase("The delivery is dated in the future; check this machine's clock."))
    if now - at > _OLDEST:
        raise WebhookRefused(phrase("The delivery is older than PayPal repeats one."))


def signed(body: bytes, *, transmission_id: str, time: str, webhook_id: str) -> bytes:
    """The text that PayPal signs."""
    return f"{transmission_id}|{time}|{webhook_id}|{zlib.crc32(body)}".encode()


def _check(body: bytes, sent: Transmission, webhook_id: str, key: rsa.RSAPublicKey) -> None:
    text = signed(body, transmission_id=sent.id, time=sent.time, webhook_id=webhook_id)
    try:
        key.verify(base64.b64decode(sent.signature, validate=True), text, padding.PKCS1v15(), SHA256())
    except (InvalidSignature, ValueError) as error:
        raise WebhookRefused(phrase("The signature does not belong to this webhook's id.")) from error


def _ask_paypal(body: bytes, sent: Transmission, webhook_id: str, ask: Ask) -> None:
    """PayPal's own check. The received bytes stand in the question as they came: written anew they would not match."""
    about = {
        "auth_algo": sent.algorithm,
        "cert_url": sent.certificate,
        "transmission_id": sent.id,
        "transmission_sig": sent.signature,
        "transmission_time": sent.time,
        "webhook_id": webhook_id,
    }
    question = json.dumps(about).encode()[:-1] + b', "webhook_event": ' + body + b"}"
    try:
        answer = ask(POSTBACK, question).get("verification_status")
    except GatewayError as error:
        raise WebhookUnverifiable(
            phrase("PayPal's certificate is out of reach, and so is PayPal's own check: {why}", why=said_by(error))
        ) from error
    if answer == "FAILURE":
        raise WebhookRefused(phrase("PayPal says that this delivery is not its own."))
    if answer != "SUCCESS":
        raise WebhookUnverifiable(phrase("PayPal's certificate is out of reach, and its own check gave no answer."))


def _told(event: Mapping[str, Any]) -> VerifiedEvent:
    kind = str(event.get("event_type"))[:120]
    about_disputes = kind in (*DISPUTE_EVENTS, *LEGACY_EVENTS)
    target = dispute_id(part(event.get("resource"))) if about_disputes else None
    return VerifiedEvent(event["id"], kind, target)
