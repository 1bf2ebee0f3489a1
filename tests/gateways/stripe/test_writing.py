"""Writing to Stripe: each known trap is one test."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import stripe

from disputes.database import Database, WriterOpen
from disputes.lifecycle import GatewayStatus
from disputes.ports import GatewayError, GatewayFailure
from gateways.sandbox.control import SandboxControl
from gateways.stripe.adapter import StripeGateway
from tests import builders
from tests.gateways.stripe.calls import KEY, PDF, opened, packet, sent, stage


class TestWriting:
    def test_staging_never_submits_and_says_so_itself(self, gateway: StripeGateway, control: SandboxControl) -> None:
        """peers 1: saving a draft spent the one submission, because the server takes silence for yes."""
        one = opened(control)
        stage(gateway, one, key=f"stage-{one}")
        (request,) = sent(control, path=one)
        assert request["params"]["submit"] == "false"
        assert control.effects(one)["submitted"] == 0
        assert gateway.dispute(one).status is GatewayStatus.NEEDS_RESPONSE

    def test_submitting_says_so_itself_and_is_read_back(self, gateway: StripeGateway, control: SandboxControl) -> None:
        """peers 2: `submit: false` was hard-coded once and nothing was ever filed."""
        one = opened(control)
        stage(gateway, one, key=f"stage-{one}")
        gateway.submit(one, key=f"submit-{one}")
        assert sent(control, path=one)[-1]["params"] == {"submit": "true"}
        back = gateway.read_back(one)
        assert (back.status, back.submission_count, back.submission_method) == (
            GatewayStatus.UNDER_REVIEW,
            1,
            "manual",
        )

    def test_the_key_of_the_journal_is_the_idempotency_key(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        """peers 12: a key made of the clock makes every repetition a second request."""
        one = opened(control)
        stage(gateway, one, key=f"stage-{one}")
        gateway.submit(one, key=f"submit-{one}")
        assert [row["key"] for row in sent(control, path=one)] == [f"stage-{one}", f"submit-{one}"]
        uploads = [row for row in sent(control, path="/v1/files") if row["key"] == f"stage-{one}-file-{one}"]
        assert len(uploads) == 1

    def test_the_same_key_replays_the_same_file(self, gateway: StripeGateway, control: SandboxControl) -> None:
        before = control.counts()["files"]
        first = gateway.upload(packet(), PDF, key="same-key")
        assert gateway.upload(packet(), PDF, key="same-key") == first
        assert control.counts()["files"] == before + 1

    @pytest.mark.parametrize("write", ["upload", "stage", "submit", "accept"])
    def test_no_write_is_ever_repeated_by_the_sdk(
        self, gateway: StripeGateway, control: SandboxControl, write: str
    ) -> None:
        one = opened(control)
        before = len(sent(control))
        control.fault("status", status=500, times=9, method="POST")
        with pytest.raises(GatewayError) as told:
            _write(gateway, one, write)
        assert (told.value.effect_possible, told.value.answered, told.value.retryable) == (True, True, True)
        assert len(sent(control)) == before + 1

    def test_reads_are_repeated(self, gateway: StripeGateway, control: SandboxControl) -> None:
        one = opened(control)
        control.fault("drop_before", times=1, method="GET", path=one)
        assert gateway.dispute(one).external_id == one

    def test_a_file_travels_under_its_name_and_not_under_a_path_of_this_machine(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        stored = gateway.upload(packet(name="packet-abcdef0123.pdf"), PDF, key="named")
        assert stored.name == "packet-abcdef0123.pdf"
        file = next(row["params"]["file"] for row in sent(control, path="/v1/files") if row["key"] == "named")
        assert file == {"filename": "packet-abcdef0123.pdf", "size": len(PDF), "sha256": builders.digest(PDF)}

    def test_a_file_that_is_sent_twice_is_not_empty_the_second_time(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        for key in ("first-time", "second-time"):
            gateway.upload(packet(), PDF, key=key)
        sizes = [row["params"]["file"]["size"] for row in sent(control, path="/v1/files")[-2:]]
        assert sizes == [len(PDF), len(PDF)]

    def test_a_file_that_arrives_short_is_no_success(
        self, gateway: StripeGateway, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        answered = stripe.File.construct_from({"id": "file_1", "object": "file", "size": 3, "filename": "x"}, KEY)
        monkeypatch.setattr(gateway._writer.v1.files, "create", lambda *_: answered)
        with pytest.raises(GatewayError, match="stored 3 of") as told:
            gateway.upload(packet(), PDF, key="short")
        assert told.value.effect_possible

    def test_the_update_after_an_upload_is_not_sent_as_a_multipart_form(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        """The SDK writes into the options it is given for a file; shared, they would spoil the next call."""
        one = opened(control)
        stage(gateway, one, key=f"stage-{one}")
        assert sent(control, path=one)[-1]["status"] == 200

    def test_only_our_own_fields_are_sent(self, gateway: StripeGateway, control: SandboxControl) -> None:
        """What Stripe prefilled is worth keeping: no blanks over it."""
        one = opened(control, evidence={"customer_name": "Emily Carter"})
        stage(gateway, one, key=f"stage-{one}")
        assert set(sent(control, path=one)[-1]["params"]["evidence"]) == {"uncategorized_text", "uncategorized_file"}
        assert gateway.read_back(one).fields["customer_name"] == "Emily Carter"

    def test_an_explicit_empty_value_clears_a_field(self, gateway: StripeGateway, control: SandboxControl) -> None:
        """peers 5: clearing a field did not clear it at the gateway."""
        one = opened(control)
        gateway.stage(builders.answer(external_id=one, service_date="2026-11-01"), {}, key=f"a-{one}")
        assert gateway.read_back(one).fields["service_date"] == "2026-11-01"
        gateway.stage(builders.answer(external_id=one), {}, key=f"b-{one}", clear=("service_date",))
        assert "service_date" not in gateway.read_back(one).fields

    def test_what_was_staged_reads_back_by_field_and_by_file_name(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        one = opened(control)
        stage(gateway, one, key=f"stage-{one}")
        back = gateway.read_back(one)
        response = builders.answer(external_id=one, data=PDF)
        assert back.fields == response.fields
        assert back.files["uncategorized_file"].name == "packet-3f9a1c2b4d.pdf"
        assert back.files["uncategorized_file"].size == len(PDF)

    def test_an_uploaded_file_is_found_again_by_name_and_size(self, gateway: StripeGateway) -> None:
        file = packet(name="packet-0123456789.pdf")
        assert gateway.uploaded(file) is None
        stored = gateway.upload(file, PDF, key="found-again")
        assert gateway.uploaded(file) == stored
        assert gateway.uploaded(file.model_copy(update={"size": 1})) is None

    def test_where_stripe_might_file_by_itself_the_staging_call_says_manual(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        """peers 19: with Smart Disputes on, staged evidence is submitted before the deadline without us."""
        control.settings(smart_disputes=True)
        try:
            one = opened(control)
        finally:
            control.settings(smart_disputes=False)
        assert gateway.dispute(one).capabilities.smart_filing
        stage(gateway, one, key=f"stage-{one}")
        assert sent(control, path=one)[-1]["params"]["intended_submission_method"] == "manual"
        assert not gateway.dispute(one).capabilities.smart_filing

    def test_where_it_would_not_the_method_is_not_mentioned(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        one = opened(control)
        stage(gateway, one, key=f"stage-{one}")
        assert "intended_submission_method" not in sent(control, path=one)[-1]["params"]

    def test_a_closed_dispute_refuses_an_answer_in_words(self, gateway: StripeGateway, control: SandboxControl) -> None:
        one = opened(control)
        gateway.accept(one, key=f"accept-{one}")
        assert gateway.dispute(one).status is GatewayStatus.LOST
        with pytest.raises(GatewayError, match="already closed") as told:
            gateway.submit(one, key=f"submit-{one}")
        assert (told.value.failure, told.value.effect_possible) == (GatewayFailure.REJECTED, False)

    def test_no_port_is_called_while_a_writer_is_open(
        self, gateway: StripeGateway, database: Database, control: SandboxControl
    ) -> None:
        calls: list[Callable[[], object]] = [
            gateway.account,
            gateway.disputes,
            lambda: gateway.changes(None),
            lambda: gateway.dispute("du_1"),
            lambda: gateway.upload(packet(), PDF, key="k"),
            lambda: gateway.uploaded(packet()),
            lambda: gateway.stage(builders.answer(external_id="du_1"), {}, key="k"),
            lambda: gateway.submit("du_1", key="k"),
            lambda: gateway.accept("du_1", key="k"),
            lambda: gateway.read_back("du_1"),
            lambda: gateway.payment(builders.snapshot()),
        ]
        before = control.counts()["requests"]["total"]
        with database.writing():
            for call in calls:
                with pytest.raises(WriterOpen):
                    call()
        assert control.counts()["requests"]["total"] == before


def _write(gateway: StripeGateway, external_id: str, write: str) -> None:
    match write:
        case "upload":
            gateway.upload(packet(), PDF, key=f"w-{external_id}")
        case "stage":
            gateway.stage(builders.answer(external_id=external_id), {}, key=f"w-{external_id}")
        case "submit":
            gateway.submit(external_id, key=f"w-{external_id}")
        case "accept":
            gateway.accept(external_id, key=f"w-{external_id}")
