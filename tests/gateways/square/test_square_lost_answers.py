"""Square's answer is lost: whether it happened is seen by reading."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.ports import GatewayError, GatewayFailure
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from tests.gateways.square.builders import accepting, answer, approved
from tests.gateways.square.plans import TEXT, UPLOAD, opened, write_named


class TestLostAnswers:
    """What the journal asks the plan after silence: is the effect there, against the pre-image."""

    @pytest.mark.parametrize("name", [UPLOAD, TEXT])
    @pytest.mark.parametrize(("fault", "arrived"), [("drop_before", False), ("drop_after", True)])
    def test_an_upload_is_seen_if_it_arrived(
        self, gateway: SquareGateway, control: SquareControl, name: str, fault: str, arrived: bool
    ) -> None:
        one = opened(control)
        write = write_named(gateway, approved(answer(one)), name)
        before = write.before()
        control.fault(fault, method="POST", path=f"{one}/evidence")
        with pytest.raises(GatewayError) as told:
            write.send(f"k-{one}")
        assert told.value.effect_possible
        seen = write.seen(before)
        assert (seen is not None) is arrived
        assert write.send(f"k-{one}")["evidence_id"], "the same key brings the same piece"
        assert len([row for row in control.evidence(one) if _content(row, name)]) == 1

    @pytest.mark.parametrize(("fault", "arrived"), [("drop_before", False), ("drop_after", True)])
    def test_a_submission_is_seen_by_the_state(
        self, gateway: SquareGateway, control: SquareControl, fault: str, arrived: bool
    ) -> None:
        one = opened(control)
        write = write_named(gateway, approved(answer(one)), "submit")
        before = write.before()
        control.fault(fault, method="POST", path="submit-evidence")
        with pytest.raises(GatewayError):
            write.send("unused")
        assert (write.seen(before) is not None) is arrived
        assert write.send("unused")["sent"], "a second one is refused by Square, and then ours is in already"
        assert control.effects(one)["submitted"] == 1

    def test_a_dispute_lost_in_the_meantime_is_no_submission(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        write = write_named(gateway, approved(answer(one)), "submit")
        before = write.before()
        control.outcome(one, "LOST")
        assert write.seen(before) is None
        with pytest.raises(GatewayError) as told:
            write.send("unused")
        assert (told.value.failure, told.value.effect_possible) == (GatewayFailure.REJECTED, False)

    def test_a_submission_that_the_bank_decided_at_once_is_seen(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        write = write_named(gateway, approved(answer(one)), "submit")
        before = write.before()
        gateway.submit(one)
        control.outcome(one, "WON")
        seen = write.seen(before)
        assert seen is not None
        assert seen["status"] == "WON"

    @pytest.mark.parametrize(("fault", "arrived"), [("drop_before", False), ("drop_after", True)])
    def test_an_acceptance_is_seen_by_the_state(
        self, gateway: SquareGateway, control: SquareControl, fault: str, arrived: bool
    ) -> None:
        one = opened(control)
        write = next(gateway.plan(accepting(one)))
        before = write.before()
        control.fault(fault, method="POST", path="accept")
        with pytest.raises(GatewayError) as told:
            write.send("unused")
        assert told.value.effect_possible
        assert (write.seen(before) is not None) is arrived
        assert control.effects(one)["accepted"] == int(arrived)

    def test_an_acceptance_of_before_is_not_ours(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control)
        control.accept_foreign(one)
        write = next(gateway.plan(accepting(one)))
        assert write.seen(write.before()) is None


def _content(row: dict[str, Any], name: str) -> bool:
    return bool(row.get("evidence_text")) is name.startswith("text:")
