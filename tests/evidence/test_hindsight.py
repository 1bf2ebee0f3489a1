"""What a closed case suggests for the next one: at most three remarks, each from its records, none without."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.lifecycle import GatewayStatus
from disputes.outcomes import Answered
from evidence.assessment import Assessment, Verdict
from evidence.hindsight import MOST, About, Closed, Remark, remarks
from evidence.playbook import CheckItem, Tie
from tests.builders import NOW


def check(item: str, weight: str, *, there: bool, group: int | None = None) -> CheckItem:
    state = "present" if there else "missing"
    return CheckItem.model_validate(
        {"item": item, "label": item, "weight": weight, "state": state, "why": "", "group": group}
    )


def assessment(*lines: CheckItem, **changes: Any) -> Assessment:
    """Made of its parts alone; what hindsight does not read is left out."""
    told = {
        "assessed_at": NOW,
        "verdict": Verdict.FIGHT,
        "category": "not_received",
        "product_type": "physical",
        "checklist": lines,
        "ties": (),
        "contradictions": (),
    }
    return Assessment.model_construct(**told | changes)


def closed(status: str = "lost", answered: Answered = Answered.PERSON, **changes: Any) -> Closed:
    return Closed(status=GatewayStatus(status), answered=answered, **changes)


def about(found: Iterable[Remark]) -> list[About]:
    return [each.about for each in found]


LACKING = check("delivery_confirmation", "required", there=False)
HELD = check("order_confirmation", "required", there=True)
STRONG = check("delivery_photo", "strong", there=False)


class TestLost:
    def test_names_what_the_reason_asks_for_and_the_answer_lacked(self) -> None:
        (first, second) = remarks(closed(), assessment(LACKING, HELD, STRONG))
        assert (first.about, first.items) == (About.LACKED_REQUIRED, ("delivery_confirmation",))
        assert (second.about, second.items) == (About.LACKED_STRONG, ("delivery_photo",))

    def test_puts_the_gateways_own_word_first(self) -> None:
        found = remarks(closed(reason=" NO_PROOF_OF_DELIVERY "), assessment(LACKING))
        assert (found[0].about, found[0].words) == (About.GATEWAY_REASON, "NO_PROOF_OF_DELIVERY")

    def test_misses_nothing_of_a_group_of_which_one_is_there(self) -> None:
        one = check("tracking_events", "required", there=True, group=1)
        other = check("delivery_signature", "required", there=False, group=1)
        assert remarks(closed(), assessment(one, other)) == ()

    def test_speaks_of_the_deadline_only_where_something_was_missing(self) -> None:
        assert About.CLOSE in about(remarks(closed(margin_hours=3), assessment(LACKING)))
        assert remarks(closed(margin_hours=3), assessment(HELD)) == ()
        assert About.CLOSE not in about(remarks(closed(margin_hours=30), assessment(LACKING)))

    def test_asks_for_a_tie_to_the_cardholder_in_fraud_alone(self) -> None:
        assert about(remarks(closed(), assessment(HELD, category="fraudulent"))) == [About.NO_TIE]
        tied = assessment(HELD, category="fraudulent", ties=(Tie(key="3ds", words="3-D Secure", records=()),))
        assert remarks(closed(), tied) == ()

    def test_says_nothing_of_evidence_in_an_answer_that_was_given_elsewhere(self) -> None:
        assert remarks(closed(answered=Answered.ELSEWHERE), assessment(LACKING)) == ()
        found = remarks(closed(answered=Answered.ELSEWHERE, reason="LATE"), assessment(LACKING))
        assert about(found) == [About.GATEWAY_REASON]


class TestMissed:
    @pytest.mark.parametrize("status", ["lost", "expired"])
    def test_tells_whether_an_answer_lay_ready(self, status: str) -> None:
        missed = closed(status, Answered.MISSED)
        assert about(remarks(missed.model_copy(update={"was_ready": True}), assessment(HELD))) == [About.MISSED_READY]
        waiting = assessment(LACKING, verdict=Verdict.NEEDS_EVIDENCE)
        assert remarks(missed, waiting) == (Remark(about=About.MISSED_LACKING, items=("delivery_confirmation",)),)
        assert about(remarks(missed, None)) == [About.MISSED]


class TestWon:
    def test_names_what_the_answer_held(self) -> None:
        (one,) = remarks(closed("won"), assessment(HELD, STRONG))
        assert (one.about, one.items) == (About.HELD, ("order_confirmation",))

    def test_puts_what_settles_it_alone_first(self) -> None:
        decisive = check("refund_proof", "decisive", there=True)
        assert about(remarks(closed("won"), assessment(HELD, decisive))) == [About.DECISIVE, About.HELD]


class TestNothing:
    @pytest.mark.parametrize("status", ["accepted", "withdrawn", "prevented"])
    def test_is_said_of_a_case_that_nobody_judged(self, status: str) -> None:
        assert remarks(closed(status), assessment(LACKING, STRONG)) == ()

    def test_is_said_where_nothing_is_known(self) -> None:
        assert remarks(closed(), None) == ()
        assert remarks(closed(), assessment()) == ()
        assert remarks(closed("won"), assessment(LACKING)) == ()
        assert remarks(closed(answered=Answered.ACCEPTED), assessment(LACKING)) == ()


lines = st.builds(
    check,
    st.sampled_from(["a", "b", "c", "d", "e", "f"]),
    st.sampled_from(["required", "one_of", "strong", "helpful", "decisive"]),
    there=st.booleans(),
    group=st.one_of(st.none(), st.integers(1, 2)),
)


@given(
    st.lists(lines, max_size=12),
    st.sampled_from([each.value for each in GatewayStatus]),
    st.sampled_from(list(Answered)),
    st.text(max_size=5),
    st.one_of(st.none(), st.integers(-50, 400)),
    st.sampled_from(["fraudulent", "not_received"]),
)
def test_never_more_than_three_and_only_of_what_the_checklist_says(
    checklist: list[CheckItem], status: str, who: Answered, reason: str, margin: int | None, category: str
) -> None:
    judged = assessment(*checklist, category=category)
    found = remarks(closed(status, who, reason=reason, margin_hours=margin), judged)
    assert len(found) <= MOST
    for each in found:
        states = {line.item: {other.state for other in checklist if other.item == line.item} for line in checklist}
        wanted = "present" if each.about in (About.DECISIVE, About.HELD) else "missing"
        assert all(wanted in states[item] for item in each.items)
