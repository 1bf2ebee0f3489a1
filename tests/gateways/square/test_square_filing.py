"""Filing at Square: everything that can be refused is refused before the first upload, and what is sent is approved."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from disputes.acts import GatewayAct
from disputes.comparison import differences
from disputes.lifecycle import GatewayStatus
from disputes.ports import Answer, Approved, GatewayError, GatewayFailure, Stopped, Write, WriteClass
from disputes.response import ResponseFile
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from gateways.square.filing import refusals
from tests.gateways.square.builders import PDF, REBUTTAL, Journal, accepting, answer, approved, packet

UPLOAD, TEXT = "upload:GENERIC_EVIDENCE", "text:REBUTTAL_EXPLANATION"
OTHER_PDF = b"%PDF-1.4 another packet"


def opened(control: SquareControl, **spec: Any) -> str:
    return str(control.dispute(**spec)["id"])


@pytest.fixture
def rules(control: SquareControl) -> Iterator[SquareControl]:
    """The sandbox under other rules of Square's; as they were afterwards."""
    before = control.settings()
    yield control
    control.settings(**{name: before[name] for name in ("one_per_type", "decision_days")})


def journal(gateway: SquareGateway, answers: list[Answer] | None = None) -> Journal:
    return Journal(gateway, answers)


def writes_of(gateway: SquareGateway, wanted: Approved) -> Iterator[Write]:
    """The plan's writes one after the other; each is sent when the next is asked for."""
    plan = gateway.plan(wanted)
    try:
        write = next(plan)
        while True:
            yield write
            write = plan.send(write.send(f"{wanted.external_id[:8]}-{write.name}"[:45]))
    except StopIteration:
        return
    finally:
        plan.close()


def write_named(gateway: SquareGateway, wanted: Approved, name: str) -> Write:
    """The write of this name, those before it sent."""
    return next(write for write in writes_of(gateway, wanted) if write.name == name)


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


def list_of(gateway: SquareGateway, wanted: Approved) -> list[Write]:
    plan = gateway.plan(wanted)
    first = next(plan)
    plan.close()
    return [first]


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


class TestForeignEvidence:
    @pytest.mark.parametrize("how", ["stage_foreign", "dashboard_upload"])
    @pytest.mark.parametrize(
        ("piece", "words"),
        [
            ({"evidence_type": "RECEIPT", "evidence_text": "Somebody's words."}, r"RECEIPT \(text\)"),
            ({"evidence_type": "RECEIPT", "filename": "till.pdf"}, r"RECEIPT \(till.pdf\)"),
        ],
    )
    def test_it_goes_to_a_person_before_the_first_upload(
        self, gateway: SquareGateway, control: SquareControl, how: str, piece: dict[str, str], words: str
    ) -> None:
        one = opened(control)
        getattr(control, how)(one, **piece)
        with pytest.raises(Stopped, match=words):
            next(gateway.plan(approved(answer(one))))
        effects = control.effects(one)
        assert (effects["evidence_file"], effects["evidence_text"], effects["submitted"]) == (0, 0, 0)

    def test_that_which_comes_while_we_upload_stops_the_submission(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one, kept = opened(control), journal(gateway)
        kept.run(approved(answer(one)), until=TEXT)
        control.stage_foreign(one, evidence_type="RECEIPT", evidence_text="Somebody's words.")
        with pytest.raises(Stopped, match="not ours"):
            kept.run(approved(answer(one)))
        assert control.effects(one)["submitted"] == 0

    def test_that_which_comes_last_stops_it_too(self, gateway: SquareGateway, control: SquareControl) -> None:
        one = opened(control)
        plan = gateway.plan(approved(answer(one)))
        write = next(plan)
        write = plan.send(write.send(f"u{one}"))
        assert write.name == TEXT
        made = write.send(f"t{one}")
        control.stage_foreign(one, evidence_type="RECEIPT", evidence_text="Somebody's words.")
        with pytest.raises(Stopped, match=r"RECEIPT \(text\)"):
            plan.send(made)

    def test_a_piece_of_ours_that_somebody_removed_stops_it(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        plan = gateway.plan(approved(answer(one)))
        write = next(plan)
        uploaded = write.send(f"u{one}")
        write = plan.send(uploaded)
        gateway.delete(one, uploaded["evidence_id"])
        with pytest.raises(Stopped, match="not what was approved: GENERIC_EVIDENCE"):
            plan.send(write.send(f"t{one}"))
        assert control.effects(one)["submitted"] == 0


class TestStrays:
    def test_those_of_an_earlier_attempt_are_deleted_before_anything_is_uploaded(
        self, gateway: SquareGateway, rules: SquareControl
    ) -> None:
        """One piece a type: a stray of the same type would stand in the way."""
        rules.settings(one_per_type=True)
        one = opened(rules)
        first = journal(gateway)
        first.run(approved(answer(one, texts={"REBUTTAL_EXPLANATION": "An earlier wording."})), until="submit")
        response = answer(one, files=(packet(data=OTHER_PDF),))
        second = journal(gateway, first.answers)
        sent = second.run(approved(response, bytes_of=lambda _: OTHER_PDF))
        assert [name.partition(":")[0] for name in sent] == ["delete", "delete", "upload", "text", "submit"]
        assert rules.effects(one)["evidence_deleted"] == 2
        assert differences(response, gateway.read_back(one)) == []
        assert len(rules.evidence(one)) == 2

    def test_what_an_earlier_attempt_brought_for_the_very_same_answer_is_kept(
        self, gateway: SquareGateway, rules: SquareControl
    ) -> None:
        rules.settings(one_per_type=True)
        one = opened(rules)
        first = journal(gateway)
        first.run(approved(answer(one)), until="submit")
        assert journal(gateway, first.answers).run(approved(answer(one))) == ["submit"]
        assert len(rules.evidence(one)) == 2

    def test_after_a_crash_nothing_is_uploaded_twice(self, gateway: SquareGateway, control: SquareControl) -> None:
        one, kept = opened(control), journal(gateway)
        assert kept.run(approved(answer(one)), until=TEXT) == [UPLOAD]
        assert kept.run(approved(answer(one))) == [TEXT, "submit"]
        assert control.effects(one)["evidence_file"] == 1

    def test_an_upload_whose_answer_was_lost_is_no_foreign_one_and_its_double_goes(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        gateway.upload(one, packet(), PDF, key=f"lost-{one}")
        sent = journal(gateway).run(approved(answer(one)))
        assert [name.partition(":")[0] for name in sent] == ["upload", "text", "delete", "submit"]
        assert len(control.evidence(one)) == 2

    def test_the_same_words_under_another_type_are_foreign(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        control.stage_foreign(one, evidence_type="RECEIPT", evidence_text=REBUTTAL)
        with pytest.raises(Stopped, match="not ours"):
            next(gateway.plan(approved(answer(one))))

    def test_a_packet_of_ours_that_a_person_uploaded_by_hand_is_not_deleted(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        """The name looks like ours, but the journal never sent it."""
        one = opened(control)
        control.dashboard_upload(one, evidence_type="GENERIC_EVIDENCE", filename="packet-0123456789.pdf")
        with pytest.raises(Stopped, match=r"packet-0123456789\.pdf"):
            next(gateway.plan(approved(answer(one))))
        assert control.effects(one)["evidence_deleted"] == 0

    def delete_write(self, gateway: SquareGateway, control: SquareControl, ordinal: int) -> tuple[str, Write]:
        """The plan's first write, a deletion, where the stray is of round 1."""
        one = opened(control)
        first = journal(gateway)
        first.run(approved(answer(one, texts={"REBUTTAL_EXPLANATION": "An earlier wording."})), until="submit")
        write = next(gateway.plan(approved(answer(one, ordinal=ordinal), answers=tuple(first.answers))))
        assert write.name.startswith("delete:")
        assert write.write_class is WriteClass.STATE_GUARDS
        return one, write

    def test_a_piece_of_an_earlier_round_that_stays_does_not_stop_this_answer(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        first = journal(gateway)
        first.run(approved(answer(one)), until="submit")
        gateway.submit(one)
        control.reopen(one)
        second = journal(gateway, first.answers)
        sent = second.run(approved(answer(one, ordinal=2)))
        assert [name.partition(":")[0] for name in sent] == ["delete", "delete", "upload", "text", "submit"]
        assert [bool(second.done[name].get("kept")) for name in sent if name.startswith("delete:")] == [True, True]
        assert len(control.evidence(one)) == 4

    def test_one_that_lies_there_though_it_was_deleted_stops_the_submission(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        first = journal(gateway)
        first.run(approved(answer(one, texts={"REBUTTAL_EXPLANATION": "An earlier wording."})), until="submit")
        second = journal(gateway, first.answers)
        second.done = {f"delete:{row['id']}": {"deleted": row["id"]} for row in control.evidence(one)}
        with pytest.raises(Stopped, match=r"REBUTTAL_EXPLANATION \(text\) beside it"):
            second.run(approved(answer(one, ordinal=2)))
        assert control.effects(one)["submitted"] == 0

    def test_a_stray_that_is_gone_already_is_gone(self, gateway: SquareGateway, control: SquareControl) -> None:
        one, write = self.delete_write(gateway, control, 1)
        before = write.before()
        assert write.seen(before) is None
        gateway.delete(one, write.name.partition(":")[2])
        assert write.send("unused") == write.seen(before) == {"deleted": write.name.partition(":")[2]}

    def test_one_of_this_round_that_square_will_not_delete_stops_the_attempt(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one, write = self.delete_write(gateway, control, 1)
        control.fault("status", status=400, method="DELETE", path=one)
        with pytest.raises(GatewayError) as told:
            write.send("unused")
        assert told.value.failure is GatewayFailure.REJECTED

    def test_one_of_an_earlier_round_that_it_will_not_delete_may_stay(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        """It went to the bank with an answer whose end our journal never learned."""
        one, write = self.delete_write(gateway, control, 2)
        control.fault("status", status=400, method="DELETE", path=one)
        assert write.send("unused")["kept"] == write.name.partition(":")[2]


class TestRounds:
    def test_evidence_of_an_earlier_round_proves_nothing_about_this_one(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        """Round 2 is answered with the very same packet and words: they are uploaded again, and the old ones stay."""
        one = opened(control)
        first = journal(gateway)
        first.run(approved(answer(one)))
        old = {row["id"] for row in control.evidence(one)}
        control.reopen(one)
        response = answer(one, ordinal=2)
        assert differences(response, gateway.read_back(one)) == [], "by name and words alone it looks filed"
        second = journal(gateway, first.answers)
        assert second.run(approved(response)) == [UPLOAD, TEXT, "submit"]
        new = {row["id"] for row in control.evidence(one)} - old
        assert len(new) == 2
        assert set(second.done["submit"]["evidence_ids"]) == new
        assert control.effects(one)["evidence_deleted"] == 0
        assert differences(response, gateway.read_back(one)) == []

    def test_an_inquiry_that_became_a_dispute_is_a_round_of_its_own(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control, kind="inquiry", escalates=True)
        before = gateway.dispute(one)
        first = journal(gateway)
        first.run(approved(answer(one)))
        control.escalate(one)
        after = gateway.dispute(one)
        assert (after.status, after.external_id) == (GatewayStatus.NEEDS_RESPONSE, one)
        assert after.round_facts != before.round_facts
        assert journal(gateway, first.answers).run(approved(answer(one, ordinal=2)))[-1] == "submit"

    def test_what_lay_there_before_is_not_taken_for_the_effect_of_this_upload(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        first = journal(gateway)
        first.run(approved(answer(one)))
        control.reopen(one)
        write = next(gateway.plan(approved(answer(one, ordinal=2), answers=tuple(first.answers))))
        before = write.before()
        assert write.name == UPLOAD
        assert write.seen(before) is None
        sent = write.send(f"again-{one}")
        assert write.seen(before) == {**sent, "read_back": True}

    def test_of_two_pieces_of_a_type_the_newest_is_read_back_first(
        self, gateway: SquareGateway, control: SquareControl
    ) -> None:
        one = opened(control)
        for number, text in enumerate(("First wording.", "Second wording.")):
            gateway.write_text(one, "REBUTTAL_EXPLANATION", text, key=f"{number}-{one}")
        assert gateway.read_back(one).fields == {
            "REBUTTAL_EXPLANATION": "Second wording.",
            "REBUTTAL_EXPLANATION[1]": "First wording.",
        }


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
