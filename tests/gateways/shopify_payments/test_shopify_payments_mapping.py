"""Disputes and payments of Shopify Payments as the house's, without any server."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import GatewayError, GatewayFailure
from gateways.shopify_payments import facts
from gateways.shopify_payments.contract import REASONS, STATUSES
from gateways.shopify_payments.mapping import capabilities, money, snapshot
from tests.gateways.shopify_payments.builders import dispute, evidence, order, transaction, upload


def test_a_chargeback_is_told_with_its_amount_reason_and_deadline() -> None:
    told = snapshot(dispute(), live=True)
    assert (told.external_id, told.gateway, told.kind) == ("10519937081", "shopify_payments", Kind.CHARGEBACK)
    assert (told.amount, told.raw_reason, told.reason_code) == (Money(18900, "USD"), "PRODUCT_NOT_RECEIVED", "13.1")
    assert told.due_at == datetime(2026, 11, 28, 23, tzinfo=UTC)
    assert (told.network, told.payment_id, told.order_ref) == ("visa", "rABC123.1", "LL-7002")
    assert (told.customer_name, told.customer_email) == ("Ada Marsh", "ada@example.com")
    assert (told.live, told.submission_count, told.round_facts) == (True, 0, "chargeback:0")


@pytest.mark.parametrize(("status", "meaning"), STATUSES.items())
def test_every_status_of_the_schema_is_known(status: str, meaning: GatewayStatus) -> None:
    told = snapshot(dispute(status=status), live=True)
    assert (told.status, told.unknown) == (meaning, ())


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_of_the_schema_is_known(reason: str) -> None:
    told = snapshot(dispute(reasonDetails={"reason": reason, "networkReasonCode": None}), live=True)
    assert (told.raw_reason, told.unknown, told.reason_code) == (reason, (), None)


def test_what_nobody_knows_is_shown_and_stops_nothing() -> None:
    told = snapshot(dispute(status="REOPENED", type="ARBITRATION", reasonDetails={"reason": "MOOD"}), live=True)
    assert told.status is GatewayStatus.UNKNOWN
    assert told.unknown == ("status REOPENED", "type ARBITRATION", "reason MOOD")


def test_evidence_that_was_submitted_is_under_review_though_the_status_lags() -> None:
    """Nothing more is taken, whatever the status says."""
    for sent in (dispute(disputeEvidence=evidence(submitted=True)), dispute(evidenceSentOn="2026-11-20T10:00:00Z")):
        told = snapshot(sent, live=True)
        assert (told.status, told.raw_status, told.submission_count) == (
            GatewayStatus.UNDER_REVIEW, "NEEDS_RESPONSE", 1,
        )  # fmt: skip
        assert not told.capabilities.submit


def test_an_inquiry_that_became_a_chargeback_is_a_new_round_of_the_same_dispute() -> None:
    inquiry = snapshot(dispute(type="INQUIRY", disputeEvidence=evidence(submitted=True)), live=True)
    after = snapshot(dispute(), live=True)
    assert (inquiry.kind, inquiry.external_id) == (Kind.INQUIRY, after.external_id)
    assert inquiry.round_facts != after.round_facts


def test_a_due_date_without_a_time_is_its_first_instant() -> None:
    """Versions before 2026-04 told days."""
    assert snapshot(dispute(evidenceDueBy="2026-11-28"), live=True).due_at == datetime(2026, 11, 28, tzinfo=UTC)


def test_a_due_date_nobody_can_read_is_no_deadline_and_is_shown() -> None:
    told = snapshot(dispute(evidenceDueBy="soon"), live=True)
    assert (told.due_at, told.unknown) == (None, ("evidenceDueBy soon",))


def test_an_order_that_is_not_shown_says_which_right_is_missing() -> None:
    told = snapshot(dispute(order=None), live=True)
    assert (told.payment_id, told.order_ref, told.network) == (None, None, None)
    assert "read_all_orders" in told.unknown[0]


def test_a_test_order_is_not_live() -> None:
    assert not snapshot(dispute(order=order(test=True)), live=True).live


def test_past_due_by_shopifys_own_clock_nothing_is_offered_any_more() -> None:
    after = datetime(2026, 11, 29, tzinfo=UTC)
    late = capabilities(dispute(), after)
    assert (late.submit, late.smart_filing) == (False, True)
    assert "due date has passed" in late.reason
    assert capabilities(dispute(), datetime(2026, 11, 28, tzinfo=UTC)).submit


def test_that_shopify_files_by_itself_is_said_while_it_may() -> None:
    assert capabilities(dispute()).smart_filing
    assert not capabilities(dispute(status="UNDER_REVIEW")).smart_filing
    assert not capabilities(dispute()).accept, "there is no call for it"


def test_only_what_a_person_writes_there_counts_as_somebodys_answer() -> None:
    """Shopify fills policies, the customer and a paper about the parcel in by itself, and says not that it did."""
    lying = evidence(
        uncategorizedText="Ours or somebody's", refundPolicyDisclosure="30 days", productDescription="A lamp",
        shippingDocumentationFile=upload(1), customerCommunicationFile=upload(2),
    )  # fmt: skip
    told = snapshot(dispute(disputeEvidence=lying), live=True)
    assert told.staged == {"uncategorizedText": "Ours or somebody's", "customerCommunicationFile": "2"}
    assert set(told.prefilled) == {
        "refundPolicyDisclosure", "productDescription", "shippingDocumentationFile", "customerFirstName",
        "customerLastName", "customerEmailAddress",
    }  # fmt: skip


@pytest.mark.parametrize(("amount", "currency", "minor"), [("15400", "JPY", 15400), ("15400.0", "JPY", 15400),
                                                          ("19.5", "KWD", 19500), ("0.01", "USD", 1)])  # fmt: skip
def test_amounts_are_decimal_text(amount: str, currency: str, minor: int) -> None:
    assert money({"amount": amount, "currencyCode": currency}) == Money(minor, currency)


@pytest.mark.parametrize("broken", [{"amount": {"amount": 189.0, "currencyCode": "USD"}}, {"initiatedAt": None},
                                    {"amount": {"amount": "1.234", "currencyCode": "USD"}}, {"disputeEvidence": None},
                                    {"id": "gid://shopify/ShopifyPaymentsDispute/../1"}])  # fmt: skip
def test_a_garbled_dispute_is_refused_whole(broken: dict[str, object]) -> None:
    with pytest.raises(GatewayError) as wrong:
        snapshot(dispute(**broken), live=True)
    assert wrong.value.failure is GatewayFailure.MALFORMED


# ---- the payment ---------------------------------------------------------------------------------------------------


def test_the_payment_has_its_checks_card_and_order_number() -> None:
    told = facts.payment(order())
    assert (told.payment_id, told.amount, told.captured) == ("rABC123.1", Money(18900, "USD"), Money(18900, "USD"))
    assert (told.card_brand, told.card_last4, told.ip) == ("visa", "4242", "203.0.113.24")
    assert told.checks_match
    assert told.metadata == {"order_id": "LL-7002", "shopify_order": "5001"}


@pytest.mark.parametrize(("letter", "street", "postal_code"), [
    ("A", "pass", "fail"), ("Z", "fail", "pass"), ("N", "fail", "fail"), ("U", "unavailable", "unavailable"),
    ("?", None, None), (None, None, None),
])  # fmt: skip
def test_the_letters_of_the_address_check_say_what_they_say(
    letter: str | None, street: str | None, postal_code: str | None
) -> None:
    details = transaction()["paymentDetails"] | {"avsResultCode": letter}
    told = facts.payment(order(transactions=[transaction(paymentDetails=details)]))
    assert (told.avs_line1, told.avs_postal_code) == (street, postal_code)


def test_failed_and_foreign_transactions_are_not_the_payment() -> None:
    failed = transaction(status="FAILURE", paymentId="rFAILED.1")
    gift_card = transaction(gateway="gift_card", paymentId="rGIFT.1")
    assert facts.payment(order(transactions=[failed, gift_card, transaction()])).payment_id == "rABC123.1"


def test_a_capture_stands_before_its_authorization() -> None:
    held = transaction(kind="AUTHORIZATION", paymentId="rABC123.1")
    told = facts.payment(order(transactions=[held, transaction(kind="CAPTURE", paymentId="rABC123.2")]))
    assert (told.payment_id, told.captured) == ("rABC123.2", Money(18900, "USD"))
    assert facts.payment(order(transactions=[held])).captured is None


def test_every_refund_is_told_with_its_state() -> None:
    back = transaction(id="gid://shopify/OrderTransaction/7009", kind="REFUND", status="PENDING")
    refund = {"id": "gid://shopify/Refund/1", "note": "Broken", "transactions": {"nodes": [back]}}
    (told,) = facts.payment(order(refunds=[refund])).refunds
    assert (told.refund_id, told.amount, told.status, told.reason) == ("7009", Money(18900, "USD"), "pending", "Broken")


def test_an_order_nobody_paid_has_no_payment() -> None:
    with pytest.raises(GatewayError, match="no successful payment"):
        facts.payment(order(transactions=[transaction(status="FAILURE")]))
