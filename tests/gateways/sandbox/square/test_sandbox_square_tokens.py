from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from square import Square

from gateways.sandbox.control import ControlRefused
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.square.control import SquareControl
from gateways.sandbox.square.tokens import DESK, DESK_SCOPES, PERSONAL, READER

Build = Callable[..., Square]
Refusal = Callable[..., dict[str, Any]]


def test_a_wrong_token_is_401_in_squares_words(client_for: Build, sandbox: Sandbox, refusal: Refusal) -> None:
    assert refusal(client_for(sandbox, "EAAAnobodys").disputes.get, "x") == {
        "status": 401, "category": "AUTHENTICATION_ERROR", "code": "UNAUTHORIZED",
        "detail": "This request could not be authorized.", "field": None,
    }  # fmt: skip


@pytest.mark.parametrize("header", [None, "Bearer", "Basic EAAAsandbox_personal"])
def test_a_malformed_header_is_401(sandbox: Sandbox, header: str | None) -> None:
    answer = httpx.get(f"{sandbox.api}/v2/disputes", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert "was malformed" in answer.json()["errors"][0]["detail"]


def test_a_token_can_run_out(client_for: Build, sandbox: Sandbox, control: SquareControl, refusal: Refusal) -> None:
    control.key("EAAAsandbox_short_lived")
    client = client_for(sandbox, "EAAAsandbox_short_lived")
    client.merchants.get("me")
    control.key("EAAAsandbox_short_lived", bad=True)
    assert refusal(client.merchants.get, "me")["code"] == "ACCESS_TOKEN_EXPIRED"


def test_a_token_that_may_be_somebodys_is_not_learnt(control: SquareControl) -> None:
    with pytest.raises(ControlRefused, match="starts with EAAAsandbox_"):
        control.key("EAAAEreal")


def test_a_reader_reads_everything_and_writes_nothing(
    client_for: Build, sandbox: Sandbox, control: SquareControl, refusal: Refusal
) -> None:
    dispute = control.dispute()
    client = client_for(sandbox, READER)
    client.payments.get(dispute["disputed_payment"]["payment_id"])
    assert list(client.disputes.evidence.list(dispute["id"])) == []
    error = refusal(client.disputes.accept, dispute["id"])
    assert (error["status"], error["code"]) == (403, "INSUFFICIENT_SCOPES")
    assert error["detail"].endswith("authorize your application for the following scopes: DISPUTES_WRITE")
    refusal(client.disputes.create_evidence_text, dispute["id"], idempotency_key="k", evidence_text="x")
    refusal(client.disputes.submit_evidence, dispute["id"])
    assert control.effects(dispute["id"])["accepted"] == 0


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("disputes", "DISPUTES_READ"),
        ("payments", "PAYMENTS_READ"),
        ("refunds", "PAYMENTS_READ"),
        ("orders/x", "ORDERS_READ"),
        ("customers/x", "CUSTOMERS_READ"),
        ("merchants/me", "MERCHANT_PROFILE_READ"),
        ("locations", "MERCHANT_PROFILE_READ"),
        ("payouts", "PAYOUTS_READ"),
    ],
)
def test_each_read_has_a_scope(sandbox: Sandbox, control: SquareControl, path: str, scope: str) -> None:
    control.key("EAAAsandbox_nothing", [])
    control.key("EAAAsandbox_one", [scope])
    refused, taken = (
        httpx.get(f"{sandbox.api}/v2/{path}", headers={"Authorization": f"Bearer EAAAsandbox_{name}"})
        for name in ("nothing", "one")
    )
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (403, "INSUFFICIENT_SCOPES")
    assert scope in refused.json()["errors"][0]["detail"]
    assert taken.status_code in (200, 404)


def test_a_token_is_told_its_scopes_and_its_end(client_for: Build, sandbox: Sandbox) -> None:
    status = client_for(sandbox, DESK).o_auth.retrieve_token_status()
    assert set(status.scopes or []) == set(DESK_SCOPES)
    assert status.expires_at
    assert status.merchant_id == "MLLALELIVING0"
    personal = client_for(sandbox, PERSONAL).o_auth.retrieve_token_status()
    assert personal.expires_at is None
    assert "PAYMENTS_WRITE" in (personal.scopes or [])


def test_a_version_is_a_date(sandbox: Sandbox) -> None:
    headers = {"Authorization": f"Bearer {PERSONAL}", "Square-Version": "latest"}
    answer = httpx.get(f"{sandbox.api}/v2/disputes", headers=headers)
    assert answer.json()["errors"][0]["code"] == "INVALID_SQUARE_VERSION_FORMAT"
