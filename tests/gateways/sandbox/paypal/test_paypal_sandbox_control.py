from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateways.sandbox.control import ControlRefused
from gateways.sandbox.launch import launch
from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import DISPUTES, TRACKED, App, controls_of


def test_a_thousand_disputes_are_there_at_once(app_for: Callable[..., App], tmp_path: Path) -> None:
    with launch(tmp_path, gateway="paypal", empty=True) as running:
        app, control = app_for(running), controls_of(running)
        made = control.bulk(1_000, amount="45900", currency="HUF")
        for _ in range(2):  # the second time from kept pages
            url: str | None = f"{DISPUTES}?page_size=50"
            found: list[Any] = []
            while url:
                page = app.get(url)
                found += page["items"]
                url = next((link["href"] for link in page["links"] if link["rel"] == "next"), None)
            assert len({item["dispute_id"] for item in found}) == 1_001
        first = made["first"][0]
        (transaction,) = app.dispute(first)["disputed_transactions"]
        capture = app.get(f"/v2/payments/captures/{transaction['seller_transaction_id']}")
        order = app.get(f"/v2/checkout/orders/{capture['supplementary_data']['related_ids']['order_id']}")
        assert order["purchase_units"][0]["payments"]["captures"][0]["id"] == capture["id"]
        assert app.get(DISPUTES, disputed_transaction_id=capture["id"])["items"][0]["dispute_id"] == first
        assert app.evidence(first, TRACKED).status_code == 200
        assert app.dispute(first)["status"] == "UNDER_REVIEW", "a change empties the kept pages"
        assert app.get(DISPUTES, dispute_state="UNDER_PAYPAL_REVIEW")["items"][0]["dispute_id"] == first


@pytest.mark.parametrize(
    ("spec", "reason"),
    [
        ({"colour": "red"}, "the builder knows no colour"),
        ({"reason": "BOREDOM"}, "no 'BOREDOM'"),
        ({"stage": "TRIAL"}, "no 'TRIAL'"),
        ({"due": "tomorrow"}, "no due date: 'tomorrow'"),
        ({"capture": "X"}, "RESOURCE_NOT_FOUND"),
        ({"requested": ["PROOF_OF_LIFE"]}, "no evidence type PROOF_OF_LIFE"),
    ],
)
def test_the_builder_says_what_it_does_not_know(control: PayPalControl, spec: dict[str, Any], reason: str) -> None:
    with pytest.raises(ControlRefused, match=reason):
        control.dispute(**spec)


def test_an_existing_capture_can_be_disputed(control: PayPalControl) -> None:
    capture = control.capture(order="LL-7")
    (transaction,) = control.dispute(capture=capture["id"])["disputed_transactions"]
    assert (transaction["seller_transaction_id"], transaction["invoice_number"]) == (capture["id"], "LL-7")


@pytest.mark.parametrize(
    ("word", "given", "reason"),
    [
        ("buyer_offer", {"answer": "ACCEPTED"}, "no offer waits"),
        ("buyer_returns", {}, "nothing is to be returned"),
        ("outcome", {"outcome": "draw"}, "no outcome 'draw'"),
        ("outcome", {"outcome": "won", "reason": "LUCK"}, "no adjudication reason 'LUCK'"),
        ("escalate", {"stage": "INQUIRY"}, "does not escalate"),
    ],
)
def test_what_cannot_happen_is_refused_with_the_reason(
    control: PayPalControl, word: str, given: dict[str, str], reason: str
) -> None:
    with pytest.raises(ControlRefused, match=reason):
        getattr(control, word)(control.dispute()["dispute_id"], **given)


def test_an_unknown_setting_is_refused(control: PayPalControl) -> None:
    with pytest.raises(ControlRefused, match="no setting speed"):
        control.settings(speed=2)


def test_effects_are_in_paypals_words_even_where_nothing_happened(control: PayPalControl) -> None:
    words = ["evidence_provided", "appealed", "accepted", "message_sent", "offer_made", "escalated",
             "return_acknowledged", "supporting_info_provided"]  # fmt: skip
    assert control.effects(control.dispute()["dispute_id"]) == {**dict.fromkeys(words, 0), "elsewhere": {}}


def test_links_follow_the_server_to_another_port(app_for: Callable[..., App], tmp_path: Path) -> None:
    with launch(tmp_path, gateway="paypal", empty=True) as first:
        (transaction,) = first.controls.dispute()["disputed_transactions"]
        id = app_for(first).get(DISPUTES)["items"][0]["dispute_id"]
    with launch(tmp_path, gateway="paypal") as second:
        app = app_for(second)
        shown = [app.dispute(id), app.get(f"/v2/checkout/orders/{transaction['reference_id']}")]
        assert {link["href"].startswith(second.api) for body in shown for link in body["links"]} == {True}


def test_a_restart_keeps_disputes_tokens_and_time(app_for: Callable[..., App], tmp_path: Path) -> None:
    with launch(tmp_path, gateway="paypal", empty=True) as first:
        app = app_for(first)
        id = first.controls.dispute()["dispute_id"]
        app.evidence(id, TRACKED)
        first.controls.advance(hours=5)
        port, now = int(first.api.rpartition(":")[2]), first.controls.now()
    with launch(tmp_path, gateway="paypal", api_port=port) as second:
        assert app.dispute(id)["status"] == "UNDER_REVIEW"
        assert second.controls.effects(id)["evidence_provided"] == 1
        assert second.controls.now() >= now
