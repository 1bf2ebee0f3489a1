from __future__ import annotations

import base64
import json
import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import TRACKED, App, controls_of, issues

WEBHOOKS = "/v1/notifications/webhooks"
VERIFY = "/v1/notifications/verify-webhook-signature"
SUBJECT = "messageverificationcerts.paypal.com"


class Receiver:
    """Somebody's webhook address; answers whatever `statuses` says, then 200."""

    def __init__(self) -> None:
        self.received: list[tuple[bytes, dict[str, str]]] = []
        self.statuses: list[int] = []
        self.arrived = threading.Condition()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.arrived:
                    receiver.received.append((body, {name.upper(): value for name, value in self.headers.items()}))
                    status = receiver.statuses.pop(0) if receiver.statuses else 200
                    receiver.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhooks"

    def wait_for(self, count: int) -> list[dict[str, Any]]:
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, timeout=8), self.events()
            return self.events()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(body) for body, _ in self.received]

    def types(self) -> list[str]:
        return [event["event_type"].rpartition(".")[2] for event in self.events()]


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
def webhook(control: PayPalControl, receiver: Receiver) -> Iterator[dict[str, Any]]:
    made = control.webhook_endpoint(receiver.url)
    yield made
    control.remove_webhook_endpoint(made["id"])


def chain(pem: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem.encode())


def trusted(certificates: list[x509.Certificate], root: str) -> x509.Certificate:
    """As a receiver does it that is told to trust `root`."""
    policy = PolicyBuilder().store(Store(chain(root))).time(datetime.now(UTC))
    policy.build_server_verifier(x509.DNSName(SUBJECT)).verify(certificates[0], certificates[1:])
    return certificates[0]


def checked(body: bytes, headers: dict[str, str], webhook_id: str, leaf: x509.Certificate) -> None:
    parts = (headers["PAYPAL-TRANSMISSION-ID"], headers["PAYPAL-TRANSMISSION-TIME"], webhook_id, str(zlib.crc32(body)))
    key = leaf.public_key()
    assert isinstance(key, RSAPublicKey)
    signature = base64.b64decode(headers["PAYPAL-TRANSMISSION-SIG"])
    key.verify(signature, "|".join(parts).encode(), padding.PKCS1v15(), hashes.SHA256())


def test_a_delivery_is_signed_by_a_certificate_under_the_sandboxs_root(
    control: PayPalControl, receiver: Receiver, webhook: dict[str, Any]
) -> None:
    id = control.dispute()["dispute_id"]
    (event,) = receiver.wait_for(1)
    body, headers = receiver.received[0]
    assert (event["event_type"], event["resource_type"]) == ("CUSTOMER.DISPUTE.CREATED", "dispute")
    assert event["resource"]["dispute_id"] == id
    assert (headers["PAYPAL-AUTH-ALGO"], headers["PAYPAL-AUTH-VERSION"]) == ("SHA256withRSA", "v2")
    assert headers["PAYPAL-CERT-URL"] == control.trust()["cert_url"]
    served = chain(httpx.get(headers["PAYPAL-CERT-URL"], trust_env=False).text)
    leaf = trusted(served, webhook["root_pem"])
    checked(body, headers, webhook["id"], leaf)
    for wrong in ((body + b" ", webhook["id"]), (body, "WEBHOOK_ID")):
        with pytest.raises(InvalidSignature):
            checked(wrong[0], headers, wrong[1], leaf)


def test_the_chain_is_refused_under_another_root_or_without_its_middle(control: PayPalControl, moving: Sandbox) -> None:
    served = chain(httpx.get(control.trust()["cert_url"], trust_env=False).text)
    with pytest.raises(VerificationError):
        trusted(served, controls_of(moving).trust()["root_pem"])
    with pytest.raises(VerificationError):
        trusted(served[:1], control.trust()["root_pem"])


def test_the_address_may_serve_the_leaf_alone(moving: Sandbox) -> None:
    control = controls_of(moving)
    control.settings(certificate="leaf")
    assert len(chain(httpx.get(control.trust()["cert_url"], trust_env=False).text)) == 1


def test_the_trust_root_outlives_a_restart_and_is_no_other_folders(tmp_path: Any) -> None:
    roots = []
    for folder in ("one", "one", "two"):
        with launch(tmp_path / folder, gateway="paypal", empty=True) as running:
            roots.append(controls_of(running).trust()["root_pem"])
    assert roots[0] == roots[1] != roots[2]


def test_every_change_is_told_and_the_end_as_such(
    control: PayPalControl, app: App, receiver: Receiver, webhook: dict[str, Any]
) -> None:
    id = control.dispute()["dispute_id"]
    app.evidence(id, TRACKED)
    control.outcome(id, "lost")
    control.outcome(id, "won")
    receiver.wait_for(4)
    assert sorted(receiver.types()) == ["CREATED", "RESOLVED", "RESOLVED", "UPDATED"]
    ids = [event["id"] for event in receiver.events()]
    assert len(set(ids)) == 4


def postback(webhook_id: str, body: bytes, headers: dict[str, str], **changes: str) -> bytes:
    fields = {
        "auth_algo": headers["PAYPAL-AUTH-ALGO"],
        "cert_url": headers["PAYPAL-CERT-URL"],
        "transmission_id": headers["PAYPAL-TRANSMISSION-ID"],
        "transmission_sig": headers["PAYPAL-TRANSMISSION-SIG"],
        "transmission_time": headers["PAYPAL-TRANSMISSION-TIME"],
        "webhook_id": webhook_id,
        **changes,
    }
    return json.dumps(fields)[:-1].encode() + b', "webhook_event": ' + body + b"}"


def test_the_postback_verifies_the_very_bytes(
    control: PayPalControl, app: App, receiver: Receiver, webhook: dict[str, Any]
) -> None:
    def verdict(sent: bytes) -> str:
        answer = app.http.post(VERIFY, content=sent, headers={"Content-Type": "application/json"})
        return str(answer.json()["verification_status"])

    control.dispute(message='He said "webhook_event": {"nothing"} and left, für immer.')
    receiver.wait_for(1)
    body, headers = receiver.received[0]
    id = webhook["id"]
    assert verdict(postback(id, body, headers)) == "SUCCESS"
    assert verdict(postback(id, json.dumps(json.loads(body)).encode(), headers)) == "FAILURE", "written anew"
    assert verdict(postback("WEBHOOK_ID", body, headers)) == "FAILURE"
    assert verdict(postback(id, body, headers, cert_url="https://api.paypal.com.evil.example/c")) == "FAILURE"
    assert verdict(postback(id, body, headers, transmission_sig="bm90IGEgc2lnbmF0dXJl")) == "FAILURE"
    assert app.http.post(VERIFY, json={"webhook_id": id}).status_code == 400


class TestRegistration:
    def test_a_webhook_is_created_listed_and_deleted(self, app: App) -> None:
        sent = {"url": "https://desk.example/hooks", "event_types": [{"name": "CUSTOMER.DISPUTE.CREATED"}]}
        made = app.http.post(WEBHOOKS, json=sent)
        assert made.status_code == 201
        id = made.json()["id"]
        assert id in [one["id"] for one in app.get(WEBHOOKS)["webhooks"]]
        assert app.get(f"{WEBHOOKS}/{id}")["url"] == sent["url"]
        again = app.http.post(WEBHOOKS, json=sent)
        assert (again.status_code, again.json()["name"]) == (400, "WEBHOOK_URL_ALREADY_EXISTS")
        assert app.http.delete(f"{WEBHOOKS}/{id}").status_code == 204
        assert app.http.get(f"{WEBHOOKS}/{id}").status_code == 404

    @pytest.mark.parametrize(
        ("sent", "issue"),
        [
            ({"url": "ftp://x", "event_types": [{"name": "*"}]}, "INVALID_URL"),
            ({"url": "https://x.example/", "event_types": []}, "MISSING_REQUIRED_PARAMETER"),
            ({"url": "https://x.example/", "event_types": [{"name": "EVERY.THING"}]}, "UNKNOWN_EVENT_TYPE"),
        ],
    )
    def test_a_webhook_that_makes_no_sense_is_refused(self, app: App, sent: Any, issue: str) -> None:
        answer = app.http.post(WEBHOOKS, json=sent)
        assert (answer.status_code, issues(answer)) == (400, [issue])

    def test_an_app_has_ten_at_most(self, moving: Sandbox, app_for: Callable[..., App]) -> None:
        app = app_for(moving)
        sent = [{"url": f"https://desk.example/{n}", "event_types": [{"name": "*"}]} for n in range(11)]
        assert [app.http.post(WEBHOOKS, json=one).status_code for one in sent] == [201] * 10 + [400]

    def test_only_what_was_asked_for_is_delivered(self, control: PayPalControl, receiver: Receiver) -> None:
        made = control.webhook_endpoint(receiver.url, event_types=["CUSTOMER.DISPUTE.RESOLVED"])
        control.outcome(control.dispute()["dispute_id"], "won")
        receiver.wait_for(1)
        assert receiver.types() == ["RESOLVED"]
        control.remove_webhook_endpoint(made["id"])


class TestFaults:
    def test_a_refused_delivery_comes_again(
        self, control: PayPalControl, receiver: Receiver, webhook: dict[str, Any]
    ) -> None:
        receiver.statuses = [500]
        control.dispute()
        receiver.wait_for(2)
        (first, _), (second, _) = receiver.received
        assert first == second
        assert receiver.received[0][1]["PAYPAL-TRANSMISSION-ID"] != receiver.received[1][1]["PAYPAL-TRANSMISSION-ID"]

    def test_deliveries_can_be_doubled(
        self, control: PayPalControl, receiver: Receiver, webhook: dict[str, Any]
    ) -> None:
        control.fault("webhook_double")
        control.dispute()
        first, second = receiver.wait_for(2)
        assert first["id"] == second["id"]

    def test_deliveries_can_overtake_each_other(
        self, control: PayPalControl, receiver: Receiver, webhook: dict[str, Any]
    ) -> None:
        control.fault("webhook_reorder")
        control.outcome(control.dispute()["dispute_id"], "won")
        receiver.wait_for(2)
        assert receiver.types() == ["RESOLVED", "CREATED"]

    def test_deliveries_can_be_lost(self, control: PayPalControl, receiver: Receiver, webhook: dict[str, Any]) -> None:
        control.fault("webhook_drop")
        control.outcome(control.dispute()["dispute_id"], "won")
        receiver.wait_for(1)
        assert receiver.types() == ["RESOLVED"]
        states = [one["state"] for one in control.deliveries() if one["endpoint"] == webhook["id"]]
        assert states[0] == "dropped"
