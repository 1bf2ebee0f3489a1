"""The SDK's habits on the wire, each known trap as one test: retries, files, ids, paging, answers that are none."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from square import Square

from disputes.database import Database, WriterOpen
from disputes.ports import GatewayError, GatewayFailure
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from tests import builders as house
from tests.gateways.square.builders import PDF, answer, approved, dispute, packet
from tests.gateways.square.conftest import DESK
from tests.gateways.square.loopback import Asked, Loopback, Said, refused

WRITES = ["upload", "text", "delete", "submit", "accept"]


def write(gateway: SquareGateway, one: str, what: str) -> None:
    match what:
        case "upload":
            gateway.upload(one, packet(), PDF, key=f"u-{one}")
        case "text":
            gateway.write_text(one, "REBUTTAL_EXPLANATION", "It was delivered.", key=f"t-{one}")
        case "delete":
            gateway.delete(one, "SYNevidence0000000000A")
        case "submit":
            gateway.submit(one)
        case "accept":
            gateway.accept(one)


def opened(control: SquareControl, **spec: Any) -> str:
    return str(control.dispute(**spec)["id"])


class TestRetries:
    @pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
    @pytest.mark.parametrize("what", WRITES)
    def test_no_write_is_ever_repeated_by_the_sdk(
        self, loopback: Loopback, at_loopback: SquareGateway, what: str, status: int
    ) -> None:
        """Left to itself it sends an acceptance three times on a 500."""
        said = refused(status, "INTERNAL_SERVER_ERROR", "Try later.")
        for path in ("accept", "submit-evidence", "evidence-text", "evidence-files", "evidence/SYNevidence0000000000A"):
            loopback.on(f"POST /v2/disputes/SYN/{path}", said)
            loopback.on(f"DELETE /v2/disputes/SYN/{path}", said)
        with pytest.raises(GatewayError):
            write(at_loopback, "SYN", what)
        assert len(loopback.asked) == 1

    def test_a_read_is_repeated_once(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        answers = [Said(500, b'{"errors": []}'), Said(200, json.dumps({"dispute": dispute()}).encode())]
        loopback.on("GET /v2/disputes/SYN", lambda _: answers.pop(0))
        assert at_loopback.capabilities("SYN").submit
        assert loopback.count("GET /v2/disputes/SYN") == 2

    def test_a_redirect_is_not_followed_and_the_token_stays_here(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on("POST /v2/disputes/SYN/accept", Said(302, b"", {"Location": f"{loopback.url}/elsewhere"}))
        with pytest.raises(GatewayError) as told:
            at_loopback.accept("SYN")
        assert told.value.failure is GatewayFailure.MALFORMED
        assert [one.path for one in loopback.asked] == ["/v2/disputes/SYN/accept"]


class TestFiles:
    def sent(self, loopback: Loopback, at_loopback: SquareGateway, **changes: Any) -> Asked:
        loopback.on("POST /v2/disputes/SYN/evidence-files", {"evidence": {"id": "ev1", "dispute_id": "SYN"}})
        assert at_loopback.upload("SYN", packet(**changes), PDF, key="the-journals-key") == "ev1"
        return loopback.asked[-1]

    def test_a_pdf_travels_under_its_name_and_as_a_pdf(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        """Bare bytes would go as image/jpeg without a name; the part is called image_file all the same."""
        body = self.sent(loopback, at_loopback, name="packet-abcdef0123.pdf").body
        part = next(part for part in body.split(b"--") if b'name="image_file"' in part or b"image_file" in part[:200])
        assert b'filename="packet-abcdef0123.pdf"' in part
        assert b"Content-Type: application/pdf" in part
        assert body.count(PDF) == 1

    def test_key_and_type_lie_in_a_json_part(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        body = self.sent(loopback, at_loopback, slot="RECEIPT").body
        start = body.index(b"{", body.index(b'name="request"'))
        sent = json.loads(body[start : body.index(b"}", start) + 1])
        assert sent == {
            "idempotency_key": "the-journals-key",
            "evidence_type": "RECEIPT",
            "content_type": "application/pdf",
        }
        assert b"application/json; charset=utf-8" in body

    def test_a_file_that_is_sent_twice_is_not_empty_the_second_time(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        assert [self.sent(loopback, at_loopback).body.count(PDF) for _ in range(2)] == [1, 1]

    @pytest.mark.parametrize("key", ["", "k" * 46])
    def test_a_key_that_square_would_refuse_never_leaves(
        self, loopback: Loopback, at_loopback: SquareGateway, key: str
    ) -> None:
        with pytest.raises(AssertionError, match="1 to 45"):
            at_loopback.upload("SYN", packet(), PDF, key=key)
        assert loopback.asked == []

    def test_a_key_of_45_characters_is_taken(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control)
        assert gateway.write_text(one, "REBUTTAL_EXPLANATION", "Delivered.", key=("k" * 45 + one)[-45:])


class TestIds:
    @pytest.mark.parametrize("bad", ["../payments/abc", "a/b", "a?b=c", "a%2fb", "", "x" * 41, "ä", "a b", "a\n"])
    def test_an_id_that_could_leave_its_path_is_never_sent(
        self, loopback: Loopback, at_loopback: SquareGateway, bad: str
    ) -> None:
        """The SDK escapes nothing: "../payments/abc" would reach /v2/payments/abc."""
        calls: list[Callable[[], object]] = [
            lambda: at_loopback.dispute(bad),
            lambda: at_loopback.capabilities(bad),
            lambda: at_loopback.read_back(bad),
            lambda: at_loopback.evidence(bad),
            lambda: at_loopback.upload(bad, packet(), PDF, key="k"),
            lambda: at_loopback.write_text(bad, "RECEIPT", "x", key="k"),
            lambda: at_loopback.submit(bad),
            lambda: at_loopback.accept(bad),
            lambda: at_loopback.delete(bad, "ev1"),
            lambda: at_loopback.payment(house.snapshot(payment_id=bad + "/x")),
        ]
        for call in calls:
            with pytest.raises(GatewayError, match="is no id") as told:
                call()
            assert told.value.failure is GatewayFailure.NOT_FOUND
            assert not told.value.effect_possible
        assert loopback.asked == []

    def test_an_id_inside_an_answer_is_checked_too(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        loopback.on("GET /v2/payments/P", {"payment": {"id": "P", "order_id": "../disputes/x"}})
        with pytest.raises(GatewayError, match="is no id of an order"):
            at_loopback.payment(house.snapshot(payment_id="P"))
        assert [one.path for one in loopback.asked] == ["/v2/payments/P"]


class TestAnswers:
    def test_the_raw_answer_is_kept_as_it_was_sent(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        body = dispute(state="A_NEW_STATE", nested={"deep": [1, None, {"x": "ü"}]}, due_at=None)
        loopback.on("GET /v2/disputes", {"disputes": [body]})
        (one,) = at_loopback.disputes().disputes
        assert one.raw == body

    def test_half_a_cent_is_refused_although_the_sdk_would_drop_it(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        body = dispute(amount_money={"amount": 1.5, "currency": "USD"})
        loopback.on("GET /v2/disputes/SYN", {"dispute": body})
        with httpx.Client() as http:
            typed = Square(token="x", base_url=loopback.url, httpx_client=http).disputes.get("SYN")
        assert typed.dispute is not None
        assert typed.dispute.amount_money is not None
        assert typed.dispute.amount_money.amount == 1
        with pytest.raises(GatewayError, match="garbles"):
            at_loopback.dispute("SYN")

    def test_a_list_with_nothing_in_it_has_no_key_at_all(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        loopback.on("GET /v2/disputes", {})
        assert at_loopback.disputes().disputes == ()

    def test_an_empty_page_with_a_cursor_is_not_the_last(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        """The SDK's pager stops there."""
        evidence = {"id": "ev1", "evidence_type": "RECEIPT", "evidence_text": "Paid."}
        pages = {None: {"cursor": "two"}, "two": {"evidence": [evidence]}}
        loopback.on("GET /v2/disputes/SYN/evidence", lambda asked: pages[asked.query.get("cursor", [None])[0]])
        assert [piece.text for piece in at_loopback.evidence("SYN")] == ["Paid."]

    def test_an_empty_cursor_is_the_end(self, loopback: Loopback, at_loopback: SquareGateway) -> None:
        loopback.on("GET /v2/disputes/SYN/evidence", {"evidence": [], "cursor": ""})
        assert at_loopback.evidence("SYN") == []

    def test_a_page_that_names_itself_as_the_next_is_no_endless_list(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on("GET /v2/disputes/SYN/evidence", {"cursor": "again"})
        with pytest.raises(GatewayError, match="never ends"):
            at_loopback.evidence("SYN")

    @pytest.mark.parametrize("listed", ["x", {"a": 1}, [1], [[]]])
    def test_a_list_that_is_none_is_malformed(
        self, loopback: Loopback, at_loopback: SquareGateway, listed: Any
    ) -> None:
        loopback.on("GET /v2/disputes", {"disputes": listed})
        with pytest.raises(GatewayError) as told:
            at_loopback.disputes()
        assert (told.value.failure, told.value.retryable) == (GatewayFailure.MALFORMED, True)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<html>busy</html>",
            b'{"dispute": ',
            b"null",
            b"[]",
            b'"x"',
            b"{}",
            b'{"dispute": []}',
            b"\xff\xfe",
            b"7",
        ],
    )
    def test_an_answer_that_is_no_dispute_is_malformed_and_may_be_tried_again(
        self, loopback: Loopback, at_loopback: SquareGateway, body: bytes
    ) -> None:
        loopback.on("GET /v2/disputes/SYN", Said(200, body))
        loopback.on("POST /v2/disputes/SYN/submit-evidence", Said(200, body))
        with pytest.raises(GatewayError) as read:
            at_loopback.dispute("SYN")
        assert (read.value.failure, read.value.effect_possible) == (GatewayFailure.MALFORMED, False)
        with pytest.raises(GatewayError) as written:
            at_loopback.submit("SYN")
        assert (written.value.failure, written.value.effect_possible) == (GatewayFailure.MALFORMED, True)

    def test_evidence_that_was_made_but_cannot_be_read_is_looked_for(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on("POST /v2/disputes/SYN/evidence-text", {"evidence": {"dispute_id": "SYN"}})
        with pytest.raises(GatewayError) as told:
            at_loopback.write_text("SYN", "RECEIPT", "x", key="k")
        assert told.value.effect_possible

    def test_evidence_that_the_list_tells_half_of_is_read_on_its_own(
        self, loopback: Loopback, at_loopback: SquareGateway
    ) -> None:
        loopback.on("GET /v2/disputes/SYN/evidence", {"evidence": [{"id": "ev1"}, {"evidence_id": "ev2"}]})
        loopback.on("GET /v2/disputes/SYN/evidence/ev1", {"evidence": {"id": "ev1", "evidence_text": "Paid."}})
        file = {"evidence_file": {"filename": "a.pdf"}, "evidence_type": "RECEIPT"}
        loopback.on("GET /v2/disputes/SYN/evidence/ev2", {"evidence": file})
        told = [(piece.evidence_id, piece.content) for piece in at_loopback.evidence("SYN")]
        assert told == [("ev1", ("GENERIC_EVIDENCE", "Paid.", None)), ("ev2", ("RECEIPT", None, "a.pdf"))]


class TestHouse:
    def test_no_call_leaves_while_a_writer_is_open(
        self, gateway: SquareGateway, database: Database, control: SquareControl
    ) -> None:
        calls: list[Callable[[], object]] = [
            gateway.account,
            gateway.disputes,
            lambda: gateway.changes(None),
            lambda: gateway.dispute("SYN"),
            lambda: gateway.capabilities("SYN"),
            lambda: gateway.evidence("SYN"),
            lambda: gateway.read_back("SYN"),
            lambda: gateway.payment(house.snapshot()),
            lambda: next(gateway.plan(approved(answer("SYN")))),
            *(lambda what=what: write(gateway, "SYN", what) for what in WRITES),
        ]
        before = control.counts()["requests"]["total"]
        with database.writing():
            for call in calls:
                with pytest.raises(WriterOpen):
                    call()
        assert control.counts()["requests"]["total"] == before

    def test_a_gateway_that_is_dropped_lets_go_of_its_connections(self, loopback: Loopback) -> None:
        """One is built for every workflow; the pool must not keep it."""
        loopback.on("GET /v2/disputes", {})
        gateway = SquareGateway(DESK, addresses={"api": loopback.url})
        gateway.disputes()
        gone = weakref.ref(gateway._wire)
        del gateway
        gc.collect()
        assert gone() is None

    def test_only_the_live_host_is_live(self, loopback: Loopback) -> None:
        loopback.on("GET /v2/disputes", {"disputes": [dispute()]})
        assert not SquareGateway(DESK, addresses={"api": loopback.url}).disputes().disputes[0].live
        assert SquareGateway(DESK)._live
        assert SquareGateway(DESK, addresses={"api": "https://connect.squareup.com/"})._live
        assert not SquareGateway(DESK, addresses={"api": "https://connect.squareupsandbox.com"})._live
