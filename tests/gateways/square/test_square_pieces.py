"""Pieces of evidence at Square that are not this answer's: of others, of earlier attempts, of earlier rounds."""

from __future__ import annotations

import pytest

from disputes.comparison import differences
from disputes.lifecycle import GatewayStatus
from disputes.ports import GatewayError, GatewayFailure, Stopped, Write, WriteClass
from gateways.sandbox.square.control import SquareControl
from gateways.square.adapter import SquareGateway
from tests.gateways.square.builders import PDF, REBUTTAL, answer, approved, packet
from tests.gateways.square.plans import OTHER_PDF, TEXT, UPLOAD, journal, opened


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
