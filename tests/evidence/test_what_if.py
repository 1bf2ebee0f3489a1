"""What an item that is not there would change is found by judging again with it, never by a rule of its own."""

from __future__ import annotations

import pytest

from disputes.facts import CaseFile
from evidence.assessment import Assessment
from evidence.claim import Claim
from evidence.gain import Gain
from evidence.what_if import what_if
from tests.evidence.builders import case, claim, document, judged, label_only
from tests.evidence.story import STORIES


def gains(the_claim: Claim, the_case: CaseFile) -> tuple[Assessment, dict[str, Gain]]:
    now = judged(the_claim, the_case)
    return now, {each.item: each for each in what_if(the_claim, the_case, now)}


@pytest.mark.parametrize("name", sorted(STORIES))
def test_each_gain_is_what_the_judgement_with_that_paper_says(name: str) -> None:
    the_claim, the_case = STORIES[name]()[:2]
    now, found = gains(the_claim, the_case)
    for item, gain in found.items():
        paper = document(item)
        then = judged(the_claim, the_case.model_copy(update={"documents": (*the_case.documents, paper)}))
        assert gain.points == max(0, then.score.points - now.score.points), item
        assert (gain.verdict, gain.ready) == (then.verdict.value, then.ready and not now.ready), item


def test_only_what_is_not_there_is_asked_for() -> None:
    now, found = gains(claim(), case())
    present = {line.item for line in now.checklist if line.state == "present"}
    assert found
    assert not present & set(found)


def test_the_paper_that_is_missing_turns_the_verdict() -> None:
    _, found = gains(claim(), case(shipments=(label_only(),)))
    assert any(gain.turns and gain.ready and gain.verdict == "fight" for gain in found.values())


def test_words_that_write_themselves_are_never_asked_for() -> None:
    _, found = gains(claim(), case(shipments=(), messages=()))
    assert "rebuttal_letter" not in found


def test_a_waived_item_tells_what_it_would_have_brought() -> None:
    _, found = gains(claim(waived=frozenset({"delivery_signature"})), case())
    assert "delivery_signature" in found
