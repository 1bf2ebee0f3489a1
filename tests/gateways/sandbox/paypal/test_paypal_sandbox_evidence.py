from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.sandbox.paypal.merchant import DISPUTES, PDF, TRACKED, App, controls_of, issues


@pytest.fixture
def id(control: PayPalControl) -> str:
    return str(control.dispute()["dispute_id"])


def given(app: App, id: str) -> list[Any]:
    return [one for one in app.dispute(id)["evidences"] if one["source"] == "SUBMITTED_BY_SELLER"]


def tracking(**info: Any) -> dict[str, Any]:
    return {"evidence_type": "PROOF_OF_FULFILLMENT", "evidence_info": {"tracking_info": [info]}}


def other(**more: Any) -> dict[str, Any]:
    return {"evidence_type": "OTHER", "notes": "See the file.", **more}


def test_the_answer_is_links_and_the_state_has_to_be_read_again(control: PayPalControl, app: App, id: str) -> None:
    answer = app.evidence(id, TRACKED, files=[("packet-3f9a1c2b4d.pdf", PDF)])
    assert answer.status_code == 200
    assert list(answer.json()) == ["links"]
    dispute = app.dispute(id)
    assert dispute["status"] == "UNDER_REVIEW"
    assert "seller_response_due_date" not in dispute
    asked, sent = dispute["evidences"]
    assert (asked["evidence_type"], asked["source"]) == ("PROOF_OF_FULFILLMENT", "REQUESTED_FROM_SELLER")
    assert sent["evidence_info"] == TRACKED["evidence_info"]
    assert [document["name"] for document in sent["documents"]] == ["packet-3f9a1c2b4d.pdf"]
    assert control.documents(id) == [
        {"name": "packet-3f9a1c2b4d.pdf", "size": len(PDF), "sha256": hashlib.sha256(PDF).hexdigest()}
    ]


def test_json_is_no_evidence(app: App, control: PayPalControl, id: str) -> None:
    for act in ("provide-evidence", "appeal"):
        answer = app.send(id, act, {"evidences": [TRACKED]})
        assert (answer.status_code, answer.json()["name"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    assert control.effects(id)["evidence_provided"] == 0


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([("input", (None, "{}", "text/plain"))], 415),
        ([("input", (None, "{", "application/json"))], 400),
        ([("input", (None, "[]", "application/json"))], 400),
        ([("input", (None, '{"evidences": []}', "application/json"))], 400),
        ([("file1", ("a.pdf", PDF, "application/pdf"))], 400),
        ([("input", (None, json.dumps({"evidences": [TRACKED]}), "application/json")),
          ("packet", ("a.pdf", PDF, "application/pdf"))], 400),
    ],
    ids=["input is not JSON by its type", "broken JSON", "no object", "no evidence", "no input", "a part's name"],
)  # fmt: skip
def test_the_form_has_the_part_input_and_files_by_number(app: App, id: str, parts: Any, status: int) -> None:
    assert app.http.post(f"{DISPUTES}/{id}/provide-evidence", files=parts).status_code == status


@pytest.mark.parametrize("name", ["packet.v1.pdf", "Kanıt.pdf", "packet", "packet(1).pdf", ".pdf", "packet.pdf7"])
def test_a_file_name_is_ascii_with_one_dot(app: App, id: str, name: str) -> None:
    answer = app.evidence(id, TRACKED, files=[(name, PDF)])
    assert (answer.status_code, issues(answer)) == (422, ["INVALID_FILE_NAME"])


@pytest.mark.parametrize(
    ("name", "content"),
    [("packet.docx", b"PK\x03\x04"), ("packet.pdf", b"MZ..."), ("photo.jpg", PDF), ("packet.pdf", b"")],
)
def test_a_file_is_what_its_name_says_and_of_a_kind_paypal_takes(app: App, id: str, name: str, content: bytes) -> None:
    answer = app.evidence(id, TRACKED, files=[(name, content)])
    assert (answer.status_code, issues(answer)) == (422, ["INVALID_FILE_TYPE"])


@pytest.mark.parametrize(
    ("name", "content"),
    [("a b_c-d,1.PDF", PDF), ("a.jpeg", b"\xff\xd8\xff.."), ("a.png", b"\x89PNG\r\n\x1a\n.."), ("a.gif", b"GIF89a")],
)
def test_the_five_kinds_of_file_are_taken(app: App, id: str, name: str, content: bytes) -> None:
    assert app.evidence(id, TRACKED, files=[(name, content)]).status_code == 200


def test_a_file_is_smaller_than_ten_mebibytes_and_all_together_fifty_megabytes(app: App, id: str) -> None:
    limit = 10 * 1024 * 1024
    largest = PDF + b"x" * (limit - 1 - len(PDF))
    answer = app.evidence(id, TRACKED, files=[("a.pdf", largest + b"x")])
    assert (answer.status_code, issues(answer)) == (422, ["FILE_SIZE_EXCEEDED"])
    answer = app.evidence(id, TRACKED, files=[(f"a{n}.pdf", largest) for n in range(5)])
    assert (answer.status_code, issues(answer)) == (422, ["FILES_SIZE_EXCEEDED"])
    assert app.evidence(id, TRACKED, files=[("a.pdf", largest)]).status_code == 200


def test_a_refused_call_leaves_nothing_behind(app: App, control: PayPalControl, id: str) -> None:
    before = app.dispute(id)
    assert app.evidence(id, TRACKED, files=[("a.pdf", PDF), ("b.doc", PDF)]).status_code == 422
    assert app.dispute(id) == before
    assert control.documents(id) == []


def test_a_file_alone_is_no_fulfilment_where_tracking_is_asked_for(app: App, id: str) -> None:
    only_file = {"evidence_type": "PROOF_OF_FULFILLMENT", "notes": "See the file."}
    answer = app.evidence(id, only_file, files=[("packet.pdf", PDF)])
    assert (answer.status_code, issues(answer)) == (422, ["MISSING_EVIDENCE_INFO"])
    answer = app.evidence(id, {"evidence_type": "PROOF_OF_REFUND", "notes": "Refunded."})
    assert issues(answer) == ["MISSING_EVIDENCE_INFO"]


@pytest.mark.parametrize(
    ("evidence", "status", "issue"),
    [
        (tracking(carrier_name="ARAS_KARGO", tracking_number="1"), 422, "INVALID_CARRIER_NAME"),
        (tracking(carrier_name="OTHER", tracking_number="1"), 422, "MISSING_CARRIER_NAME"),
        (tracking(carrier_name="UPS"), 400, "MISSING_REQUIRED_PARAMETER"),
        (tracking(carrier_name="UPS", tracking_number="1" * 256), 400, "INVALID_STRING_LENGTH"),
        (other(notes="x" * 2001), 422, "INVALID_STRING_LENGTH"),
        (other(notes=None), 422, "MISSING_EVIDENCE_INFO"),
        ({"evidence_type": "PROOF_OF_LIFE", "notes": "x"}, 400, "INVALID_EVIDENCE_TYPE"),
        ({"notes": "x"}, 400, "MISSING_REQUIRED_PARAMETER"),
        (other(documents=[{"name": "not-sent.pdf"}]), 422, "MISSING_FILE"),
    ],
)
def test_evidence_out_of_bounds_is_refused_with_its_place(
    app: App, id: str, evidence: dict[str, Any], status: int, issue: str
) -> None:
    answer = app.evidence(id, evidence)
    assert (answer.status_code, issues(answer)) == (status, [issue])
    assert answer.json()["details"][0]["field"].startswith("/evidences/0")


def test_lists_of_tracking_and_refunds_have_an_end(app: App, control: PayPalControl) -> None:
    number = {"carrier_name": "UPS", "tracking_number": "1"}
    for info, most in (("tracking_info", 10), ("refund_ids", 100)):
        one = number if info == "tracking_info" else "R1"
        evidence = {"evidence_type": "OTHER", "notes": "x"}
        id = control.dispute()["dispute_id"]
        too_many = app.evidence(id, {**evidence, "evidence_info": {info: [one] * (most + 1)}})
        assert (too_many.status_code, issues(too_many)) == (422, ["TOO_MANY_ITEMS"])
        assert app.evidence(id, {**evidence, "evidence_info": {info: [one] * most}}).status_code == 200


def test_a_carrier_paypal_does_not_know_is_other_with_its_name(app: App, id: str) -> None:
    aras = {"carrier_name": "OTHER", "carrier_name_other": "Aras Kargo", "tracking_number": "2290117345562"}
    assert app.evidence(id, tracking(**aras)).status_code == 200
    assert given(app, id)[0]["evidence_info"]["tracking_info"] == [aras]


def test_two_thousand_characters_of_notes_are_kept_whole(app: App, id: str) -> None:
    notes = "ş" * 2000
    assert app.evidence(id, other(notes=notes)).status_code == 200
    assert given(app, id)[0]["notes"] == notes


def test_files_go_where_they_are_named_and_else_to_the_first(app: App, id: str) -> None:
    named = other(documents=[{"name": "terms.pdf"}])
    assert app.evidence(id, TRACKED, named, files=[("proof.pdf", PDF), ("terms.pdf", PDF)]).status_code == 200
    first, second = given(app, id)
    assert [document["name"] for document in first["documents"]] == ["proof.pdf"]
    assert [document["name"] for document in second["documents"]] == ["terms.pdf"]


def test_the_same_request_id_twice_is_two_answers_to_paypal(moving: Sandbox, app_for: Callable[..., App]) -> None:
    """The danger the journal is there for: while the case still waits for the seller, a repeat counts."""
    control, app = controls_of(moving), app_for(moving)
    control.settings(review_begins_seconds=60)
    id = control.dispute()["dispute_id"]
    header = {"PayPal-Request-Id": "the-very-same"}
    for _ in range(2):
        assert app.evidence(id, TRACKED, headers=header).status_code == 200
    assert control.effects(id)["evidence_provided"] == 2
    assert len(given(app, id)) == 2
    assert [row["key"] for row in control.log(path="provide-evidence")] == ["the-very-same"] * 2
    control.advance(61)
    assert app.dispute(id)["status"] == "UNDER_REVIEW"
    assert app.evidence(id, TRACKED).status_code == 422


def test_a_colleagues_answer_in_the_resolution_center_is_counted_apart(
    app: App, control: PayPalControl, id: str
) -> None:
    control.evidence_foreign(id, notes="I sent the invoice.")
    assert control.effects(id)["evidence_provided"] == 0
    assert control.effects(id)["elsewhere"] == {"evidence_provided": 1}
    assert given(app, id)[0]["notes"] == "I sent the invoice."
    assert app.dispute(id)["status"] == "UNDER_REVIEW"


def test_supporting_info_is_for_a_claim_under_review(app: App, control: PayPalControl) -> None:
    id = control.dispute(answered_days=0)["dispute_id"]
    assert app.send(id, "provide-supporting-info", {"notes": "The carrier's letter."}).status_code == 200
    (info,) = app.dispute(id)["supporting_info"]
    assert (info["notes"], info["source"]) == ("The carrier's letter.", "SUBMITTED_BY_SELLER")
    assert control.effects(id)["supporting_info_provided"] == 1


JUNK: tuple[Any, ...] = (None, 7, "x", [], {}, [7], [[]], {"a": 1}, [None], True, "")


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_whatever_shape_is_sent_the_refusal_is_paypals(app: App, control: PayPalControl, junk: Any) -> None:
    snad = "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"
    inquiry = control.dispute(stage="INQUIRY", reason=snad)["dispute_id"]
    fields = ("evidence_type", "evidence_info", "documents", "notes", "item_id")
    evidences = [other(**{field: junk}) for field in fields]
    evidences += [other(evidence_info={field: junk}) for field in ("tracking_info", "refund_ids")]
    evidences += [tracking(carrier_name=junk, tracking_number=junk), junk]
    answers = [app.evidence(control.dispute()["dispute_id"], evidence) for evidence in evidences]
    for act in ("send-message", "make-offer", "accept-claim", "escalate", "acknowledge-return-item", "adjudicate"):
        answers.append(app.send(inquiry, act, junk))
    for field in ("offer_amount", "note", "offer_type", "return_shipping_address"):
        offer = {"note": "x", "offer_type": "REFUND_WITH_RETURN", "offer_amount": {"currency_code": "EUR"}}
        answers.append(app.send(inquiry, "make-offer", {**offer, field: junk}))
    answers.append(app.http.patch(f"{DISPUTES}/{inquiry}", json=junk))
    for answer in answers:
        assert answer.status_code in (200, 400, 415, 422)
        assert set(answer.json()) >= ({"links"} if answer.is_success else {"name", "message", "debug_id"})


def test_two_files_of_one_name_are_two(app: App, id: str) -> None:
    named = other(documents=[{"name": "a.pdf"}])
    twice = other(documents=[{"name": "a.pdf"}, {"name": "a.pdf"}, {"name": "a.pdf"}])
    files = [("a.pdf", PDF), ("a.pdf", PDF + b"2")]
    assert issues(app.evidence(id, twice, files=files)) == ["MISSING_FILE"]
    assert app.evidence(id, named, files=files).status_code == 200
    assert len(given(app, id)[0]["documents"]) == 2
