from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
import stripe

from gateways.sandbox.control import SandboxControl

SECRET = "whsec_for_these_tests"


class Receiver:
    """Somebody's webhook endpoint; answers whatever `statuses` says, then 200."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, str]] = []
        self.statuses: list[int] = []
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.arrived:
                    receiver.received.append((body, self.headers["Stripe-Signature"]))
                    status = receiver.statuses.pop(0) if receiver.statuses else 200
                    receiver.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks"

    def wait_for(self, enough: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: enough(self.events()), timeout=8), self.events()
            return self.events()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.received]


@pytest.fixture
def receiver(control: SandboxControl) -> Iterator[Receiver]:
    made = Receiver()
    thread = threading.Thread(target=made.server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


@pytest.fixture
def endpoint(control: SandboxControl, receiver: Receiver) -> Iterator[Callable[..., None]]:
    made = []

    def add(**details: Any) -> None:
        made.append(control.webhook_endpoint(receiver.url, secret=SECRET, **details)["id"])

    yield add
    for id in made:
        control.remove_webhook_endpoint(id)


def of_dispute(events: list[dict[str, Any]]) -> list[str]:
    return [event["type"] for event in events if event["type"].startswith("charge.dispute.")]


def test_the_sdk_accepts_the_signature_and_refuses_another(
    client: stripe.StripeClient, control: SandboxControl, receiver: Receiver, endpoint: Callable[..., None]
) -> None:
    endpoint(enabled_events=["charge.dispute.created"])
    id = control.dispute()["id"]
    receiver.wait_for(lambda events: len(events) == 1)
    body, signature = receiver.received[0]
    event = client.construct_event(body, signature, SECRET)
    assert event.data.object["id"] == id
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body, signature, "whsec_other")
    with pytest.raises(stripe.SignatureVerificationError):
        client.construct_event(body + b" ", signature, SECRET)


def test_every_change_is_told_in_the_recorded_order(
    client: stripe.StripeClient, control: SandboxControl, receiver: Receiver, endpoint: Callable[..., None]
) -> None:
    endpoint(enabled_events=["charge.*"])
    id = control.dispute()["id"]
    client.v1.disputes.update(id, {"evidence": {"customer_name": "A"}, "submit": True})
    control.outcome(id, "won")
    events = receiver.wait_for(lambda events: "charge.dispute.closed" in of_dispute(events))
    types = [event["type"] for event in events]
    assert types[:3] == ["charge.succeeded", "charge.dispute.created", "charge.dispute.funds_withdrawn"]
    assert types[types.index("charge.dispute.updated") :][:4] == [
        "charge.dispute.updated",
        "charge.updated",
        "charge.dispute.funds_reinstated",
        "charge.dispute.closed",
    ]
    updated = next(event for event in events if event["type"] == "charge.dispute.updated")
    assert updated["data"]["previous_attributes"]["status"] == "needs_response"
    assert updated["data"]["previous_attributes"]["evidence"] == {"customer_name": None}
    assert updated["request"]["id"].startswith("req_")


def test_an_endpoint_keeps_the_version_it_was_made_with(
    control: SandboxControl, receiver: Receiver, endpoint: Callable[..., None]
) -> None:
    endpoint(api_version="2020-03-02", enabled_events=["charge.dispute.created"])
    control.dispute()
    (event,) = receiver.wait_for(lambda events: len(events) == 1)
    assert event["api_version"] == "2020-03-02"
    assert "payment_method_details" not in event["data"]["object"]


def test_what_was_not_taken_comes_again_and_is_signed_again(
    control: SandboxControl, receiver: Receiver, endpoint: Callable[..., None]
) -> None:
    receiver.statuses = [503]
    endpoint(enabled_events=["charge.dispute.created"])
    control.dispute()
    first, second = receiver.wait_for(lambda events: len(events) == 2)
    assert first["id"] == second["id"]
    deadline = time.monotonic() + 3
    while (last := control.deliveries()[-1])["state"] != "delivered" and time.monotonic() < deadline:
        time.sleep(0.02)
    assert (last["state"], last["tries"]) == ("delivered", 2)


def test_webhooks_can_be_doubled(control: SandboxControl, receiver: Receiver, endpoint: Callable[..., None]) -> None:
    endpoint(enabled_events=["charge.dispute.created"])
    control.fault("webhook_double")
    control.dispute()
    events = receiver.wait_for(lambda events: len(events) == 2)
    assert len({event["id"] for event in events}) == 1


def test_webhooks_can_be_reordered(control: SandboxControl, receiver: Receiver, endpoint: Callable[..., None]) -> None:
    endpoint(enabled_events=["charge.dispute.created", "charge.dispute.funds_withdrawn"])
    control.fault("webhook_reorder")
    control.dispute()
    events = receiver.wait_for(lambda events: len(events) == 2)
    assert of_dispute(events) == ["charge.dispute.funds_withdrawn", "charge.dispute.created"]


def test_webhooks_can_be_lost_and_are_still_listed(
    client: stripe.StripeClient, control: SandboxControl, receiver: Receiver, endpoint: Callable[..., None]
) -> None:
    endpoint(enabled_events=["charge.dispute.created", "charge.dispute.closed"])
    control.fault("webhook_drop")
    id = control.dispute()["id"]
    control.outcome(id, "lost")
    assert of_dispute(receiver.wait_for(lambda events: len(events) == 1)) == ["charge.dispute.closed"]
    listed = client.v1.events.list({"types": ["charge.dispute.created", "charge.dispute.closed"], "limit": 2}).data
    assert [event.type for event in listed] == ["charge.dispute.closed", "charge.dispute.created"]


def test_webhooks_can_be_late(control: SandboxControl, receiver: Receiver, endpoint: Callable[..., None]) -> None:
    endpoint(enabled_events=["charge.dispute.created"])
    control.fault("webhook_delay", seconds=0.3)
    started = time.monotonic()
    control.dispute()
    receiver.wait_for(lambda events: len(events) == 1)
    assert time.monotonic() - started >= 0.3


def test_type_takes_a_star_but_not_beside_types(client: stripe.StripeClient, control: SandboxControl) -> None:
    control.dispute()
    found = client.v1.events.list({"type": "charge.dispute.*", "limit": 5}).data
    assert all(event.type.startswith("charge.dispute.") for event in found)
    with pytest.raises(stripe.InvalidRequestError, match="only specify one"):
        client.v1.events.list({"type": "a", "types": ["b"]})
