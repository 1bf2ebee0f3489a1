"""Shopify's webhooks: the body is signed, the headers are not."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json

import pytest

from disputes.ports import WebhookRefused
from gateways.shopify_payments.webhook import verify

SECRET = "hush"
BODY = json.dumps({"id": 285332461850802050, "type": "chargeback", "status": "under_review"}).encode()


def signed(body: bytes = BODY, secret: str = SECRET, **headers: str) -> dict[str, str]:
    proof = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    told = {"X-Shopify-Hmac-SHA256": proof, "X-Shopify-Topic": "disputes/update", "X-Shopify-Webhook-Id": "b54557e4"}
    return told | {name.replace("_", "-"): value for name, value in headers.items()}


def test_a_signed_delivery_names_its_dispute() -> None:
    event = verify(BODY, signed(), secret=SECRET)
    assert (event.event_id, event.type, event.external_id) == ("b54557e4", "disputes/update", "285332461850802050")


def test_headers_are_found_in_any_case() -> None:
    assert verify(BODY, {name.lower(): value for name, value in signed().items()}, secret=SECRET).external_id


def test_a_delivery_without_an_id_is_known_by_its_body() -> None:
    event = verify(BODY, signed(**{"X-Shopify-Webhook-Id": " "}), secret=SECRET)
    assert event.event_id == hashlib.sha256(BODY).hexdigest()


def test_another_topic_points_at_nothing() -> None:
    assert verify(BODY, signed(**{"X-Shopify-Topic": "orders/paid"}), secret=SECRET).external_id is None


@pytest.mark.parametrize("secret", ["", "another"])
def test_another_secret_is_refused(secret: str) -> None:
    with pytest.raises(WebhookRefused):
        verify(BODY, signed(), secret=secret)


def test_a_changed_body_is_refused() -> None:
    with pytest.raises(WebhookRefused, match="does not belong"):
        verify(BODY.replace(b"285", b"286"), signed(), secret=SECRET)


@pytest.mark.parametrize("body", [b"\xff", b"[]", b'{"id": "../1"}', b"{}"])
def test_a_signed_body_without_a_dispute_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookRefused):
        verify(body, signed(body), secret=SECRET)
