from __future__ import annotations

import time

import pytest
import stripe

from gateways.sandbox.control import ControlRefused, SandboxControl


def submit(client: stripe.StripeClient, dispute: str) -> stripe.Dispute:
    return client.v1.disputes.update(dispute, {"submit": True})


def test_a_connection_lost_before_leaves_no_effect(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    control.fault("drop_before", method="POST", path=id)
    with pytest.raises(stripe.APIConnectionError):
        submit(client, id)
    assert control.effects(id)["submitted"] == 0
    assert submit(client, id).status == "under_review"


@pytest.mark.parametrize("kind", ["drop_after", "truncate"])
def test_an_answer_lost_afterwards_leaves_the_effect(
    client: stripe.StripeClient, control: SandboxControl, kind: str
) -> None:
    id = control.dispute()["id"]
    control.fault(kind, method="POST", path=id)
    with pytest.raises(stripe.StripeError):
        submit(client, id)
    assert control.effects(id)["submitted"] == 1
    assert client.v1.disputes.retrieve(id).status == "under_review"


def test_latency_holds_the_answer_back(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    control.fault("latency", seconds=0.2, path=id)
    started = time.monotonic()
    client.v1.disputes.retrieve(id)
    assert time.monotonic() - started >= 0.2


def test_hang_ends_without_an_answer(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    control.fault("hang", seconds=0.1, path=id, after=True)
    with pytest.raises(stripe.APIConnectionError):
        submit(client, id)
    assert control.effects(id)["submitted"] == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_proxys_html_is_no_json(client: stripe.StripeClient, control: SandboxControl, after: bool) -> None:
    id = control.dispute()["id"]
    control.fault("html", status=502, path=id, after=after)
    with pytest.raises(stripe.APIError) as caught:
        submit(client, id)
    assert caught.value.http_status == 502
    assert control.effects(id)["submitted"] == int(after)


def test_a_rate_limit_has_stripes_error(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    control.fault("status", status=429, path=id)
    with pytest.raises(stripe.RateLimitError) as caught:
        submit(client, id)
    assert caught.value.error is not None
    assert caught.value.error.code == "rate_limit"
    assert control.effects(id)["submitted"] == 0


def test_a_fault_strikes_as_often_as_ordered_and_after_what_it_skips(
    client: stripe.StripeClient, control: SandboxControl
) -> None:
    id = control.dispute()["id"]
    control.fault("status", status=503, method="GET", path=f"{id}$", times=2, skip=1)
    seen = []
    for _ in range(4):
        try:
            client.v1.disputes.retrieve(id)
            seen.append(200)
        except stripe.APIError as error:
            seen.append(error.http_status or 0)
    assert seen == [200, 503, 503, 200]
    assert control.faults() == []


def test_the_log_says_what_was_sent_and_what_broke(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    control.fault("drop_after", path=id)
    with pytest.raises(stripe.APIConnectionError):
        client.v1.disputes.update(id, {"evidence": {"customer_name": "Ada"}, "submit": False})
    (entry,) = control.log(path=id, method="POST")
    assert entry["route"] == "/v1/disputes/{id}"
    assert entry["params"] == {"evidence": {"customer_name": "Ada"}, "submit": "false"}
    assert (entry["status"], entry["fault"], entry["host"]) == (200, "drop_after", "api")


@pytest.mark.parametrize(
    ("wanted", "reason"),
    [
        ({"kind": "flood"}, "no fault of kind"),
        ({"kind": "hang", "path": "("}, "regular"),
        ({"kind": "hang", "x": 1}, "no x"),
    ],
)
def test_an_order_it_does_not_understand_is_refused(
    control: SandboxControl, wanted: dict[str, str], reason: str
) -> None:
    with pytest.raises(ControlRefused, match=reason):
        control.fault(**wanted)
