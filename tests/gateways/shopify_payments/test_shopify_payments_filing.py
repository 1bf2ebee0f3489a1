"""Filing: staged fields and files, one submission, and a submission that Shopify answers and does not count."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from disputes.acts import GatewayAct
from disputes.comparison import differences
from disputes.ids import digest
from disputes.lifecycle import GatewayStatus
from disputes.ports import Approved, GatewayError, GatewayFailure, Stopped, Write, WriteClass
from gateways.sandbox.shopify_payments.control import ShopifyPaymentsControl
from gateways.shopify_payments.adapter import ShopifyPaymentsGateway
from gateways.shopify_payments.errors import UserErrors, refused_by_user_errors
from gateways.shopify_payments.filing import refusals
from tests.contract.journal import Journal
from tests.gateways.shopify_payments.builders import LETTER, PDF, answer, approved, packet
from tests.gateways.square.loopback import Loopback

UPLOAD = "upload:uncategorizedFile"


def opened(control: ShopifyPaymentsControl, **spec: Any) -> str:
    return str(control.dispute(**spec)["id"])


def writes_of(gateway: ShopifyPaymentsGateway, wanted: Approved) -> Iterator[Write]:
    """The plan's writes one after the other; each is sent when the next is asked for."""
    plan = gateway.plan(wanted)
    try:
        write = next(plan)
        while True:
            yield write
            write = plan.send(write.send("key"))
    except StopIteration:
        return
    finally:
        plan.close()


class TestTheWholeWay:
    def test_it_uploads_stages_looks_and_submits_once(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = opened(control)
        texts = {"uncategorizedText": LETTER, "refundRefusalExplanation": "No refund was due."}
        response = answer(one, texts=texts, files=(packet(), packet("shippingDocumentationFile")))
        names = Journal(gateway).run(approved(response))
        assert names == [UPLOAD, "upload:shippingDocumentationFile", "stage", "submit"]
        assert differences(response, gateway.read_back(one)) == []
        effects = control.effects(one)
        assert (effects["file_uploaded"], effects["staged"], effects["submitted"]) == (2, 1, 1)

    def test_an_inquiry_is_answered_the_same_way(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = opened(control, type="INQUIRY")
        Journal(gateway).run(approved(answer(one)))
        assert gateway.read_back(one).status is GatewayStatus.UNDER_REVIEW

    def test_every_write_guards_itself_by_the_state(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        """Shopify knows no idempotency keys."""
        one = opened(control)
        classes = {write.write_class for write in writes_of(gateway, approved(answer(one)))}
        assert classes == {WriteClass.STATE_GUARDS}

    def test_no_mutation_but_the_one_of_evidence_is_ever_sent(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        """No refund call exists."""
        Journal(gateway).run(approved(answer(opened(control))))
        log = control.log()
        assert {each["params"]["operation"] for each in log if each["params"].get("kind") == "mutation"} == {
            "UpdateEvidence"
        }
        assert {each["path"].rpartition("/")[2] for each in log if "graphql" not in each["path"]} <= {
            "dispute_file_uploads.json", "access_token"
        }  # fmt: skip

    def test_the_submit_flag_is_said_at_every_staging(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = opened(control)
        gateway.stage(one, {"uncategorizedText": LETTER}, {})
        (sent,) = (each for each in control.log() if each["params"].get("kind") == "mutation"
                   and each["params"]["variables"]["input"].get("uncategorizedText") == LETTER
                   and each["seq"] == control.log()[-1]["seq"])  # fmt: skip
        assert sent["params"]["variables"]["input"]["submitEvidence"] is False
        assert gateway.read_back(one).submission_count == 0


class TestASubmissionThatIsAnsweredAndDoesNotCount:
    def test_is_not_called_filed(self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl) -> None:
        """The desk reads back, sees that an answer is still asked for, and calls it unclear."""
        control.settings(submissions="ignored")
        one, journal = opened(control), Journal(gateway)
        journal.run(approved(answer(one)))
        assert journal.done["submit"] == {"sent": True, "confirmed": False}
        back = gateway.read_back(one)
        assert (back.status, back.submission_count) == (GatewayStatus.NEEDS_RESPONSE, 0)
        assert control.effects(one)["submission_ignored"] == 1, "it is sent once"

    def test_but_only_later_is_waited_for(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        control.settings(submissions="late")
        one = opened(control)
        gateway.stage(one, {"uncategorizedText": LETTER}, {})
        assert gateway.submit(one) is True

    def test_is_sent_by_shopify_itself_on_the_due_date(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        """Staged is as good as sent there; that is said before a person approves."""
        one = opened(control, due={"seconds": 3600})
        gateway.stage(one, {"uncategorizedText": LETTER}, {})
        control.due_by(one, {"seconds": 0})
        back = gateway.read_back(one)
        assert (back.submission_count, back.fields["uncategorizedText"]) == (1, LETTER)
        assert control.effects(one)["elsewhere"] == {"submitted": 1}


class TestWhatIsRefusedBeforeAnythingIsSent:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"texts": {}, "files": ()}, "It is empty"),
            ({"texts": {"customerEmailAddress": "x@example.com"}}, "no text of Shopify's that an answer writes"),
            ({"texts": {"uncategorizedText": "x" * 20_001}}, "20,001 characters"),
            ({"files": (packet("receipt"),)}, "receipt is no file of Shopify's"),
            ({"files": (packet(), packet())}, "more than one file"),
            ({"files": (packet(media_type="image/heic"),)}, "image/heic, which is not taken"),
            ({"files": (packet(size=2_000_000),)}, "has 2,000,000 bytes"),
            ({"files": (packet(pages=50),)}, "has 50 pages"),
            (
                {"files": tuple(packet(slot, size=1_500_000) for slot in ("uncategorizedFile", "refundPolicyFile",
                                                                         "serviceDocumentationFile"))},
                "All files together have 4,500,000 bytes",
            ),
        ],
    )  # fmt: skip
    def test_by_the_published_limits(self, changes: dict[str, Any], said: str) -> None:
        assert any(said in each for each in refusals(answer("1", **changes)))

    def test_stops_the_plan(self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl) -> None:
        one = opened(control)
        with pytest.raises(Stopped, match="would not take this answer"):
            next(gateway.plan(approved(answer(one, files=(packet(pages=50),)))))
        assert control.effects(one)["file_uploaded"] == 0

    def test_an_answer_for_another_dispute(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        with pytest.raises(Stopped, match="another dispute"):
            next(gateway.plan(approved(answer(opened(control)), external_id=opened(control))))

    def test_an_act_shopify_has_no_call_for(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        accepting = Approved(opened(control), GatewayAct.ACCEPT, None, lambda _file: b"")
        with pytest.raises(Stopped, match="no such act: accept"):
            next(gateway.plan(accepting))

    def test_past_the_due_date(self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl) -> None:
        one = opened(control, due={"hours": -2}, lags=True)
        with pytest.raises(Stopped, match="due date has passed"):
            next(gateway.plan(approved(answer(one))))


class TestUserErrors:
    """They come inside HTTP 200."""

    def test_past_the_due_date_shopify_refuses(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = opened(control, due={"hours": -2}, lags=True)
        with pytest.raises(UserErrors, match="due date has passed") as wrong:
            gateway.stage(one, {"uncategorizedText": LETTER}, {})
        assert (wrong.value.failure, wrong.value.codes) == (GatewayFailure.REJECTED, ("EVIDENCE_PAST_DUE_DATE",))
        assert not wrong.value.retryable

    def test_a_second_submission_is_refused_and_ours_is_found_in_the_first(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one, journal = opened(control), Journal(gateway)
        journal.run(approved(answer(one)))
        with pytest.raises(UserErrors, match="takes one only"):
            gateway.submit(one)
        submit = next(gateway.plan(approved(answer(one), sent=True)))
        assert submit.send("key") == {"sent": True, "read_back": True}
        assert control.effects(one)["submitted"] == 1

    def test_a_file_that_is_not_there_any_more(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        with pytest.raises(UserErrors, match="does not find a file"):
            gateway.stage(opened(control), {}, {"uncategorizedFile": "999"})

    def test_a_file_in_a_slot_it_was_not_uploaded_for(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = opened(control)
        number = gateway.upload(one, packet("refundPolicyFile"), PDF)
        with pytest.raises(UserErrors):
            gateway.stage(one, {}, {"uncategorizedFile": number})

    @pytest.mark.parametrize("code", ["TOO_LARGE", "FILES_SIZE_EXCEEDED_LIMIT"])
    def test_sizes_are_told_in_megabytes(self, code: str) -> None:
        assert " MB" in str(refused_by_user_errors([{"code": code, "message": "too large", "field": None}]))

    def test_a_code_nobody_knows_is_told_by_shopifys_own_words(self) -> None:
        error = refused_by_user_errors([{"code": None, "field": ["input", "x"], "message": "is moody"}])
        assert (error.failure, str(error)) == (GatewayFailure.REJECTED, "Shopify refused this. (input.x: is moody)")


class TestFilesOfBefore:
    def test_ours_are_taken_away_before_new_ones_go_up(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        """They would go to the bank with the new answer, and fill the four megabytes."""
        one, journal = opened(control), Journal(gateway)
        journal.run(approved(answer(one)), until="submit")
        other = b"%PDF-1.4 a better packet"
        again = Journal(gateway)
        again.answers, again.wrote = journal.answers, journal.wrote
        response = answer(one, files=(packet(data=other),))
        names = again.run(approved(response, bytes_of=lambda _file: other))
        assert [name.partition(":")[0] for name in names] == ["remove", "upload", "stage", "submit"]
        (left,) = control.evidence(one)["uploads"]
        assert left["filename"] == f"packet-{digest(other)[:10]}.pdf"

    def test_of_this_answer_are_used_again(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one, journal = opened(control), Journal(gateway)
        journal.run(approved(answer(one)), until="submit")
        again = Journal(gateway)
        again.answers, again.wrote = journal.answers, journal.wrote
        assert again.run(approved(answer(one))) == ["stage", "submit"]

    def test_that_arrived_twice_are_cleared_away(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        """The answer to an upload was lost, and the upload was sent again."""
        one = opened(control)
        gateway.upload(one, packet(), PDF)
        names = Journal(gateway).run(approved(answer(one)))
        assert [name.partition(":")[0] for name in names] == ["upload", "stage", "remove", "submit"]
        assert len(control.evidence(one)["uploads"]) == 1

    def test_of_somebody_else_stay(self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl) -> None:
        one = opened(control)
        mine = control.admin_upload(one, "customerCommunicationFile")["file_id"]
        told = gateway.dispute(one)
        assert told.staged == {"customerCommunicationFile": mine}, "so that a person decides"
        Journal(gateway).run(approved(answer(one)))
        assert control.evidence(one)["slots"]["customerCommunicationFile"] == mine

    def test_in_a_slot_are_let_go_by_the_mutation_and_others_by_their_list(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = opened(control)
        attached, loose = gateway.upload(one, packet(), PDF), gateway.upload(one, packet("refundPolicyFile"), PDF)
        gateway.stage(one, {}, {"uncategorizedFile": attached})
        for number in (attached, loose):
            gateway.remove(one, number)
        assert control.evidence(one)["uploads"] == []
        assert [each["method"] for each in control.log(path=f"{loose}.json")] == ["DELETE"]


class TestTexts:
    def test_that_only_we_wrote_are_emptied_when_an_answer_has_them_no_more(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one = opened(control, prefill={"refundPolicyDisclosure": "As Shopify found it."})
        first = Journal(gateway)
        first.run(
            approved(answer(one, texts={"uncategorizedText": LETTER, "accessActivityLog": "Login."})), until="submit"
        )
        again = Journal(gateway)
        again.answers, again.wrote = first.answers, first.wrote
        again.run(approved(answer(one)))
        texts = gateway.read_back(one).fields
        assert texts == {"uncategorizedText": LETTER, "refundPolicyDisclosure": "As Shopify found it."}

    def test_that_changed_before_the_submission_stop_it(
        self, gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
    ) -> None:
        one, journal = opened(control), Journal(gateway)
        plan = gateway.plan(approved(answer(one)))
        write = next(plan)
        while write.name != "stage":
            journal._send(write)
            write = plan.send(journal.done[write.name])
        write.send("key")
        control.stage_foreign(one, uncategorizedText="Written over it.")
        with pytest.raises(Stopped, match="not what was approved: uncategorizedText"):
            plan.send({"staged": 2})
        assert control.effects(one)["submitted"] == 0


def test_an_upload_shopify_refuses_is_told_in_its_words(
    gateway: ShopifyPaymentsGateway, control: ShopifyPaymentsControl
) -> None:
    with pytest.raises(GatewayError, match="mimetype must be one of") as wrong:
        gateway.upload(opened(control), packet(), b"no PDF at all")
    assert wrong.value.failure is GatewayFailure.REJECTED


def test_an_upload_whose_number_nobody_can_read_may_have_arrived(
    at_loopback: ShopifyPaymentsGateway, loopback: Loopback
) -> None:
    path = "POST /admin/api/2026-10/shopify_payments/disputes/1/dispute_file_uploads.json"
    loopback.on(path, {"dispute_file_upload": {"id": None}})
    with pytest.raises(GatewayError) as wrong:
        at_loopback.upload("1", packet(), PDF)
    assert wrong.value.effect_possible
