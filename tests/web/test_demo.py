"""The main job once, as a newcomer runs it: every case of the demo shop comes out as its story says."""

from __future__ import annotations

import email
import hashlib
import json
import subprocess
import sys
from email import policy
from pathlib import Path
from typing import Any

import pytest

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


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "web", "demo", "--json", str(folder / "demo.json"), "--data", str(folder / "data")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    found: dict[str, Any] = json.loads((folder / "demo.json").read_text())
    return found


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
        assert "UTC+03:00" in part.get_content()
