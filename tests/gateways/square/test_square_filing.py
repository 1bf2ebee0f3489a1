"""Filing at Square: everything that can be refused is refused before the first upload, and what is sent is approved."""

from __future__ import annotations

import pytest

from disputes.acts import GatewayAct
from disputes.comparison import differences
from disputes.lifecycle import GatewayStatus
from disputes.ports import Approved, Stopped, WriteClass
from disputes.response import ResponseFile
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from gateways.square.filing import refusals
from tests.gateways.square.builders import PDF, REBUTTAL, accepting, answer, approved, packet
from tests.gateways.square.plans import OTHER_PDF, TEXT, UPLOAD, journal, list_of, opened, writes_of


class TestTheWholeWay:
    def test_it_uploads_submits_once_and_reads_back_what_was_approved(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        response = answer(one, files=(packet(), packet("RECEIPT", OTHER_PDF)))
        assert journal(gateway).run(approved(response)) == [UPLOAD, "upload:RECEIPT", TEXT, "submit"]
        effects = control.effects(one)
        assert (effects["evidence_file"], effects["evidence_text"], effects["submitted"]) == (2, 1, 1)
        back = gateway.read_back(one)
        assert (back.status, back.raw_status, back.submission_count) == (GatewayStatus.UNDER_REVIEW, "PROCESSING", 1)
        assert differences(response, back) == []
        assert back.files["RECEIPT"].size is None, "Square tells no size; the name carries the hash"

    def test_an_inquiry_is_answered_the_same_way(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control, kind="inquiry")
        journal(gateway).run(approved(answer(one)))
        assert gateway.read_back(one).raw_status == "INQUIRY_PROCESSING"

    def test_nothing_is_sent_before_the_first_write_is_carried_out(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        """The first upload takes Square's Dashboard away: planning must not do it."""
        one = opened(control)
        first = next(gateway.plan(approved(answer(one))))
        first.before()
        assert first.name == UPLOAD
        assert control.log(method="POST", path=one) == []
        control.dashboard_upload(one, evidence_type="RECEIPT", evidence_text="By hand.")

    def test_each_write_has_the_class_that_square_gives_it(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        classes = {write.name: write.write_class for write in writes_of(gateway, approved(answer(one)))}
        assert classes == {
            UPLOAD: WriteClass.NATIVE_KEY,
            TEXT: WriteClass.NATIVE_KEY,
            "submit": WriteClass.STATE_GUARDS,
        }
        (accept,) = writes_of(gateway, accepting(opened(control)))
        assert (accept.name, accept.write_class) == ("accept", WriteClass.NONE)

    def test_the_same_key_is_the_same_piece(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control)
        keys = {gateway.upload(one, packet(), PDF, key=f"k-{one}") for _ in range(2)}
        keys |= {gateway.write_text(one, "REBUTTAL_EXPLANATION", REBUTTAL, key=f"t-{one}") for _ in range(2)}
        assert len(keys) == 2
        assert len(control.evidence(one)) == 2

    def test_several_tracking_numbers_are_several_pieces(self, gateway: SquareGateway, control: SquareControl) -> None:
        """Square wants each number on its own."""
        one = opened(control)
        numbers = {"TRACKING_NUMBER": "1Z0001", "TRACKING_NUMBER[1]": "1Z0002", "TRACKING_NUMBER[2]": "1Z0003"}
        response = answer(one, texts=numbers)
        sent = journal(gateway).run(approved(response))
        assert [name for name in sent if name.startswith("text:")] == [
            "text:TRACKING_NUMBER[2]",
            "text:TRACKING_NUMBER[1]",
            "text:TRACKING_NUMBER",
        ]
        assert [row["evidence_type"] for row in control.evidence(one)].count("TRACKING_NUMBER") == 3
        assert differences(response, gateway.read_back(one)) == []

    def test_what_may_have_been_sent_is_not_judged_again(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control)
        response, kept = answer(one), journal(gateway)
        kept.run(approved(response), until="submit")
        control.stage_foreign(one)
        (write,) = list_of(gateway, approved(response, sent=True, answers=tuple(kept.answers)))
        assert write.name == "submit"


class TestWhatIsRefusedBeforeAnythingIsSpent:
    def stopped(self, gateway: SquareGateway, wanted: Approved, words: str) -> None:
        with pytest.raises(Stopped, match=words):
            next(gateway.plan(wanted))

    def test_an_emv_liability_shift_is_not_even_planned(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control, reason="EMV_LIABILITY_SHIFT")
        self.stopped(gateway, approved(answer(one)), "EMV")
        assert control.log(method="POST", path=one) == []

    @pytest.mark.parametrize("outcome", ["WON", "LOST"])
    def test_a_closed_dispute_is_not_answered(
        self, gateway: SquareGateway, control: SquareControl, outcome: str
    ) -> None:
        one = opened(control)
        control.outcome(one, outcome)
        self.stopped(gateway, approved(answer(one)), "asks for no answer")

    @pytest.mark.parametrize("act", [GatewayAct.APPEAL, GatewayAct.MESSAGE, GatewayAct.OFFER])
    def test_square_has_no_other_acts(self, gateway: SquareGateway, act: GatewayAct) -> None:
        self.stopped(gateway, approved(answer("SYN"), act=act), "no such act")

    def test_an_answer_to_another_dispute_is_not_sent(self, gateway: SquareGateway, control: SquareControl) -> None:
        wanted = approved(answer(opened(control)), external_id=opened(control))
        self.stopped(gateway, wanted, "another dispute")

    def test_submitting_nothing_is_no_act(self, gateway: SquareGateway) -> None:
        self.stopped(gateway, Approved("SYN", GatewayAct.SUBMIT, None, lambda _: b""), "no such act")

    @pytest.mark.parametrize(
        ("texts", "files", "words"),
        [
            ({"REBUTTAL_EXPLANATION": ""}, (), "has 0 characters"),
            ({"REBUTTAL_EXPLANATION": "   "}, (), "has 3 characters"),
            ({"REBUTTAL_EXPLANATION": "x" * 501}, (), "has 501 characters"),
            ({"AUTHORIZATION_DOCUMENTATION": "He signed."}, (), "not taken as text"),
            ({"A_TYPE_OF_ITS_OWN": "x"}, (), "not taken as text"),
            ({}, (packet("TRACKING_NUMBER"),), "not taken as a file"),
            ({}, (packet("A_TYPE_OF_ITS_OWN"),), "not taken as a file"),
            ({}, (packet(), packet()), "more than one file"),
            ({}, (packet(name="p" * 37 + ".pdf"),), "longer than 40"),
            ({}, (packet(media_type="image/gif"),), "image/gif"),
        ],
    )
    def test_what_square_would_refuse_or_cut_is_refused_here(
        self, gateway: SquareGateway, texts: dict[str, str], files: tuple[ResponseFile, ...], words: str
    ) -> None:
        self.stopped(gateway, approved(answer("SYN", texts=texts, files=files)), words)

    def test_an_empty_answer_is_none(self) -> None:
        empty = answer("SYN", texts={}).model_copy(update={"files": ()})
        assert list(refusals(empty)) == ["It is empty."]

    @pytest.mark.parametrize("length", [1, 500])
    def test_one_to_five_hundred_characters_are_taken(
        self, gateway: SquareGateway, control: SquareControl, length: int
    ) -> None:
        one = opened(control)
        journal(gateway).run(approved(answer(one, texts={"REBUTTAL_EXPLANATION": "ü" * length})))
        assert gateway.read_back(one).fields == {"REBUTTAL_EXPLANATION": "ü" * length}


class TestAccepting:
    def test_it_is_one_call_and_the_case_is_accepted(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control)
        assert journal(gateway).run(accepting(one)) == ["accept"]
        assert gateway.dispute(one).status is GatewayStatus.ACCEPTED
        assert control.effects(one)["accepted"] == 1

    def test_what_cannot_be_contested_can_be_accepted(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control, reason="EMV_LIABILITY_SHIFT")
        journal(gateway).run(accepting(one))
        assert gateway.dispute(one).raw_status == "ACCEPTED"
