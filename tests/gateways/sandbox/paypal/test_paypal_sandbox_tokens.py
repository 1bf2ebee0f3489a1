from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from gateways.sandbox.control import ControlRefused
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.paypal.client import PayPalControl
from gateways.sandbox.paypal.tokens import BARE, FULL, READ, READ_ONLY, UPDATE
from tests.gateways.sandbox.paypal.merchant import DISPUTES, TRACKED, App, controls_of, issues

GRANT = {"grant_type": "client_credentials"}


def token(sandbox: Sandbox, client: tuple[str, str] = FULL, **more: object) -> httpx.Response:
    sent = {"data": GRANT, "auth": client, **more}
    return httpx.post(f"{sandbox.api}/v1/oauth2/token", trust_env=False, **sent)  # type: ignore[arg-type]


def test_a_client_gets_a_token_with_its_scopes_in_words(sandbox: Sandbox) -> None:
    given = token(sandbox).json()
    assert given["token_type"] == "Bearer"
    assert given["expires_in"] == 32_400
    assert {READ, UPDATE} <= set(given["scope"].split(" "))
    assert given["access_token"] != token(sandbox).json()["access_token"]


@pytest.mark.parametrize("client", [("sandbox-full", "wrong"), ("nobody", FULL[1]), ("", "")])
def test_wrong_credentials_are_refused_in_oauths_words(sandbox: Sandbox, client: tuple[str, str]) -> None:
    answer = token(sandbox, client)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


def test_only_client_credentials_are_granted(sandbox: Sandbox) -> None:
    answer = token(sandbox, data={"grant_type": "password"})
    assert (answer.status_code, answer.json()["error"]) == (400, "unsupported_grant_type")


def test_the_token_call_takes_a_form_and_nothing_else(sandbox: Sandbox) -> None:
    answer = token(sandbox, data=None, json=GRANT)
    assert (answer.status_code, answer.json()["name"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("header", ["", "Bearer nonsense", "Basic c2FuZGJveC1mdWxsOng="])
def test_no_call_works_without_a_token(sandbox: Sandbox, header: str) -> None:
    answer = httpx.get(f"{sandbox.api}{DISPUTES}", headers={"Authorization": header}, trust_env=False)
    assert (answer.status_code, answer.json()["name"]) == (401, "AUTHENTICATION_FAILURE")


def test_a_token_expires_by_the_sandboxs_clock(moving: Sandbox, app_for: Callable[..., App]) -> None:
    app = app_for(moving)
    moving.controls.advance(32_300)
    assert app.http.get(DISPUTES).status_code == 200
    moving.controls.advance(101)
    assert app.http.get(DISPUTES).status_code == 401
    assert app_for(moving).http.get(DISPUTES).status_code == 200


def test_tokens_can_be_revoked_all_at_once(moving: Sandbox, app_for: Callable[..., App]) -> None:
    app = app_for(moving)
    assert controls_of(moving).revoke_tokens() == 1
    assert app.http.get(DISPUTES).status_code == 401


def test_a_reading_app_reads_and_may_write_nothing(
    sandbox: Sandbox, control: PayPalControl, app_for: Callable[..., App]
) -> None:
    id = control.dispute()["dispute_id"]
    reader = app_for(sandbox, READ_ONLY)
    assert reader.dispute(id)["dispute_id"] == id
    for answer in (reader.evidence(id, TRACKED), reader.send(id, "accept-claim", {"note": "Refund."})):
        assert (answer.status_code, answer.json()["name"]) == (403, "NOT_AUTHORIZED")
        assert issues(answer) == ["PERMISSION_DENIED"]
    assert control.effects(id)["evidence_provided"] == 0


@pytest.mark.parametrize(
    "path",
    ["/v2/payments/captures/X", "/v2/checkout/orders/X", "/v1/notifications/webhooks", "/v1/reporting/transactions",
     "/v1/identity/oauth2/userinfo"],
)  # fmt: skip
def test_the_right_to_disputes_is_no_right_to_anything_else(
    sandbox: Sandbox, app_for: Callable[..., App], path: str
) -> None:
    assert app_for(sandbox, BARE).http.get(path).status_code == 403


def test_nobody_acts_for_the_buyer_or_refunds(control: PayPalControl, app: App) -> None:
    dispute = control.dispute()
    capture = dispute["disputed_transactions"][0]["seller_transaction_id"]
    assert app.send(dispute["dispute_id"], "accept-offer", {"note": "Yes."}).status_code == 403
    assert app.http.post(f"/v2/payments/captures/{capture}/refund", json={}).status_code == 403


def test_an_app_can_be_made_with_scopes_by_their_last_word(
    sandbox: Sandbox, control: PayPalControl, app_for: Callable[..., App]
) -> None:
    control.client("of-a-partner", "secret", ["read-seller"])
    assert token(sandbox, ("of-a-partner", "secret")).json()["scope"] == READ
    with pytest.raises(ControlRefused, match="no scope read-all"):
        control.client("too-much", "secret", ["read-all"])


def test_the_account_says_whose_it_is(control: PayPalControl, app: App) -> None:
    owner = app.get("/v1/identity/oauth2/userinfo", schema="paypalv1.1")
    seller = control.dispute()["disputed_transactions"][0]["seller"]
    assert owner["payer_id"] == seller["merchant_id"]
    assert app.http.get("/v1/identity/oauth2/userinfo").status_code == 400
