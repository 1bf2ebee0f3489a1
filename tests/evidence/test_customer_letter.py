"""The letter never contradicts what speaks for the customer."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.facts import CaseFile
from disputes.knowledge import withdrawal_law
from evidence.assessment import Assessment
from evidence.claim import Claim
from evidence.letter import compose
from tests.evidence.builders import (
    HOME,
    ago,
    case,
    document,
    event,
    judged,
    message,
    policy,
    usage,
)
from tests.evidence.customer_rows import ANSWERED, HAS, MONTHLY, SNAD, SUBSCRIPTION


class TestTheLetterNeverContradictsAFinding:
    def letter(self, the_claim: Claim, the_case: CaseFile) -> str:
        assessment: Assessment = judged(the_claim, the_case)
        return "\n".join(each.text for each in compose(the_claim, the_case, assessment).sentences)

    @pytest.mark.parametrize(("id", "the_claim", "changes"), HAS + ANSWERED)
    def test_it_says_nothing_that_the_finding_denies(self, id: str, the_claim: Claim, changes: dict[str, Any]) -> None:
        full = {"policies": (policy(), policy(kind="cancellation", title="Cancelling"))}
        written = self.letter(the_claim, case(**full | changes))
        denied = {
            "promised_refund": ("no credit is due",),
            "promised_replacement": ("no credit is due",),
            "return_on_its_way": ("no return", "no credit is due"),
            "return_received": ("no return", "no credit is due"),
            "parcel_lost": (),
            "parcel_returned": (),
            "parcel_stopped": (),
            "delivered_late": ("had been promised by",),
            "cancelled_before_shipping": ("no cancellation", "no credit is due", "before the cancellation"),
            "cancelled_before_charge": ("no cancellation", "cancelled only on"),
            "charged_twice": () if (id, the_claim, changes) in ANSWERED else ("two different orders",),
            "statutory_withdrawal": ("no credit is due",),
        }[id]
        assert not [words for words in denied if words in written]

    def test_a_written_cancellation_silences_the_log_that_shows_none(self) -> None:
        asked = case(
            orders=(MONTHLY,), usage=(usage(event()),), messages=(message(at=ago(45), body="Please cancel my plan."),)
        )
        assert "no cancellation" not in self.letter(SUBSCRIPTION, asked)

    def test_complaints_are_not_quoted_against_a_claim_of_defects(self) -> None:
        broken = case(messages=(message(body="It arrived, but broken."),), documents=(document("product_description"),))
        assert "but broken" not in self.letter(SNAD, broken)

    def test_the_home_address_of_the_builders_has_no_right_of_withdrawal(self) -> None:
        assert withdrawal_law(HOME.country) is None
