"""The disputed payment as far as PayPal shows it: a missing right is gone on without, an unknown refund never."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from disputes.facts import Payment, PriorPayment
from disputes.money import Money
from disputes.ports import GatewayError, GatewayFailure
from gateways.paypal import payments
from gateways.paypal.contract import DISPUTES
from gateways.paypal.values import instant
from tests.gateways.paypal.examples import amount, dispute, transaction

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
CAPTURE, ORDER, PAYER = "2SS22222SS222222S", "5O190127TN364715T", "PETRANOVOTNAE"
SEARCH = "/v1/reporting/transactions"


def capture(**changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": CAPTURE,
        "status": "COMPLETED",
        "amount": amount("189.00", "EUR"),
        "invoice_id": "LL-4711",
        "custom_id": "4711",
        "create_time": "2026-11-01T09:00:00Z",
        "update_time": "2026-11-02T09:00:00Z",
        "seller_protection": {
            "status": "ELIGIBLE",
            "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"],
        },
        "supplementary_data": {"related_ids": {"order_id": ORDER}},
        "links": [],
    }
    return base | changes


def order(*refunds: dict[str, Any], **changes: Any) -> dict[str, Any]:
    base: dict[str, Any] = {
        "id": ORDER,
        "payer": {
            "payer_id": PAYER,
            "email_address": "petra@example.org",
            "name": {"given_name": "Petra", "surname": "Novotná"},
        },
        "purchase_units": [
            {
                "description": "Embroidered tablecloth",
                "shipping": {
                    "name": {"full_name": "Petra Novotná"},
                    "address": {
                        "address_line_1": "Dlouhá 1",
                        "address_line_2": "2. patro",
                        "admin_area_2": "Praha",
                        "postal_code": "110 00",
                        "country_code": "CZ",
                    },
                },
                "payments": {"captures": [{"id": CAPTURE}], "refunds": list(refunds)},
            }
        ],
    }
    return base | changes


def refund(identifier: str = "1RF", value: str = "20.00", of: str | None = CAPTURE, **changes: Any) -> dict[str, Any]:
    up = [{"rel": "up", "href": f"https://api.paypal.com/v2/payments/captures/{of}", "method": "GET"}] if of else []
    base = {
        "id": identifier,
        "status": "COMPLETED",
        "amount": amount(value, "EUR"),
        "create_time": "2026-11-05T09:00:00Z",
        "note_to_payer": "A stain.",
        "links": up,
    }
    return base | changes


def found(
    identifier: str, at: datetime, *, code: str = "T0006", value: str = "80.00", **changes: Any
) -> dict[str, Any]:
    """One line of the transaction search."""
    info = {
        "paypal_account_id": PAYER,
        "transaction_id": identifier,
        "transaction_event_code": code,
        "transaction_initiation_date": at.isoformat(),
        "transaction_amount": amount(value, "EUR"),
        "transaction_status": "S",
        "invoice_id": f"LL-{identifier}",
    }
    return {
        "transaction_info": info | changes,
        "payer_info": {"account_id": PAYER, "email_address": "petra@example.org"},
        "shipping_info": {"name": "Petra Novotná", "address": {"line1": "Dlouhá 1", "city": "Praha"}},
        "cart_info": {"item_details": [{"item_name": "Napkins"}]},
    }


class PayPal:
    """Answers by path; what is not there is unknown to PayPal, and what is a failure is raised."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            f"/v2/payments/captures/{CAPTURE}": capture(),
            f"/v2/checkout/orders/{ORDER}": order(),
        }
        self.searchable: list[dict[str, Any]] = []
        self.disputed: set[str] = set()
        self.asked: list[tuple[str, dict[str, str]]] = []

    def read(self, path: str, query: Mapping[str, str]) -> Any:
        self.asked.append((path, dict(query)))
        if path == SEARCH:
            start, end = instant(query["start_date"]), instant(query["end_date"])
            assert start is not None
            assert end is not None
            assert end - start <= timedelta(days=31)
            dates = [(instant(one["transaction_info"]["transaction_initiation_date"]), one) for one in self.searchable]
            return {"transaction_details": [one for at, one in dates if at is not None and start <= at < end]}
        if path == DISPUTES:
            return {"items": [{}] if query["disputed_transaction_id"] in self.disputed else []}
        answer = self.answers.get(path, GatewayFailure.NOT_FOUND)
        if isinstance(answer, GatewayFailure):
            raise GatewayError(answer, "no")
        return answer

    def payment(self, raw: dict[str, Any] | None = None, *, may_search: bool = False) -> Payment:
        told = payments.records(self.read, raw or dispute(), CAPTURE, NOW, may_search=may_search)
        assert json.dumps(told.as_json())
        return payments.payment(told)


class TestWhatIsKnown:
    def test_capture_order_and_buyer(self) -> None:
        one = PayPal().payment()
        assert (one.payment_id, one.amount, one.captured) == (CAPTURE, Money(18900, "EUR"), Money(18900, "EUR"))
        assert one.paid_at == datetime(2026, 11, 1, 9, tzinfo=UTC)
        assert (one.customer_name, one.customer_email, one.account_id) == ("Petra Novotná", "petra@example.org", PAYER)
        assert one.description == "Embroidered tablecloth"
        assert one.shipping is not None
        assert one.shipping.lines() == ["Petra Novotná", "Dlouhá 1", "2. patro", "110 00 Praha", "CZ"]
        assert one.billing is None
        assert one.refunds == ()
        assert one.metadata == {
            "order_id": "LL-4711",
            "invoice_id": "LL-4711",
            "custom_id": "4711",
            "seller_protection": "ELIGIBLE",
            "seller_protection_for": "ITEM_NOT_RECEIVED, UNAUTHORIZED_TRANSACTION",
            "transaction_status": "COMPLETED",
        }

    def test_a_card_with_its_checks(self) -> None:
        desk = PayPal()
        desk.answers[f"/v2/payments/captures/{CAPTURE}"] = capture(
            processor_response={"avs_code": "Y", "cvv_code": "M"}, network_transaction_reference={"id": "389"}
        )
        secure = {"three_d_secure": {"authentication_status": "Y", "enrollment_status": "Y"}}
        card = {"brand": "VISA", "last_digits": "1111", "authentication_result": secure}
        desk.answers[f"/v2/checkout/orders/{ORDER}"] = order(payment_source={"card": card})
        one = desk.payment()
        assert (one.card_brand, one.card_last4, one.network_transaction_id) == ("VISA", "1111", "389")
        assert one.checks_match
        assert one.three_d_secure is not None
        assert one.three_d_secure.authenticated

    @pytest.mark.parametrize(
        ("letter", "checks"),
        [
            ("A", ("pass", "fail")),
            ("Z", ("fail", "pass")),
            ("N", ("fail", "fail")),
            ("B", ("pass", "unavailable")),
            ("S", ("unavailable", "unavailable")),
            ("?", (None, None)),
            ("", (None, None)),
        ],
    )
    def test_what_was_not_compared_does_not_pass(self, letter: str, checks: tuple[str | None, str | None]) -> None:
        desk = PayPal()
        desk.answers[f"/v2/payments/captures/{CAPTURE}"] = capture(processor_response={"avs_code": letter})
        one = desk.payment()
        assert (one.avs_line1, one.avs_postal_code) == checks

    @pytest.mark.parametrize("failure", [GatewayFailure.NOT_FOUND, GatewayFailure.RIGHTS])
    def test_without_the_right_or_when_too_old_the_dispute_itself_tells_the_rest(self, failure: GatewayFailure) -> None:
        desk = PayPal()
        desk.answers[f"/v2/payments/captures/{CAPTURE}"] = failure
        one = desk.payment()
        assert (one.payment_id, one.amount, one.customer_name) == (CAPTURE, Money(10000, "USD"), "Ayşe Yılmaz")
        assert (one.paid_at, one.refunds, one.shipping) == (datetime(2026, 11, 1, 9, tzinfo=UTC), (), None)

    @pytest.mark.parametrize("failure", [GatewayFailure.UNAVAILABLE, GatewayFailure.RATE_LIMITED])
    def test_a_failure_that_passes_is_not_taken_for_nothing_there(self, failure: GatewayFailure) -> None:
        desk = PayPal()
        desk.answers[f"/v2/checkout/orders/{ORDER}"] = failure
        with pytest.raises(GatewayError) as told:
            desk.payment()
        assert told.value.failure is failure

    @pytest.mark.parametrize("name", ["../orders/X", "", "A" * 65])
    def test_no_id_of_somebody_elses_making_reaches_an_address(self, name: str) -> None:
        desk = PayPal()
        with pytest.raises(GatewayError):
            payments.records(desk.read, dispute(), name, NOW, may_search=False)
        assert desk.asked == []

    def test_nor_does_an_order_id(self) -> None:
        desk = PayPal()
        desk.answers[f"/v2/payments/captures/{CAPTURE}"] = capture(
            supplementary_data={"related_ids": {"order_id": "../../x"}}
        )
        desk.payment()
        assert [path for path, _ in desk.asked] == [f"/v2/payments/captures/{CAPTURE}"]


class TestRefunds:
    def test_the_orders_refunds_of_this_capture(self) -> None:
        desk = PayPal()
        mine, other = refund(), refund("2RF", of="OTHER")
        desk.answers[f"/v2/checkout/orders/{ORDER}"] = order(mine, other, refund("3RF", status="PENDING"))
        assert [(one.refund_id, one.amount, one.status) for one in desk.payment().refunds] == [
            ("1RF", Money(2000, "EUR"), "succeeded"),
            ("3RF", Money(2000, "EUR"), "pending"),
        ]

    def test_one_that_does_not_say_whose_it_is_belongs_to_the_only_capture(self) -> None:
        desk = PayPal()
        desk.answers[f"/v2/checkout/orders/{ORDER}"] = order(refund(of=None))
        assert len(desk.payment().refunds) == 1

    def test_and_to_none_of_two(self) -> None:
        desk = PayPal()
        told = order(refund(of=None))
        told["purchase_units"][0]["payments"]["captures"].append({"id": "OTHER"})
        desk.answers[f"/v2/checkout/orders/{ORDER}"] = told
        assert desk.payment().refunds == ()

    @pytest.mark.parametrize("status", ["REFUNDED", "PARTIALLY_REFUNDED"])
    def test_a_refund_that_cannot_be_seen_is_never_told_as_none(self, status: str) -> None:
        desk = PayPal()
        desk.answers[f"/v2/payments/captures/{CAPTURE}"] = capture(status=status)
        desk.answers[f"/v2/checkout/orders/{ORDER}"] = GatewayFailure.NOT_FOUND
        with pytest.raises(GatewayError, match="Transaction search") as told:
            desk.payment()
        assert (told.value.failure, told.value.retryable) == (GatewayFailure.RIGHTS, False)

    def test_not_even_where_only_the_dispute_says_so(self) -> None:
        desk = PayPal()
        desk.answers = {}
        with pytest.raises(GatewayError, match="was paid back"):
            desk.payment(dispute(disputed_transactions=[transaction(transaction_status="REFUNDED")]))

    def test_the_search_finds_it_in_windows_of_31_days(self) -> None:
        desk = PayPal()
        paid = datetime(2026, 8, 1, 9, tzinfo=UTC)
        desk.answers[f"/v2/payments/captures/{CAPTURE}"] = capture(
            status="PARTIALLY_REFUNDED", create_time=paid.isoformat(), supplementary_data={}
        )
        desk.searchable = [
            found("9RF", paid + timedelta(days=70), code="T1107", value="-20.00", paypal_reference_id=CAPTURE),
            found("8RF", paid + timedelta(days=71), code="T1107", value="-5.00", paypal_reference_id="OTHER"),
            found("7XX", paid + timedelta(days=71), code="T1106", value="-5.00", paypal_reference_id=CAPTURE),
        ]
        (one,) = desk.payment(may_search=True).refunds
        assert (one.refund_id, one.amount, one.status) == ("9RF", Money(2000, "EUR"), "succeeded")

    def test_nothing_is_searched_for_where_nothing_was_paid_back(self) -> None:
        desk = PayPal()
        desk.answers[f"/v2/checkout/orders/{ORDER}"] = GatewayFailure.NOT_FOUND
        desk.payment(may_search=True)
        assert [path for path, _ in desk.asked if path == SEARCH] == []


class TestPriorPayments:
    def test_earlier_payments_of_the_same_account_with_what_became_of_them(self) -> None:
        desk = PayPal()
        paid = datetime(2026, 11, 1, 9, tzinfo=UTC)
        desk.searchable = [
            found("1AA", paid - timedelta(days=10)),
            found("2BB", paid - timedelta(days=100)),
            found("3CC", paid - timedelta(days=12), paypal_account_id="SOMEBODYELSE1"),
            found("4DD", paid - timedelta(days=12), code="T1107"),
            found("5EE", paid - timedelta(days=12), value="-9.00"),
            found("6FF", paid - timedelta(days=14), transaction_status="V"),
        ]
        desk.disputed = {"2BB"}
        prior = desk.payment(may_search=True).prior_payments
        assert [(one.payment_id, one.disputed, one.refunded) for one in prior] == [
            ("1AA", False, False),
            ("6FF", False, True),
            ("2BB", True, False),
        ]
        assert (prior[0].order_ref, prior[0].description, prior[0].account_id) == ("LL-1AA", "Napkins", PAYER)
        assert prior[0].shipping is not None
        assert prior[0].shipping.city == "Praha"

    def test_no_more_than_a_handful_is_looked_for(self) -> None:
        desk = PayPal()
        paid = datetime(2026, 11, 1, 9, tzinfo=UTC)
        desk.searchable = [found(f"{number}AA", paid - timedelta(days=number)) for number in range(1, 20)]
        assert len(desk.payment(may_search=True).prior_payments) == 5
        assert len([path for path, _ in desk.asked if path in (SEARCH, DISPUTES)]) == 6

    def test_without_the_right_nobody_is_asked(self) -> None:
        desk = PayPal()
        desk.payment(may_search=False)
        assert [path for path, _ in desk.asked if path == SEARCH] == []

    def test_a_search_that_is_refused_all_the_same_brings_none(self) -> None:
        desk = PayPal()
        read = desk.read

        def refusing(path: str, query: Mapping[str, str]) -> Any:
            if path == SEARCH:
                raise GatewayError(GatewayFailure.RIGHTS, "no")
            return read(path, query)

        told = payments.records(refusing, dispute(), CAPTURE, NOW, may_search=True)
        assert payments.payment(told).prior_payments == ()


class TestTheSameOrderPaidTwice:
    """A second capture of the same order comes minutes later, so no search for earlier payments finds it."""

    def named(self, **changes: Any) -> tuple[PriorPayment, ...]:
        other = {
            "seller_transaction_id": "22024250C00000000",
            "create_time": "2026-10-02T09:07:00Z",
            "gross_amount": {"currency_code": "EUR", "value": "66.00"},
            "invoice_number": "LL-2024",
            "transaction_status": "COMPLETED",
        }
        claim = {"duplicate_transaction": {"original_transaction": {**other, **changes}}}
        told = {**dispute(), "extensions": {"billing_dispute_properties": claim}}
        return payments.payment(payments.records(PayPal().read, told, CAPTURE, NOW, may_search=False)).same_order

    def test_the_payment_that_the_buyer_names_is_given(self) -> None:
        (other,) = self.named()
        assert (other.payment_id, other.order_ref, other.amount) == ("22024250C00000000", "LL-2024", Money(6600, "EUR"))
        assert not other.refunded

    def test_one_that_was_given_back_says_so(self) -> None:
        assert self.named(transaction_status="REFUNDED")[0].refunded

    def test_what_the_claim_leaves_out_is_read_from_the_payment_itself(self) -> None:
        capture = {
            "id": "22024250C00000000",
            "status": "COMPLETED",
            "create_time": "2026-10-02T09:07:00Z",
            "amount": {"currency_code": "EUR", "value": "66.00"},
            "invoice_id": "LL-2024",
        }
        desk = PayPal()
        desk.answers["/v2/payments/captures/22024250C00000000"] = capture
        claim = {"duplicate_transaction": {"original_transaction": {"seller_transaction_id": "22024250C00000000"}}}
        told = {**dispute(), "extensions": {"billing_dispute_properties": claim}}
        (other,) = payments.payment(payments.records(desk.read, told, CAPTURE, NOW, may_search=False)).same_order
        assert (other.order_ref, other.amount) == ("LL-2024", Money(6600, "EUR"))

    @pytest.mark.parametrize("missing", ["seller_transaction_id", "create_time", "gross_amount"])
    def test_half_a_payment_is_none(self, missing: str) -> None:
        assert self.named(**{missing: None}) == ()

    def test_no_payment_is_named_where_the_claim_is_another(self) -> None:
        told = payments.records(PayPal().read, dispute(), CAPTURE, NOW, may_search=False)
        assert payments.payment(told).same_order == ()


def test_the_raw_answer_holds_what_was_said_in_the_dispute() -> None:
    words = [{"posted_by": "BUYER", "time_posted": "2026-11-11T00:00:00Z", "content": "Where is it?"}]
    told = payments.records(PayPal().read, dispute(messages=words), CAPTURE, NOW, may_search=False)
    assert told.as_json()["messages"] == words
