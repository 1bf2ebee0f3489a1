from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from square import Square

from gateways.sandbox.control import ControlRefused
from gateways.sandbox.launch import launch
from gateways.sandbox.square.control import SquareControl


def test_a_thousand_disputes_are_there_at_once(client_for: Callable[..., Square], tmp_path: Path) -> None:
    with launch(tmp_path, gateway="square", empty=True) as running:
        client = client_for(running)
        made = running.controls.bulk(1_000, amount=4_200, currency="CAD")
        assert made["created"] == 1_000
        for _ in range(2):  # the second time from kept pages
            found = list(client.disputes.list())
            assert len({dispute.id for dispute in found}) == 1_001
        first = client.disputes.get(made["first"][0]).dispute
        assert first is not None
        assert first.disputed_payment is not None
        payment = client.payments.get(first.disputed_payment.payment_id or "").payment
        assert payment is not None
        order = client.orders.get(payment.order_id or "").order
        assert order is not None
        assert (payment.location_id, order.reference_id) == ("LLALECAN00001", "LL-BULK")
        client.disputes.create_evidence_text(made["first"][0], idempotency_key="k", evidence_text="x")
        assert {dispute.version for dispute in client.disputes.list()} == {1, 2}


def test_what_was_answered_survives_a_kill(client_for: Callable[..., Square], tmp_path: Path) -> None:
    first = launch(tmp_path, gateway="square", empty=True)
    id = first.controls.dispute()["id"]
    client_for(first).disputes.accept(id)
    first.kill()
    with launch(tmp_path, gateway="square") as second:
        dispute = client_for(second).disputes.get(id).dispute
        assert dispute is not None
        assert dispute.state == "ACCEPTED"
        assert second.controls.effects(id)["accepted"] == 1


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"colour": "red"}, "the builder knows no colour"),
        ({"kind": "arbitration"}, "no kind 'arbitration'"),
        ({"due": "tomorrow"}, "no due date: 'tomorrow'"),
        ({"payment": "nope"}, "Could not find payment"),
    ],
)
def test_the_builder_says_what_it_does_not_know(control: SquareControl, spec: dict[str, str], reason: str) -> None:
    with pytest.raises(ControlRefused, match=reason):
        control.dispute(**spec)


def test_a_due_date_is_the_next_midnight_that_is_far_enough(control: SquareControl) -> None:
    for hours in (0, 7, 30):
        due = control.dispute(due={"hours_at_least": hours})["due_at"]
        at = control.dispute(due={"hours": hours})["due_at"]
        assert due.endswith("T00:00:00.000Z")
        assert due >= at
        assert due[:10] <= control.dispute(due={"hours": hours + 24})["due_at"][:10]


@pytest.mark.parametrize(
    ("wanted", "reason"), [({"speed": 2}, "no setting speed"), ({"signatures": "md5"}, "signatures is both or")]
)
def test_an_unknown_setting_is_refused(control: SquareControl, wanted: dict[str, Any], reason: str) -> None:
    with pytest.raises(ControlRefused, match=reason):
        control.settings(**wanted)


def test_foreign_evidence_has_words_of_its_own(control: SquareControl) -> None:
    id = control.dispute()["id"]
    with pytest.raises(ControlRefused, match="evidence has no mood"):
        control.stage_foreign(id, mood="bad")


def test_counts_tell_requests_by_route(client: Square, control: SquareControl) -> None:
    before = control.counts()["requests"]["by_route"].get("GET /v2/locations", 0)
    client.locations.list()
    assert control.counts()["requests"]["by_route"]["GET /v2/locations"] == before + 1


def test_endpoints_are_told_in_the_other_gateways_words_too(control: SquareControl) -> None:
    made = control.webhook_endpoint("https://desk.example/x", secret="s", enabled_events=["dispute.created"])
    control.remove_webhook_endpoint(made["id"])
    assert (made["secret"], made["signature_key"], made["event_types"]) == ("s", "s", ["dispute.created"])
