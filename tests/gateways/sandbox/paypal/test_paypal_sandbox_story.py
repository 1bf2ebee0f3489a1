"""The demo's disputes at PayPal."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.paypal import enums, seed
from tests.gateways.sandbox.paypal.merchant import DISPUTES, App

ROWS = json.loads(seed.STORY.read_text(encoding="utf-8"))["rows"]


@pytest.fixture(scope="module")
def disputes(story: Sandbox) -> dict[str, Any]:
    """By order number, as the detail call shows them."""
    app, found = App(story.api), {}
    for item in app.get(DISPUTES, page_size=50)["items"]:
        dispute = app.dispute(item["dispute_id"])
        found[dispute["disputed_transactions"][0]["invoice_number"]] = dispute
    app.http.close()
    return found


def test_every_row_with_a_dispute_is_there_and_every_reason_among_them(disputes: dict[str, Any]) -> None:
    assert set(disputes) == {row["order"] for row in ROWS if "dispute" in row}
    assert {dispute["reason"] for dispute in disputes.values()} == set(enums.REASONS)
    assert len(disputes) >= 12


def test_currencies_without_decimals_are_among_them(disputes: dict[str, Any]) -> None:
    by_currency = Counter(dispute["dispute_amount"]["currency_code"] for dispute in disputes.values())
    assert {"EUR", "USD", "HUF", "TWD"} == set(by_currency)
    for dispute in disputes.values():
        amount = dispute["dispute_amount"]
        assert ("." in amount["value"]) is (amount["currency_code"] not in ("HUF", "TWD"))


def test_the_special_cases_are_what_the_story_says(disputes: dict[str, Any]) -> None:
    def acts(order: str) -> set[str]:
        return {link["rel"] for link in disputes[order]["links"]} - {"self"}

    assert disputes["LL-2005"]["disputed_transactions"][0]["transaction_status"] == "REFUNDED"
    assert {"send_message", "make_offer"} <= acts("LL-2013")
    assert disputes["LL-2014"]["offer"]["buyer_requested_amount"]["value"] == "60.00"
    assert acts("LL-2015") == {"appeal"}
    assert disputes["LL-2016"]["dispute_outcome"]["outcome_code"] == "CANCELED_BY_BUYER"
    assert disputes["LL-2017"]["dispute_life_cycle_stage"] == "PRE_ARBITRATION"
    assert (disputes["LL-2018"]["dispute_channel"], disputes["LL-2018"]["external_reason_code"]) == ("EXTERNAL", "10.4")
    assert disputes["LL-2020"]["status"] == "UNDER_REVIEW"
    due = datetime.fromisoformat(disputes["LL-2021"]["seller_response_due_date"])
    assert 0 < (due - datetime.now(UTC)).total_seconds() <= 7 * 3600
    assert "evidences" not in disputes["LL-2011"], "no evidence type exists for a problem with a remittance"


def test_payments_beside_the_disputed_ones_are_there(story: Sandbox, app_for: Callable[..., App]) -> None:
    app = app_for(story)
    for number, order in (("21", "LL-2007"), ("25", "LL-2024")):
        capture = app.get(f"/v2/payments/captures/2{order[3:]}{number}0C00000000")
        assert (capture["status"], capture["invoice_id"]) == ("COMPLETED", order)


def test_people_are_made_up(disputes: dict[str, Any]) -> None:
    endings = (".example.com", ".example.org", "@example.com", "@example.org", "@example.com.tr", "@example.com.tw")
    assert all(row["customer"]["email"].endswith(endings) for row in ROWS)
