"""The customer may be right: each rule with a case that has it, one that only looks like it, and what answers it."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.facts import Shipment
from disputes.knowledge import customer_rules
from evidence.assessment import Verdict
from evidence.claim import Claim
from evidence.customer import rule_ids
from tests.evidence.builders import (
    ago,
    case,
    claim,
    judged,
    payment,
    refund,
    shipment,
    usd,
)
from tests.evidence.customer_rows import ANSWERED, HAS, LOOKS_LIKE, gone, rights, scan, the


@pytest.mark.parametrize(("id", "the_claim", "changes"), HAS)
class TestEachRule:
    def test_it_is_found_with_its_passage_and_its_source(
        self, id: str, the_claim: Claim, changes: dict[str, Any]
    ) -> None:
        found = the(id, the_claim, changes)
        assert found.passages
        assert all(each.words for each in found.passages)
        assert any(each.records for each in found.passages)
        assert found.rule
        assert found.sources
        assert found.checked

    def test_nothing_answers_it_so_the_verdict_is_to_accept(
        self, id: str, the_claim: Claim, changes: dict[str, Any]
    ) -> None:
        assessment = judged(the_claim, case(**changes))
        assert the(id, the_claim, changes).answer is None
        assert assessment.verdict is Verdict.ACCEPT
        assert not assessment.ready

    def test_it_is_shown_first_and_holds_the_case(self, id: str, the_claim: Claim, changes: dict[str, Any]) -> None:
        assessment = judged(the_claim, case(**changes))
        found = the(id, the_claim, changes)
        assert assessment.reasons[0] == assessment.customer_right[0].words
        assert found.words in assessment.reasons
        assert f"The customer may be right: {found.title}." in assessment.person_required

    def test_after_a_refund_it_is_never_proposed_for_acceptance(
        self, id: str, the_claim: Claim, changes: dict[str, Any]
    ) -> None:
        paid = changes.get("payment") or payment()
        for minor in (100, 18900):
            given = paid.model_copy(update={"refunds": (refund(amount=usd(minor), created_at=ago(30)),)})
            assert judged(the_claim, case(**changes | {"payment": given})).verdict is not Verdict.ACCEPT

    @pytest.mark.parametrize("made", [{"created_at": ago(1)}, {"created_at": ago(1), "status": "pending"}])
    def test_beside_a_later_refund_it_is_never_proposed_for_acceptance_either(
        self, id: str, the_claim: Claim, changes: dict[str, Any], made: dict[str, Any]
    ) -> None:
        """Refunding and accepting pays twice."""
        paid = changes.get("payment") or payment()
        given = paid.model_copy(update={"refunds": (refund(**made),)})
        assert judged(the_claim, case(**changes | {"payment": given})).verdict is not Verdict.ACCEPT


@pytest.mark.parametrize(("id", "the_claim", "changes"), LOOKS_LIKE)
def test_what_only_looks_like_it_is_none(id: str, the_claim: Claim, changes: dict[str, Any]) -> None:
    assert id not in [each.id for each in rights(the_claim, changes)]


@pytest.mark.parametrize(("id", "the_claim", "changes"), ANSWERED)
def test_an_answer_keeps_the_case_open_and_still_for_a_person(
    id: str, the_claim: Claim, changes: dict[str, Any]
) -> None:
    found, assessment = the(id, the_claim, changes), judged(the_claim, case(**changes))
    assert found.answer
    assert found.answer.records
    assert not found.accept
    assert assessment.verdict is not Verdict.ACCEPT
    paid_back = assessment.credits.covers == "all"
    assert any(found.title in why for why in assessment.person_required) is not paid_back
    assert "Answered by:" in found.words


def test_goods_that_came_back_and_were_paid_back_before_the_dispute_hold_nothing() -> None:
    paid = payment(refunds=(refund(refund_id="re_1", amount=usd(18900), created_at=ago(20)),))
    back = shipment(is_return=True, tracking_number="RET1", shipped_at=ago(30), delivered_at=ago(25), delivered_to=None)
    the_claim = claim(reason_code="13.6", raw_reason="credit_not_processed")
    assessment = judged(the_claim, case(payment=paid, shipments=(shipment(), back)))
    assert assessment.verdict is Verdict.FIGHT
    assert assessment.person_required == ()


def test_a_first_carrier_that_loses_sight_of_it_after_handing_it_on_lost_nothing() -> None:
    first = gone("lost", "No further information").model_copy(update={"leg": "first", "onward_number": "92001"})
    arrived = (scan("in_transit", "Arrived at the local post", 29),)
    onward = shipment(leg="last", tracking_number="92001", delivered_at=None, delivered_to=None, events=arrived)

    def lost(*parcels: Shipment) -> bool:
        return any(each.id == "parcel_lost" for each in rights(claim(), {"shipments": parcels, "messages": ()}))

    assert lost(first)
    assert not lost(first, onward)


def test_every_rule_has_a_case_of_each_kind() -> None:
    assert {each[0] for each in HAS} == {each[0] for each in LOOKS_LIKE} == set(rule_ids()) == set(customer_rules())


def test_the_good_sale_has_none() -> None:
    assert rights(claim(), {}) == []
