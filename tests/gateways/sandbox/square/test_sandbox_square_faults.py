from __future__ import annotations

import time
from typing import Any

import httpx
import pytest
from square import Square
from square.core.api_error import ApiError

from gateways.sandbox.square.control import SquareControl


def test_a_connection_lost_before_leaves_no_effect(control: SquareControl, desk: Any) -> None:
    id = control.dispute()["id"]
    control.fault("drop_before", method="POST", path=id)
    with pytest.raises(httpx.TransportError):
        desk.text(id)
    assert control.effects(id)["evidence_text"] == 0
    assert desk.text(id).id


@pytest.mark.parametrize("kind", ["drop_after", "truncate"])
def test_an_answer_lost_afterwards_leaves_the_effect(control: SquareControl, desk: Any, kind: str) -> None:
    id = control.dispute()["id"]
    desk.text(id)
    control.fault(kind, method="POST", path="submit-evidence")
    with pytest.raises((httpx.TransportError, ValueError)):
        desk.submit(id)
    assert control.effects(id)["submitted"] == 1
    assert desk.get(id).state == "PROCESSING"


def test_a_lost_upload_is_found_again_under_its_key(control: SquareControl, desk: Any) -> None:
    id = control.dispute()["id"]
    control.fault("drop_after", method="POST", path="evidence-files")
    with pytest.raises(httpx.TransportError):
        desk.file(id, key=f"lost-{id}")
    (lies,) = desk.evidence(id)
    assert desk.file(id, key=f"lost-{id}").id == lies.id
    assert control.effects(id)["evidence_file"] == 1


def test_hang_ends_without_an_answer(control: SquareControl, desk: Any) -> None:
    id = control.dispute()["id"]
    control.fault("hang", seconds=0.1, path=id, after=True)
    with pytest.raises(httpx.TransportError):
        desk.accept(id)
    assert control.effects(id)["accepted"] == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_proxys_html_is_no_json(control: SquareControl, desk: Any, after: bool) -> None:
    id = control.dispute()["id"]
    control.fault("html", status=502, path=id, after=after)
    with pytest.raises(ApiError) as caught:
        desk.accept(id)
    assert caught.value.status_code == 502
    assert control.effects(id)["accepted"] == int(after)


@pytest.mark.parametrize(
    ("status", "category", "code"),
    [
        (429, "RATE_LIMIT_ERROR", "RATE_LIMITED"),
        (500, "API_ERROR", "INTERNAL_SERVER_ERROR"),
        (503, "API_ERROR", "SERVICE_UNAVAILABLE"),
        (504, "API_ERROR", "GATEWAY_TIMEOUT"),
    ],
)
def test_errors_have_squares_words(
    control: SquareControl, desk: Any, refusal: Any, status: int, category: str, code: str
) -> None:
    id = control.dispute()["id"]
    control.fault("status", status=status, path=id)
    error = refusal(desk.accept, id)
    assert (error["status"], error["category"], error["code"]) == (status, category, code)
    assert control.effects(id)["accepted"] == 0


def test_a_500_may_come_after_the_effect(control: SquareControl, desk: Any, refusal: Any) -> None:
    id = control.dispute()["id"]
    control.fault("status", status=500, path=id, after=True)
    assert refusal(desk.accept, id)["status"] == 500
    assert desk.get(id).state == "ACCEPTED"


def test_the_sdk_accepts_again_and_again_if_it_is_let(client: Square, control: SquareControl) -> None:
    """Its two retries are on by default, for writes too, and the state is all that stands between."""
    id = control.dispute()["id"]
    control.fault("status", status=500, path=f"{id}/accept", after=True)
    with pytest.raises(ApiError) as caught:
        client.disputes.accept(id)
    assert caught.value.status_code == 400
    assert [entry["status"] for entry in control.log(path=f"{id}/accept")] == [500, 400]
    assert control.effects(id)["accepted"] == 1


def test_latency_holds_the_answer_back(control: SquareControl, desk: Any) -> None:
    id = control.dispute()["id"]
    control.fault("latency", seconds=0.2, path=id)
    started = time.monotonic()
    desk.get(id)
    assert time.monotonic() - started >= 0.2


def test_a_fault_strikes_as_often_as_ordered_and_after_what_it_skips(client: Square, control: SquareControl) -> None:
    id = control.dispute()["id"]
    control.fault("status", status=503, method="GET", path=f"{id}$", times=2, skip=1)
    seen = []
    for _ in range(4):
        try:
            client.disputes.get(id, request_options={"max_retries": 0})
            seen.append(200)
        except ApiError as error:
            seen.append(error.status_code or 0)
    assert seen == [200, 503, 503, 200]
    assert control.faults() == []


def test_the_log_says_what_was_sent_and_what_broke(control: SquareControl, desk: Any) -> None:
    id = control.dispute()["id"]
    control.fault("drop_after", path=id)
    with pytest.raises(httpx.TransportError):
        desk.file(id, key=f"log-{id}")
    (entry,) = control.log(path=id, method="POST")
    assert entry["route"] == "/v2/disputes/{id}/evidence-files"
    assert entry["key"] == f"log-{id}"
    assert entry["params"]["evidence_type"] == "GENERIC_EVIDENCE"
    assert entry["params"]["file"]["filename"] == "packet.pdf"
    assert (entry["status"], entry["fault"], entry["host"]) == (200, "drop_after", "api")


def test_repeated_parameters_are_logged_as_a_list(client: Square, control: SquareControl) -> None:
    wanted: Any = ["WON", "LOST", "ACCEPTED"]
    list(client.disputes.list(states=wanted))
    assert control.log(path="/v2/disputes")[-1]["params"] == {"states": wanted}
