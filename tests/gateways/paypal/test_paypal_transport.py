"""The thirteen facts about paypalrestsdk 1.13.3 (reference, section 2), each as what its hardened Api does instead."""

from __future__ import annotations

import ast
import base64
import logging
import os
import re
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from threading import Event
from typing import Any

import paypalrestsdk
import pytest
import requests
from paypalrestsdk import exceptions

from disputes.ports import GatewayError, GatewayFailure
from gateways.paypal import transport
from gateways.paypal.errors import told
from gateways.paypal.transport import TOKEN, NotSent, PayPalApi
from tests.gateways.paypal.loopback import CLIENT, SECRET, Loopback, Reply, api

LIST = "/v1/customer/disputes"
WRITE = f"{LIST}/PP-D-1/accept-claim"
EVIDENCE = f"{LIST}/PP-D-1/provide-evidence"
PDF = b"%PDF-1.4 \x00\xff proof"
LINKS: dict[str, Any] = {"links": []}


def multipart(body: bytes, content_type: str) -> dict[str, tuple[str | None, str | None, bytes]]:
    """Part name -> (file name, content type, bytes), as they went over the wire."""
    boundary = content_type.partition("boundary=")[2].encode()
    found: dict[str, tuple[str | None, str | None, bytes]] = {}
    for piece in body.split(b"--" + boundary)[1:-1]:
        head, _, data = piece.partition(b"\r\n\r\n")
        words = head.decode()
        name = re.search(r'[ ;]name="([^"]+)"', words)
        file, kind = re.search(r'filename="([^"]+)"', words), re.search(r"Content-Type: (\S+)", words)
        assert name is not None
        found[name[1]] = (file[1] if file else None, kind[1] if kind else None, data[:-2])
    return found


class TestTheThirteenFacts:
    def test_1_token_list_next_link_and_write_work_against_another_address(self, server: Loopback) -> None:
        server.on("GET", LIST, lambda asked: Reply(200, {"items": [{"n": asked.query.get("page", "1")}]}))
        server.on("POST", WRITE, Reply(200, LINKS))
        one = api(server)
        assert one.read(LIST, {"page_size": "50"}) == {"items": [{"n": "1"}]}
        assert one.read(LIST, {"page": "2"}) == {"items": [{"n": "2"}]}
        assert one.write(WRITE, key="key-1", body={"note": "Whole refund"}) == LINKS
        (sent,) = server.calls(WRITE)
        assert (sent.json, sent.headers["PayPal-Request-Id"]) == ({"note": "Whole refund"}, "key-1")
        (token,) = server.calls(TOKEN)
        assert token.headers["Authorization"] == f"Basic {base64.b64encode(f'{CLIENT}:{SECRET}'.encode()).decode()}"
        assert token.body == b"grant_type=client_credentials"

    def test_2_evidence_travels_as_form_data_with_input_and_numbered_files(self, server: Loopback) -> None:
        def only_forms(asked: Any) -> Reply:
            form = asked.headers["Content-Type"].startswith("multipart/form-data")
            return Reply(200, LINKS) if form else Reply(415, {"name": "UNSUPPORTED_MEDIA_TYPE"})

        server.on("POST", EVIDENCE, only_forms)
        files = [("packet-1.pdf", PDF, "application/pdf"), ("photo-2.png", b"\x89PNG", "image/png")]
        api(server).write(EVIDENCE, key="k", body={"evidences": [{"notes": "Kapıya teslim"}]}, files=files)
        (sent,) = server.calls(EVIDENCE)
        parts = multipart(sent.body, sent.headers["Content-Type"])
        assert list(parts) == ["input", "file1", "file2"]
        assert parts["input"][:2] == (None, "application/json")
        assert parts["input"][2] == b'{"evidences": [{"notes": "Kap\\u0131ya teslim"}]}'
        assert parts["file1"] == ("packet-1.pdf", "application/pdf", PDF)
        assert parts["file2"] == ("photo-2.png", "image/png", b"\x89PNG")

    def test_2_evidence_without_a_file_is_form_data_all_the_same(self, server: Loopback) -> None:
        server.on("POST", EVIDENCE, Reply(200, LINKS))
        api(server).write(EVIDENCE, key="k", body={"evidences": []}, files=[])
        (sent,) = server.calls(EVIDENCE)
        assert list(multipart(sent.body, sent.headers["Content-Type"])) == ["input"]

    @pytest.mark.parametrize("call", ["read", "write", "get", "post"])
    def test_3_a_refusal_is_never_returned_as_if_it_were_an_answer(self, server: Loopback, call: str) -> None:
        refusal = Reply(400, {"name": "INVALID_REQUEST", "debug_id": "d1"})
        server.on("GET", WRITE, refusal)
        server.on("POST", WRITE, refusal)
        one = api(server)
        calls: dict[str, Callable[[], Any]] = {
            "read": lambda: one.read(WRITE),
            "write": lambda: one.write(WRITE, key="k", body={}),
            "get": lambda: one.get(WRITE),
            "post": lambda: one.post(WRITE, {}),
        }
        with pytest.raises(exceptions.BadRequest):
            calls[call]()

    def test_4_a_permanent_401_costs_one_new_token_and_one_more_try(self, server: Loopback) -> None:
        server.on("POST", WRITE, Reply(401, {"name": "AUTHENTICATION_FAILURE"}))
        one = api(server)
        one.get_token_hash()
        with pytest.raises(exceptions.UnauthorizedAccess):
            one.write(WRITE, key="k", body={})
        assert [each.path for each in server.asked] == [TOKEN, WRITE, TOKEN, WRITE]

    def test_4_a_revoked_token_is_replaced_once_and_the_call_succeeds(self, server: Loopback) -> None:
        server.on("POST", WRITE, Reply(200, LINKS))
        one = api(server)
        one.get_token_hash()
        server.revoke()
        assert one.write(WRITE, key="k", body={}) == LINKS
        assert [each.headers.get("PayPal-Request-Id") for each in server.calls(WRITE)] == ["k", "k"]

    @pytest.mark.parametrize("warm", [False, True])
    def test_5_no_header_of_a_call_reaches_the_token_request(self, server: Loopback, warm: bool) -> None:
        server.on("POST", EVIDENCE, Reply(200, LINKS))
        one = api(server)
        if warm:
            one.get_token_hash()
            server.revoke()
        one.write(EVIDENCE, key="the-key", body={}, files=[("a.pdf", PDF, "application/pdf")])
        for token in server.calls(TOKEN):
            assert token.headers["PayPal-Request-Id"] is None
            assert token.headers["Content-Type"] == "application/x-www-form-urlencoded"

    def test_6_an_address_that_ends_in_a_slash_is_not_doubled(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(200, {"items": []}))
        one = api(server, base=f"{server.url}/")
        assert one.get(LIST) == one.read(LIST) == {"items": []}
        assert [each.path for each in server.asked] == [TOKEN, LIST, LIST]

    def test_7_a_silent_server_ends_a_read_and_a_write(self, server: Loopback) -> None:
        done = Event()

        def silent(_asked: Any) -> Reply:
            done.wait(20)
            return Reply(200, LINKS)

        server.on("GET", LIST, silent)
        server.on("POST", WRITE, silent)
        one = api(server, timeout=0.3)
        try:
            with pytest.raises(requests.Timeout):
                one.read(LIST)
            with pytest.raises(requests.Timeout):
                one.write(WRITE, key="k", body={})
        finally:
            done.set()
        assert (len(server.calls(LIST)), len(server.calls(WRITE))) == (3, 1)

    def test_7_a_silent_token_call_ends_and_nothing_was_sent(self, server: Loopback) -> None:
        done = Event()
        server.before_token = lambda: done.wait(20)
        try:
            with pytest.raises(NotSent):
                api(server, timeout=0.3).write(WRITE, key="k", body={})
        finally:
            done.set()
        assert server.calls(WRITE) == []

    @pytest.mark.parametrize("revoked", [False, True])
    def test_8_sixteen_threads_make_one_token_call(self, server: Loopback, revoked: bool) -> None:
        server.before_token = lambda: time.sleep(0.1)
        server.on("GET", LIST, Reply(200, {"items": []}))
        one = api(server)
        if revoked:
            one.get_token_hash()
            server.revoke()
        before = server.tokens
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(lambda _: one.read(LIST), range(16)))
        assert answers == [{"items": []}] * 16
        assert server.tokens == before + 1

    def test_8_a_token_is_renewed_before_it_ends_by_a_clock_that_nobody_sets(
        self, server: Loopback, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        now = 1000.0
        monkeypatch.setattr("gateways.paypal.transport.time.monotonic", lambda: now)
        one = api(server)
        one.get_token_hash()
        now += 32400 - 61
        one.get_token_hash()
        assert server.tokens == 1
        now += 2
        one.get_token_hash()
        assert server.tokens == 2

    def test_9_a_read_carries_no_body(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(200, {"items": []}))
        api(server).get(LIST)
        (sent,) = server.calls(LIST)
        assert (sent.body, sent.headers["Content-Type"], sent.headers["Content-Length"]) == (b"", None, None)

    @pytest.mark.parametrize("live", [False, True])
    def test_10_no_credential_is_logged_in_either_mode(
        self, server: Loopback, caplog: pytest.LogCaptureFixture, live: bool
    ) -> None:
        server.on("GET", LIST, Reply(200, {"items": []}))
        server.on("POST", WRITE, Reply(200, LINKS))
        caplog.set_level(logging.DEBUG)
        one = api(server, live=live)
        one.read(LIST)
        one.write(WRITE, key="k", body={"note": "words of a customer"})
        assert one.mode == ("live" if live else "sandbox")
        basic = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        assert "GET /v1/customer/disputes: 200" in caplog.text
        for secret in (SECRET, basic, "A21AA-token", "Basic ", "Bearer ", "words of a customer"):
            assert secret not in caplog.text

    def test_10_neither_the_environment_nor_the_sdks_global_changes(self, server: Loopback) -> None:
        before = dict(os.environ)
        server.on("GET", LIST, Reply(200, {"items": []}))
        api(server).read(LIST)
        assert dict(os.environ) == before
        assert paypalrestsdk.api.__api__ is None

    def test_11_and_of_the_sdk_nothing_is_used_but_its_api_and_its_exceptions(self) -> None:
        used = set()
        for path in Path(transport.__file__).parent.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                    used |= {node.attr} if node.value.id == "paypalrestsdk" else set()
                if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("paypalrestsdk"):
                    used |= {alias.name for alias in node.names}
        assert used == {"Api", "exceptions"}

    @pytest.mark.parametrize(
        ("header", "seconds"), [("17", 17.0), ("Sun, 22 Nov 2026 09:00:40 GMT", 40.0), ("soon", 2.0)]
    )
    def test_12_a_429_says_how_long_to_wait(self, server: Loopback, header: str, seconds: float) -> None:
        reply = Reply(
            429, {"name": "RATE_LIMIT_REACHED"}, {"Retry-After": header, "Date": "Sun, 22 Nov 2026 09:00:00 GMT"}
        )
        server.on("POST", WRITE, reply)
        with pytest.raises(GatewayError) as refused, told(writing=True):
            api(server).write(WRITE, key="k", body={})
        error = refused.value
        assert (error.failure, error.retryable, error.effect_possible) == (GatewayFailure.RATE_LIMITED, True, False)
        assert error.retry_after == seconds

    def test_12_a_read_keeps_a_short_pause_itself(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(429, {}, {"Retry-After": "0"}), Reply(200, {"items": []}))
        assert api(server).read(LIST) == {"items": []}

    def test_12_a_long_pause_is_left_to_the_caller(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(429, {}, {"Retry-After": "600"}))
        with pytest.raises(GatewayError) as refused, told(writing=False):
            api(server).read(LIST)
        assert (refused.value.retry_after, len(server.calls(LIST))) == (600.0, 1)

    def test_13_a_write_carries_the_key_of_the_journal_and_a_read_none(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(200, {"items": []}))
        server.on("POST", WRITE, Reply(200, LINKS))
        one = api(server)
        one.read(LIST)
        one.write(WRITE, key="uuid-of-the-journal", body={})
        assert [each.headers["PayPal-Request-Id"] for each in server.calls()] == [None, "uuid-of-the-journal"]


class TestWhatElseMayHappen:
    def test_reads_are_repeated_after_a_server_error_and_writes_are_not(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(503), Reply(500), Reply(200, {"items": []}))
        server.on("POST", WRITE, Reply(503))
        one = api(server)
        assert one.read(LIST) == {"items": []}
        with pytest.raises(exceptions.ServerError):
            one.write(WRITE, key="k", body={})
        assert len(server.calls(WRITE)) == 1

    def test_a_redirect_is_not_followed(self, server: Loopback) -> None:
        server.on("POST", WRITE, Reply(307, None, {"Location": f"{server.url}/elsewhere"}))
        with pytest.raises(exceptions.Redirection):
            api(server).write(WRITE, key="k", body={})
        assert server.calls("/elsewhere") == []

    def test_a_write_never_takes_a_connection_that_was_kept(self, server: Loopback) -> None:
        """A kept one may be dead on the other side, and then nobody could say whether the write arrived."""
        server.on("GET", LIST, Reply(200, {"items": []}))
        server.on("POST", WRITE, Reply(200, LINKS))
        one = api(server)
        for _ in range(2):
            one.read(LIST)
            one.write(WRITE, key="k", body={})
        first, second = ({each.port for each in server.calls(path)} for path in (LIST, WRITE))
        assert len(first) == 1
        assert len(second) == 2
        assert not first & second

    def test_a_netrc_of_this_machine_does_not_replace_the_token(
        self, server: Loopback, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        netrc = tmp_path / "netrc"
        netrc.write_text("machine 127.0.0.1 login somebody password else\n")
        netrc.chmod(0o600)
        monkeypatch.setenv("NETRC", str(netrc))
        server.on("GET", LIST, Reply(200, {"items": []}))
        assert api(server).read(LIST) == {"items": []}

    def test_no_cookie_is_kept(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(200, {"items": []}, {"Set-Cookie": "ts=1; Path=/"}))
        one = api(server)
        one.read(LIST)
        one.read(LIST)
        assert [each.headers["Cookie"] for each in server.calls(LIST)] == [None, None]

    def test_numbers_with_decimal_places_stay_text(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(200, b'{"amount": 10.10, "count": 3}'))
        assert api(server).read(LIST) == {"amount": "10.10", "count": 3}

    def test_a_write_that_nobody_listens_to_was_not_sent(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            base = f"http://127.0.0.1:{free.getsockname()[1]}"
        one = PayPalApi(client_id=CLIENT, secret=SECRET, base=base, live=False, timeout=1)
        with pytest.raises(GatewayError) as refused, told(writing=True):
            one.write(WRITE, key="k", body={})
        assert (refused.value.retryable, refused.value.effect_possible) == (True, False)

    def test_a_body_that_takes_too_long_is_cut_so_that_it_cannot_arrive_late(self, server: Loopback) -> None:
        def slowly(handler: BaseHTTPRequestHandler) -> None:
            if handler.path == EVIDENCE:
                time.sleep(0.6)

        server.before_body = slowly
        one = api(server, timeout=0.4)
        one.get_token_hash()
        big = [("packet-1.pdf", b"x" * 40_000_000, "application/pdf")]
        with pytest.raises(GatewayError) as refused, told(writing=True):
            one.write(EVIDENCE, key="k", body={}, files=big)
        assert refused.value.effect_possible is False
        assert server.lost.wait(10)
        assert server.calls(EVIDENCE) == []

    def test_a_body_stops_in_the_middle_when_its_time_is_up(self) -> None:
        late = transport._Cut(b"0123456789", ends=0.0)
        with pytest.raises(TimeoutError):
            late.read(4)
        assert not late.whole

    def test_an_answer_that_was_lost_after_the_whole_body_left_may_have_had_an_effect(self, server: Loopback) -> None:
        server.on("POST", WRITE, Reply(200, b"<html>a proxy</html>"))
        with pytest.raises(GatewayError) as refused, told(writing=True):
            api(server).write(WRITE, key="k", body={})
        assert (refused.value.failure, refused.value.effect_possible) == (GatewayFailure.MALFORMED, True)

    @pytest.mark.parametrize("answer", [b"not json", b"[]", b'{"no": "token"}', b'{"access_token": 5}'])
    def test_an_answer_without_a_token_is_no_token(self, server: Loopback, answer: bytes) -> None:
        server.on("POST", TOKEN, Reply(200, answer))
        with pytest.raises(GatewayError) as refused, told(writing=True):
            api(server).write(WRITE, key="k", body={})
        assert (refused.value.retryable, refused.value.effect_possible) == (True, False)
        assert server.calls(WRITE) == []

    def test_the_skew_is_told_against_paypals_own_date(self, server: Loopback) -> None:
        server.on("GET", LIST, Reply(200, {"items": []}))
        one = api(server)
        one.read(LIST)
        assert abs(one.clock_skew_seconds) < 60

    def test_one_transport_for_all_adapters_of_the_same_credentials(self, server: Loopback) -> None:
        made = [transport.shared(lambda: api(server), server.url, secret) for secret in ("a", "a", "b")]
        assert made[0] is made[1]
        assert made[0] is not made[2]
