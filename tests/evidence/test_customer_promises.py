"""What a shop promised its customer is held against it."""

from __future__ import annotations

from evidence.assessment import Verdict
from tests.evidence.builders import (
    ago,
    case,
    document,
    judged,
    ours,
)
from tests.evidence.customer_rows import FRAUD, HAS, NOT_CREDITED, returned, the


class TestPromises:
    def test_a_small_part_is_held_and_not_given_up(self) -> None:
        assessment = judged(NOT_CREDITED, case(messages=(ours("We will refund 20.00 USD.", at=ago(18)),)))
        assert [each.id for each in assessment.customer_right] == ["promised_refund"]
        assert assessment.verdict is not Verdict.ACCEPT

    def test_a_return_label_that_was_sent_only_holds(self) -> None:
        """Whether the goods travel only the carrier knows."""
        found = judged(NOT_CREDITED, case(returns=(returned(label_sent_at=ago(18)),)))
        (right,) = [each for each in found.customer_right if each.id == "return_on_its_way"]
        assert right.holds
        assert found.verdict is not Verdict.ACCEPT

    def test_a_replacement_promised_in_a_claim_of_fraud_only_holds(self) -> None:
        promise = {"messages": (ours("We will send you a replacement.", at=ago(18)),)}
        assert not the("promised_replacement", FRAUD, promise).accept

    def test_the_banks_letter_of_withdrawal_answers_everything(self) -> None:
        changes = {**HAS[0][2], "documents": (document("dispute_withdrawal_letter"),)}
        assert the("promised_refund", NOT_CREDITED, changes).answer
        assert judged(NOT_CREDITED, case(**changes)).verdict is Verdict.FIGHT
