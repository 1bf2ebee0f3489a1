"""What goes wrong at Square, each with its name, told for merchants."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from disputes.ports import GatewayError, GatewayFailure
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from tests.gateways.square.builders import PDF, packet
from tests.gateways.square.conftest import DESK
from tests.gateways.square.loopback import Loopback, Said, refused

FAULTS = [
    ({"kind": "status", "status": 400}, GatewayFailure.REJECTED, False, False),
    ({"kind": "status", "status": 401}, GatewayFailure.CREDENTIALS, False, False),
    ({"kind": "status", "status": 403}, GatewayFailure.RIGHTS, False, False),
    ({"kind": "status", "status": 404}, GatewayFailure.NOT_FOUND, False, False),
    ({"kind": "status", "status": 408}, GatewayFailure.UNAVAILABLE, True, True),
    ({"kind": "status", "status": 409}, GatewayFailure.RATE_LIMITED, True, False),
    ({"kind": "status", "status": 429}, GatewayFailure.RATE_LIMITED, True, False),
    ({"kind": "status", "status": 500}, GatewayFailure.UNAVAILABLE, True, True),
    ({"kind": "status", "status": 503}, GatewayFailure.UNAVAILABLE, True, True),
    ({"kind": "html", "status": 404}, GatewayFailure.MALFORMED, True, True),
    ({"kind": "html", "status": 502}, GatewayFailure.UNAVAILABLE, True, True),
    ({"kind": "html", "status": 200}, GatewayFailure.MALFORMED, True, True),
    ({"kind": "truncate"}, None, True, True),
    ({"kind": "drop_before"}, GatewayFailure.UNAVAILABLE, True, True),
    ({"kind": "drop_after"}, GatewayFailure.UNAVAILABLE, True, True),
    ({"kind": "hang", "seconds": 2}, GatewayFailure.UNAVAILABLE, True, True),
]


def opened(control: SquareControl) -> str:
    return str(control.dispute()["id"])


def named(value: object) -> str:
    return " ".join(map(str, value.values())) if isinstance(value, dict) else ""


@pytest.mark.parametrize(("fault", "failure", "retryable", "effect_possible"), FAULTS, ids=named)
def test_every_bad_answer_to_a_write_has_its_name(
    gateway_with: Callable[..., SquareGateway],
    control: SquareControl,
    fault: dict[str, Any],
    failure: GatewayFailure | None,
    retryable: bool,
    effect_possible: bool,
) -> None:
    one = opened(control)
    control.fault(**fault, method="POST", path=one)
    with pytest.raises(GatewayError) as told:
        gateway_with(timeout=0.8).accept(one)
    assert failure in (None, told.value.failure)
    assert (told.value.retryable, told.value.effect_possible) == (retryable, effect_possible)
    assert DESK not in str(told.value)


@pytest.mark.parametrize(
    ("fault", "failure"),
    [
        ({"kind": "status", "status": 401}, GatewayFailure.CREDENTIALS),
        ({"kind": "status", "status": 403}, GatewayFailure.RIGHTS),
        ({"kind": "html", "status": 200}, GatewayFailure.MALFORMED),
        ({"kind": "drop_before"}, GatewayFailure.UNAVAILABLE),
        ({"kind": "hang", "seconds": 2}, GatewayFailure.UNAVAILABLE),
    ],
    ids=named,
)
def test_a_read_is_never_said_to_have_done_something(
    gateway_with: Callable[..., SquareGateway], control: SquareControl, fault: dict[str, Any], failure: GatewayFailure
) -> None:
    control.fault(**fault, method="GET", times=5)
    with pytest.raises(GatewayError) as told:
        gateway_with(timeout=0.8).disputes()
    assert (told.value.failure, told.value.effect_possible) == (failure, False)


def test_a_server_error_says_that_the_server_answered_and_silence_does_not(
    gateway_with: Callable[..., SquareGateway], control: SquareControl
) -> None:
    one = opened(control)
    for kind, answered in (({"kind": "status", "status": 500}, True), ({"kind": "drop_before"}, False)):
        control.fault(**kind, method="POST", path=one)
        with pytest.raises(GatewayError) as told:
            gateway_with().accept(one)
        assert told.value.answered is answered


def test_a_timed_out_upload_is_a_gateway_error_and_no_httpx_error(
    gateway_with: Callable[..., SquareGateway], control: SquareControl
) -> None:
    """Time-outs leave the SDK as httpx's own exceptions."""
    one = opened(control)
    control.fault("hang", seconds=2, method="POST", path=one)
    with pytest.raises(GatewayError, match="did not answer in time") as told:
        gateway_with(timeout=0.5).upload(one, packet(), PDF, key=f"u-{one}")
    assert told.value.effect_possible


def test_a_host_that_is_not_there_is_unavailable() -> None:
    nobody = SquareGateway(DESK, addresses={"api": "http://127.0.0.1:9"}, timeout=2)
    with pytest.raises(GatewayError) as told:
        nobody.disputes()
    assert (told.value.failure, told.value.retryable) == (GatewayFailure.UNAVAILABLE, True)


@pytest.mark.parametrize(("header", "seconds"), [({"Retry_After": "7"}, 7), ({}, 2), ({"Retry_After": "Sun, 22"}, 2)])
def test_a_429_says_how_long_to_wait(
    loopback: Loopback, at_loopback: SquareGateway, header: dict[str, str], seconds: float
) -> None:
    loopback.on("POST /v2/disputes/SYN/accept", refused(429, "RATE_LIMITED", "Slow down.", **header))
    with pytest.raises(GatewayError, match="fewer requests") as told:
        at_loopback.accept("SYN")
    assert told.value.retry_after == seconds


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("ACCESS_TOKEN_EXPIRED", "has expired"),
        ("ACCESS_TOKEN_REVOKED", "was revoked"),
        ("UNAUTHORIZED", "does not accept"),
    ],
)
def test_a_token_that_is_no_good_is_told_with_what_to_do(
    loopback: Loopback, at_loopback: SquareGateway, code: str, words: str
) -> None:
    loopback.on("GET /v2/disputes", refused(401, code, f"Bearer {DESK} is bad"))
    with pytest.raises(GatewayError, match=words) as told:
        at_loopback.disputes()
    assert "connect again" in str(told.value)
    assert DESK not in str(told.value)


def test_a_refusal_is_told_in_squares_words_with_the_field(loopback: Loopback, at_loopback: SquareGateway) -> None:
    body = b'{"errors": [{"code": "VALUE_TOO_LONG", "detail": "Too long", "field": "evidence_text"}]}'
    loopback.on("POST /v2/disputes/SYN/evidence-text", Said(400, body))
    with pytest.raises(GatewayError) as told:
        at_loopback.write_text("SYN", "RECEIPT", "x", key="k")
    assert str(told.value) == "Square refused: Too long (evidence_text)"


@pytest.mark.parametrize("body", [b"{}", b'{"errors": []}'])
def test_a_refusal_without_words_is_a_refusal(loopback: Loopback, at_loopback: SquareGateway, body: bytes) -> None:
    loopback.on("POST /v2/disputes/SYN/accept", Said(400, body))
    with pytest.raises(GatewayError, match="no further words") as told:
        at_loopback.accept("SYN")
    assert told.value.failure is GatewayFailure.REJECTED


@pytest.mark.parametrize("body", [b'{"errors": "no"}', b'{"errors": [7]}'])
def test_errors_in_a_shape_that_breaks_the_sdk_are_told_and_not_thrown(
    loopback: Loopback, at_loopback: SquareGateway, body: bytes
) -> None:
    loopback.on("POST /v2/disputes/SYN/accept", Said(400, body))
    with pytest.raises(GatewayError) as told:
        at_loopback.accept("SYN")
    assert (told.value.failure, told.value.effect_possible) == (GatewayFailure.MALFORMED, True)


def test_an_unknown_dispute_is_not_found(gateway: SquareGateway) -> None:
    with pytest.raises(GatewayError, match="does not know this") as told:
        gateway.dispute("SYNdoesnotexist000000A")
    assert told.value.failure is GatewayFailure.NOT_FOUND
