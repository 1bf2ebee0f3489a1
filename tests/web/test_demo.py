"""The main job once, as a newcomer runs it: every case of the demo shop comes out as its story says."""

from __future__ import annotations

import email
import hashlib
import json
import subprocess
import sys
from dataclasses import dataclass
from email import policy
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select

from disputes import links, store_people
from disputes.models import Dispute, EvidenceItem, Merchant, Round, SourceConnection, StoredResponse
from disputes.response import Response
from scheduler.runtime import Runtime
from templates import language
from tests.web import marked
from tests.web.desk import Desk
from web.compose import compose
from web.settings import load
from web.words import field_name

pytestmark = pytest.mark.xdist_group("demo")

KEYS = {
    *("id", "gateway", "kind", "status", "category", "amount_minor", "currency", "due_at", "verdict", "packet"),
    *("response_sha256", "submission"),
}
FILED = {"01", "02", "03", "06", "07", "09", "12", "14", "18", "20", "21", "24", "25", "46"}
RIGHT = ("08", "15", "34", "35", "36", "37", "38", "39", "40", "41", "42", "44", "45")
"""The customer is right: one of each rule, two of late delivery."""
FOR_A_PERSON = {**dict.fromkeys(("11", "13", "17", "19"), "fight"), **dict.fromkeys(RIGHT, "accept")}
NEEDS_EVIDENCE = {"04", "05", "10", "23"}
PAYPAL = {
    **dict.fromkeys(("01", "02", "03", "04", "05", "06", "07", "08", "17", "20"), "filed"),
    **dict.fromkeys(("10", "11", "13", "14", "16"), "to approve"),
    **dict.fromkeys(("09", "22", "23", "24"), "accept"),
    **dict.fromkeys(("12", "18"), "needs evidence"),
}
"""Rows of the story at PayPal and what becomes of them; row 24 is the same order charged twice."""
SQUARE = {
    **dict.fromkeys(("01", "02", "03", "05", "08", "09", "10", "12", "13"), "filed"),
    **dict.fromkeys(("07", "15", "17", "18", "19"), "accept"),
    **dict.fromkeys(("04", "16"), "needs evidence"),
}


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "web", "demo", "--json", str(folder / "demo.json"), "--data", str(folder / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    return found | {"data": folder / "data"}


def case(result: dict[str, Any], number: str) -> dict[str, Any]:
    """The case of a row of the story; its number stands in the dispute's id."""
    found: dict[str, Any] = next(row for row in result["disputes"] if row["id"].startswith(f"du_1Lale{number}"))
    return found


def test_every_dispute_is_listed_with_exactly_the_promised_fields(result: dict[str, Any]) -> None:
    assert len([row for row in result["disputes"] if row["gateway"] == "stripe"]) == 41
    assert all(set(row) == KEYS for row in result["disputes"])


@pytest.mark.parametrize("number", sorted(FILED))
def test_a_clear_case_is_filed_by_the_rule_and_confirmed(result: dict[str, Any], number: str) -> None:
    found = case(result, number)
    assert found["verdict"] == "fight"
    assert found["submission"]["state"] == "filed"
    assert found["submission"]["gateway_status"].endswith("under_review")
    assert found["status"] == "under_review"
    assert len(found["response_sha256"]) == 64


@pytest.mark.parametrize(("number", "verdict"), sorted(FOR_A_PERSON.items()))
def test_a_case_for_a_person_waits(result: dict[str, Any], number: str, verdict: str) -> None:
    found = case(result, number)
    assert (found["verdict"], found["submission"]) == (verdict, None)


@pytest.mark.parametrize("number", sorted(NEEDS_EVIDENCE))
def test_a_case_without_its_proof_is_not_filed(result: dict[str, Any], number: str) -> None:
    found = case(result, number)
    assert (found["verdict"], found["submission"]) == ("needs_evidence", None)


def elsewhere(result: dict[str, Any], gateway: str, number: str) -> dict[str, Any]:
    """A row of the story at PayPal or Square; its number stands in the dispute's id."""
    rows = (row for row in result["disputes"] if row["gateway"] == gateway)
    place = slice(13, 15) if gateway == "paypal" else slice(6, 8)
    found: dict[str, Any] = next(row for row in rows if row["id"][place] == number)
    return found


def came_of(row: dict[str, Any]) -> str:
    if row["submission"] is not None:
        return str(row["submission"]["state"])
    if row["verdict"] == "fight":
        return "to approve"
    return str(row["verdict"]).replace("_", " ")


@pytest.mark.parametrize(("number", "expected"), sorted(PAYPAL.items()))
def test_every_case_at_paypal_comes_out_as_its_story_says(result: dict[str, Any], number: str, expected: str) -> None:
    assert came_of(elsewhere(result, "paypal", number)) == expected


@pytest.mark.parametrize(("number", "expected"), sorted(SQUARE.items()))
def test_every_case_at_square_comes_out_as_its_story_says(result: dict[str, Any], number: str, expected: str) -> None:
    assert came_of(elsewhere(result, "square", number)) == expected


def test_filings_are_confirmed_by_each_gateways_own_word(result: dict[str, Any]) -> None:
    words = {
        (row["gateway"], row["submission"]["gateway_status"])
        for row in result["disputes"]
        if row["submission"] and row["submission"]["state"] == "filed"
    }
    assert {gateway for gateway, _ in words} == {"stripe", "paypal", "square"}
    assert ("paypal", "UNDER_REVIEW") in words
    assert {word for gateway, word in words if gateway == "square"} == {"PROCESSING", "INQUIRY_PROCESSING"}


def test_a_case_without_an_api_is_prepared_and_waits_for_a_hand(result: dict[str, Any]) -> None:
    (found,) = [row for row in result["disputes"] if row["gateway"] == "manual"]
    assert (found["verdict"], found["submission"], found["currency"]) == ("fight", None, "TRY")
    assert found["packet"]["pages"] > 1


def test_what_somebody_answered_in_the_resolution_center_is_left_alone(result: dict[str, Any]) -> None:
    assert elsewhere(result, "paypal", "19")["status"] == "answered_elsewhere"


def test_the_story_has_every_gateway_and_the_currencies_without_decimals(result: dict[str, Any]) -> None:
    rows = result["disputes"]
    assert len(rows) >= 30
    assert {row["gateway"] for row in rows} == {"stripe", "paypal", "square", "manual"}
    assert {"HUF", "TWD", "TRY", "JPY"} <= {row["currency"] for row in rows}


def test_what_cannot_be_contested_says_so_and_history_is_left_alone(result: dict[str, Any]) -> None:
    assert case(result, "16")["verdict"] == "cannot_be_contested"
    assert [case(result, number)["status"] for number in ("31", "32", "33")] == ["won", "lost", "prevented"]
    assert all(case(result, number)["submission"] is None for number in ("31", "32", "33"))


def test_each_packet_lies_where_it_says_and_has_its_hash(result: dict[str, Any]) -> None:
    packets = [row["packet"] for row in result["disputes"] if row["packet"]]
    assert len(packets) >= 20
    for packet in packets:
        data = Path(packet["path"]).read_bytes()
        assert (hashlib.sha256(data).hexdigest(), len(data)) == (packet["sha256"], packet["bytes"])


def test_the_digest_names_what_is_due_in_both_its_parts(result: dict[str, Any]) -> None:
    digest = email.message_from_bytes(Path(result["digest"]["path"]).read_bytes(), policy=policy.default)
    for kind in ("plain", "html"):
        part = digest.get_body((kind,))
        assert part is not None
        assert "LL-1016" in part.get_content()
        assert "UTC+3" in part.get_content()


# ---- in the language of its reader --------------------------------------------------------------------------------


def test_no_page_of_it_says_a_text_past_the_catalogue(result: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """What sources, judgement, packet and filing left in the rows is said by the pages like their own words."""
    monkeypatch.setattr(language, "_catalogue", marked.catalogue_of)
    desk = Desk(result["data"].parent)
    try:
        person = desk.person()
        with desk.runtime.database.writing() as session:
            merchant = session.exec(select(Merchant)).one()
            store_people.join(session, merchant.id, person.id, "owner")
            cases = [links.case(merchant.slug, each) for each in session.exec(select(Dispute.id))]
        told = [
            f"policies/{each.name} {each.read_text(errors='replace')}"
            for each in result["data"].glob("imports/**/policies/*")
        ]
        slots = [field_name(each) for each in gateway_names(desk.runtime)]
        data = "\n".join([marked.held(desk.runtime), *told, *slots]).casefold()
        pages = marked.reached(desk.signed_in(person), links.queue(merchant.slug), *cases)
        found = {text: path for path, page in pages for text in marked.past_the_catalogue(page, data)}
    finally:
        desk.stop()
    assert not found, "\n".join(f"{text!r} on {path}" for text, path in found.items())


def gateway_names(runtime: Runtime) -> set[str]:
    """Fields and files as each gateway calls them; they stay in its words."""
    with runtime.database.reading() as session:
        answers = [Response.model_validate_json(each.canonical) for each in session.exec(select(StoredResponse))]
    return {name for each in answers for name in (*each.fields, *(file.slot for file in each.files))}


# ---- through the systems ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stored:
    """What the demo left in its database."""

    items: list[tuple[str, EvidenceItem]]
    """With the order the case is about."""
    notes: dict[str, str]
    sources: list[SourceConnection]

    def brought(self, order: str) -> set[tuple[str, str]]:
        return {(item.adapter, item.fact_type) for ref, item in self.items if ref == order and item.adapter}


@pytest.fixture(scope="module")
def stored(result: dict[str, Any]) -> Stored:
    runtime = compose(load(result["data"]), client_only=True)
    try:
        with runtime.database.reading() as session:
            refs = {each.id: each.order_ref or "" for each in session.exec(select(Dispute))}
            items = [(refs[each.dispute_id], each) for each in session.exec(select(EvidenceItem))]
            notes = {refs[each.dispute_id]: each.prepare_note for each in session.exec(select(Round))}
            return Stored(items, notes, list(session.exec(select(SourceConnection))))
    finally:
        runtime.close()


BROUGHT = {
    "LL-1021": {("shopify/1", "order"), ("easypost/1", "shipment"), ("zendesk/1", "message")},
    "LL-2018": {("woocommerce/1", "order"), ("aftership/1", "shipment"), ("aftership/1", "document")},
    "LL-2003": {("woocommerce/1", "order"), ("aftership/1", "shipment"), ("gorgias/1", "message")},
    "LL-1001": {("zendesk/1", "message")},
    "LL-3012": {("easypost/1", "shipment")},
}


@pytest.mark.parametrize("order", BROUGHT)
def test_a_case_shows_what_each_system_brought(order: str, stored: Stored) -> None:
    assert stored.brought(order) >= BROUGHT[order]


def test_every_practice_system_was_read_and_is_well(stored: Stored) -> None:
    assert {each.system: each.state for each in stored.sources} == dict.fromkeys(
        ("shopify", "woocommerce", "easypost", "aftership", "zendesk", "gorgias"), "ok"
    )


def test_nothing_internal_is_stored(stored: Stored) -> None:
    told = [json.dumps(item.fact) for _, item in stored.items]
    assert any("candle holders came today" in each for each in told)
    assert not [each for each in told if any(words in each for words in ("INTERNAL:", "UNSENT:", "Risk score"))]


def test_no_case_complains_of_a_carrier_that_another_one_answered_for(stored: Stored) -> None:
    assert [order for order, note in stored.notes.items() if "watched" in note or "did not answer" in note] == []
