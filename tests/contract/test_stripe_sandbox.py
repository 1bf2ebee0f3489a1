"""Every kind of answer the sandbox gives, against the contract written from Stripe's own specification."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.stripe import evidence, files
from gateways.sandbox.stripe.keys import FULL_KEY

CONTRACT = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "stripe" / "jsonschema.json"

# Shown by the SDK's current API version (2026-10-28) but not in the contract (2026-05-27), or seen in recordings only.
NOT_IN_THE_SPECIFICATION = {
    "dispute": {"intended_submission_method", "network_reason_code", "balance_transaction"},
    "dispute_evidence_details": {"submission_method"},
    "dispute_payment_method_details_card": {"network"},
    "list.dispute": {"count"},
}

pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")


@pytest.fixture(scope="module")
def schemas() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("contract")) as running:
        yield running


@pytest.fixture(scope="module")
def http() -> Iterator[httpx.Client]:
    with httpx.Client(auth=(FULL_KEY, ""), trust_env=False) as client:
        yield client


@pytest.fixture
def conforms(schemas: dict[str, Any]) -> Any:
    def check(body: Any, kind: str) -> None:
        schema = {"$defs": schemas["$defs"], "$ref": f"#/$defs/{kind}"}
        errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(body)]
        assert not errors, "\n".join(errors)

    return check


LISTS = {
    "/v1/disputes": "dispute",
    "/v1/charges": "charge",
    "/v1/payment_intents": "payment_intent",
    "/v1/refunds": "refund",
    "/v1/balance_transactions": "balance_transaction",
    "/v1/events": "event",
    "/v1/radar/early_fraud_warnings": "radar.early_fraud_warning",
    "/v1/files": "file",
}


@pytest.mark.parametrize(("path", "kind"), LISTS.items())
def test_lists_and_each_object_in_them(
    sandbox: Sandbox, http: httpx.Client, conforms: Any, path: str, kind: str, pdf_file: str
) -> None:
    body = http.get(sandbox.api + path, params={"limit": 100}).json()
    conforms(body, f"list.{kind}")
    assert body["data"], "an empty list proves nothing"
    assert body["url"] == path
    for each in body["data"]:
        conforms(http.get(f"{sandbox.api}{path}/{each['id']}").json(), kind)


@pytest.fixture(scope="module")
def pdf_file(sandbox: Sandbox, http: httpx.Client) -> str:
    sent = {"file": ("a.pdf", b"%PDF-1.4 ...", "application/pdf")}
    answer = http.post(f"{sandbox.files}/v1/files", files=sent, data={"purpose": "dispute_evidence"})
    assert answer.status_code == 200
    return str(answer.json()["id"])


def test_expanded_objects_conform_too(sandbox: Sandbox, http: httpx.Client, conforms: Any, pdf_file: str) -> None:
    id = sandbox.controls.dispute(evidence={"receipt": pdf_file}, refunds=[{"amount": 5, "days": 2}])["id"]
    paths = ["charge.refunds", "payment_intent", "evidence.receipt", "charge.balance_transaction"]
    body = http.get(f"{sandbox.api}/v1/disputes/{id}", params={"expand[]": paths}).json()
    conforms(body, "dispute")
    conforms(body["evidence"]["receipt"], "file")
    assert body["charge"]["refunds"]["data"]


def test_every_stage_of_a_dispute(sandbox: Sandbox, http: httpx.Client, conforms: Any) -> None:
    control = sandbox.controls
    id = control.dispute(kind="inquiry")["id"]
    address = f"{sandbox.api}/v1/disputes/{id}"
    conforms(http.post(address, data={"evidence[customer_name]": "A", "submit": "false"}).json(), "dispute")
    conforms(http.post(address, data={"submit": "true"}).json(), "dispute")
    conforms(control.escalate(id), "dispute")
    conforms(http.post(address, data={"submit": "true"}).json(), "dispute")
    conforms(control.outcome(id, "lost"), "dispute")
    conforms(control.outcome(id, "won"), "dispute")
    conforms(http.post(f"{sandbox.api}/v1/disputes/{control.dispute()['id']}/close").json(), "dispute")
    conforms(http.get(f"{sandbox.api}/v1/events", params={"limit": 100}).json(), "list.event")


@pytest.mark.parametrize(
    ("method", "path", "data", "status"),
    [
        ("GET", "/v1/disputes/du_1Nobody", {}, 404),
        ("GET", "/v1/disputes?foo=1", {}, 400),
        ("GET", "/v1/nowhere", {}, 404),
        ("POST", "/v1/disputes/du_1Lale310000000000000000", {"submit": "true"}, 400),
        ("POST", "/v1/disputes/du_1Lale010000000000000000", {"evidence[x]": "true"}, 400),
    ],
)
def test_errors(
    sandbox: Sandbox, http: httpx.Client, conforms: Any, method: str, path: str, data: dict[str, str], status: int
) -> None:
    answer = http.request(method, sandbox.api + path, data=data)
    assert answer.status_code == status
    conforms(answer.json(), "error")


def test_errors_that_a_fault_or_a_key_brings(sandbox: Sandbox, http: httpx.Client, conforms: Any) -> None:
    for ordered in ({"status": 500}, {"status": 429}, {"status": 429, "code": "lock_timeout"}, {"status": 409}):
        sandbox.controls.fault("status", **ordered)
        conforms(http.get(f"{sandbox.api}/v1/disputes").json(), "error")
    for key in ("sk_test_wrong", "rk_test_sandbox_disputes"):
        conforms(http.get(f"{sandbox.api}/v1/balance", auth=(key, "")).json(), "error")


def test_recorded_error_bodies_are_given_word_for_word(sandbox: Sandbox, http: httpx.Client) -> None:
    recorded = json.loads(CONTRACT.with_name("errors.json").read_text(encoding="utf-8"))["recorded"]
    locked, closed, charged_back = (one["body"] for one in recorded)
    sandbox.controls.fault("status", status=429, code="lock_timeout")
    answer = http.get(f"{sandbox.api}/v1/disputes")
    assert (answer.json(), answer.headers["Stripe-Should-Retry"]) == (locked, "true")
    assert http.post(f"{sandbox.api}/v1/disputes/du_1Lale310000000000000000/close").json() == closed
    sent = {"charge": "ch_3Lale010000000000000000"}
    refused = httpx.post(f"{sandbox.control}/refunds", json=sent, headers={"X-Sandbox-Control": "1"}).json()
    assert refused["error"]["message"].endswith("has been charged back; cannot issue a refund.")
    assert {k: v for k, v in refused["error"].items() if k != "message"} == {
        k: v for k, v in charged_back["error"].items() if k != "message"
    }


def test_nothing_is_shown_that_the_contract_does_not_know(
    sandbox: Sandbox, http: httpx.Client, schemas: dict[str, Any]
) -> None:
    """The contract is open; what this server adds to it must be on the list above."""
    for body in http.get(f"{sandbox.api}/v1/disputes", params={"limit": 100}).json()["data"]:
        parts = {
            "dispute": body,
            "dispute_evidence": body["evidence"],
            "dispute_evidence_details": body["evidence_details"],
            "dispute_payment_method_details_card": body.get("payment_method_details", {}).get("card", {}),
        }
        for name, part in parts.items():
            known = set(schemas["$defs"][name]["properties"]) | NOT_IN_THE_SPECIFICATION.get(name, set())
            assert set(part) <= known


def test_the_contracts_own_version_shows_none_of_the_exceptions(sandbox: Sandbox, http: httpx.Client) -> None:
    headers = {"Stripe-Version": "2026-05-27.dahlia"}
    (body, *_) = http.get(f"{sandbox.api}/v1/disputes", headers=headers).json()["data"]
    assert not {"intended_submission_method", "network_reason_code"} & set(body)
    assert "submission_method" not in body["evidence_details"]


def test_the_update_takes_exactly_what_the_contract_says(schemas: dict[str, Any]) -> None:
    fields = schemas["$defs"]["request.dispute_update"]["properties"]["evidence"]["properties"]
    assert set(evidence.FIELDS) | {"enhanced_evidence"} == set(fields)
    limits = {name: field["maxLength"] for name, field in fields.items() if "maxLength" in field}
    assert limits == {**dict.fromkeys(evidence.LONG, 20_000), **dict.fromkeys(evidence.SHORT, 5_000)}


def test_limits_are_the_contracts(schemas: dict[str, Any]) -> None:
    limits = json.loads(CONTRACT.with_name("limits.json").read_text(encoding="utf-8"))
    assert limits["file"]["max_bytes_per_file"] == files.MAX_BYTES
    assert limits["file"]["combined_max_bytes"] == evidence.COMBINED_BYTES
    assert limits["file"]["combined_pages_lt"] == evidence.PAGES_BELOW
    assert limits["file"]["mastercard_pages_max"] == evidence.MASTERCARD_PAGES
    assert limits["text"]["combined_chars_max"] == evidence.COMBINED_TEXT
    assert limits["file"]["expires_after_days"] * 86_400 == files.KEPT_SECONDS
    purposes = schemas["$defs"]["request.file_create"]["properties"]["purpose"]["enum"]
    assert sorted(files.PURPOSES) == sorted(purposes)
