from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest
from square import Square

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.square.control import SquareControl
from gateways.sandbox.square.tokens import PERSONAL

Refusal = Callable[..., dict[str, Any]]


def raw(sandbox: Sandbox, path: str, **query: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {PERSONAL}"}
    return httpx.get(sandbox.api + path, params=query, headers=headers, trust_env=False)


class TestDisputes:
    def test_one_is_shown_as_the_contracts_example(self, sandbox: Sandbox, control: SquareControl) -> None:
        id = control.dispute(amount="1249.90", reason="NOT_RECEIVED", card={"brand": "MASTERCARD"})["id"]
        body = raw(sandbox, f"/v2/disputes/{id}").json()["dispute"]
        assert set(body) == {
            "id", "amount_money", "reason", "state", "due_at", "disputed_payment", "card_brand", "created_at",
            "updated_at", "brand_dispute_id", "reported_at", "version", "location_id",
        }  # fmt: skip
        assert body["amount_money"] == {"amount": 124990, "currency": "USD"}
        assert (body["state"], body["version"], body["card_brand"]) == ("EVIDENCE_REQUIRED", 1, "MASTERCARD")
        assert body["due_at"].endswith("T00:00:00.000Z")

    def test_an_unknown_one_is_404_word_for_word(self, client: Square, refusal: Refusal) -> None:
        assert refusal(client.disputes.get, "nobody") == {
            "status": 404, "category": "INVALID_REQUEST_ERROR", "code": "NOT_FOUND",
            "detail": "Could not find dispute", "field": "dispute_id",
        }  # fmt: skip

    def test_an_id_is_not_escaped_by_the_sdk(self, client: Square, control: SquareControl) -> None:
        """Whoever does not validate ids reads a payment and takes it for a dispute without a field."""
        payment = control.payment()["id"]
        assert client.disputes.get(f"../payments/{payment}").dispute is None

    def test_the_sdk_follows_the_cursor_to_the_end(self, client: Square, control: SquareControl) -> None:
        control.settings(page_size=2)
        made = [control.dispute(currency="AUD")["id"] for _ in range(5)]
        listed = [dispute.id for dispute in client.disputes.list(location_id="LLALEAUS00001")]
        assert sorted(listed) == sorted(made)

    def test_the_last_page_has_no_cursor_and_an_empty_list_no_disputes(
        self, sandbox: Sandbox, control: SquareControl
    ) -> None:
        control.settings(page_size=1)
        for _ in range(2):
            control.dispute(currency="GBP")
        first = raw(sandbox, "/v2/disputes", location_id="LLALEGBR00001").json()
        last = raw(sandbox, "/v2/disputes", location_id="LLALEGBR00001", cursor=first["cursor"]).json()
        assert "cursor" not in last
        assert first["disputes"][0]["id"] != last["disputes"][0]["id"]
        assert raw(sandbox, "/v2/disputes", location_id="LLALEIRL00001").json() == {}

    def test_a_cursor_belongs_to_its_query(self, client: Square, sandbox: Sandbox, control: SquareControl) -> None:
        control.settings(page_size=1)
        control.dispute()
        control.dispute()
        cursor = raw(sandbox, "/v2/disputes").json()["cursor"]
        for query in ({"cursor": cursor, "states": "WON"}, {"cursor": "made-up"}):
            answer = raw(sandbox, "/v2/disputes", **query)
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "INVALID_CURSOR")

    def test_states_may_be_repeated(self, client: Square, control: SquareControl) -> None:
        inquiry, won, lost = (control.dispute(kind=kind)["id"] for kind in ("inquiry", "dispute", "dispute"))
        control.outcome(won, "WON")
        control.outcome(lost, "LOST")
        wanted: Any = ["INQUIRY_EVIDENCE_REQUIRED", "WON"]
        listed = {dispute.id for dispute in client.disputes.list(states=wanted)}
        assert {inquiry, won} <= listed
        assert lost not in listed

    def test_an_unknown_state_or_parameter_is_refused(self, sandbox: Sandbox) -> None:
        for query, code in (({"states": "WON,LOST"}, "INVALID_ENUM_VALUE"), ({"limit": 3}, "UNKNOWN_QUERY_PARAMETER")):
            answer = raw(sandbox, "/v2/disputes", **query)
            assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, code)

    def test_an_account_may_list_only_what_is_open(self, client: Square, control: SquareControl) -> None:
        """As the documentation had it for years; whoever wants the closed ones asks for their states."""
        control.settings(unfiltered="open")
        id = control.dispute()["id"]
        control.outcome(id, "WON")
        assert id not in {dispute.id for dispute in client.disputes.list()}
        assert id in {dispute.id for dispute in client.disputes.list(states="WON")}

    def test_deprecated_fields_come_beside_the_new_ones(
        self, client: Square, control: SquareControl, desk: Any
    ) -> None:
        id = control.dispute()["id"]
        evidence = desk.text(id).id
        control.settings(deprecated_fields=True)
        found = client.disputes.get(id).dispute
        assert found is not None
        assert (found.dispute_id, found.evidence_ids, found.reported_date) == (id, [evidence], found.reported_at)


class TestPayments:
    def test_a_payment_shows_the_card_and_its_checks(self, client: Square, control: SquareControl) -> None:
        made = control.payment(order="LL-7", card={"brand": "DISCOVER", "last_4": "9299"}, checks={"avs": "REJECTED"})
        payment = client.payments.get(made["id"]).payment
        assert payment is not None
        details = payment.card_details
        assert details is not None
        assert details.card is not None
        assert (details.card.card_brand, details.card.last4, details.card.card_type) == ("DISCOVER", "9299", "CREDIT")
        assert (details.card.fingerprint or "").startswith("sq-1-")
        assert (details.avs_status, details.cvv_status) == ("AVS_REJECTED", "CVV_ACCEPTED")
        assert details.auth_result_code
        assert details.statement_description == "SQ *LALE LIVING"
        assert payment.risk_evaluation is not None
        assert (payment.status, payment.reference_id, payment.risk_evaluation.risk_level) == (
            "COMPLETED", "LL-7", "NORMAL",
        )  # fmt: skip

    def test_the_same_card_has_the_same_fingerprint(self, control: SquareControl) -> None:
        first, same, other = (control.payment(card={"last_4": digits}) for digits in ("1111", "1111", "2222"))
        prints = [each["card_details"]["card"]["fingerprint"] for each in (first, same, other)]
        assert prints[0] == prints[1] != prints[2]

    def test_order_and_customer_are_found_from_the_payment(self, client: Square, control: SquareControl) -> None:
        made = control.payment(order="LL-8", description="Lamp", payment_reference=False)
        assert "reference_id" not in made
        order = client.orders.get(made["order_id"]).order
        assert order is not None
        assert order.line_items is not None
        assert (order.reference_id, order.metadata, order.line_items[0].name) == (
            "LL-8", {"order_id": "LL-8"}, "Lamp",
        )  # fmt: skip
        customer = client.customers.get(made["customer_id"]).customer
        assert customer is not None
        assert (customer.given_name, customer.email_address) == ("Jenny", "jenny.rosen@example.com")

    def test_payments_are_filtered_by_card_and_time(self, client: Square, control: SquareControl) -> None:
        old, new = (control.payment(card={"last_4": "7331"}, paid_days=days)["id"] for days in (90, 2))
        assert [each.id for each in client.payments.list(last4="7331")] == [new, old]
        since = control.payment(paid_days=10)["created_at"]
        assert [each.id for each in client.payments.list(last4="7331", begin_time=since)] == [new]

    @pytest.mark.parametrize("kind", ["payments", "orders", "customers", "refunds", "payouts"])
    def test_what_is_not_there_is_404(self, client: Square, refusal: Refusal, kind: str) -> None:
        error = refusal(getattr(client, kind).get, "nobody")
        assert (error["status"], error["code"]) == (404, "NOT_FOUND")


class TestRefunds:
    def test_they_are_named_by_the_payment(self, client: Square, control: SquareControl) -> None:
        made = control.payment(amount=5000, refunds=[{"amount": 2000, "days": 3, "reason": "Chipped"}])
        (id,) = made["refund_ids"]
        assert made["refunded_money"] == {"amount": 2000, "currency": "USD"}
        refund = client.refunds.get(id).refund
        assert refund is not None
        assert (refund.status, refund.payment_id, refund.reason) == ("COMPLETED", made["id"], "Chipped")
        assert id.startswith(made["id"])
        assert id in [each.id for each in client.refunds.list(status="COMPLETED")]

    def test_a_disputed_payment_cannot_be_refunded(self, control: SquareControl) -> None:
        from gateways.sandbox.control import ControlRefused

        payment = control.dispute()["disputed_payment"]["payment_id"]
        with pytest.raises(ControlRefused, match="PAYMENT_NOT_REFUNDABLE_DUE_TO_DISPUTE"):
            control.refund(payment)
        inquired = control.dispute(kind="inquiry")["disputed_payment"]["payment_id"]
        control.refund(inquired)
        with pytest.raises(ControlRefused, match="REFUND_AMOUNT_INVALID"):
            control.refund(inquired, 1)


class TestAccount:
    def test_the_merchant_and_its_locations(self, client: Square) -> None:
        merchant = client.merchants.get("me").merchant
        assert merchant is not None
        assert (merchant.id, merchant.main_location_id) == ("MLLALELIVING0", "LLALEUSA00001")
        assert client.merchants.get("MLLALELIVING0").merchant == merchant
        assert [each.id for each in client.merchants.list()] == ["MLLALELIVING0"]
        locations = client.locations.list().locations or []
        assert {each.currency for each in locations} == {"USD", "CAD", "AUD", "JPY", "GBP", "EUR"}
        main = client.locations.get("main").location
        assert main is not None
        assert main.id == "LLALEUSA00001"

    def test_another_merchant_is_invisible(self, client: Square, refusal: Refusal) -> None:
        assert refusal(client.merchants.get, "MLSOMEBODYELS")["status"] == 404

    def test_what_has_no_address_is_named(self, sandbox: Sandbox) -> None:
        (error,) = raw(sandbox, "/v2/location").json()["errors"]
        assert error["detail"] == "API endpoint for URL path `/v2/location` and HTTP method `GET` is not found."

    def test_there_is_no_call_that_refunds(self, client: Square, refusal: Refusal) -> None:
        error = refusal(
            client.refunds.refund_payment, idempotency_key="k", amount_money={"amount": 1, "currency": "USD"}
        )
        assert error["status"] == 404
