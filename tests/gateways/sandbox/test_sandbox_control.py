from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import stripe

from gateways.sandbox.control import ControlRefused, SandboxControl
from gateways.sandbox.launch import launch


def test_a_thousand_disputes_are_there_at_once(client_for: Callable[..., stripe.StripeClient], tmp_path: Path) -> None:
    with launch(tmp_path, empty=True) as running:
        client = client_for(running)
        made = running.controls.bulk(1_000, amount=4_200, currency="eur")
        assert made["created"] == 1_000
        for _ in range(2):  # the second time from kept pages
            page = client.v1.disputes.list({"limit": 100, "expand": ["data.charge"]})
            found = list(page.auto_paging_iter())
            assert len({dispute.id for dispute in found}) == 1_001
        assert client.v1.charges.retrieve(str(client.v1.disputes.retrieve(made["first"][0]).charge)).disputed is True
        staged = client.v1.disputes.update(made["first"][0], {"evidence": {"customer_name": "A"}, "submit": False})
        (first, *_) = client.v1.disputes.list({"charge": str(staged.charge)}).data
        assert first.evidence.customer_name == "A"
        again = client.v1.disputes.list({"limit": 100, "expand": ["data.charge"]})
        assert "A" in [dispute.evidence.customer_name for dispute in again.data]


def test_counts_tell_requests_by_route(client: stripe.StripeClient, control: SandboxControl) -> None:
    before = control.counts()["requests"]["by_route"].get("GET /v1/payouts", 0)
    client.raw_request("get", "/v1/payouts")
    assert control.counts()["requests"]["by_route"]["GET /v1/payouts"] == before + 1


def test_the_log_is_filtered(client: stripe.StripeClient, control: SandboxControl) -> None:
    id = control.dispute()["id"]
    client.v1.disputes.retrieve(id)
    with pytest.raises(stripe.InvalidRequestError):
        client.raw_request("post", f"/v1/disputes/{id}", nothing=1)
    assert len(control.log(path=id)) == 2
    (refused,) = control.log(path=id, status=400)
    assert refused["method"] == "POST"
    assert control.log(since=refused["seq"]) == []


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"colour": "red"}, "the builder knows no colour"),
        ({"kind": "arbitration"}, "no kind 'arbitration'"),
        ({"due": "tomorrow"}, "no due date: 'tomorrow'"),
        ({"charge": "ch_nope"}, "No such charge"),
    ],
)
def test_the_builder_says_what_it_does_not_know(control: SandboxControl, spec: dict[str, str], reason: str) -> None:
    with pytest.raises(ControlRefused, match=reason):
        control.dispute(**spec)


def test_an_unknown_setting_is_refused(control: SandboxControl) -> None:
    with pytest.raises(ControlRefused, match="no setting speed"):
        control.settings(speed=2)


def test_an_early_fraud_warning_is_not_actionable_once_refunded(
    client: stripe.StripeClient, control: SandboxControl
) -> None:
    open_, refunded = control.charge()["id"], control.charge()["id"]
    control.refund(refunded)
    assert control.early_fraud_warning(open_)["actionable"] is True
    assert control.early_fraud_warning(refunded, "misc")["actionable"] is False
    (warning,) = client.v1.radar.early_fraud_warnings.list({"charge": open_}).data
    assert warning.fraud_type == "misc"
    control.dispute(charge=open_)
    assert client.v1.radar.early_fraud_warnings.retrieve(warning.id).actionable is False
    (told,) = client.v1.events.list({"type": "radar.early_fraud_warning.updated", "limit": 1}).data
    assert told.data.object["id"] == warning.id
