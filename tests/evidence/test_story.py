"""Each case of the demo shop comes out as its story says."""

from __future__ import annotations

import pytest

from evidence.assessment import Verdict
from tests.evidence.builders import judged
from tests.evidence.story import STORIES, alert, s01, s02, s05, s07, s08, s10, s15, s17, s25

EXPECTED = {
    "s01": (Verdict.FIGHT, True),
    "s02": (Verdict.FIGHT, True),
    "s03": (Verdict.FIGHT, True),
    "s04": (Verdict.NEEDS_EVIDENCE, False),
    "s05": (Verdict.NEEDS_EVIDENCE, False),
    "s06": (Verdict.FIGHT, True),
    "s07": (Verdict.FIGHT, True),
    "s08": (Verdict.ACCEPT, False),
    "s09": (Verdict.FIGHT, True),
    "s10": (Verdict.NEEDS_EVIDENCE, False),
    "s11": (Verdict.FIGHT, True),
    "s12": (Verdict.FIGHT, True),
    "s13": (Verdict.FIGHT, True),
    "s14": (Verdict.FIGHT, True),
    "s15": (Verdict.FIGHT, False),
    "s16": (Verdict.CANNOT_BE_CONTESTED, False),
    "s17": (Verdict.FIGHT, True),
    "s18": (Verdict.FIGHT, True),
    "s19": (Verdict.FIGHT, True),
    "s20": (Verdict.FIGHT, True),
    "s21": (Verdict.FIGHT, True),
    "s22": (Verdict.CANNOT_BE_CONTESTED, False),
    "s23": (Verdict.NEEDS_EVIDENCE, False),
    "s24": (Verdict.FIGHT, True),
    "s25": (Verdict.FIGHT, True),
}
WAITS_FOR_A_PERSON = {"s05", "s08", "s11", "s13", "s15", "s17", "s23"}


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_the_verdict_is_the_storys(name: str) -> None:
    assessment = judged(*STORIES[name]())
    assert (assessment.verdict, assessment.ready) == EXPECTED[name]


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_who_may_go_on_alone(name: str) -> None:
    assert bool(judged(*STORIES[name]()).person_required) is (name in WAITS_FOR_A_PERSON)


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_every_verdict_has_a_reason_in_words(name: str) -> None:
    reasons = judged(*STORIES[name]()).reasons
    assert reasons
    assert all(len(reason.split()) > 3 and "_" not in reason for reason in reasons)


def test_an_early_fraud_warning_is_never_filed() -> None:
    assessment = judged(*alert())
    assert assessment.verdict is Verdict.CANNOT_BE_CONTESTED
    assert "early fraud warning" in assessment.reasons[0]


def test_01_has_no_gaps() -> None:
    assert judged(*s01()).missing == ()


def test_02_is_tied_by_3ds_and_its_turkish_mail_waits_for_a_translation() -> None:
    assessment = judged(*s02())
    assert {"3ds", "words"} <= {tie.key for tie in assessment.ties}
    [passage] = assessment.needs_translation
    assert passage.sure
    assert "lambayı" in passage.words


def test_05_asks_which_claim_is_meant_and_then_is_ready() -> None:
    assert judged(*s05()).sub_condition_needed
    chosen = judged(*s05("not_as_described"))
    assert (chosen.verdict, chosen.ready, chosen.sub_condition_needed) == (Verdict.FIGHT, True, False)
    assert len(chosen.needs_translation) == 2


def test_05_as_a_claim_of_non_receipt_asks_for_other_proof() -> None:
    chosen = judged(*s05("not_provided"))
    assert {"tracking_events", "delivery_confirmation"} <= {
        line.item for line in chosen.checklist if line.weight == "required"
    }


def test_07_is_settled_by_the_refund() -> None:
    assessment = judged(*s07())
    assert (assessment.credits.covers, assessment.score.points) == ("all", 95)


def test_08_quotes_our_own_promise() -> None:
    assert '"We will refund you the full amount within five days."' in judged(*s08()).reasons[0]


def test_10_stays_low_however_much_paper_there_is() -> None:
    assessment = judged(*s10())
    assert assessment.score.points <= 40
    assert {"tracking_events", "delivery_confirmation"} <= {line.item for line in assessment.missing}


def test_15_was_delivered_only_after_the_complaint_and_its_time_is_over() -> None:
    assessment = judged(*s15())
    assert [each.id for each in assessment.blocking] == ["delivered_after_dispute"]
    assert any("time to answer ended" in reason for reason in assessment.reasons)


def test_17_always_waits_for_a_person() -> None:
    assert "compliance" in judged(*s17()).person_required[0]


def test_25_contests_only_the_rest() -> None:
    assert str(judged(*s25()).credits.contested) == "110.00 EUR"
