from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from square import Square
from square.types.dispute_created_event import DisputeCreatedEvent
from square.utils.webhooks_helper import verify_signature

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.square.control import SquareControl
from gateways.sandbox.square.tokens import DESK

KEY = "signature-key-of-tests"
ALL = [
    "dispute.created", "dispute.state.updated", "dispute.evidence.created", "dispute.evidence.deleted",
    "dispute.state.changed", "dispute.evidence.added", "dispute.evidence.removed",
]  # fmt: skip


class Receiver:
    """Somebody's webhook endpoint; answers whatever `statuses` says, then 200."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, Message]] = []
        self.statuses: list[int] = []
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.arrived:
                    receiver.received.append((body, self.headers))
                    status = receiver.statuses.pop(0) if receiver.statuses else 200
                    receiver.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks/square"

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, timeout=8), self.events()
            return self.events()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.received]

    def types(self) -> list[str]:
        return [event["type"] for event in self.events()]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def endpoint(control: SquareControl, receiver: Receiver) -> Iterator[Callable[..., None]]:
    made = []

    def add(*types: str) -> None:
        subscribed = control.webhook_endpoint(receiver.url, signature_key=KEY, event_types=list(types or ALL))
        made.append(subscribed["id"])

    yield add
    for id in made:
        control.remove_webhook_endpoint(id)


class TestSignatures:
    def test_the_sdk_accepts_ours_and_refuses_another(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        endpoint("dispute.created")
        control.dispute(customer={"name": "Zoë Şahin", "email": "zoe@example.com"})
        receiver.wait_for(1)
        body, headers = receiver.received[0]
        given = headers["x-square-hmacsha256-signature"]

        def good(text: str, key: str = KEY, url: str = receiver.url) -> bool:
            return verify_signature(request_body=text, signature_header=given, signature_key=key, notification_url=url)

        assert good(body.decode())
        assert not good(body.decode() + " ")
        assert not good(body.decode(), key="another")
        assert not good(body.decode(), url=receiver.url + "/")

    def test_a_delivery_may_carry_the_legacy_signature_only(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        control.settings(signatures="legacy")
        endpoint("dispute.created")
        control.dispute()
        receiver.wait_for(1)
        body, headers = receiver.received[0]
        assert headers["x-square-hmacsha256-signature"] is None
        digest = hmac.new(KEY.encode(), receiver.url.encode() + body, hashlib.sha1).digest()
        assert headers["x-square-signature"] == base64.b64encode(digest).decode()

    def test_or_the_new_one_only(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        control.settings(signatures="sha256")
        endpoint("dispute.created")
        control.dispute()
        receiver.wait_for(1)
        _, headers = receiver.received[0]
        assert headers["x-square-signature"] is None
        assert headers["x-square-hmacsha256-signature"]


class TestEvents:
    def test_the_envelope_is_the_contracts(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        endpoint("dispute.created")
        dispute = control.dispute()
        (event,) = receiver.wait_for(1)
        assert set(event) == {"merchant_id", "location_id", "type", "event_id", "created_at", "data"}
        assert (event["merchant_id"], event["location_id"]) == ("MLLALELIVING0", dispute["location_id"])
        assert event["data"] == {"type": "dispute", "id": dispute["id"], "object": {"dispute": dispute}}

    def test_the_sdks_typed_event_misses_the_dispute(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        endpoint("dispute.created")
        dispute = control.dispute()
        (event,) = receiver.wait_for(1)
        typed: Any = DisputeCreatedEvent.model_validate(event)
        assert typed.data.object.object is None
        assert typed.data.object.dispute["id"] == dispute["id"]

    def test_every_change_is_told_with_the_dispute_as_it_then_was(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None], desk: Any
    ) -> None:
        endpoint(*ALL[:4])
        id = control.dispute()["id"]
        gone = desk.text(id)
        desk.delete(id, gone.id)
        desk.file(id)
        desk.submit(id)
        control.outcome(id, "WON")
        events = receiver.wait_for(6)
        assert receiver.types() == [
            "dispute.created", "dispute.evidence.created", "dispute.evidence.deleted", "dispute.evidence.created",
            "dispute.state.updated", "dispute.state.updated",
        ]  # fmt: skip
        told = [event["data"]["object"]["dispute"] for event in events]
        assert [dispute["version"] for dispute in told] == [1, 2, 3, 4, 5, 6]
        assert [dispute["state"] for dispute in told][-3:] == ["EVIDENCE_REQUIRED", "PROCESSING", "WON"]
        assert len({event["event_id"] for event in events}) == 6

    def test_the_deprecated_names_come_with_the_old_fields(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None], desk: Any
    ) -> None:
        control.settings(deprecated_events=True)
        endpoint("dispute.state.changed", "dispute.evidence.added", "dispute.evidence.removed")
        id = control.dispute()["id"]
        first, second = desk.text(id), desk.text(id)
        desk.delete(id, first.id)
        desk.submit(id)
        events = receiver.wait_for(4)
        assert receiver.types() == [
            "dispute.evidence.added", "dispute.evidence.added", "dispute.evidence.removed", "dispute.state.changed",
        ]  # fmt: skip
        old = events[-1]["data"]["object"]["dispute"]
        assert (old["dispute_id"], old["evidence_ids"]) == (id, [second.id])
        assert "id" not in old
        assert events[-1]["data"]["id"] == id

    def test_nobody_hears_what_he_did_not_ask_for(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        endpoint("dispute.state.updated")
        id = control.dispute()["id"]
        control.outcome(id, "LOST")
        receiver.wait_for(1)
        assert receiver.types() == ["dispute.state.updated"]


class TestDeliveries:
    def test_what_was_not_taken_comes_again(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        receiver.statuses = [503]
        endpoint("dispute.created")
        control.dispute()
        first, second = receiver.wait_for(2)
        assert first == second
        deadline = time.monotonic() + 3
        while (last := control.deliveries()[-1])["state"] != "delivered" and time.monotonic() < deadline:
            time.sleep(0.02)
        assert (last["state"], last["tries"]) == ("delivered", 2)

    def test_they_can_be_doubled(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        endpoint("dispute.created")
        control.fault("webhook_double")
        control.dispute()
        first, second = receiver.wait_for(2)
        assert first["event_id"] == second["event_id"]

    def test_they_can_be_reordered(
        self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]
    ) -> None:
        endpoint("dispute.created", "dispute.state.updated")
        control.fault("webhook_reorder")
        control.outcome(control.dispute()["id"], "LOST")
        receiver.wait_for(2)
        assert receiver.types() == ["dispute.state.updated", "dispute.created"]

    def test_they_can_be_lost(self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]) -> None:
        endpoint("dispute.created", "dispute.state.updated")
        control.fault("webhook_drop")
        control.outcome(control.dispute()["id"], "LOST")
        receiver.wait_for(1)
        assert receiver.types() == ["dispute.state.updated"]

    def test_they_can_be_late(self, control: SquareControl, receiver: Receiver, endpoint: Callable[..., None]) -> None:
        endpoint("dispute.created")
        control.fault("webhook_delay", seconds=0.3)
        started = time.monotonic()
        control.dispute()
        receiver.wait_for(1)
        assert time.monotonic() - started >= 0.3


class TestSubscriptions:
    def test_one_is_made_listed_and_deleted(self, client: Square, control: SquareControl, receiver: Receiver) -> None:
        made = client.webhooks.subscriptions.create(
            subscription={
                "name": "Desk", "event_types": ["dispute.created"], "notification_url": receiver.url,
            }
        ).subscription  # fmt: skip
        assert made is not None
        assert made.id
        assert made.signature_key
        assert made.id in [each.id for each in client.webhooks.subscriptions.list()]
        assert client.webhooks.subscriptions.get(made.id).subscription == made
        control.dispute()
        receiver.wait_for(1)
        body, headers = receiver.received[0]
        assert verify_signature(
            request_body=body.decode(), signature_header=headers["x-square-hmacsha256-signature"],
            signature_key=made.signature_key, notification_url=receiver.url,
        )  # fmt: skip
        client.webhooks.subscriptions.delete(made.id)
        assert made.id not in [each.id for each in client.webhooks.subscriptions.list()]

    def test_a_disabled_one_hears_nothing_and_is_listed_on_demand(self, client: Square) -> None:
        made = client.webhooks.subscriptions.create(
            subscription={
                "name": "Off", "event_types": ["dispute.created"], "enabled": False,
                "notification_url": "https://desk.example/webhooks",
            }
        ).subscription  # fmt: skip
        assert made is not None
        assert made.id not in [each.id for each in client.webhooks.subscriptions.list()]
        assert made.id in [each.id for each in client.webhooks.subscriptions.list(include_disabled=True)]

    @pytest.mark.parametrize(
        ("subscription", "code", "field"),
        [
            ({"name": "x"}, "MISSING_REQUIRED_PARAMETER", "subscription.event_types"),
            (
                {"name": "x", "event_types": ["a"], "notification_url": "http://desk.example"},
                "INVALID_VALUE", "subscription.notification_url",
            ),
            ({"name": "x", "event_types": "a"}, "EXPECTED_ARRAY", "subscription.event_types"),
        ],
    )  # fmt: skip
    def test_what_is_wrong_is_named(
        self, client: Square, refusal: Any, subscription: Any, code: str, field: str
    ) -> None:
        error = refusal(client.webhooks.subscriptions.create, subscription=subscription)
        assert (error["code"], error["field"]) == (code, field)

    def test_it_is_the_applications_own_affair(
        self, client_for: Callable[..., Square], sandbox: Sandbox, refusal: Any
    ) -> None:
        assert refusal(client_for(sandbox, DESK).webhooks.subscriptions.list)["status"] == 403
