from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest
import stripe

from gateways.sandbox.control import ControlRefused, SandboxControl
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.stripe.keys import FULL_KEY, RESTRICTED_KEY

Build = Callable[..., stripe.StripeClient]


def test_a_wrong_key_is_401_and_shown_masked(client_for: Build, sandbox: Sandbox) -> None:
    with pytest.raises(stripe.AuthenticationError) as caught:
        client_for(sandbox, "sk_test_51Nobodys1234").v1.disputes.list()
    assert str(caught.value).endswith("Invalid API Key provided: sk_test_*********1234")


@pytest.mark.parametrize("header", [None, "Bearer", "Basic !"])
def test_no_key_is_401(sandbox: Sandbox, header: str | None) -> None:
    answer = httpx.get(f"{sandbox.api}/v1/disputes", headers={"Authorization": header} if header else {})
    assert answer.status_code == 401
    assert answer.json()["error"]["message"].startswith("You did not provide an API key.")


@pytest.mark.parametrize("key", ["sk_live_51Real", "rk_live_51Real"])
def test_a_key_that_looks_live_is_refused_everywhere(
    client_for: Build, sandbox: Sandbox, control: SandboxControl, key: str
) -> None:
    with pytest.raises(stripe.AuthenticationError, match="not accepted by this sandbox"):
        client_for(sandbox, key).v1.disputes.list()
    with pytest.raises(ControlRefused, match="starts with sk_test_ or rk_test_"):
        control.key(key)


def test_the_restricted_key_does_what_the_product_needs(
    client_for: Build, sandbox: Sandbox, control: SandboxControl
) -> None:
    client = client_for(sandbox, RESTRICTED_KEY)
    id = control.dispute()["id"]
    client.v1.disputes.retrieve(id, {"expand": ["charge.refunds", "payment_intent"]})
    client.v1.disputes.update(id, {"submit": True})
    client.v1.refunds.list()
    client.v1.balance_transactions.list()
    client.v1.events.list()
    client.v1.radar.early_fraud_warnings.list()
    assert client.v1.accounts.retrieve_current().id == "acct_1LaleLivingDemo"


@pytest.mark.parametrize(
    ("path", "right"), [("customers", "customer_read"), ("balance", "balance_read"), ("payouts", "payout_read")]
)
def test_and_nothing_more(client_for: Build, sandbox: Sandbox, path: str, right: str) -> None:
    with pytest.raises(stripe.PermissionError, match=f"Having the 'rak_{right}' permission") as caught:
        client_for(sandbox, RESTRICTED_KEY).raw_request("get", f"/v1/{path}")
    assert caught.value.http_status == 403
    assert "on account 'acct_1LaleLivingDemo'" in str(caught.value)
    assert RESTRICTED_KEY not in str(caught.value)
    client_for(sandbox, FULL_KEY).raw_request("get", f"/v1/{path}")


def test_expanding_costs_the_right_to_read(client_for: Build, sandbox: Sandbox, control: SandboxControl) -> None:
    control.key("rk_test_only_disputes", ["dispute_read"])
    id = control.dispute()["id"]
    client = client_for(sandbox, "rk_test_only_disputes")
    client.v1.disputes.retrieve(id)
    with pytest.raises(stripe.PermissionError, match="rak_charge_read"):
        client.v1.disputes.retrieve(id, {"expand": ["charge"]})
    with pytest.raises(stripe.PermissionError, match="rak_dispute_write"):
        client.v1.disputes.close(id)
    assert control.effects(id)["closed"] == 0


def test_a_key_can_go_bad(client_for: Build, sandbox: Sandbox, control: SandboxControl) -> None:
    control.key("sk_test_short_lived")
    client = client_for(sandbox, "sk_test_short_lived")
    client.v1.disputes.list()
    control.key("sk_test_short_lived", bad=True)
    with pytest.raises(stripe.AuthenticationError, match="Expired API Key"):
        client.v1.disputes.list()


def test_another_account_is_invisible(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.PermissionError, match="does not have access to account 'acct_1Other'"):
        client.v1.accounts.retrieve("acct_1Other")


def test_the_control_api_wants_its_header(sandbox: Sandbox) -> None:
    assert httpx.get(f"{sandbox.control}/counts").status_code == 403
    assert httpx.get(f"{sandbox.control}/counts", headers={"X-Sandbox-Control": "1"}).status_code == 200
