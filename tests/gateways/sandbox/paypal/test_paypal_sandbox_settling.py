from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import DISPUTES, PDF, App, controls_of, issues

SNAD = "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"
ADDRESS = {"address_line_1": "14 Harbour Row", "admin_area_2": "Dublin", "country_code": "IE"}


def eur(value: str) -> dict[str, str]:
    return {"currency_code": "EUR", "value": value}


def offer(type: str, **more: Any) -> dict[str, Any]:
    return {"note": "We are sorry.", "offer_type": type, **more}


def capture_of(app: App, id: str) -> Any:
    (transaction,) = app.dispute(id)["disputed_transactions"]
    return app.get(f"/v2/payments/captures/{transaction['seller_transaction_id']}")


class TestMessages:
    def test_each_is_one_more_even_under_the_same_request_id(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(stage="INQUIRY", message="When will it come?")["dispute_id"]
        for _ in range(2):
            sent = app.send(id, "send-message", {"message": "Tomorrow."}, headers={"PayPal-Request-Id": "same"})
            assert sent.status_code == 200
        assert [one["posted_by"] for one in app.dispute(id)["messages"]] == ["BUYER", "SELLER", "SELLER"]
        assert control.effects(id)["message_sent"] == 2

    def test_documents_go_with_the_form(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(stage="INQUIRY")["dispute_id"]
        form: list[Any] = [("input", (None, '{"message": "Here."}', "application/json")),
                ("file1", ("label.pdf", PDF, "application/pdf"))]  # fmt: skip
        assert app.http.post(f"{DISPUTES}/{id}/send-message", files=form).status_code == 200
        (message,) = app.dispute(id)["messages"]
        assert [document["name"] for document in message["documents"]] == ["label.pdf"]

    @pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": "x" * 2001}, [], {"message": 7}])
    def test_a_message_has_words_and_an_end(self, control: PayPalControl, app: App, body: Any) -> None:
        id = control.dispute(stage="INQUIRY")["dispute_id"]
        assert app.send(id, "send-message", body).status_code == 400


class TestOffers:
    def test_an_offer_waits_for_the_buyer_who_takes_it(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(reason=SNAD, stage="INQUIRY", requested_amount="60.00")["dispute_id"]
        assert app.send(id, "make-offer", offer("REFUND", offer_amount=eur("40.00"))).status_code == 200
        waiting = app.dispute(id)
        assert waiting["status"] == "WAITING_FOR_BUYER_RESPONSE"
        assert waiting["offer"]["seller_offered_amount"] == eur("40.00")
        assert waiting["offer"]["buyer_requested_amount"] == eur("60.00")
        assert app.send(id, "make-offer", offer("REFUND", offer_amount=eur("50.00"))).status_code == 422
        done = control.buyer_offer(id, "ACCEPTED")
        assert (done["status"], done["dispute_outcome"]["amount_refunded"]) == ("RESOLVED", eur("40.00"))
        assert done["adjudications"][0]["reason"] == "INQUIRY_OFFER_PARTIAL_REFUND"
        assert capture_of(app, id)["status"] == "PARTIALLY_REFUNDED"
        assert control.effects(id)["offer_made"] == 1

    def test_an_offer_denied_is_the_sellers_turn_again(self, control: PayPalControl, app: App) -> None:
        opened = control.dispute(reason=SNAD, stage="INQUIRY")
        id = opened["dispute_id"]
        app.send(id, "make-offer", offer("REPLACEMENT_WITHOUT_REFUND"))
        again = control.buyer_offer(id, "DENIED")
        assert again["status"] == "WAITING_FOR_SELLER_RESPONSE"
        assert again["seller_response_due_date"] == opened["seller_response_due_date"]
        assert [one["event_type"] for one in again["offer"]["history"]] == ["PROPOSED", "DENIED"]

    @pytest.mark.parametrize(
        ("reason", "body", "status", "issue"),
        [
            (SNAD, offer("REFUND"), 400, "MISSING_REQUIRED_PARAMETER"),
            (SNAD, {"offer_type": "REFUND", "offer_amount": eur("1.00")}, 400, "MISSING_REQUIRED_PARAMETER"),
            (SNAD, offer("REFUND", offer_amount=eur("100.01")), 422, "AMOUNT_EXCEEDED"),
            (SNAD, offer("REFUND", offer_amount=eur("1.001")), 422, "INVALID_AMOUNT"),
            (SNAD, offer("REFUND", offer_amount={"currency_code": "USD", "value": "1.00"}), 422, "CURRENCY_MISMATCH"),
            (SNAD, offer("GIFT_CARD"), 422, "INVALID_RESPONSE_OPTION"),
            (SNAD, offer("REPLACEMENT_WITHOUT_REFUND", offer_amount=eur("1.00")), 400, "AMOUNT_SHOULD_NOT_BE_PASSED"),
            (SNAD, offer("REFUND_WITH_RETURN", offer_amount=eur("9.00")), 400, "SHIPPING_ADDRESS_SHOULD_NOT_BE_PASSED"),
            ("MERCHANDISE_OR_SERVICE_NOT_RECEIVED", offer("REFUND_WITH_RETURN", offer_amount=eur("9.00")), 422,
             "INVALID_RESPONSE_OPTION"),
        ],
    )  # fmt: skip
    def test_an_offer_out_of_bounds_is_refused(
        self, control: PayPalControl, app: App, reason: str, body: Any, status: int, issue: str
    ) -> None:
        id = control.dispute(reason=reason, stage="INQUIRY")["dispute_id"]
        answer = app.send(id, "make-offer", body)
        assert (answer.status_code, issues(answer)) == (status, [issue])
        assert control.effects(id)["offer_made"] == 0


class TestAcceptance:
    def test_it_pays_the_buyer_at_once(self, control: PayPalControl, app: App) -> None:
        id = control.dispute()["dispute_id"]
        assert app.send(id, "accept-claim", {"note": "Refund.", "accept_claim_type": "REFUND"}).status_code == 200
        done = app.dispute(id)
        assert (done["status"], done["dispute_outcome"]["outcome_code"]) == ("RESOLVED", "RESOLVED_BUYER_FAVOUR")
        assert done["adjudications"][0]["reason"] == "SELLER_ISSUED_REFUND"
        assert {one["reason"] for one in done["money_movements"]} == {"DISPUTE_SETTLEMENT"}
        assert capture_of(app, id)["status"] == "REFUNDED"
        assert app.links(id) == []
        assert control.effects(id)["accepted"] == 1

    def test_non_receipt_is_refunded_whole_and_takes_no_amount(self, control: PayPalControl, app: App) -> None:
        id = control.dispute()["dispute_id"]
        answer = app.send(id, "accept-claim", {"note": "x", "refund_amount": eur("10.00")})
        assert (answer.status_code, issues(answer)) == (400, ["AMOUNT_SHOULD_NOT_BE_PASSED"])
        answer = app.send(id, "accept-claim", {"note": "x", "accept_claim_type": "PARTIAL_REFUND"})
        assert (answer.status_code, issues(answer)) == (422, ["INVALID_RESPONSE_OPTION"])

    def test_a_part_is_paid_where_that_is_allowed(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(reason=SNAD)["dispute_id"]
        part = {"note": "x", "accept_claim_type": "PARTIAL_REFUND"}
        assert issues(app.send(id, "accept-claim", part)) == ["MISSING_REQUIRED_PARAMETER"]
        assert app.send(id, "accept-claim", {**part, "refund_amount": eur("30.00")}).status_code == 200
        assert app.dispute(id)["dispute_outcome"]["amount_refunded"] == eur("30.00")

    def test_what_was_refunded_before_is_not_paid_again(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(refunds=[{"amount": "70.00", "days": 5}])["dispute_id"]
        assert app.dispute(id)["refund_details"]["allowed_refund_amount"] == eur("30.00")
        app.send(id, "accept-claim", {"note": "x"})
        assert app.dispute(id)["dispute_outcome"]["amount_refunded"] == eur("30.00")

    def test_with_a_return_the_goods_come_back_first(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(reason=SNAD)["dispute_id"]
        accept = {"note": "x", "accept_claim_type": "REFUND_WITH_RETURN"}
        assert issues(app.send(id, "accept-claim", accept)) == ["MISSING_REQUIRED_PARAMETER"]
        assert app.send(id, "accept-claim", {**accept, "return_shipping_address": ADDRESS}).status_code == 200
        assert app.dispute(id)["status"] == "WAITING_FOR_BUYER_RESPONSE"
        returned = control.buyer_returns(id)
        assert "acknowledge_return_item" in {link["rel"] for link in returned["links"]}
        types = returned["allowed_response_options"]["acknowledge_return_item"]["acknowledgement_types"]
        assert "ITEM_RECEIVED" in types
        assert capture_of(app, id)["status"] == "COMPLETED"
        received = {"note": "It is here.", "acknowledgement_type": "ITEM_RECEIVED"}
        assert app.send(id, "acknowledge-return-item", received).status_code == 200
        assert app.dispute(id)["dispute_outcome"]["amount_refunded"] == eur("100.00")
        assert control.effects(id)["return_acknowledged"] == 1

    def test_a_return_that_is_not_in_order_is_paypals_to_judge(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(reason=SNAD)["dispute_id"]
        app.send(
            id, "accept-claim",
            {"note": "x", "accept_claim_type": "REFUND_WITH_RETURN", "return_shipping_address": ADDRESS},
        )  # fmt: skip
        control.buyer_returns(id)
        wrong = app.send(id, "acknowledge-return-item", {"acknowledgement_type": "LOST"})
        assert issues(wrong) == ["INVALID_RESPONSE_OPTION"]
        assert app.send(id, "acknowledge-return-item", {"acknowledgement_type": "DAMAGED"}).status_code == 200
        assert app.dispute(id)["status"] == "UNDER_REVIEW"
        assert capture_of(app, id)["status"] == "COMPLETED"


class TestEscalation:
    def test_the_seller_hands_it_to_paypal(self, control: PayPalControl, app: App) -> None:
        id = control.dispute(reason=SNAD, stage="INQUIRY")["dispute_id"]
        app.send(id, "make-offer", offer("REPLACEMENT_WITHOUT_REFUND"))
        control.buyer_offer(id, "DENIED")
        assert issues(app.send(id, "escalate", {})) == ["MISSING_REQUIRED_PARAMETER"]
        assert app.send(id, "escalate", {"note": "We do not agree."}).status_code == 200
        claim = app.dispute(id)
        assert (claim["dispute_life_cycle_stage"], claim["status"]) == ("CHARGEBACK", "UNDER_REVIEW")
        assert "offer_type" not in claim["offer"], "earlier offers are suspended"
        assert "send_message" not in app.links(id)
        assert control.effects(id)["escalated"] == 1


class TestPatch:
    def patched(self, app: App, id: str, *steps: Any) -> httpx.Response:
        return app.http.patch(f"{DISPUTES}/{id}", json=list(steps))

    def test_the_seller_sets_how_to_reach_them(self, control: PayPalControl, app: App) -> None:
        id = control.dispute()["dispute_id"]
        value = {"email": "support@lale.example", "note": "Write to us."}
        answer = self.patched(app, id, {"op": "add", "path": "/communication_details", "value": value})
        assert (answer.status_code, answer.content) == (204, b"")
        assert app.dispute(id)["communication_details"]["email"] == "support@lale.example"

    def test_and_nothing_else(self, control: PayPalControl, app: App) -> None:
        id = control.dispute()["dispute_id"]
        answer = self.patched(app, id, {"op": "replace", "path": "/status", "value": "RESOLVED"})
        assert answer.status_code == 422
        assert self.patched(app, id).status_code == 400


def test_zero_decimal_currencies_take_whole_amounts_only(moving: Sandbox, app_for: Callable[..., App]) -> None:
    control, app = controls_of(moving), app_for(moving)
    id = control.dispute(reason=SNAD, amount="45900", currency="HUF", stage="INQUIRY")["dispute_id"]
    half = offer("REFUND", offer_amount={"currency_code": "HUF", "value": "1000.50"})
    assert issues(app.send(id, "make-offer", half)) == ["INVALID_AMOUNT"]
    whole = offer("REFUND", offer_amount={"currency_code": "HUF", "value": "1000"})
    assert app.send(id, "make-offer", whole).status_code == 200
    assert app.dispute(id)["offer"]["seller_offered_amount"] == {"currency_code": "HUF", "value": "1000"}
