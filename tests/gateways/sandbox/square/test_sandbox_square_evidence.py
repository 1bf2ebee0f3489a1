from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from square import Square

from gateways.sandbox.control import ControlRefused
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.square.control import SquareControl
from gateways.sandbox.square.tokens import PERSONAL

Refusal = Callable[..., dict[str, Any]]
PDF = b"%PDF-1.4 one page\r\n\r\n--not-a-boundary\r\n%%EOF"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256))


class TestFiles:
    def test_a_file_arrives_byte_for_byte(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        kept = desk.file(id, PNG, "photo.png", part_type="image/png", kind="PROOF_OF_DELIVERY_DOCUMENTATION")
        assert (kept.evidence_file.filename, kept.evidence_file.filetype) == ("photo.png", "image/png")
        assert (kept.dispute_id, kept.evidence_type) == (id, "PROOF_OF_DELIVERY_DOCUMENTATION")
        (lies,) = control.evidence(id)
        assert (lies["sha256"], lies["size"]) == (hashlib.sha256(PNG).hexdigest(), len(PNG))
        assert control.effects(id)["evidence_file"] == 1

    @pytest.mark.parametrize(
        ("content", "media_type"),
        [
            (b"\xff\xd8\xff\xe0....", "image/jpeg"),
            (b"II*\x00....", "image/tiff"),
            (b"\x00\x00\x00\x18ftypheic....", "image/heic"),
            (b"\x00\x00\x00\x18ftypmif1....", "image/heif"),
        ],
    )
    def test_the_contracts_other_types_are_taken(
        self, control: SquareControl, desk: Any, content: bytes, media_type: str
    ) -> None:
        kept = desk.file(control.dispute()["id"], content, "scan", part_type=media_type, content_type=media_type)
        assert kept.evidence_file.filetype == media_type

    @pytest.mark.parametrize(
        ("words", "code", "field"),
        [
            ({"part_type": "image/jpeg"}, "INVALID_CONTENT_TYPE", "image_file"),
            ({"part_type": "text/plain"}, "INVALID_CONTENT_TYPE", "image_file"),
            ({"content_type": "image/png"}, "INVALID_CONTENT_TYPE", "content_type"),
            ({"content_type": "x" * 41}, "VALUE_TOO_LONG", "content_type"),
            ({"content": b"plain text"}, "INVALID_CONTENT_TYPE", "image_file"),
            ({"content": b""}, "VALUE_EMPTY", "image_file"),
            ({"name": "p" * 37 + ".pdf"}, "VALUE_TOO_LONG", "image_file"),
            ({"kind": "MOOD"}, "INVALID_ENUM_VALUE", "evidence_type"),
            ({"kind": "TRACKING_NUMBER"}, "INVALID_VALUE", "evidence_type"),
            ({"key": "k" * 46}, "VALUE_TOO_LONG", "idempotency_key"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, control: SquareControl, desk: Any, refusal: Refusal, words: dict[str, Any], code: str, field: str
    ) -> None:
        id = control.dispute()["id"]
        error = refusal(desk.file, id, **words)
        assert (error["status"], error["code"], error["field"]) == (400, code, field)
        assert control.effects(id)["evidence_file"] == 0
        assert desk.get(id).version == 1

    def test_bare_bytes_are_a_jpeg_to_the_sdk(self, client: Square, control: SquareControl, refusal: Refusal) -> None:
        """Whoever passes a PDF without its name and type is refused."""
        id = control.dispute()["id"]
        error = refusal(client.disputes.create_evidence_file, id, request={"idempotency_key": "bare"}, image_file=PDF)
        assert (error["code"], error["field"]) == ("INVALID_CONTENT_TYPE", "image_file")

    def test_a_jpeg_without_a_name_is_kept_without_one(self, client: Square, control: SquareControl) -> None:
        id = control.dispute()["id"]
        sent = client.disputes.create_evidence_file(
            id, request={"idempotency_key": f"nameless-{id}"}, image_file=b"\xff\xd8\xff\xe0...."
        )
        assert sent.evidence is not None
        assert sent.evidence.evidence_file is not None
        assert sent.evidence.evidence_file.filetype == "image/jpeg"
        assert sent.evidence.evidence_type == "GENERIC_EVIDENCE"

    def test_a_limit_can_be_set_because_none_is_known(
        self, control: SquareControl, desk: Any, refusal: Refusal
    ) -> None:
        id = control.dispute()["id"]
        desk.file(id, PDF + b" " * 6_000_000)
        control.settings(file_bytes_max=1000)
        assert refusal(desk.file, id, PDF + b" " * 1000)["status"] == 413

    @pytest.mark.parametrize(
        ("files", "status", "code", "field"),
        [
            ({"image_file": ("a.pdf", PDF, "application/pdf")}, 400, "MISSING_REQUIRED_PARAMETER", "request"),
            ({"request": (None, "{}", "application/json")}, 400, "MISSING_REQUIRED_PARAMETER", "idempotency_key"),
            (
                {"request": (None, '{"idempotency_key": "a"}', "application/json")},
                400, "MISSING_REQUIRED_PARAMETER", "image_file",
            ),
            ({"request": (None, '{"idempotency_key": "a"}')}, 400, "INVALID_CONTENT_TYPE", "request"),
            ({"request": (None, "{", "application/json")}, 400, "EXPECTED_JSON_BODY", None),
        ],
    )  # fmt: skip
    def test_both_parts_are_needed(
        self, sandbox: Sandbox, control: SquareControl, files: Any, status: int, code: str, field: str | None
    ) -> None:
        address = f"{sandbox.api}/v2/disputes/{control.dispute()['id']}/evidence-files"
        answer = httpx.post(address, files=files, headers={"Authorization": f"Bearer {PERSONAL}"})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["code"], error.get("field")) == (status, code, field)

    def test_json_is_no_form(self, sandbox: Sandbox, control: SquareControl) -> None:
        address = f"{sandbox.api}/v2/disputes/{control.dispute()['id']}/evidence-files"
        answer = httpx.post(address, json={"idempotency_key": "a"}, headers={"Authorization": f"Bearer {PERSONAL}"})
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")


class TestTexts:
    def test_a_text_is_kept_as_it_is(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        text = "Zugestellt am 3. März; müşteri teşekkür etti. " * 10
        kept = desk.text(id, text[:500], "REBUTTAL_EXPLANATION")
        assert (kept.evidence_text, kept.evidence_type) == (text[:500], "REBUTTAL_EXPLANATION")
        assert control.effects(id)["evidence_text"] == 1

    @pytest.mark.parametrize(
        ("words", "code", "field"),
        [
            ({"text": ""}, "VALUE_TOO_SHORT", "evidence_text"),
            ({"text": "x" * 501}, "VALUE_TOO_LONG", "evidence_text"),
            ({"key": "k" * 46}, "VALUE_TOO_LONG", "idempotency_key"),
            ({"kind": "CARDHOLDER_COMMUNICATION"}, "INVALID_VALUE", "evidence_type"),
        ],
    )
    def test_its_limits(
        self, control: SquareControl, desk: Any, refusal: Refusal, words: Any, code: str, field: str
    ) -> None:
        error = refusal(desk.text, control.dispute()["id"], **words)
        assert (error["status"], error["code"], error["field"]) == (400, code, field)

    @pytest.mark.parametrize(
        ("body", "code", "field"),
        [
            ({"evidence_text": "x"}, "MISSING_REQUIRED_PARAMETER", "idempotency_key"),
            ({"idempotency_key": "", "evidence_text": "x"}, "VALUE_TOO_SHORT", "idempotency_key"),
            ({"idempotency_key": "k", "evidence_text": 5}, "EXPECTED_STRING", "evidence_text"),
            ({"idempotency_key": "k", "evidence_text": "x", "mood": 1}, "UNKNOWN_BODY_PARAMETER", "mood"),
            (["k"], "EXPECTED_OBJECT", None),
        ],
    )
    def test_a_body_is_read_strictly(
        self, sandbox: Sandbox, control: SquareControl, body: Any, code: str, field: str | None
    ) -> None:
        address = f"{sandbox.api}/v2/disputes/{control.dispute()['id']}/evidence-text"
        answer = httpx.post(address, json=body, headers={"Authorization": f"Bearer {PERSONAL}"})
        (error,) = answer.json()["errors"]
        assert (answer.status_code, error["code"], error.get("field")) == (400, code, field)

    def test_types_can_be_left_to_the_reader(self, control: SquareControl, desk: Any) -> None:
        """Whether Square enforces "use as a file" is not public."""
        control.settings(strict_evidence_types=False)
        assert desk.text(control.dispute()["id"], "Said hello.", "CARDHOLDER_COMMUNICATION").id


class TestKeeping:
    def test_evidence_is_listed_read_and_deleted(
        self, client: Square, control: SquareControl, desk: Any, refusal: Refusal
    ) -> None:
        id = control.dispute()["id"]
        text, file = desk.text(id), desk.file(id)
        assert [each.id for each in desk.evidence(id)] == [text.id, file.id]
        assert client.disputes.evidence.get(id, file.id).evidence == file
        assert desk.delete(id, text.id).errors is None
        assert [each.id for each in desk.evidence(id)] == [file.id]
        assert refusal(desk.delete, id, text.id)["field"] == "evidence_id"
        assert control.effects(id)["evidence_deleted"] == 1

    def test_a_list_of_evidence_has_pages_too(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        sent = [desk.text(id).id for _ in range(3)]
        control.settings(page_size=1)
        assert [each.id for each in desk.evidence(id)] == sent

    def test_evidence_of_another_dispute_is_not_found(
        self, client: Square, control: SquareControl, desk: Any, refusal: Refusal
    ) -> None:
        theirs = desk.text(control.dispute()["id"]).id
        assert refusal(client.disputes.evidence.get, control.dispute()["id"], theirs)["status"] == 404

    def test_every_change_counts_the_version_up(self, control: SquareControl, desk: Any) -> None:
        """Created, text, file, deleted, submitted: as in Square's own examples."""
        id = control.dispute(opened_days=1)["id"]
        opened = desk.get(id)
        text = desk.text(id)
        desk.file(id)
        desk.delete(id, text.id)
        assert desk.submit(id).version == 5
        assert desk.get(id).updated_at > opened.updated_at

    def test_a_type_may_be_taken_once_only(self, control: SquareControl, desk: Any, refusal: Refusal) -> None:
        id = control.dispute()["id"]
        control.settings(one_per_type=True)
        desk.file(id)
        assert refusal(desk.file, id)["field"] == "evidence_type"


class TestIdempotency:
    def test_the_same_key_gives_the_same_answer_and_no_second_effect(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        first, again = (desk.file(id, key=f"f-{id}") for _ in range(2))
        assert first == again
        texts = [desk.text(id, key=f"t-{id}") for _ in range(2)]
        assert texts[0] == texts[1]
        assert len(desk.evidence(id)) == 2
        assert (control.effects(id)["evidence_file"], control.effects(id)["evidence_text"]) == (1, 1)
        assert [entry["replayed"] for entry in control.log(key=f"f-{id}")] == [False, True]

    def test_forty_five_characters_are_enough(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        assert desk.text(id, key=(id + "x" * 45)[:45]).id

    def test_other_parameters_under_the_same_key_are_refused(
        self, control: SquareControl, desk: Any, refusal: Refusal
    ) -> None:
        id, key = control.dispute()["id"], "reused"
        desk.text(id, key=key)
        for act in (
            lambda: desk.text(id, "another", key=key),
            lambda: desk.file(id, key=key),
            lambda: desk.text(control.dispute()["id"], key=key),
        ):
            error = refusal(act)
            assert (error["status"], error["code"]) == (400, "IDEMPOTENCY_KEY_REUSED")

    def test_other_bytes_under_the_same_key_are_refused(
        self, control: SquareControl, desk: Any, refusal: Refusal
    ) -> None:
        id = control.dispute()["id"]
        desk.file(id, key=f"b-{id}")
        assert refusal(desk.file, id, PDF + b"!", key=f"b-{id}")["code"] == "IDEMPOTENCY_KEY_REUSED"

    def test_the_answer_outlives_the_evidence(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        first = desk.text(id, key=f"gone-{id}")
        desk.delete(id, first.id)
        assert desk.text(id, key=f"gone-{id}") == first
        assert desk.evidence(id) == []

    def test_a_refusal_is_not_kept(self, control: SquareControl, desk: Any, refusal: Refusal) -> None:
        id = control.dispute(due={"seconds": -60}, opened_days=1)["id"]
        refusal(desk.text, id, key=f"late-{id}")
        control.due_by(id, {"days": 5})
        assert desk.text(id, key=f"late-{id}").id

    def test_a_key_in_flight_is_a_conflict(self, control: SquareControl, desk: Any, refusal: Refusal) -> None:
        id = control.dispute()["id"]
        control.fault("latency", seconds=0.5, path=id)
        slow = threading.Thread(target=desk.text, args=(id,), kwargs={"key": f"slow-{id}"})
        slow.start()
        while control.faults():  # taken as soon as the slow request has arrived
            pass
        error = refusal(desk.text, id, key=f"slow-{id}")
        slow.join()
        assert (error["status"], error["code"]) == (409, "CONFLICT")
        assert control.effects(id)["evidence_text"] == 1


class TestOthers:
    def test_the_first_upload_locks_the_dashboard(self, control: SquareControl, desk: Any) -> None:
        id = control.dispute()["id"]
        control.dashboard_upload(id, evidence_text="From the Dashboard.")
        ours = desk.text(id)
        with pytest.raises(ControlRefused, match="the Dashboard can no longer act"):
            control.dashboard_upload(id, evidence_text="Too late.")
        desk.delete(id, ours.id)
        for act in (control.dashboard_submit, control.dashboard_accept):
            with pytest.raises(ControlRefused, match="the Dashboard can no longer act"):
                act(id)
        assert control.effects(id)["elsewhere"] == {"evidence_text": 1}

    def test_until_then_a_person_does_everything_there(self, control: SquareControl, desk: Any) -> None:
        filed, accepted = control.dispute()["id"], control.dispute()["id"]
        assert control.dashboard_submit(filed)["state"] == "PROCESSING"
        assert control.dashboard_accept(accepted)["state"] == "ACCEPTED"
        assert control.effects(filed)["elsewhere"] == {"evidence_text": 1, "submitted": 1}
        assert control.effects(accepted)["elsewhere"] == {"accepted": 1}

    def test_another_application_may_have_uploaded_too(self, control: SquareControl, desk: Any) -> None:
        """Nothing in the list says whose it is; it would go to the bank with ours."""
        id = control.dispute()["id"]
        ours = desk.file(id)
        control.stage_foreign(id, evidence_type="RECEIPT", filename="theirs.pdf")
        listed = desk.evidence(id)
        assert [each.evidence_file.filename for each in listed] == ["packet.pdf", "theirs.pdf"]
        assert {each["who"] for each in control.evidence(id)} == {"api", "other_app"}
        assert [each.id for each in listed if each.id != ours.id]
        assert control.effects(id)["elsewhere"] == {"evidence_file": 1}

    def test_another_application_may_have_submitted_or_accepted(
        self, control: SquareControl, desk: Any, refusal: Refusal
    ) -> None:
        filed, accepted = control.dispute()["id"], control.dispute()["id"]
        control.submit_foreign(filed)
        control.accept_foreign(accepted)
        for id in (filed, accepted):
            assert refusal(desk.text, id)["status"] == 400
        assert control.effects(filed)["submitted"] == 0
