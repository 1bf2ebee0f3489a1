"""Ready means: every required item of the product type, one of each group, and in fraud a tie to the cardholder."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.facts import CaseFile
from evidence.assessment import Verdict
from tests.evidence.builders import (
    ELSEWHERE,
    HOME,
    ago,
    case,
    claim,
    document,
    event,
    judged,
    label_only,
    line,
    message,
    order,
    ours,
    payment,
    prior,
    refund,
    shipment,
    three_d_secure,
    usage,
    usd,
)

FRAUD = claim(reason_code="10.4", raw_reason="fraudulent")
ALL_PASS = {"avs_line1": "pass", "avs_postal_code": "pass", "cvc": "pass"}


def fraud_case(**changes: Any) -> CaseFile:
    """Delivered to somebody, and nothing else."""
    return case(**{"messages": (), "orders": (order(ip=None),), "payment": payment(ip=None)} | changes)


class TestFraud:
    def test_delivery_to_somebody_is_not_enough(self) -> None:
        assessment = judged(
            FRAUD, fraud_case(shipments=(shipment(signed_by="E. CARTER"),), documents=(document("delivery_photo"),))
        )
        assert (assessment.verdict, assessment.ready, assessment.ties) == (Verdict.NEEDS_EVIDENCE, False, ())
        assert any("Delivery to somebody is not enough" in reason for reason in assessment.reasons)

    @pytest.mark.parametrize(
        ("key", "changes"),
        [
            ("3ds", {"payment": payment(ip=None, three_d_secure=three_d_secure())}),
            ("history", {"payment": payment(ip=None, prior_payments=(prior(),))}),
            ("verified_address", {"payment": payment(ip=None, **ALL_PASS)}),
            ("words", {"messages": (message(),)}),
        ],
    )
    def test_one_tie_is_enough(self, key: str, changes: dict[str, Any]) -> None:
        assessment = judged(FRAUD, fraud_case(**changes))
        assert [tie.key for tie in assessment.ties] == [key]
        assert assessment.ready

    def test_use_from_the_purchase_device_is_enough(self) -> None:
        bought = order(ip=None, device_id="dev-1", lines=(line(product_type="digital"),))
        used = usage(event(at=ago(30), ip=None, device_id="dev-1"))
        assessment = judged(FRAUD, fraud_case(orders=(bought,), shipments=(), usage=(used,)))
        assert [tie.key for tie in assessment.ties] == ["device"]
        assert assessment.ready

    def test_use_from_another_device_is_not(self) -> None:
        bought = order(ip=None, device_id="dev-1", lines=(line(product_type="digital"),))
        used = usage(event(at=ago(30), ip="198.51.100.9", device_id="dev-2"))
        assert not judged(FRAUD, fraud_case(orders=(bought,), shipments=(), usage=(used,))).ready

    def test_the_same_ip_address_is_no_tie_when_the_devices_differ(self) -> None:
        bought = order(device_id="dev-1", lines=(line(product_type="digital"),))
        used = usage(event(at=ago(30), device_id="dev-2"))
        assert not judged(FRAUD, fraud_case(orders=(bought,), shipments=(), usage=(used,))).ready

    def test_use_of_another_account_is_not(self) -> None:
        bought = order(device_id="dev-1", account_id="a", lines=(line(product_type="digital"),))
        used = usage(event(at=ago(30), device_id="dev-1", account_id="b"))
        assert not judged(FRAUD, fraud_case(orders=(bought,), shipments=(), usage=(used,))).ready

    @pytest.mark.parametrize("result", ["attempt_acknowledged", "exempted", "failed", "not_supported"])
    def test_an_unfinished_3ds_ties_nobody(self, result: str) -> None:
        assert not judged(FRAUD, fraud_case(payment=payment(ip=None, three_d_secure=three_d_secure(result)))).ready

    def test_a_full_match_counts_only_when_the_parcel_went_there(self) -> None:
        sent_away = fraud_case(
            payment=payment(ip=None, **ALL_PASS),
            orders=(order(ip=None, shipping=ELSEWHERE),),
            shipments=(shipment(delivered_to=ELSEWHERE),),
        )
        assert not judged(FRAUD, sent_away).ready

    @pytest.mark.parametrize("check", ["avs_line1", "avs_postal_code", "cvc"])
    @pytest.mark.parametrize("result", ["fail", "unavailable", "unchecked", None])
    def test_a_match_with_a_gap_is_no_full_match(self, check: str, result: str | None) -> None:
        assert not judged(FRAUD, fraud_case(payment=payment(ip=None, **ALL_PASS | {check: result}))).ready

    def test_words_from_a_strangers_address_tie_nobody(self) -> None:
        assert not judged(FRAUD, fraud_case(messages=(message(sender="other@example.com"),))).ready

    def test_a_later_payment_is_no_history(self) -> None:
        assert not judged(FRAUD, fraud_case(payment=payment(ip=None, prior_payments=(prior(paid_at=ago(1)),)))).ready

    def test_an_unrecognised_payment_needs_the_same(self) -> None:
        unknown = claim(network="mastercard", reason_code="4863", raw_reason="unrecognized")
        assert not judged(unknown, fraud_case()).ready
        assert judged(unknown, fraud_case(messages=(message(),))).ready


class TestNotReceived:
    def test_a_never_shipped_order_with_plenty_of_paper_is_not_ready(self) -> None:
        paper = [
            document(item)
            for item in ("invoice", "order_confirmation", "product_description", "photos", "packing_weight_record")
        ]
        much = case(
            shipments=(label_only(),),
            messages=(message(body="Thank you so much!"), ours("Hello, all is well.")),
            documents=tuple(paper),
        )
        assessment = judged(claim(), much)
        assert (assessment.verdict, assessment.ready) == (Verdict.NEEDS_EVIDENCE, False)
        assert assessment.score.points <= 40

    def test_a_waived_proof_is_not_present(self) -> None:
        waived = claim(waived=frozenset({"delivery_confirmation", "tracking_events"}))
        assessment = judged(waived, case(shipments=()))
        assert not assessment.ready
        required = {line.item: line.state for line in assessment.missing if line.weight == "required"}
        assert required == {
            "rebuttal_letter": "missing",
            "tracking_events": "waived",
            "delivery_confirmation": "waived",
        }

    def test_unavailable_is_not_missing_and_not_present(self) -> None:
        absent = claim(unavailable=frozenset({"delivery_confirmation"}))
        assessment = judged(absent, case(shipments=()))
        assert assessment.items["delivery_confirmation"].state == "unavailable"
        assert assessment.items["tracking_events"].state == "missing"
        assert not assessment.ready

    def test_waiving_what_is_there_changes_nothing(self) -> None:
        assert judged(claim(waived=frozenset({"delivery_confirmation"})), case()).items["delivery_confirmation"].present

    def test_an_empty_file_does_not_count(self) -> None:
        assessment = judged(claim(), case(documents=(document("delivery_photo", size=20),)))
        assert assessment.items["delivery_photo"].state == "missing"
        assert "next to empty" in assessment.items["delivery_photo"].why

    def test_a_paper_of_another_order_does_not_count(self) -> None:
        assessment = judged(claim(), case(documents=(document("delivery_photo", order_ref="LL-9999"),)))
        assert not assessment.items["delivery_photo"].present

    def test_digital_goods_are_shown_by_use_not_by_parcels(self) -> None:
        bought = case(
            orders=(order(lines=(line(product_type="digital"),)),), shipments=(), messages=(), usage=(usage(event()),)
        )
        assert judged(claim(), bought).ready
        assert not judged(claim(), bought.model_copy(update={"usage": ()})).ready

    def test_a_withdrawal_letter_settles_the_case_alone(self) -> None:
        settled = judged(claim(), case(shipments=(), messages=(), documents=(document("dispute_withdrawal_letter"),)))
        assert (settled.verdict, settled.ready, settled.missing) == (Verdict.FIGHT, True, ())

    def test_decisive_items_are_never_demanded(self) -> None:
        assessment = judged(claim(), case(shipments=()))
        assert not {line.item for line in assessment.missing} & {"refund_proof", "dispute_withdrawal_letter"}

    def test_a_refund_in_part_settles_nothing(self) -> None:
        part = case(shipments=(), payment=payment(refunds=(refund(amount=usd(100)),)))
        assert not judged(claim(), part).ready


class TestProductType:
    def test_it_comes_from_the_lines_then_the_default_and_a_person_beats_both(self) -> None:
        assert judged(claim(), case()).product_type_from == "from the order's lines"
        bare = case(orders=(order(lines=(line(product_type=None),)),))
        assert judged(claim(default_product_type="digital"), bare).product_type == "digital"
        assert judged(claim(product_type="service"), case()).product_type == "service"

    def test_a_mixed_order_is_judged_by_what_was_shipped(self) -> None:
        mixed = case(orders=(order(lines=(line(product_type="digital"), line(product_type="physical"))),))
        assert judged(claim(), mixed).product_type == "physical"


def test_a_code_without_any_group_waits_for_a_person() -> None:
    assessment = judged(claim(reason_code="99.9", raw_reason="item_teleported"), case())
    assert any("Read the case and decide" in why for why in assessment.person_required)


def test_chip_cases_are_tied_by_the_chip_record() -> None:
    chip = claim(reason_code="10.1", raw_reason="fraudulent")
    assert not judged(chip, fraud_case()).ready
    assert "emv_terminal_data" in {
        tie.key for tie in judged(chip, fraud_case(documents=(document("emv_terminal_data"),))).ties
    }


def test_the_ordered_address_is_the_home_by_default() -> None:
    assert order().shipping == HOME
