"""Stripe's webhooks: only what is signed now is believed, and only for its ids."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import stripe

from disputes.ports import WebhookRefused
from gateways.stripe.adapter import StripeGateway
from tests.gateways.stripe.calls import SECRET, URL


class TestWebhooks:
    def event(self, **changes: Any) -> bytes:
        body = {"id": "evt_1", "type": "charge.dispute.updated", "data": {"object": {"id": "du_1"}}}
        return json.dumps(body | changes).encode()

    def signed(self, body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
        header = stripe.WebhookSignature.generate_signature_header(
            payload=body.decode(), secret=secret, timestamp=int(at or time.time())
        )
        return {"stripe-signature": header}

    def test_a_signed_event_is_believed_for_its_ids_only(self, gateway: StripeGateway) -> None:
        body = self.event()
        event = gateway.verify_webhook(body, self.signed(body), secret=SECRET, url=URL)
        assert (event.event_id, event.external_id) == ("evt_1", "du_1")

    def test_an_event_about_something_else_points_at_nothing(self, gateway: StripeGateway) -> None:
        body = self.event(type="charge.updated", data={"object": {"id": "ch_1"}})
        assert gateway.verify_webhook(body, self.signed(body), secret=SECRET, url=URL).external_id is None

    @pytest.mark.parametrize("away", [-timedelta(minutes=6), timedelta(minutes=6)], ids=["past", "future"])
    def test_a_signature_from_another_time_is_refused(self, gateway: StripeGateway, away: timedelta) -> None:
        """The SDK looks backwards only."""
        body = self.event()
        at = (datetime.now(UTC) + away).timestamp()
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(body, self.signed(body, at=at), secret=SECRET, url=URL)

    @pytest.mark.parametrize(
        "headers", [{}, {"stripe-signature": ""}, {"stripe-signature": "t=now,v1=x"}, {"stripe-signature": "v1=abc"}]
    )
    def test_a_missing_or_broken_signature_is_refused(self, gateway: StripeGateway, headers: dict[str, str]) -> None:
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(self.event(), headers, secret=SECRET, url=URL)

    def test_another_endpoints_secret_is_refused(self, gateway: StripeGateway) -> None:
        body = self.event()
        with pytest.raises(WebhookRefused, match="does not belong"):
            gateway.verify_webhook(body, self.signed(body, secret="whsec_other"), secret=SECRET, url=URL)

    def test_while_a_secret_is_rotated_either_signature_will_do(self, gateway: StripeGateway) -> None:
        body = self.event()
        at = time.time()
        new = self.signed(body, at=at)["stripe-signature"]
        old = self.signed(body, secret="whsec_old", at=at)["stripe-signature"].partition("v1=")[2]
        both = {"stripe-signature": f"{new},v1={old}"}
        assert gateway.verify_webhook(body, both, secret=SECRET, url=URL).event_id == "evt_1"
        assert gateway.verify_webhook(body, both, secret="whsec_old", url=URL).event_id == "evt_1"

    def test_a_changed_body_is_refused(self, gateway: StripeGateway) -> None:
        headers = self.signed(self.event())
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(self.event(id="evt_2"), headers, secret=SECRET, url=URL)

    @pytest.mark.parametrize("body", [b"[]", b"{}", b'"x"', b"\xff\xfe", b"not json"])
    def test_a_body_that_is_no_event_is_refused(self, gateway: StripeGateway, body: bytes) -> None:
        headers = {"stripe-signature": "t=1,v1=x"}
        if body != b"\xff\xfe":
            headers = self.signed(body)
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(body, headers, secret=SECRET, url=URL)
