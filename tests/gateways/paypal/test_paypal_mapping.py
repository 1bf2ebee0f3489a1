"""PayPal's disputes in the house's words: each rule of the reference, each payload that breaks the specification."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given as example
from hypothesis import strategies as st

from disputes.knowledge import reason_for
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import GatewayError, GatewayFailure
from gateways.paypal import mapping
from gateways.paypal.contract import OUTCOMES, REASONS
from gateways.paypal.values import instant
from tests.gateways.paypal.examples import dispute, given, line, transaction
from tests.gateways.paypal.snapshots import decision, resolved, seen


class TestAnOpenClaim:
    def test_everything_that_the_queue_needs_is_read(self) -> None:
        one = seen()
        assert (one.gateway, one.external_id, one.kind, one.status) == (
            "paypal",
            "PP-R-TST-10000001",
            Kind.CHARGEBACK,
            GatewayStatus.NEEDS_RESPONSE,
        )
        assert one.amount == Money(10000, "USD")
        assert one.opened_at == datetime(2026, 11, 10, 10, tzinfo=UTC)
        assert one.due_at == datetime(2026, 12, 1, 7, 59, 59, tzinfo=UTC)
        assert (one.payment_id, one.order_ref, one.customer_name) == ("2SS22222SS222222S", "LL-4711", "Ayşe Yılmaz")
        assert (one.raw_status, one.round_facts, one.unknown) == ("WAITING_FOR_SELLER_RESPONSE", "CHARGEBACK:0", ())
        assert one.requested == ("PROOF_OF_FULFILLMENT",)

    def test_the_merchants_own_transaction_is_the_payment_and_not_the_buyers(self) -> None:
        assert seen(disputed_transactions=[transaction(seller_transaction_id=None)]).payment_id is None

    def test_several_transactions_are_told(self) -> None:
        other = transaction(seller_transaction_id="3SS")
        assert (
            "2 disputed transactions; the first is shown" in seen(disputed_transactions=[transaction(), other]).unknown
        )

    @pytest.mark.parametrize(
        ("told", "reference"),
        [
            ({"invoice_number": "INV-1", "custom": "order-42"}, "INV-1"),
            ({"invoice_number": None, "custom": "order-42"}, "order-42"),
            ({"invoice_number": "", "custom": '{"order_id": 42, "order_key": "wc_order_x"}'}, "42"),
            ({"invoice_number": "", "custom": '{"cart": 1}'}, None),
            ({"invoice_number": "", "custom": "{broken"}, None),
            ({"invoice_number": "", "custom": "x" * 121}, None),
        ],
    )
    def test_the_order_number_is_the_invoice_or_what_the_shop_wrote_beside_it(
        self, told: dict[str, Any], reference: str | None
    ) -> None:
        assert seen(disputed_transactions=[transaction(**told)]).order_ref == reference

    @pytest.mark.parametrize("live", [True, False])
    def test_it_is_as_live_as_its_connection(self, live: bool) -> None:
        assert mapping.snapshot(dispute(), live=live).live is live


class TestKind:
    @pytest.mark.parametrize(
        ("stage", "kind"),
        [
            ("INQUIRY", Kind.INQUIRY),
            ("CHARGEBACK", Kind.CHARGEBACK),
            ("PRE_ARBITRATION", Kind.PRE_ARBITRATION),
            ("ARBITRATION", Kind.ARBITRATION),
        ],
    )
    def test_the_stage_decides(self, stage: str, kind: Kind) -> None:
        assert seen(dispute_life_cycle_stage=stage).kind is kind

    def test_an_unknown_stage_is_taken_for_a_claim_and_told(self) -> None:
        one = seen(dispute_life_cycle_stage="MEDIATION")
        assert (one.kind, one.unknown) == (Kind.CHARGEBACK, ("dispute_life_cycle_stage MEDIATION",))

    def test_an_alert_is_an_alert_at_any_stage(self) -> None:
        assert seen(dispute_channel="ALERT").kind is Kind.ALERT

    def test_a_card_case_is_told_apart_by_its_networks_code(self) -> None:
        one = seen(dispute_channel="EXTERNAL", external_reason_code="13.1")
        assert (one.network, one.reason_code) == ("visa", "13.1")
        assert reason_for(one.network, one.reason_code, "paypal", one.raw_reason).found_by == "code"

    def test_a_code_that_no_network_or_two_have_names_none(self) -> None:
        one = seen(dispute_channel="EXTERNAL", external_reason_code="ZZ-9")
        assert (one.network, one.reason_code) == (None, "ZZ-9")

    @pytest.mark.parametrize("reason", sorted(REASONS))
    def test_paypals_own_reasons_are_known_to_the_knowledge(self, reason: str) -> None:
        one = seen(reason=reason)
        assert reason_for(one.network, one.reason_code, "paypal", one.raw_reason).found_by == "code"


class TestStatus:
    @pytest.mark.parametrize(
        ("word", "status"),
        [
            ("WAITING_FOR_SELLER_RESPONSE", GatewayStatus.NEEDS_RESPONSE),
            ("WAITING_FOR_BUYER_RESPONSE", GatewayStatus.UNDER_REVIEW),
            ("UNDER_REVIEW", GatewayStatus.UNDER_REVIEW),
            ("OTHER", GatewayStatus.UNKNOWN),
            ("PAUSED", GatewayStatus.UNKNOWN),
        ],
    )
    def test_the_word_is_translated_and_kept(self, word: str, status: GatewayStatus) -> None:
        one = seen("self_", status=word)
        assert (one.status, one.raw_status) == (status, word)

    def test_an_unknown_status_is_shown_and_helped_by_the_state_of_the_list(self) -> None:
        one = seen(status="PAUSED", dispute_state="REQUIRED_ACTION")
        assert (one.status, one.unknown) == (GatewayStatus.NEEDS_RESPONSE, ("status PAUSED",))

    def test_an_open_inquiry_asks_only_where_something_is_offered(self) -> None:
        assert seen("self_", status="OPEN").status is GatewayStatus.UNDER_REVIEW
        assert seen("send_message", status="OPEN").status is GatewayStatus.NEEDS_RESPONSE

    @pytest.mark.parametrize(
        ("code", "status"),
        [
            ("RESOLVED_BUYER_FAVOUR", GatewayStatus.LOST),
            ("RESOLVED_SELLER_FAVOUR", GatewayStatus.WON),
            ("RESOLVED_WITH_PAYOUT", GatewayStatus.WON),
            ("CANCELED_BY_BUYER", GatewayStatus.WITHDRAWN),
            ("ACCEPTED", GatewayStatus.LOST),
            ("DENIED", GatewayStatus.WON),
            ("NONE", GatewayStatus.WITHDRAWN),
            (None, GatewayStatus.UNKNOWN),
            ("SPLIT", GatewayStatus.UNKNOWN),
        ],
    )
    def test_a_resolved_one_ends_as_its_outcome_says(self, code: str | None, status: GatewayStatus) -> None:
        assert resolved(code).status is status

    @pytest.mark.parametrize(("word", "status"), [("WON", GatewayStatus.WON), ("LOST", GatewayStatus.LOST)])
    def test_the_undocumented_outcome_counts_where_there_is_no_code(self, word: str, status: GatewayStatus) -> None:
        one = resolved(None, outcome=word)
        assert (one.status, one.unknown) == (status, ())

    def test_a_payout_that_is_taken_back_from_the_seller_is_lost(self) -> None:
        decided = [decision("RECOVER_FROM_SELLER", None)]
        assert resolved("RESOLVED_WITH_PAYOUT", adjudications=decided).status is GatewayStatus.LOST

    @pytest.mark.parametrize(
        "changes",
        [
            {
                "adjudications": [
                    {
                        "type": "PAYOUT_TO_BUYER",
                        "adjudication_time": "2026-11-20T00:00:00Z",
                        "reason": "SELLER_ISSUED_REFUND",
                    }
                ]
            },
            {"evidences": [given("OTHER", action="ACCEPT_CLAIM")]},
            {
                "dispute_outcome": {
                    "outcome_code": "RESOLVED_BUYER_FAVOUR",
                    "outcome_reason": "INQUIRY_OFFER_PARTIAL_REFUND",
                }
            },
        ],
    )
    def test_what_the_merchant_agreed_to_is_accepted_and_not_lost(self, changes: dict[str, Any]) -> None:
        assert resolved("RESOLVED_BUYER_FAVOUR", **changes).status is GatewayStatus.ACCEPTED

    def test_the_reason_of_the_decision_stays_with_the_outcome(self) -> None:
        decided = [
            {"type": "DENY_BUYER", "adjudication_time": "2026-11-19T00:00:00Z", "reason": "VALID_PROOF_OF_DELIVERY"},
            {
                "type": "RECOVER_FROM_SELLER",
                "adjudication_time": "2026-11-20T00:00:00Z",
                "reason": "NO_SELLER_RESPONSE",
            },
        ]
        one = resolved("RESOLVED_BUYER_FAVOUR", adjudications=decided)
        assert one.raw_status == "RESOLVED: RESOLVED_BUYER_FAVOUR, NO_SELLER_RESPONSE"
        assert mapping.reason_of(one.raw) == "NO_SELLER_RESPONSE"

    def test_every_documented_outcome_is_known(self) -> None:
        assert all(not resolved(code).unknown for code in OUTCOMES)


def wrote(content: str, day: int) -> dict[str, Any]:
    return {"posted_by": "BUYER", "time_posted": f"2026-11-{day}T00:00:00Z", "content": content}


class TestMessages:
    def test_what_was_written_becomes_messages_oldest_first(self) -> None:
        words = [
            {"posted_by": "SELLER", "time_posted": "2026-11-12T00:00:00Z", "content": "It is on its way."},
            {"posted_by": "BUYER", "time_posted": "2026-11-11T00:00:00Z", "content": "Where is it?"},
            {"posted_by": "ARBITER", "time_posted": "2026-11-13T00:00:00Z", "content": "We decide."},
            {"posted_by": "BUYER", "time_posted": None, "content": "When?"},
            {"posted_by": "BUYER", "time_posted": "2026-11-14T00:00:00Z", "content": ""},
        ]
        found = mapping.messages(dispute(messages=words))
        assert [(each.sender, each.direction, each.body) for each in found] == [
            ("Buyer", "in", "Where is it?"),
            ("Seller", "out", "It is on its way."),
            ("PayPal", "in", "We decide."),
        ]
        assert [each.automatic for each in found] == [False, False, True]
        assert {each.order_ref for each in found} == {"LL-4711"}

    @pytest.mark.parametrize("turned", [False, True])
    def test_messages_of_one_second_stay_in_their_order_whichever_end_the_list_begins_at(self, turned: bool) -> None:
        words = [wrote("first", 10), wrote("second", 11), wrote("third", 11)]
        told = mapping.messages(dispute(messages=words[::-1] if turned else words))
        assert [each.body for each in told] == ["first", "second", "third"]

    def test_a_message_keeps_its_id_when_others_come_before_it(self) -> None:
        one = {"posted_by": "BUYER", "time_posted": "2026-11-11T00:00:00Z", "content": "Hello"}
        newer = {"posted_by": "BUYER", "time_posted": "2026-11-12T00:00:00Z", "content": "Hello"}
        (alone,) = mapping.messages(dispute(messages=[one]))
        assert mapping.messages(dispute(messages=[newer, one]))[0] == alone


class TestPayloadsThatBreakTheSpecification:
    def test_an_empty_list_of_items_is_fine(self) -> None:
        assert seen(disputed_transactions=[transaction(items=[])]).unknown == ()

    def test_keys_that_lists_carry_beyond_the_specification_are_known(self) -> None:
        more = {"outcome": "LOST", "dispute_flow": "CHARGEBACK", "indicators": []}
        protected = transaction(seller_protection_eligible=True, seller_protection_type="INR")
        assert seen(**more, disputed_transactions=[protected]).unknown == ()

    def test_other_unknown_keys_and_words_are_listed_and_stop_nothing(self) -> None:
        one = seen(mood="angry", reason="MOON_PHASE", dispute_channel="PIGEON", evidences=[{"source": "DREAMED"}])
        assert one.unknown == (
            "field mood",
            "dispute_channel PIGEON",
            "reason MOON_PHASE",
            "evidence source DREAMED",
        )
        assert one.raw["mood"] == "angry"

    def test_a_due_date_may_be_absent_or_garbled(self) -> None:
        assert seen(without=("seller_response_due_date",)).due_at is None
        one = seen(seller_response_due_date="soon")
        assert (one.due_at, one.unknown) == (None, ("seller_response_due_date soon",))

    @pytest.mark.parametrize(
        ("text", "second"),
        [
            ("2026-11-10T10:00:00Z", 0),
            ("2026-11-10t13:00:00.123456789+03:00", 0),
            ("2026-11-10T09:59:60Z", 59),
        ],
    )
    def test_every_spelling_of_an_instant_is_read(self, text: str, second: int) -> None:
        found = instant(text)
        assert found is not None
        assert (found.tzinfo, found.second) == (UTC, second)

    @pytest.mark.parametrize("text", ["2026-11-10T10:00:00", "2026-11-10", "", None, 5, "2026-13-10T10:00:00Z"])
    def test_what_has_no_zone_or_is_no_instant_is_none(self, text: Any) -> None:
        assert instant(text) is None

    @pytest.mark.parametrize(
        ("changes", "missing"),
        [
            ({"dispute_id": "../payments/x"}, "dispute_id"),
            ({"dispute_id": None}, "dispute_id"),
            ({"create_time": None}, "create_time"),
        ],
    )
    def test_without_id_or_birth_there_is_no_dispute(self, changes: dict[str, Any], missing: str) -> None:
        with pytest.raises(GatewayError, match=missing) as told:
            seen(**changes)
        assert told.value.failure is GatewayFailure.MALFORMED

    @example(
        st.dictionaries(
            st.sampled_from(sorted(dispute())),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.text(max_size=8),
                lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
                max_leaves=6,
            ),
        )
    )
    def test_whatever_paypal_sends_is_a_dispute_or_malformed(self, nonsense: dict[str, Any]) -> None:
        raw = dispute() | {name: value for name, value in nonsense.items() if name not in ("dispute_id", "create_time")}
        one = mapping.snapshot(raw, live=False)
        assert one.external_id == raw["dispute_id"]
        assert json.dumps(one.raw)
        mapping.read_back(raw)
        mapping.messages(raw)


class TestAListsLineAlone:
    def test_it_keeps_the_deadline_and_asks_for_nothing(self) -> None:
        one = mapping.unread(line(dispute()), "PayPal answered with an error of its own.", live=False)
        assert (one.status, one.due_at is not None, one.capabilities.submit) == (GatewayStatus.UNKNOWN, True, False)
        assert one.unknown == ("details not read: PayPal answered with an error of its own.",)
        assert one.raw_status == "WAITING_FOR_SELLER_RESPONSE"
