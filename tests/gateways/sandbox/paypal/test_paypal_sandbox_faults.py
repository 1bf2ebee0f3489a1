from __future__ import annotations

import time
from typing import Any

import httpx
import pytest

from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import DISPUTES, PDF, TRACKED, App

PROVIDE = {"method": "POST", "path": "/provide-evidence$"}


@pytest.fixture
def id(control: PayPalControl) -> str:
    return str(control.dispute()["dispute_id"])


def test_an_answer_lost_before_the_effect_leaves_none(control: PayPalControl, app: App, id: str) -> None:
    control.fault("drop_before", **PROVIDE)
    with pytest.raises(httpx.TransportError):
        app.evidence(id, TRACKED)
    assert control.effects(id)["evidence_provided"] == 0
    assert app.evidence(id, TRACKED).status_code == 200


@pytest.mark.parametrize("kind", ["drop_after", "truncate"])
def test_an_answer_lost_after_the_effect_leaves_it(control: PayPalControl, app: App, id: str, kind: str) -> None:
    control.fault(kind, **PROVIDE)
    with pytest.raises(httpx.TransportError):
        app.evidence(id, TRACKED)
    assert control.effects(id)["evidence_provided"] == 1
    assert app.dispute(id)["status"] == "UNDER_REVIEW"


@pytest.mark.parametrize(("after", "effects"), [(False, 0), (True, 1)])
@pytest.mark.parametrize(("status", "name"), [(500, "INTERNAL_SERVER_ERROR"), (503, "SERVICE_UNAVAILABLE")])
def test_a_server_error_comes_before_or_after_the_effect(
    control: PayPalControl, app: App, id: str, status: int, name: str, after: bool, effects: int
) -> None:
    control.fault("status", status=status, after=after, **PROVIDE)
    answer = app.evidence(id, TRACKED)
    assert (answer.status_code, answer.json()["name"]) == (status, name)
    assert control.effects(id)["evidence_provided"] == effects


def test_a_rate_limit_says_when_to_come_again(control: PayPalControl, app: App) -> None:
    control.fault("status", status=429, seconds=7, times=2, path=DISPUTES)
    answers = [app.http.get(DISPUTES) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].json()["name"] == "RATE_LIMIT_REACHED"
    assert answers[0].headers["Retry-After"] == "7"


@pytest.mark.parametrize(("after", "effects"), [(False, 0), (True, 1)])
def test_a_page_of_html_comes_instead_of_json(
    control: PayPalControl, app: App, id: str, after: bool, effects: int
) -> None:
    control.fault("html", status=502, after=after, **PROVIDE)
    answer = app.evidence(id, TRACKED)
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert control.effects(id)["evidence_provided"] == effects


def test_an_answer_can_be_late_or_never_come(control: PayPalControl, app: App, id: str) -> None:
    control.fault("latency", seconds=0.2, path=f"{id}$")
    started = time.monotonic()
    app.dispute(id)
    assert time.monotonic() - started >= 0.2
    control.fault("hang", after=True, **PROVIDE)
    with pytest.raises(httpx.ReadTimeout):
        app.evidence(id, TRACKED, timeout=0.3)
    assert control.effects(id)["evidence_provided"] == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 422])
def test_any_refusal_can_be_ordered(control: PayPalControl, app: App, id: str, status: int) -> None:
    control.fault("status", status=status, code="SOME_ISSUE", **PROVIDE)
    answer: Any = app.evidence(id, TRACKED)
    assert answer.status_code == status
    assert {"name", "message", "debug_id"} <= set(answer.json())


def test_the_token_call_can_fail_too(control: PayPalControl, app: App) -> None:
    control.fault("status", status=500, path="/v1/oauth2/token")
    again = app.http.post("/v1/oauth2/token", data={"grant_type": "client_credentials"})
    assert again.status_code == 500


def test_the_log_has_what_was_sent_without_the_secret(control: PayPalControl, app: App, id: str) -> None:
    app.evidence(id, TRACKED, files=[("packet.pdf", PDF)])
    (row,) = control.log(path=f"{id}/provide-evidence")
    assert (row["method"], row["status"], row["route"]) == ("POST", 200, f"{DISPUTES}/{{id}}/provide-evidence")
    assert row["params"]["files"][0]["filename"] == "packet.pdf"
    assert row["params"]["body"]["evidences"][0]["notes"] == TRACKED["notes"]
    assert "secret" not in str(control.log(path="oauth2"))
