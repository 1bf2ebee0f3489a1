"""Every kind of answer the sandbox gives, against the contract written from Square's own specification, and what the
contract does not have against the fields of the SDK's models."""

from __future__ import annotations

import contextlib
import itertools
import json
import queue
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel
from square.types.currency import Currency
from square.types.customer import Customer
from square.types.error_code import ErrorCode
from square.types.location import Location
from square.types.merchant import Merchant
from square.types.order import Order
from square.types.payment import Payment
from square.types.payment_refund import PaymentRefund
from square.types.payout import Payout
from square.types.payout_entry import PayoutEntry
from square.types.retrieve_token_status_response import RetrieveTokenStatusResponse
from square.types.webhook_subscription import WebhookSubscription

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.square import endpoints, events, evidence, lifecycle, tokens

CONTRACT = Path(__file__).resolve().parents[2].parent / "shared" / "contracts" / "square" / "square-disputes.json"

# The contract has the Disputes API only. These shapes are the models of squareup 46.0.0.20260916, named here.
FROM_THE_SDK: dict[str, tuple[str, str, Any]] = {
    "/v2/payments": ("payments", "payment", Payment),
    "/v2/refunds": ("refunds", "refund", PaymentRefund),
    "/v2/locations": ("locations", "location", Location),
    "/v2/merchants": ("merchant", "merchant", Merchant),
    "/v2/payouts": ("payouts", "payout", Payout),
}
SDK_PATHS = {
    "/v2/orders/{id}", "/v2/customers/{id}", "/v2/payouts/{id}/payout-entries", "/oauth2/token/status",
    "/v2/webhooks/subscriptions", "/v2/webhooks/subscriptions/{id}",
    *FROM_THE_SDK, *(f"{path}/{{id}}" for path in FROM_THE_SDK),
}  # fmt: skip


def words_of(union: Any) -> list[str]:
    """The SDK's open enums are Union[Literal[...], Any]."""
    return [str(word) for word in union.__args__[0].__args__]


# What the contract refers to and leaves out. The data of an event is as real deliveries have it: the specification's
# own schema for it is wrong (`envelope_defect`).
LEFT_OUT: dict[str, Any] = {
    "Currency": {"enum": words_of(Currency)},
    "ErrorCode": {"enum": words_of(ErrorCode)},
    **{
        f"Dispute{name}EventData": {
            "required": ["type", "id", "object"],
            "properties": {
                "type": {"const": "dispute"},
                "id": {"type": "string"},
                "object": {
                    "required": ["dispute"],
                    "properties": {"dispute": {"$ref": "#/components/schemas/Dispute"}},
                },
            },
        }
        for name in ("Created", "StateUpdated", "EvidenceCreated", "EvidenceDeleted")
    },
}

pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason=f"no contract: {CONTRACT} is not on this machine")


@pytest.fixture(scope="module")
def contract() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return loaded


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("square-contract"), gateway="square") as running:
        yield running


@pytest.fixture(scope="module")
def http(sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {tokens.PERSONAL}"}
    with httpx.Client(base_url=sandbox.api, headers=headers, trust_env=False) as client:
        yield client


@pytest.fixture
def conforms(contract: dict[str, Any]) -> Callable[..., None]:
    """Against a schema of the contract, closed: a field it does not know is an error too."""

    def check(body: Any, kind: str) -> None:
        schema = {"components": {"schemas": contract["schemas"] | LEFT_OUT}, "$ref": f"#/components/schemas/{kind}"}
        found = Draft202012Validator(closed(schema)).iter_errors(body)
        errors = [f"{error.json_path}: {error.message}" for error in found]
        assert not errors, "\n".join(errors)

    return check


def closed(schema: Any) -> Any:
    """OpenAPI's `nullable` is not JSON Schema's, and Square never sends null: what is not there is left out."""
    if isinstance(schema, list):
        return [closed(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result = {name: closed(value) for name, value in schema.items() if name != "nullable"}
    return result | {"additionalProperties": False} if isinstance(schema.get("properties"), dict) else result


_keys = itertools.count(1)


def text(**more: Any) -> dict[str, Any]:
    return {"idempotency_key": f"contract-{next(_keys)}", "evidence_text": "1Z", **more}


def upload(http: httpx.Client, dispute: str) -> httpx.Response:
    request = json.dumps({"idempotency_key": f"contract-{next(_keys)}", "content_type": "application/pdf"})
    files: Any = {
        "request": (None, request, "application/json; charset=utf-8"),
        "image_file": ("packet.pdf", b"%PDF-1.4", "application/pdf"),
    }
    return http.post(f"/v2/disputes/{dispute}/evidence-files", files=files)


def test_the_list_and_each_dispute_in_it(http: httpx.Client, conforms: Callable[..., None]) -> None:
    body = http.get("/v2/disputes").json()
    conforms(body, "ListDisputesResponse")
    assert body["disputes"], "an empty list proves nothing"
    for each in body["disputes"]:
        one = http.get(f"/v2/disputes/{each['id']}").json()
        conforms(one, "RetrieveDisputeResponse")
        assert one["dispute"] == each


def test_a_page_with_a_cursor_and_an_empty_one(
    sandbox: Sandbox, http: httpx.Client, conforms: Callable[..., None]
) -> None:
    sandbox.controls.settings(page_size=3)
    page = http.get("/v2/disputes").json()
    sandbox.controls.settings(page_size=100)
    assert page["cursor"]
    conforms(page, "ListDisputesResponse")
    conforms(http.get("/v2/disputes", params={"location_id": "LLALEGBR00001"}).json(), "ListDisputesResponse")


def test_every_stage_of_a_dispute(sandbox: Sandbox, http: httpx.Client, conforms: Callable[..., None]) -> None:
    control = sandbox.controls
    id = control.dispute(kind="inquiry")["id"]
    address = f"/v2/disputes/{id}"
    first = http.post(f"{address}/evidence-text", json=text(evidence_type="TRACKING_NUMBER")).json()
    conforms(first, "CreateDisputeEvidenceTextResponse")
    conforms(http.delete(f"{address}/evidence/{first['evidence']['id']}").json(), "DeleteDisputeEvidenceResponse")
    file = upload(http, id).json()
    conforms(file, "CreateDisputeEvidenceFileResponse")
    conforms(http.get(f"{address}/evidence/{file['evidence']['id']}").json(), "RetrieveDisputeEvidenceResponse")
    conforms(http.get(f"{address}/evidence").json(), "ListDisputeEvidenceResponse")
    conforms(http.post(f"{address}/submit-evidence").json(), "SubmitEvidenceResponse")
    for body in (control.escalate(id), control.outcome(id, "LOST"), control.outcome(id, "WON")):
        conforms(body, "Dispute")
    accepted = control.dispute()["id"]
    conforms(http.post(f"/v2/disputes/{accepted}/accept").json(), "AcceptDisputeResponse")


def test_the_deprecated_fields_are_the_contracts(
    sandbox: Sandbox, http: httpx.Client, conforms: Callable[..., None]
) -> None:
    sandbox.controls.settings(deprecated_fields=True)
    body = http.get(f"/v2/disputes/{sandbox.controls.dispute()['id']}").json()
    sandbox.controls.settings(deprecated_fields=False)
    assert {"dispute_id", "evidence_ids", "reported_date"} <= set(body["dispute"])
    conforms(body, "RetrieveDisputeResponse")


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/v2/disputes/nobody", None, 404),
        ("GET", "/v2/disputes?states=DRAW", None, 400),
        ("GET", "/v2/disputes?limit=1", None, 400),
        ("GET", "/v2/nowhere", None, 404),
        ("POST", "/v2/disputes/LaleSq2100000000000000/submit-evidence", None, 400),
        ("POST", "/v2/disputes/LaleSq2100000000000000/accept", None, 400),
        ("POST", "/v2/disputes/LaleSq1100000000000000/evidence-text", text(), 400),
        ("POST", "/v2/disputes/LaleSq0100000000000000/evidence-text", {}, 400),
        ("POST", "/v2/disputes/LaleSq0100000000000000/evidence-text", text(evidence_text="x" * 501), 400),
        ("POST", "/v2/disputes/LaleSq0100000000000000/evidence-files", {}, 415),
    ],
)
def test_errors(
    http: httpx.Client, conforms: Callable[..., None], method: str, path: str, body: Any, status: int
) -> None:
    answer = http.request(method, path, json=body)
    assert answer.status_code == status
    for error in answer.json()["errors"]:
        conforms(error, "Error")


def test_errors_that_a_fault_or_a_token_brings(
    sandbox: Sandbox, http: httpx.Client, conforms: Callable[..., None]
) -> None:
    for status in (400, 409, 429, 500, 502, 503, 504):
        sandbox.controls.fault("status", status=status)
        conforms(http.get("/v2/disputes").json()["errors"][0], "Error")
    sandbox.controls.key("EAAAsandbox_old", bad=True)
    for token in ("EAAAnobodys", "EAAAsandbox_old", tokens.READER):
        answer = http.post("/v2/disputes/x/accept", headers={"Authorization": f"Bearer {token}"})
        conforms(answer.json()["errors"][0], "Error")


def test_events(sandbox: Sandbox, http: httpx.Client, conforms: Callable[..., None]) -> None:
    """Each of the four, as it is delivered."""
    with listening() as (url, told):
        endpoint = sandbox.controls.webhook_endpoint(url)["id"]
        address = f"/v2/disputes/{sandbox.controls.dispute()['id']}"
        gone = http.post(f"{address}/evidence-text", json=text()).json()["evidence"]["id"]
        http.delete(f"{address}/evidence/{gone}")
        http.post(f"{address}/accept")
        arrived = {event["type"]: event for event in (told.get(timeout=8) for _ in range(4))}
        sandbox.controls.remove_webhook_endpoint(endpoint)
    conforms(arrived["dispute.created"], "DisputeCreatedEvent")
    conforms(arrived["dispute.evidence.created"], "DisputeEvidenceCreatedEvent")
    conforms(arrived["dispute.evidence.deleted"], "DisputeEvidenceDeletedEvent")
    conforms(arrived["dispute.state.updated"], "DisputeStateUpdatedEvent")


@contextlib.contextmanager
def listening() -> Iterator[tuple[str, queue.Queue[dict[str, Any]]]]:
    """Somebody's webhook endpoint: its address, and what it was told."""
    told: queue.Queue[dict[str, Any]] = queue.Queue()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/", told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_what_the_contract_has_not_has_the_fields_of_the_sdks_models(http: httpx.Client) -> None:
    for path, (plural, singular, model) in FROM_THE_SDK.items():
        listed = http.get(path).json()[plural]
        assert listed, f"{path} is empty"
        for each in listed:
            fits(each, model)
            assert http.get(f"{path}/{each['id']}").json()[singular] == each
    for payment in http.get("/v2/payments").json()["payments"]:
        fits(http.get(f"/v2/orders/{payment['order_id']}").json()["order"], Order)
        if "customer_id" in payment:
            fits(http.get(f"/v2/customers/{payment['customer_id']}").json()["customer"], Customer)
    for payout in http.get("/v2/payouts").json()["payouts"]:
        for entry in http.get(f"/v2/payouts/{payout['id']}/payout-entries").json()["payout_entries"]:
            fits(entry, PayoutEntry)


def test_the_account_and_its_subscriptions_have_too(sandbox: Sandbox, http: httpx.Client) -> None:
    fits(http.post("/oauth2/token/status").json(), RetrieveTokenStatusResponse)
    sandbox.controls.webhook_endpoint("https://desk.example/webhooks")
    (subscription,) = http.get("/v2/webhooks/subscriptions").json()["subscriptions"]
    fits(subscription, WebhookSubscription)
    fits(http.get(f"/v2/webhooks/subscriptions/{subscription['id']}").json()["subscription"],
         WebhookSubscription)  # fmt: skip


def fits(body: Any, model: type[BaseModel], at: str = "") -> None:
    """No field at any depth that the model has not under that name on the wire, and every one it must have."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    assert set(body) <= set(fields), f"{model.__name__}{at}: {set(body) - set(fields)}"
    needed = {name for name, field in fields.items() if field.is_required()}
    assert needed <= set(body), f"{model.__name__}{at}: {needed - set(body)} is missing"
    for name, value in body.items():
        inner = model_in(fields[name].annotation)
        for each in value if isinstance(value, list) else [value]:
            if inner and isinstance(each, dict):
                fits(each, inner, f"{at}.{name}")


def model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (model_in(each) for each in getattr(annotation, "__args__", ()))
    return next((each for each in found if each), None)


def test_every_endpoint_is_the_contracts_or_on_the_list_above(contract: dict[str, Any]) -> None:
    ours = {(each.method, each.template, each.scope) for each in endpoints.ENDPOINTS}
    theirs = {
        (each["method"], each["path"].replace("{dispute_id}", "{id}"), *each["scopes"])
        for each in contract["operations"]
    }
    assert theirs <= ours
    assert {path for _, path, _ in ours - theirs} == SDK_PATHS


def test_words_and_limits_are_the_contracts(contract: dict[str, Any]) -> None:
    schemas, limits = contract["schemas"], contract["limits"]
    assert set(lifecycle.STATES) == set(schemas["DisputeState"]["enum"])
    assert list(evidence.TYPES) == schemas["DisputeEvidenceType"]["enum"]
    assert set(evidence.CONTENT_TYPES) == set(limits["mime"])
    assert limits["evidence_text_max_chars"] == evidence.TEXT_MAX
    assert limits["idempotency_key_max"] == evidence.KEY_MAX
    assert schemas["DisputeEvidenceFile"]["properties"]["filename"]["maxLength"] == evidence.FILENAME_MAX
    described = {each["name"]: each["description"] for each in schemas["DisputeEvidenceType"]["x-enum-elements"]}
    for name, description in described.items():
        assert (name in evidence.FILES_ONLY) is description.rstrip().endswith("evidence as a file.")
        assert (name in evidence.TEXT_ONLY) is description.rstrip().endswith("evidence as a string.")
    assert {each["event"] for each in contract["webhooks"]["events"]} == set(events.TYPES)


def test_examples_have_the_fields_of_our_answers(contract: dict[str, Any], http: httpx.Client) -> None:
    example = contract["examples"]["retrieve_dispute_synthetic"]["dispute"]
    assert set(http.get("/v2/disputes/LaleSq0100000000000000").json()["dispute"]) == set(example)
    assert http.get("/v2/disputes/nobody").json() == contract["examples"]["error"]
