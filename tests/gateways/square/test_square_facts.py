"""The disputed payment as facts: what Square tells, and nothing that it does not."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from disputes.facts import Payment
from disputes.money import Money
from disputes.ports import GatewayError, GatewayFailure
from gateways.square import facts
from gateways.square.payments import Sale
from tests.gateways.square.builders import payment


def read(sale: dict[str, Any] | None = None, **changes: Any) -> Payment:
    return facts.payment(Sale(payment(**changes), **(sale or {})))


def card(**changes: Any) -> dict[str, Any]:
    details: dict[str, Any] = payment()["card_details"]
    return {"card_details": details | changes}


class TestPayment:
    def test_the_amount_is_all_that_was_paid_the_tip_too(self) -> None:
        assert read().amount == Money(124990, "USD")
        assert read(total_money=...).amount == Money(120000, "USD")

    def test_money_that_was_never_captured_is_not_called_captured(self) -> None:
        assert read().captured == Money(124990, "USD")
        assert read(status="APPROVED").captured is None

    @pytest.mark.parametrize(
        ("said", "result"),
        [("ACCEPTED", "pass"), ("REJECTED", "fail"), ("NOT_CHECKED", "unchecked"), ("A_NEW_WORD", None)],
    )
    def test_the_checks_are_told_in_the_houses_words(self, said: str, result: str | None) -> None:
        one = read(**card(avs_status=f"AVS_{said}", cvv_status=f"CVV_{said}"))
        assert (one.avs_postal_code, one.cvc) == (result, result)

    def test_one_address_result_is_never_called_a_match_of_the_street(self) -> None:
        assert read().avs_line1 is None
        assert not read().checks_match

    def test_no_3_d_secure_and_no_ip_is_invented(self) -> None:
        assert (read().three_d_secure, read().ip, read().card_country) == (None, None, None)

    def test_card_statement_and_receipt_are_told(self) -> None:
        one = read()
        assert (one.card_brand, one.card_last4, one.authorization_code) == ("mastercard", "4242", "nsAyY2")
        assert (one.statement_descriptor, one.receipt_number) == ("SQ *LALE LIVING", "jOXk")
        assert one.receipt_email == "hannah@example.com"

    def test_a_payment_in_cash_has_no_card_and_is_read(self) -> None:
        one = read(card_details=..., source_type="CASH")
        assert (one.card_brand, one.avs_postal_code, one.card_fingerprint) == (None, None, None)

    @pytest.mark.parametrize("lacking", ["id", "created_at"])
    def test_a_payment_that_lacks_what_it_must_have_is_refused_in_words(self, lacking: str) -> None:
        with pytest.raises(GatewayError, match="lacks or garbles") as told:
            read(**{lacking: ...})
        assert told.value.failure is GatewayFailure.MALFORMED

    def test_a_fraction_of_a_cent_is_refused(self) -> None:
        with pytest.raises(GatewayError, match="garbles"):
            read(total_money={"amount": 12.5, "currency": "USD"})


class TestCustomer:
    def test_the_customer_of_the_seller_names_the_buyer(self) -> None:
        customer = {"given_name": "Hannah", "family_name": "Brooks", "email_address": "h.brooks@example.org"}
        one = read({"customer": customer}, buyer_email_address=...)
        assert (one.customer_name, one.customer_email) == ("Hannah Brooks", "h.brooks@example.org")

    def test_the_address_given_when_paying_comes_first(self) -> None:
        assert read({"customer": {"email_address": "old@example.org"}}).customer_email == "hannah@example.com"

    def test_a_guest_is_called_by_the_name_on_the_card(self) -> None:
        named = payment()["card_details"]["card"] | {"cardholder_name": "Hannah Brooks"}
        assert read(**card(card=named)).customer_name == "Hannah Brooks"

    def test_a_name_as_it_is_stamped_on_the_stripe_is_no_name(self) -> None:
        stamped = payment()["card_details"]["card"] | {"cardholder_name": "BROOKS/HANNAH"}
        assert read(**card(card=stamped)).customer_name is None

    def test_addresses_are_told_line_by_line(self) -> None:
        raw = {
            "address_line_1": "3112 Girard Avenue South",
            "address_line_2": "Apt 2",
            "locality": "Minneapolis",
            "administrative_district_level_1": "MN",
            "postal_code": "55408",
            "country": "US",
            "first_name": "Hannah",
        }
        billing = read(billing_address=raw).billing
        assert billing is not None
        assert billing.lines() == ["Hannah", "3112 Girard Avenue South", "Apt 2", "55408 Minneapolis", "MN", "US"]

    def test_an_empty_address_is_none(self) -> None:
        assert read(billing_address={}, shipping_address={"country": None}).shipping is None


class TestOrderNumber:
    def test_the_payments_own_reference_comes_first(self) -> None:
        order = {"reference_id": "other", "metadata": {"order_id": "third", "channel": "web"}}
        one = read({"order": order})
        assert one.metadata == {"order_id": "LL-3001", "channel": "web"}

    @pytest.mark.parametrize("order", [{"reference_id": "LL-7"}, {"metadata": {"order_number": "LL-7"}}])
    def test_else_the_order_at_square_tells_it(self, order: dict[str, Any]) -> None:
        assert read({"order": order}, reference_id=...).metadata["order_id"] == "LL-7"

    @pytest.mark.parametrize(
        ("note", "number"),
        [
            ("Lale Living, order #LL-3001", "LL-3001"),
            ("Order No. 1042 online", "1042"),
            ("order number: A-77", "A-77"),
            ("Linen duvet cover, order soon", None),
            ("in order to 5", None),
            ("Reorder 55", None),
            ("Duvet 240", None),
            (None, None),
        ],
    )
    def test_a_note_tells_it_only_after_the_word_order_and_with_a_digit(
        self, note: str | None, number: str | None
    ) -> None:
        assert read(reference_id=..., note=note).metadata.get("order_id") == number


class TestRefunds:
    def refund(self, **changes: Any) -> dict[str, Any]:
        return {
            "id": "SYNpayment_refund",
            "status": "COMPLETED",
            "amount_money": {"amount": 500, "currency": "USD"},
            "created_at": "2026-02-20T10:00:00Z",
            "reason": "One bowl chipped",
        } | changes

    @pytest.mark.parametrize(
        ("state", "status"),
        [
            ("COMPLETED", "succeeded"),
            ("PENDING", "pending"),
            ("REJECTED", "failed"),
            ("FAILED", "failed"),
            ("NEW", "new"),
        ],
    )
    def test_a_refund_is_told_with_its_state(self, state: str, status: str) -> None:
        (one,) = read({"refunds": [self.refund(status=state)]}).refunds
        assert (one.amount, one.status, one.reason) == (Money(500, "USD"), status, "One bowl chipped")

    def test_a_refund_without_an_amount_is_refused(self) -> None:
        with pytest.raises(GatewayError, match="amount_money"):
            read({"refunds": [{"id": "r", "created_at": "2026-02-20T10:00:00Z"}]})


class TestOtherPayments:
    EARLIER = "2025-09-10T10:00:00Z"

    def test_an_earlier_payment_carries_what_a_bank_compares(self) -> None:
        other = payment(id="OLD", created_at=self.EARLIER, note="Teapot", reference_id="LL-2890")
        (one,) = read({"others": [other]}).prior_payments
        assert (one.payment_id, one.order_ref, one.description) == ("OLD", "LL-2890", "Teapot")
        assert one.paid_at == datetime(2025, 9, 10, 10, tzinfo=UTC)
        assert (one.card_fingerprint, one.customer_email) == ("sq-1-abc", "hannah@example.com")
        assert not one.disputed

    def test_a_disputed_and_a_refunded_one_say_so(self) -> None:
        others = [
            payment(id="D", created_at=self.EARLIER),
            payment(id="R", created_at=self.EARLIER, refunded_money={"amount": 124990, "currency": "USD"}),
            payment(id="P", created_at=self.EARLIER, refunded_money={"amount": 100, "currency": "USD"}),
        ]
        told = read({"others": others, "disputed": frozenset({"D"})}).prior_payments
        assert [(one.disputed, one.refunded) for one in told] == [(True, False), (False, True), (False, False)]

    def test_where_nobody_can_say_what_was_disputed_none_is_offered_as_undisputed(self) -> None:
        assert read({"others": [payment(id="OLD", created_at=self.EARLIER)], "disputed": None}).prior_payments == ()

    def test_a_second_payment_of_the_same_order_is_told_even_then(self) -> None:
        twice = payment(id="TWICE", created_at="2026-02-10T10:07:00Z")
        one = read({"others": [twice], "disputed": None})
        assert [each.payment_id for each in one.same_order] == ["TWICE"]

    def test_a_payment_of_the_same_hour_for_another_order_is_told_too(self) -> None:
        near = payment(id="NEAR", created_at="2026-02-10T10:30:00Z", reference_id="LL-3002")
        far = payment(id="FAR", created_at="2026-02-12T10:30:00Z", reference_id="LL-3003")
        assert [each.payment_id for each in read({"others": [near, far]}).same_order] == ["NEAR"]

    def test_two_payments_without_a_number_are_not_of_the_same_order(self) -> None:
        far = payment(id="FAR", created_at="2026-02-12T10:30:00Z", reference_id=...)
        assert read({"others": [far]}, reference_id=...).same_order == ()
