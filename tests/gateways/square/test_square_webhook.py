"""Square's webhooks: whose they are is told by an HMAC, and of what they say only ids are believed."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Collection
from typing import Any

import pytest
from square.utils.webhooks_helper import verify_signature

from disputes.ports import WebhookRefused
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from gateways.square.contract import DEPRECATED_EVENTS, EVENTS
from tests.gateways.square.loopback import Loopback

KEY = "asdf1234_this_endpoint"
URL = "https://desk.example.com/webhooks/con_1"

# Square's own example of a signed delivery, as its documentation and SDKs publish it.
PUBLISHED = {
    "key": "Ibxx_5AKakO-3qeNVR61Dw",
    "url": "https://webhook.site/679a4f3a-dcfa-49ee-bac5-9d0edad886b9",
    "signature": "GF4YkrJgGBDZ9NIYbNXBnMzqb2HoL4RW/S6vkZ9/2N4=",
    "body": (
        '{"merchant_id":"MLEFBHHSJGVHD","type":"webhooks.test_notification",'
        '"event_id":"ac3ac95b-f97d-458c-a6e6-18981597e05f","created_at":"2022-07-13T20:30:59.037339943Z",'
        '"data":{"type":"webhooks","id":"bc368e64-01aa-407e-b46e-3231809b1129"}}'
    ),
}


@pytest.fixture(scope="module")
def square() -> SquareGateway:
    return SquareGateway("EAAA-never-sent", addresses={"api": "http://127.0.0.1:9"})


def event(kind: str = "dispute.state.updated", **data: Any) -> bytes:
    dispute = {"id": "bVTprrwk0gygTLZ96VX1oB", "state": "EVIDENCE_REQUIRED"}
    base = {"type": "dispute", "id": "bVTprrwk0gygTLZ96VX1oB", "object": {"dispute": dispute}}
    return json.dumps({"merchant_id": "M", "type": kind, "event_id": "evt-1", "data": base | data}).encode()


def mac(body: bytes, digest: Any, *, key: str = KEY, url: str = URL) -> str:
    return base64.b64encode(hmac.new(key.encode(), url.encode() + body, digest).digest()).decode()


def signed(body: bytes, **changes: Any) -> dict[str, str]:
    return {"x-square-hmacsha256-signature": mac(body, hashlib.sha256, **changes)}


def legacy(body: bytes, **changes: Any) -> dict[str, str]:
    return {"x-square-signature": mac(body, hashlib.sha1, **changes)}


class TestSignature:
    def test_squares_published_delivery_is_believed(self, square: SquareGateway) -> None:
        headers = {"x-square-hmacsha256-signature": PUBLISHED["signature"]}
        body = PUBLISHED["body"].encode()
        found = square.verify_webhook(body, headers, secret=PUBLISHED["key"], url=PUBLISHED["url"])
        assert found.event_id == "ac3ac95b-f97d-458c-a6e6-18981597e05f"
        assert found.external_id is None

    def test_what_the_sdk_would_believe_is_believed(self, square: SquareGateway) -> None:
        body = event()
        header = signed(body)["x-square-hmacsha256-signature"]
        assert verify_signature(
            request_body=body.decode(), signature_header=header, signature_key=KEY, notification_url=URL
        )
        assert square.verify_webhook(body, signed(body), secret=KEY, url=URL).event_id == "evt-1"

    def test_headers_are_found_in_any_case(self, square: SquareGateway) -> None:
        body = event()
        headers = {name.title(): value for name, value in signed(body).items()}
        assert square.verify_webhook(body, headers, secret=KEY, url=URL).event_id == "evt-1"

    def test_a_missing_header_is_a_refusal_and_no_crash(self, square: SquareGateway) -> None:
        """The SDK's helper raises AttributeError where the header is None."""
        with pytest.raises(AttributeError):
            verify_signature(
                request_body="{}", signature_header=None, signature_key=KEY, notification_url=URL  # type: ignore[arg-type]
            )  # fmt: skip
        with pytest.raises(WebhookRefused, match="no signature"):
            square.verify_webhook(event(), {}, secret=KEY, url=URL)

    def test_the_legacy_header_alone_is_enough(self, square: SquareGateway) -> None:
        """A genuine dispute.created carries the SHA-1 header only."""
        body = event("dispute.created")
        found = square.verify_webhook(body, legacy(body), secret=KEY, url=URL)
        assert (found.type, found.external_id) == ("dispute.created", "bVTprrwk0gygTLZ96VX1oB")

    def test_a_wrong_legacy_header_is_refused(self, square: SquareGateway) -> None:
        body = event()
        with pytest.raises(WebhookRefused, match="does not belong"):
            square.verify_webhook(body, legacy(body, key="another"), secret=KEY, url=URL)

    @pytest.mark.parametrize("wrong", ["", "bm8=", "ü"])
    def test_the_legacy_header_does_not_mend_a_wrong_one(self, square: SquareGateway, wrong: str) -> None:
        body = event()
        headers = legacy(body) | {"x-square-hmacsha256-signature": wrong}
        with pytest.raises(WebhookRefused, match="does not belong"):
            square.verify_webhook(body, headers, secret=KEY, url=URL)

    def test_a_sha_1_in_the_new_header_is_refused(self, square: SquareGateway) -> None:
        body = event()
        headers = {"x-square-hmacsha256-signature": legacy(body)["x-square-signature"]}
        with pytest.raises(WebhookRefused):
            square.verify_webhook(body, headers, secret=KEY, url=URL)

    def test_the_address_is_part_of_it_the_configured_one_and_not_that_behind_a_proxy(
        self, square: SquareGateway
    ) -> None:
        body = event()
        with pytest.raises(WebhookRefused, match="public address"):
            square.verify_webhook(body, signed(body), secret=KEY, url="http://10.0.0.5:8000/webhooks/con_1")

    @pytest.mark.parametrize("make", [signed, legacy])
    def test_a_changed_body_is_refused(self, square: SquareGateway, make: Any) -> None:
        headers = make(event())
        with pytest.raises(WebhookRefused):
            square.verify_webhook(event(kind="dispute.created"), headers, secret=KEY, url=URL)

    def test_a_body_that_was_written_anew_is_refused(self, square: SquareGateway) -> None:
        body = event()
        headers = signed(body)
        with pytest.raises(WebhookRefused):
            square.verify_webhook(json.dumps(json.loads(body), indent=1).encode(), headers, secret=KEY, url=URL)

    def test_another_endpoints_key_is_refused(self, square: SquareGateway) -> None:
        body = event()
        with pytest.raises(WebhookRefused):
            square.verify_webhook(body, signed(body, key="another"), secret=KEY, url=URL)

    def test_an_empty_key_verifies_nothing(self, square: SquareGateway) -> None:
        body = event()
        with pytest.raises(WebhookRefused, match="anybody"):
            square.verify_webhook(body, signed(body, key=""), secret="", url=URL)


class TestEvent:
    def told(self, square: SquareGateway, body: bytes) -> Any:
        return square.verify_webhook(body, signed(body), secret=KEY, url=URL)

    @pytest.mark.parametrize("kind", sorted(EVENTS | DEPRECATED_EVENTS))
    def test_every_dispute_event_points_at_its_dispute_old_names_too(self, square: SquareGateway, kind: str) -> None:
        assert self.told(square, event(kind)).external_id == "bVTprrwk0gygTLZ96VX1oB"

    def test_the_dispute_lies_where_deliveries_have_it_and_not_where_the_schema_says(
        self, square: SquareGateway
    ) -> None:
        """The SDK's typed event has data.object.object, which is None in every delivery."""
        from square.core.unchecked_base_model import construct_type
        from square.types.dispute_created_event import DisputeCreatedEvent

        body = event("dispute.created", id="something-else", type="dispute.evidence")
        typed: Any = construct_type(type_=DisputeCreatedEvent, object_=json.loads(body))
        assert typed.data.object.object is None
        assert self.told(square, body).external_id == "bVTprrwk0gygTLZ96VX1oB"

    def test_an_older_event_with_the_deprecated_id_is_read(self, square: SquareGateway) -> None:
        body = event("dispute.evidence.added", object={"dispute": {"dispute_id": "OLDid"}})
        assert self.told(square, body).external_id == "OLDid"

    def test_without_the_object_the_datas_own_id_counts_if_it_is_a_disputes(self, square: SquareGateway) -> None:
        assert self.told(square, event(object={})).external_id == "bVTprrwk0gygTLZ96VX1oB"
        with pytest.raises(WebhookRefused, match="names no dispute"):
            self.told(square, event(object={}, type="dispute.evidence"))

    def test_an_event_about_something_else_points_at_nothing(self, square: SquareGateway) -> None:
        found = self.told(square, event("payment.updated"))
        assert (found.type, found.external_id) == ("payment.updated", None)

    def test_an_unknown_event_about_a_dispute_makes_it_be_read_again(self, square: SquareGateway) -> None:
        assert self.told(square, event("dispute.something.new")).external_id == "bVTprrwk0gygTLZ96VX1oB"

    @pytest.mark.parametrize("bad", ["../payments/abc", "a/b", "", "x" * 41, "id with blanks", 7, None, {"a": 1}])
    def test_an_id_that_could_leave_its_path_is_refused(self, square: SquareGateway, bad: Any) -> None:
        with pytest.raises(WebhookRefused, match="names no dispute"):
            self.told(square, event(type="other", object={"dispute": {"id": bad}}))

    @pytest.mark.parametrize(
        "body",
        [b"[]", b"{}", b'"x"', b"\xff\xfe", b"not json", b'{"event_id": 7}', b'{"event_id": ""}', b"[" * 100_000],
    )
    def test_a_body_that_is_no_event_is_refused_although_it_is_signed(self, square: SquareGateway, body: bytes) -> None:
        with pytest.raises(WebhookRefused, match="no Square event"):
            self.told(square, body)


class TestDeliveries:
    """The sandbox's own deliveries, over HTTP, as they arrive at an endpoint."""

    def endpoint(
        self, loopback: Loopback, control: SquareControl, events: Collection[str] = EVENTS, **settings: Any
    ) -> str:
        control.settings(**settings)
        url = f"{loopback.url}/webhooks/con_1"
        loopback.on("POST /webhooks/con_1", {})
        control.webhook_endpoint(url, signature_key=KEY, event_types=sorted(events))
        return url

    @pytest.mark.parametrize(
        ("signatures", "headers"),
        [
            ("both", {"x-square-hmacsha256-signature", "x-square-signature"}),
            ("sha256", {"x-square-hmacsha256-signature"}),
            ("legacy", {"x-square-signature"}),
        ],
    )
    def test_each_way_of_signing_is_believed(
        self, gateway: SquareGateway, control: SquareControl, loopback: Loopback, signatures: str, headers: set[str]
    ) -> None:
        url = self.endpoint(loopback, control, signatures=signatures)
        try:
            one = control.dispute()["id"]
            delivered = loopback.wait_for(lambda asked: str(one).encode() in asked.body)
        finally:
            control.settings(signatures="both")
        assert {name for name in delivered.headers if name.startswith("x-square-")} >= headers
        found = gateway.verify_webhook(delivered.body, delivered.headers, secret=KEY, url=url)
        assert (found.type, found.external_id) == ("dispute.created", one)
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(delivered.body, delivered.headers, secret=KEY, url=url + "/")

    def test_the_old_names_of_events_lead_to_the_same_dispute(
        self, gateway: SquareGateway, control: SquareControl, loopback: Loopback
    ) -> None:
        url = self.endpoint(loopback, control, DEPRECATED_EVENTS, deprecated_events=True)
        try:
            one = control.dispute()["id"]
            gateway.write_text(one, "RECEIPT", "Paid.", key=f"old-{one}")
            delivered = loopback.wait_for(lambda asked: b"dispute.evidence.added" in asked.body)
        finally:
            control.settings(deprecated_events=False)
        assert gateway.verify_webhook(delivered.body, delivered.headers, secret=KEY, url=url).external_id == one
