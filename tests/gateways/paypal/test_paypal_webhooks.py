"""Webhooks proved offline against the certificate; PayPal asked where that is impossible; else it has to come again."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import pytest

from disputes.clock import FixedClock
from disputes.ports import GatewayError, VerifiedEvent, WebhookRefused, WebhookUnverifiable
from gateways.paypal import certificates
from gateways.paypal.adapter import PayPalGateway
from gateways.paypal.certificates import LIVE_NAME, PATH, SANDBOX_NAME, Certificates
from gateways.paypal.webhooks import POSTBACK
from tests.gateways.paypal.loopback import CLIENT, SECRET, Loopback, Reply
from tests.gateways.paypal.signing import CERTIFICATE, NOW, WEBHOOK, Signer, delivery, event, self_signed, signer

URL = "https://desk.example.com/webhooks/con_1"


class Endpoint:
    """One connection and the deliveries that reach it."""

    def __init__(self, server: Loopback, by: Signer | None = None) -> None:
        self.server, self.by = server, by or signer()
        self.clock = FixedClock(NOW)
        self.gateway = PayPalGateway(
            CLIENT, SECRET, addresses={"api": server.url, "webhook_root": signer().root}, clock=self.clock, timeout=5
        )
        server.on("GET", CERTIFICATE, Reply(200, self.by.chain))
        # Certificates are public: nobody shows a token to read one.
        server.public.add(CERTIFICATE)

    @property
    def certificate(self) -> str:
        return f"{self.server.url}{CERTIFICATE}"

    def headers(self, body: bytes, **changes: Any) -> dict[str, str]:
        return delivery(body, self.by, self.certificate, **changes)

    def verify(self, body: bytes, headers: dict[str, str], webhook: str = WEBHOOK) -> VerifiedEvent:
        return self.gateway.verify_webhook(body, headers, secret=webhook, url=URL)

    def postback(self, answer: Any = None, status: int = 200) -> None:
        self.server.on("POST", POSTBACK, Reply(status, answer or {"verification_status": "SUCCESS"}))


@pytest.fixture
def endpoint(server: Loopback) -> Endpoint:
    return Endpoint(server)


class TestProvedHere:
    def test_a_genuine_delivery_names_its_dispute(self, endpoint: Endpoint) -> None:
        body = event()
        assert endpoint.verify(body, endpoint.headers(body)) == VerifiedEvent(
            "WH-2WR32451HC0233532-67976317FL4543714", "CUSTOMER.DISPUTE.UPDATED", "PP-R-TST-10000001"
        )
        assert endpoint.server.calls(POSTBACK) == []

    def test_headers_count_in_any_spelling(self, endpoint: Endpoint) -> None:
        body = event()
        assert endpoint.verify(body, {name.lower(): value for name, value in endpoint.headers(body).items()})

    def test_every_byte_of_the_body_is_signed_turkish_letters_among_them(self, endpoint: Endpoint) -> None:
        body = event(summary="Ayşe'nin itirazı")
        assert endpoint.verify(body, endpoint.headers(body))

    def test_the_certificate_is_fetched_once(self, endpoint: Endpoint) -> None:
        for number in range(3):
            body = event(id=f"WH-{number}")
            endpoint.verify(body, endpoint.headers(body))
        assert len(endpoint.server.calls(CERTIFICATE)) == 1

    def test_and_carries_no_token(self, endpoint: Endpoint) -> None:
        body = event()
        endpoint.verify(body, endpoint.headers(body))
        (fetched,) = endpoint.server.calls(CERTIFICATE)
        assert fetched.headers["Authorization"] is None
        assert endpoint.server.tokens == 0

    @pytest.mark.parametrize("days", [0, 2.9])
    def test_a_delivery_that_was_repeated_for_three_days_is_taken(self, endpoint: Endpoint, days: float) -> None:
        body = event()
        assert endpoint.verify(body, endpoint.headers(body, at=NOW - timedelta(days=days)))

    @pytest.mark.parametrize(
        ("changes", "target"),
        [
            ({"event_type": "CUSTOMER.DISPUTE.CREATED"}, "PP-R-TST-10000001"),
            ({"event_type": "RISK.DISPUTE.CREATED"}, "PP-R-TST-10000001"),
            ({"event_type": "PAYMENT.CAPTURE.COMPLETED"}, None),
            ({"resource": {"dispute_id": "../../payments/x"}}, None),
            ({"resource": None}, None),
        ],
    )
    def test_only_a_disputes_event_names_a_dispute(
        self, endpoint: Endpoint, changes: dict[str, Any], target: str | None
    ) -> None:
        body = event(**changes)
        assert endpoint.verify(body, endpoint.headers(body)).external_id == target


class TestRefused:
    def refused(self, endpoint: Endpoint, body: bytes, headers: dict[str, str], webhook: str = WEBHOOK) -> str:
        endpoint.postback()
        with pytest.raises(WebhookRefused) as told:
            endpoint.verify(body, headers, webhook)
        assert endpoint.server.calls(POSTBACK) == [], "what is certainly wrong is not asked about"
        return str(told.value)

    def test_a_body_written_anew(self, endpoint: Endpoint) -> None:
        body = event()
        assert "does not belong" in self.refused(
            endpoint, json.dumps(json.loads(body)).encode(), endpoint.headers(body)
        )

    def test_another_webhooks_delivery(self, endpoint: Endpoint) -> None:
        body = event()
        assert "does not belong" in self.refused(endpoint, body, endpoint.headers(body, webhook="OTHER"))

    def test_another_time_than_the_signed_one(self, endpoint: Endpoint) -> None:
        body = event()
        headers = endpoint.headers(body) | {"PAYPAL-TRANSMISSION-TIME": "2026-11-22T08:59:59.000Z"}
        self.refused(endpoint, body, headers)

    @pytest.mark.parametrize("webhook", ["WEBHOOK_ID", ""])
    def test_the_simulators_placeholder_is_no_webhooks_id(self, endpoint: Endpoint, webhook: str) -> None:
        body = event()
        headers = endpoint.headers(body, webhook=webhook)
        assert "placeholder" in self.refused(endpoint, body, headers, webhook)

    @pytest.mark.parametrize(
        "name",
        [
            "PAYPAL-TRANSMISSION-ID",
            "PAYPAL-TRANSMISSION-TIME",
            "PAYPAL-TRANSMISSION-SIG",
            "PAYPAL-CERT-URL",
            "PAYPAL-AUTH-ALGO",
        ],
    )
    @pytest.mark.parametrize("value", [None, "", "x" * 5000])
    def test_a_header_that_is_missing_or_endless(self, endpoint: Endpoint, name: str, value: str | None) -> None:
        body = event()
        headers = endpoint.headers(body) | {name: value or ""}
        if value is None:
            del headers[name]
        self.refused(endpoint, body, headers)

    @pytest.mark.parametrize("signature", ["not base64!", "AAAA", "é"])
    def test_a_signature_that_is_none(self, endpoint: Endpoint, signature: str) -> None:
        body = event()
        self.refused(endpoint, body, endpoint.headers(body) | {"PAYPAL-TRANSMISSION-SIG": signature})

    def test_another_algorithm(self, endpoint: Endpoint) -> None:
        body = event()
        self.refused(endpoint, body, endpoint.headers(body) | {"PAYPAL-AUTH-ALGO": "SHA1withRSA"})

    @pytest.mark.parametrize("by", [timedelta(days=-4), timedelta(minutes=6)])
    def test_too_old_or_from_the_future(self, endpoint: Endpoint, by: timedelta) -> None:
        body = event()
        self.refused(endpoint, body, endpoint.headers(body, at=NOW + by))

    @pytest.mark.parametrize(
        "body", [b"", b"[]", b"not json", b'{"id": 5}', b'{"id": ""}', b"\xff\xfe{}", b'{"id": "x"']
    )
    def test_a_body_that_is_no_event(self, endpoint: Endpoint, body: bytes) -> None:
        self.refused(endpoint, body, endpoint.headers(body))

    def test_a_certificate_at_a_foreign_place_is_not_even_fetched(self, endpoint: Endpoint) -> None:
        body = event()
        headers = endpoint.headers(body) | {"PAYPAL-CERT-URL": f"http://localhost:1{PATH}CERT-1"}
        assert "not PayPal's" in self.refused(endpoint, body, headers)


class TestWhereCertificatesMayLie:
    @pytest.mark.parametrize(
        ("url", "trusted"),
        [
            (f"https://api.paypal.com{PATH}CERT-1", True),
            (f"https://api-m.paypal.com{PATH}CERT-1", True),
            (f"https://API.paypal.com{PATH}CERT-1", True),
            (f"https://api.paypal.com:443{PATH}CERT-1", True),
            (f"https://api.sandbox.paypal.com{PATH}CERT-1", False),
            (f"http://api.paypal.com{PATH}CERT-1", False),
            (f"https://api.paypal.com.evil.example{PATH}CERT-1", False),
            (f"https://evil.example/api.paypal.com{PATH}CERT-1", False),
            (f"https://api.paypal.com@evil.example{PATH}CERT-1", False),
            (f"https://user@api.paypal.com{PATH}CERT-1", False),
            (f"https://api.paypal.com:8443{PATH}CERT-1", False),
            (f"https://www.paypal.com{PATH}CERT-1", False),
            (f"https://127.0.0.1{PATH}CERT-1", False),
            ("https://api.paypal.com/v1/other/CERT-1", False),
            (f"https://api.paypal.com{PATH}../../oauth2/token", False),
            (f"https://api.paypal.com{PATH}%2e%2e/x", False),
            (f"https://api.paypal.com{PATH}CERT-1?to=evil", False),
            (f"https://[api.paypal.com{PATH}CERT-1", False),
            (f"https://api.pay\tpal.com{PATH}CERT-1", False),
            (f"https://evil.example\\.api.paypal.com{PATH}CERT-1", False),
            ("", False),
        ],
    )
    def test_live(self, url: str, trusted: bool) -> None:
        assert Certificates(base="https://api-m.paypal.com", live=True).trusts(url) is trusted

    @pytest.mark.parametrize(
        ("host", "trusted"),
        [("api.sandbox.paypal.com", True), ("api-m.sandbox.paypal.com", True), ("api.paypal.com", False)],
    )
    def test_paypals_sandbox(self, host: str, trusted: bool) -> None:
        one = Certificates(base="https://api-m.sandbox.paypal.com", live=False)
        assert one.trusts(f"https://{host}{PATH}CERT-1") is trusted

    @pytest.mark.parametrize(
        ("place", "trusted"),
        [("http://127.0.0.1:4000", True), ("http://127.0.0.1:4001", False), ("https://api.paypal.com", False)],
    )
    def test_a_sandbox_of_ones_own(self, place: str, trusted: bool) -> None:
        assert Certificates(base="http://127.0.0.1:4000", live=False).trusts(f"{place}{PATH}CERT-1") is trusted


class TestChains:
    """A certificate that does not lead to a known root proves nothing here, and PayPal is asked."""

    def asked(self, server: Loopback, by: Signer, chain: bytes | None = None) -> bool:
        endpoint = Endpoint(server, by)
        if chain is not None:
            server.on("GET", CERTIFICATE, Reply(200, chain))
        endpoint.postback()
        body = event()
        assert endpoint.verify(body, endpoint.headers(body))
        return bool(server.calls(POSTBACK))

    def test_leaf_and_the_one_above_it_are_enough(self, server: Loopback) -> None:
        assert not self.asked(server, signer())

    def test_the_sandboxs_name_is_paypals_too(self, server: Loopback) -> None:
        assert not self.asked(server, signer(SANDBOX_NAME))

    def test_the_leaf_alone_leads_nowhere(self, server: Loopback) -> None:
        assert self.asked(server, signer(), signer().alone)

    def test_another_authority(self, server: Loopback) -> None:
        assert self.asked(server, signer(authority="Somebody"))

    def test_a_certificate_that_vouches_for_itself(self, server: Loopback) -> None:
        assert self.asked(server, self_signed())

    @pytest.mark.parametrize("days", [(-300, -1), (1, 300)])
    def test_one_whose_time_is_over_or_has_not_come(self, server: Loopback, days: tuple[int, int]) -> None:
        assert self.asked(server, signer(days=days))

    @pytest.mark.parametrize("name", ["api.paypal.com", "www.paypal.com", f"{LIVE_NAME}.evil.example"])
    def test_another_name_of_paypals(self, server: Loopback, name: str) -> None:
        assert self.asked(server, signer(name))

    @pytest.mark.parametrize(
        "chain", [b"", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", b"<html>"]
    )
    def test_what_is_no_certificate(self, server: Loopback, chain: bytes) -> None:
        assert self.asked(server, signer(), chain)

    def test_one_without_end(self, server: Loopback) -> None:
        assert self.asked(server, signer(), signer().chain + b"\n" * 70_000)

    def test_an_expired_one_is_not_kept_beyond_its_time(self, server: Loopback) -> None:
        endpoint = Endpoint(server, signer(days=(-300, 1)))
        endpoint.postback()
        body = event()
        endpoint.verify(body, endpoint.headers(body))
        kept = [until for until, _ in endpoint.gateway._certificates._kept.values()]
        assert all(until <= time.monotonic() + 86400 for until in kept)

    def test_a_live_connection_takes_no_root_of_ones_own(self) -> None:
        with pytest.raises(GatewayError, match="no certificate root"):
            PayPalGateway(CLIENT, SECRET, addresses={"webhook_root": signer().root})

    def test_a_live_connection_does_not_take_the_sandboxs_name(self) -> None:
        one = Certificates(base="https://api-m.paypal.com", live=True, root=signer().root)
        assert one._verified(signer().chain, NOW)
        with pytest.raises(certificates.NoCertificate):
            one._verified(signer(SANDBOX_NAME).chain, NOW)

    def test_the_public_roots_are_there(self) -> None:
        assert len(certificates._public_roots()) > 50


class TestPayPalIsAsked:
    @pytest.fixture
    def unreachable(self, endpoint: Endpoint) -> Endpoint:
        endpoint.server.on("GET", CERTIFICATE, Reply(503))
        return endpoint

    def test_with_the_received_bytes_as_they_came(self, unreachable: Endpoint) -> None:
        """Written anew they would not match: PayPal answers FAILURE for its own events then."""
        unreachable.postback()
        body = event(summary="Ayşe'nin itirazı", odd=1.10)
        headers = unreachable.headers(body)
        assert unreachable.verify(body, headers).external_id == "PP-R-TST-10000001"
        (question,) = unreachable.server.calls(POSTBACK)
        assert body in question.body
        assert question.json["webhook_event"] == json.loads(body)
        assert question.json["webhook_id"] == WEBHOOK
        assert question.json["cert_url"] == headers["PAYPAL-CERT-URL"]
        assert question.headers["Content-Type"] == "application/json"

    def test_a_redirect_to_another_certificate_is_not_followed(self, endpoint: Endpoint) -> None:
        endpoint.server.on("GET", f"{PATH}OTHER", Reply(200, signer().chain))
        endpoint.server.public.add(f"{PATH}OTHER")
        endpoint.server.on("GET", CERTIFICATE, Reply(302, None, {"Location": f"{endpoint.server.url}{PATH}OTHER"}))
        endpoint.postback()
        body = event()
        endpoint.verify(body, endpoint.headers(body))
        assert len(endpoint.server.calls(POSTBACK)) == 1
        assert endpoint.server.calls(f"{PATH}OTHER") == []

    def test_its_no_is_a_no(self, unreachable: Endpoint) -> None:
        unreachable.postback({"verification_status": "FAILURE"})
        body = event()
        with pytest.raises(WebhookRefused, match="not its own"):
            unreachable.verify(body, unreachable.headers(body))

    @pytest.mark.parametrize("answer", [{"verification_status": "MAYBE"}, {"nothing": 1}])
    def test_no_answer_is_neither(self, unreachable: Endpoint, answer: dict[str, Any]) -> None:
        unreachable.postback(answer)
        body = event()
        with pytest.raises(WebhookUnverifiable):
            unreachable.verify(body, unreachable.headers(body))

    @pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503])
    def test_if_that_fails_too_it_has_to_come_again(self, unreachable: Endpoint, status: int) -> None:
        unreachable.postback({"name": "X"}, status)
        body = event()
        with pytest.raises(WebhookUnverifiable, match="out of reach"):
            unreachable.verify(body, unreachable.headers(body))

    def test_an_address_that_failed_is_left_alone_for_a_moment(self, unreachable: Endpoint) -> None:
        unreachable.postback()
        for number in range(3):
            body = event(id=f"WH-{number}")
            unreachable.verify(body, unreachable.headers(body))
        assert (len(unreachable.server.calls(CERTIFICATE)), len(unreachable.server.calls(POSTBACK))) == (1, 3)
