"""Every kind of answer the PayPal sandbox gives, against the contract written from PayPal's own specification.

Not in that contract, and so not checked against it: orders, captures, refunds and transaction search (response models
of PayPal's server SDK 2.4.0), the token and userinfo, the webhooks' own endpoints (PayPal's reference pages).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.paypal import acts, answers, enums, listing, settling, tokens, webhooks, world
from gateways.sandbox.paypal.client import PayPalControl
from gateways.sandbox.paypal.endpoints import ENDPOINTS

CONTRACT = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "paypal" / "paypal-disputes.json"
DISPUTES = "/v1/customer/disputes"

# Known defects of the specification, as the contract lists them: what real payloads have and it lacks.
NOT_IN_THE_SPECIFICATION = {"dispute_info": {"outcome", "disputed_transactions"}}
EMPTY_LIST = "$.items: [] should be non-empty"

pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("paypal-contract"), gateway="paypal") as running:
        yield running


@pytest.fixture(scope="module")
def control(sandbox: Sandbox) -> PayPalControl:
    assert isinstance(sandbox.controls, PayPalControl)
    return sandbox.controls


@pytest.fixture(scope="module")
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=sandbox.api, trust_env=False) as client:
        client.headers["Authorization"] = f"Bearer {granted(client)['access_token']}"
        yield client


def granted(client: httpx.Client, app: tuple[str, str] = tokens.FULL) -> dict[str, Any]:
    answer = client.post("/v1/oauth2/token", auth=app, data={"grant_type": "client_credentials"})
    return dict(answer.json())


@pytest.fixture
def conforms(contract: dict[str, Any]) -> Any:
    def check(body: Any, kind: str, allowed: tuple[str, ...] = ()) -> None:
        schema = {"components": {"schemas": contract["schemas"]}, "$ref": f"#/components/schemas/{kind}"}
        errors = [f"{error.json_path}: {error.message}" for error in Draft202012Validator(schema).iter_errors(body)]
        assert [error for error in errors if error not in allowed] == []

    return check


def every_item(http: httpx.Client) -> list[Any]:
    return list(http.get(DISPUTES, params={"page_size": 50}).json()["items"])


def form(evidence: Any, name: str = "packet-3f9a1c2b4d.pdf") -> Any:
    sent = json.dumps({"evidences": [evidence]})
    return [
        ("input", (None, sent, "application/json")),
        ("file1", (name, b"%PDF-1.4 ...", "application/pdf")),
    ]


TRACKED = {
    "evidence_type": "PROOF_OF_FULFILLMENT",
    "evidence_info": {"tracking_info": [{"carrier_name": "OTHER", "carrier_name_other": "Aras Kargo",
                                         "tracking_number": "1"}]},
    "notes": "Delivered.",
}  # fmt: skip


def test_the_list_and_each_dispute_in_it(http: httpx.Client, conforms: Any) -> None:
    for query in ({"page_size": 5}, {"page_size": 50}, {"dispute_state": "APPEALABLE"}):
        conforms(http.get(DISPUTES, params=query).json(), "dispute_search")
    items = every_item(http)
    assert len(items) >= 12
    for item in items:
        conforms(http.get(f"{DISPUTES}/{item['dispute_id']}").json(), "dispute")


def test_an_empty_list_is_the_one_exception_that_paypal_makes_too(http: httpx.Client, conforms: Any) -> None:
    none = http.get(DISPUTES, params={"update_time_after": "2090-01-01T00:00:00Z"}).json()
    assert none["items"] == []
    conforms(none, "dispute_search", (EMPTY_LIST,))


def test_every_stage_of_a_claim(http: httpx.Client, control: PayPalControl, conforms: Any) -> None:
    id = control.dispute(message="Where is it?", outcome="lost")["dispute_id"]
    address = f"{DISPUTES}/{id}"
    conforms(http.post(f"{address}/provide-evidence", files=form(TRACKED)).json(), "subsequent_action")
    conforms(http.get(address).json(), "dispute")
    conforms(http.post(f"{address}/provide-supporting-info", json={"notes": "More."}).json(), "subsequent_action")
    conforms(control.require_evidence(id, types=["OTHER"]), "dispute")
    conforms(http.post(f"{address}/provide-evidence", files=form(TRACKED)).json(), "subsequent_action")
    conforms(control.outcome(id, "lost"), "dispute")
    conforms(http.post(f"{address}/appeal", files=form(TRACKED)).json(), "subsequent_action")
    conforms(http.post(f"{address}/adjudicate", json={"adjudication_outcome": "SELLER_FAVOR"}).json(),
             "subsequent_action")  # fmt: skip
    conforms(control.escalate(id, stage="ARBITRATION"), "dispute")
    for outcome in ("payout", "denied", "canceled"):
        conforms(control.outcome(id, outcome), "dispute")


def test_every_act_of_an_inquiry(http: httpx.Client, control: PayPalControl, conforms: Any) -> None:
    snad = {"reason": "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED", "stage": "INQUIRY", "requested_amount": "60.00"}
    euro = {"currency_code": "EUR", "value": "23"}
    offer = {"note": "Offer refund with replacement item.", "offer_amount": euro, "offer_type": "REFUND"}
    home = {"return_shipping_address": {"country_code": "IE", "address_line_1": "14 Harbour Row"}}
    id = control.dispute(**snad)["dispute_id"]
    address = f"{DISPUTES}/{id}"
    conforms(http.post(f"{address}/send-message", json={"message": "Soon."}).json(), "subsequent_action")
    conforms(http.post(f"{address}/make-offer", json=offer).json(), "subsequent_action")
    conforms(http.get(address).json(), "dispute")
    conforms(control.buyer_offer(id, "DENIED"), "dispute")
    accept = {"note": "Yes.", "accept_claim_type": "REFUND_WITH_RETURN", **home}
    conforms(http.post(f"{address}/accept-claim", json=accept).json(), "subsequent_action")
    conforms(http.get(address).json(), "dispute")
    conforms(control.buyer_returns(id), "dispute")
    received = {"note": "It is here.", "acknowledgement_type": "ITEM_RECEIVED"}
    conforms(http.post(f"{address}/acknowledge-return-item", json=received).json(), "subsequent_action")
    conforms(http.get(address).json(), "dispute")
    other = control.dispute(**snad)["dispute_id"]
    conforms(http.post(f"{DISPUTES}/{other}/escalate", json={"note": "PayPal shall."}).json(), "subsequent_action")
    conforms(http.get(f"{DISPUTES}/{other}").json(), "dispute")
    assert control.outcome(control.dispute(stage="INQUIRY")["dispute_id"], "closed")["status"] == "RESOLVED"


def test_the_contracts_own_examples_are_taken(
    http: httpx.Client, control: PayPalControl, contract: dict[str, Any]
) -> None:
    examples = contract["examples"]
    claim, inquiry = control.dispute()["dispute_id"], control.dispute(stage="INQUIRY")["dispute_id"]
    evidence = examples["provide_evidence_multipart"]["parts"][0]["json"]["evidences"][0]
    assert http.post(f"{DISPUTES}/{claim}/provide-evidence", files=form(evidence)).status_code == 200
    for act, example in (("send-message", "send_message_request"), ("escalate", "escalate_request"),
                         ("provide-supporting-info", "provide_supporting_info_request")):  # fmt: skip
        assert http.post(f"{DISPUTES}/{inquiry}/{act}", json=examples[example]).status_code == 200
    assert http.post(f"{DISPUTES}/{claim}/require-evidence",
                     json=examples["require_evidence_request"]).status_code == 200  # fmt: skip
    assert http.post(f"{DISPUTES}/{inquiry}/adjudicate", json=examples["adjudicate_request"]).status_code == 200
    assert set(examples["token_response"]) == set(granted(http))


@pytest.mark.parametrize(
    ("method", "path", "more", "status"),
    [
        ("GET", f"{DISPUTES}?page_size=99", {}, 400),
        ("GET", f"{DISPUTES}?dispute_state=A,B", {}, 400),
        ("GET", f"{DISPUTES}/PP-D-1", {}, 404),
        ("GET", "/v1/nowhere", {}, 404),
        ("GET", DISPUTES, {"headers": {"Authorization": "Bearer nonsense"}}, 401),
        ("POST", f"{DISPUTES}/PP-R-LAL-20010100/provide-evidence", {"json": {}}, 415),
        ("POST", f"{DISPUTES}/PP-R-LAL-20010100/provide-evidence", {"files": form(TRACKED, "a.b.pdf")}, 422),
        ("POST", f"{DISPUTES}/PP-R-LAL-20010100/send-message", {"json": {"message": "No."}}, 422),
        ("POST", f"{DISPUTES}/PP-R-LAL-20131200/send-message", {"json": {}}, 400),
        ("POST", f"{DISPUTES}/PP-R-LAL-20131200/deny-offer", {"json": {"note": "No."}}, 403),
    ],
)
def test_errors(http: httpx.Client, conforms: Any, method: str, path: str, more: Any, status: int) -> None:
    answer = http.request(method, path, **more)
    assert answer.status_code == status
    conforms(answer.json(), "error")
    conforms(answer.json(), f"error_{status}")


def test_errors_that_a_fault_brings(http: httpx.Client, control: PayPalControl, conforms: Any) -> None:
    for status in (400, 403, 404, 409, 415, 422, 500, 503):
        control.fault("status", status=status)
        answer = http.get(DISPUTES)
        assert answer.status_code == status
        conforms(answer.json(), f"error_{status}")
    control.fault("status", status=429)
    conforms(http.get(DISPUTES).json(), "error")


def test_error_bodies_of_the_contract_are_given_as_they_are(
    http: httpx.Client, control: PayPalControl, contract: dict[str, Any]
) -> None:
    examples = contract["examples"]
    control.fault("status", status=429)
    inquiry = control.dispute(stage="INQUIRY")["dispute_id"]
    claim = f"{DISPUTES}/{control.dispute()['dispute_id']}"
    given = {
        "error_429": http.get(DISPUTES),
        "error_415": http.post(f"{claim}/appeal", json={}),
        "error_400": http.post(f"{DISPUTES}/{inquiry}/escalate", json={}),
    }
    for name, answer in given.items():
        shown, example = answer.json(), dict(examples[name])
        assert shown.pop("debug_id")
        example.pop("debug_id")
        shown["message"], example["message"] = (body["message"].rstrip(".") for body in (shown, example))
        assert shown == example


def test_nothing_is_shown_that_the_contract_does_not_know(http: httpx.Client, contract: dict[str, Any]) -> None:
    """The contract is open; what this server adds to it must be on the list above."""
    schemas = contract["schemas"]

    def unknown(body: Any, kind: str) -> set[str]:
        return set(body) - set(schemas[kind]["properties"]) - NOT_IN_THE_SPECIFICATION.get(kind, set())

    for item in every_item(http):
        dispute = http.get(f"{DISPUTES}/{item['dispute_id']}").json()
        assert unknown(item, "dispute_info") == set()
        assert unknown(dispute, "dispute") == set()
        assert unknown(dispute["disputed_transactions"][0], "transaction_info") == set()
        for name, kind in (("evidences", "evidence"), ("money_movements", "money_movement"), ("messages", "message")):
            for part in dispute.get(name, []):
                assert unknown(part, kind) == set()


def test_the_links_are_the_contracts_table(http: httpx.Client, contract: dict[str, Any]) -> None:
    table: dict[tuple[str, bool], set[str]] = {}
    for row in contract["status_stage_actions"]:
        for stage in row["stage"]:
            named = {action.partition(" ")[0].replace("-", "_") for action in row["actions"]}
            table.setdefault((row["status"], stage == "INQUIRY"), set()).update(named)
    assert {key: set(offered) for key, offered in acts.TABLE.items()} == {key: row for key, row in table.items() if row}
    for item in every_item(http):
        dispute = http.get(f"{DISPUTES}/{item['dispute_id']}").json()
        shown = {link["rel"] for link in dispute["links"]} - {"self"}
        assert shown <= table[dispute["status"], dispute["dispute_life_cycle_stage"] == "INQUIRY"]


def test_lists_and_limits_are_the_contracts(contract: dict[str, Any]) -> None:
    schemas, limits = contract["schemas"], contract["limits"]
    assert list(enums.REASONS) == schemas["dispute_reason"]["enum"]
    assert set(schemas["evidence"]["properties"]["evidence_type"]["enum"]) == enums.EVIDENCE_TYPES
    assert set(schemas["adjudication_reason"]["enum"]) == enums.ADJUDICATION_REASONS
    assert set(schemas["tracking_info"]["properties"]["carrier_name"]["enum"]) == enums.CARRIERS
    assert set(schemas["dispute_state"]["enum"]) == set(enums.STATES)
    assert list(acts.ACKNOWLEDGEMENTS) == schemas["acknowledgement_type"]["enum"]
    for reason, asked in enums.ASKED_BY_REASON.items():
        assert set(asked) <= set(contract["evidence_by_reason"][reason])
    assert limits["file_bytes_max_exclusive"] == answers.FILE_BYTES_BELOW
    assert limits["total_bytes_per_call"] == answers.CALL_BYTES
    assert limits["notes_max_chars"] == answers.NOTES == settling.NOTE
    assert (limits["tracking_info_max"], limits["refund_ids_max"]) == (answers.TRACKING, answers.REFUND_IDS)
    assert (limits["documents_max_per_evidence"], limits["message_documents_max"]) == (
        answers.DOCUMENTS,
        settling.MESSAGE_DOCUMENTS,
    )
    assert set(limits["formats"]) == set(answers.STARTS)
    assert limits["document_name_pattern"] == answers.NAME.pattern.replace("\\-", "-")
    assert tuple(limits["page_size"]) == listing.SIZES
    assert limits["list_window_days"] == world.SETTINGS["list_days"]


def test_every_operation_of_the_contract_is_there(contract: dict[str, Any]) -> None:
    played = {f"{endpoint.method} {endpoint.template}" for endpoint in ENDPOINTS}
    assert {f"{operation['method']} {operation['path']}" for operation in contract["operations"]} <= played
    scopes = {name.rpartition("/")[2]: name for name in contract["auth"]["scopes"]}
    assert (scopes["read-seller"], scopes["update-seller"]) == (tokens.READ, tokens.UPDATE)


def test_webhook_events_and_the_signed_string_are_the_contracts(contract: dict[str, Any]) -> None:
    told = contract["webhooks"]
    assert set(told["events"]) <= set(webhooks.TYPES)
    parts = {"transmission_id": "a", "transmission_time": "b", "webhook_id": "c"}
    written, _, _ = told["signed_string"].rpartition("|")
    crc_of_nine_digits = 0xCBF43926  # the check value every CRC-32 is published with
    expected = f"{written.format(**parts)}|{crc_of_nine_digits}".encode()
    assert webhooks.signed_string("a", "b", "c", b"123456789") == expected
