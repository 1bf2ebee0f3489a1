"""What PayPal asks for now, what it offers, and which answer belongs to which round."""

from __future__ import annotations

import pytest

from disputes.acts import GatewayAct, Offered
from disputes.lifecycle import GatewayStatus, Kind
from gateways.paypal import evidences, mapping
from gateways.paypal.contract import OUTCOMES
from tests.gateways.paypal.examples import NAME, asked, dispute, given
from tests.gateways.paypal.snapshots import resolved, seen


class TestAppeals:
    """Recorded: RESOLVED with a seller_response_due_date and an `appeal` link. Nothing is final."""

    def test_a_lost_one_that_may_be_appealed_is_a_question_of_its_own(self) -> None:
        one = resolved("RESOLVED_BUYER_FAVOUR", "appeal", evidences=[given()])
        assert (one.status, one.kind, one.previous_outcome) == (
            GatewayStatus.NEEDS_RESPONSE,
            Kind.PRE_ARBITRATION,
            GatewayStatus.LOST,
        )
        assert (one.capabilities.submit, one.capabilities.answer_act) == (True, GatewayAct.APPEAL)
        assert one.capabilities.offers == ()
        assert one.round_facts == "CHARGEBACK/APPEAL:1"

    def test_an_appeal_of_a_case_that_nobody_answered_is_a_new_round_too(self) -> None:
        assert resolved("RESOLVED_BUYER_FAVOUR", "appeal").round_facts != seen().round_facts

    @pytest.mark.parametrize("code", ["RESOLVED_SELLER_FAVOUR", "CANCELED_BY_BUYER"])
    def test_what_was_not_lost_is_not_asked_again_though_the_link_is_shown(self, code: str) -> None:
        one = resolved(code, "appeal")
        assert one.status is OUTCOMES[code]
        assert one.capabilities.offers == (Offered("appeal"),)
        assert not one.capabilities.submit

    def test_nor_is_what_the_merchant_accepted(self) -> None:
        one = resolved("RESOLVED_BUYER_FAVOUR", "appeal", evidences=[given("OTHER", action="ACCEPT_CLAIM")])
        assert one.status is GatewayStatus.ACCEPTED


class TestOffers:
    def test_no_link_no_act_and_links_are_folded(self) -> None:
        one = seen("provide-evidence", "accept-claim", "Make_Offer")
        assert one.capabilities.submit
        assert [each.act for each in one.capabilities.offers] == ["accept", "offer"]
        assert not seen("self_").capabilities.submit

    def test_the_only_legal_values_stand_beside_an_act(self) -> None:
        legal = {
            "accept_claim": {"accept_claim_types": ["REFUND", "PARTIAL_REFUND"]},
            "make_offer": {"offer_types": ["REFUND"]},
            "acknowledge_return_item": {"acknowledgement_types": ["ITEM_RECEIVED", "DAMAGED"]},
        }
        one = seen("accept_claim", "make_offer", "acknowledge_return_item", allowed_response_options=legal)
        assert one.capabilities.offers == (
            Offered("accept", {"accept_claim_type": ("REFUND", "PARTIAL_REFUND")}),
            Offered("offer", {"offer_type": ("REFUND",)}),
            Offered("acknowledge_return", {"acknowledgement_type": ("ITEM_RECEIVED", "DAMAGED")}),
        )
        assert one.capabilities.accept

    def test_an_act_that_is_not_built_is_shown_by_its_own_name(self) -> None:
        (one,) = seen("adjudicate").capabilities.offers
        assert (one.act, one.built) == ("adjudicate", False)

    def test_ways_through_the_pages_are_no_acts(self) -> None:
        raw = dispute() | {"links": [{"rel": "self", "href": "x", "method": "GET"}, {"rel": "detail", "href": "x"}]}
        assert mapping.snapshot(raw, live=False).capabilities.offers == ()

    def test_supporting_information_is_offered_while_paypal_decides(self) -> None:
        one = seen("provide_supporting_info", status="UNDER_REVIEW")
        assert (one.status, [each.act for each in one.capabilities.offers]) == (
            GatewayStatus.UNDER_REVIEW,
            ["supporting_info"],
        )

    def test_why_nothing_can_be_filed_is_said(self) -> None:
        assert "Resolution Center" in seen("self_").capabilities.reason
        assert seen("self_", status="UNDER_REVIEW").capabilities.reason == "PayPal asks for no answer now."


class TestRounds:
    def test_one_call_with_three_entries_is_one_answer(self) -> None:
        entries = [given(), given("PROOF_OF_REFUND"), given("OTHER", date="2026-11-12T10:00:00.400Z")]
        one = seen(evidences=[asked("PROOF_OF_FULFILLMENT"), *entries])
        assert (one.submission_count, one.round_facts) == (1, "CHARGEBACK:1")

    def test_a_second_question_makes_a_second_answer_even_in_the_same_second(self) -> None:
        again = asked("OTHER", date="2026-11-12T10:00:00.300Z")
        one = seen(evidences=[given(), again, given("OTHER", date="2026-11-12T10:00:00.600Z")])
        assert one.submission_count == 2

    def test_a_question_of_the_same_instant_stands_where_paypal_lists_it(self) -> None:
        now = "2026-11-12T10:00:00Z"
        entries = [given(date=now), asked("OTHER", date=now), given("OTHER", date=now)]
        older = asked("PROOF_OF_FULFILLMENT", date="2026-11-10T10:00:00Z")
        assert seen(evidences=[older, *entries]).submission_count == 2
        assert seen(evidences=[*reversed(entries), older]).submission_count == 2
        assert seen(evidences=[older, *entries[:2]]).requested == ("OTHER",)

    def test_a_type_that_is_given_again_is_another_answer(self) -> None:
        """An appeal may repeat what the first answer gave, and nothing but the type says that it came later."""
        one = dispute(evidences=[given(documents=("first.pdf",)), given(documents=("appeal.pdf",))])
        assert mapping.read_back(one).files["documents"].name == "appeal.pdf"

    def test_another_stage_makes_another_answer(self) -> None:
        assert seen(evidences=[given(stage="INQUIRY"), given()]).submission_count == 2

    def test_a_return_that_was_acknowledged_is_no_answer(self) -> None:
        assert seen(evidences=[given("OTHER", action="ACKNOWLEDGE_RETURN_ITEM")]).submission_count == 0

    def test_what_was_asked_before_the_last_answer_is_not_asked_now(self) -> None:
        later = asked("PROOF_OF_REFUND", date="2026-11-15T00:00:00Z")
        assert seen(evidences=[asked("PROOF_OF_FULFILLMENT"), given(), later]).requested == ("PROOF_OF_REFUND",)

    def test_what_the_buyer_was_asked_or_gave_is_none_of_ours(self) -> None:
        others = [{**asked("OTHER"), "source": source} for source in ("REQUESTED_FROM_BUYER", "SUBMITTED_BY_BUYER")]
        one = seen(evidences=others)
        assert (one.requested, one.submission_count) == ((), 0)


class TestReadBack:
    def test_the_latest_answer_comes_back_under_the_approved_names(self) -> None:
        info = {"tracking_info": [{"carrier_name": "OTHER", "carrier_name_other": "Aras", "tracking_number": "1"}]}
        second = given(date="2026-11-16T10:00:00Z", documents=(NAME, "b.pdf"), notes="There.", evidence_info=info)
        refund = given("PROOF_OF_REFUND", date="2026-11-16T10:00:00Z", evidence_info={"refund_ids": ["R1", "R2"]})
        back = mapping.read_back(dispute(evidences=[given(notes="The first."), second, refund]))
        assert back.fields == {
            "PROOF_OF_FULFILLMENT.notes": "There.",
            "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "OTHER",
            "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name_other": "Aras",
            "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "1",
            "PROOF_OF_REFUND.refund_ids[0]": "R1",
            "PROOF_OF_REFUND.refund_ids[1]": "R2",
        }
        assert {slot: (file.name, file.size) for slot, file in back.files.items()} == {
            "documents": (NAME, None),
            "documents[1]": ("b.pdf", None),
        }
        assert back.submission_count == 2

    def test_what_goes_out_comes_back_the_same(self) -> None:
        fields = {
            "OTHER.notes": "Words.",
            "PROOF_OF_FULFILLMENT.notes": "Delivered.",
            "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "UPS",
            "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "1Z1",
            "PROOF_OF_FULFILLMENT.tracking_info[1].carrier_name": "DHL",
            "PROOF_OF_FULFILLMENT.tracking_info[1].tracking_number": "JD1",
            "PROOF_OF_REFUND.refund_ids[0]": "R1",
        }
        body = evidences.body_of(fields, [NAME])
        assert evidences.fields_of(body["evidences"]) == fields
        assert evidences.documents_of(body["evidences"]) == [NAME]
