"""The practice shop: it speaks the played schema, keeps Shopify's rules, and moves by its clock."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.shopify_payments import tokens
from gateways.sandbox.shopify_payments.control import ShopifyPaymentsControl
from gateways.sandbox.shopify_payments.schema import ADMIN
from gateways.sandbox.shopify_payments.world import SETTINGS
from gateways.shopify_payments.webhook import verify
from tests.gateways.square.loopback import Loopback

PDF = b"%PDF-1.4 proof"
Ask = Callable[..., dict[str, Any]]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("shopify"), gateway="shopify_payments", empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[ShopifyPaymentsControl]:
    assert isinstance(sandbox.controls, ShopifyPaymentsControl)
    yield sandbox.controls
    sandbox.controls.clear_faults()
    sandbox.controls.settings(**SETTINGS)


def asking(sandbox: Sandbox, token: str = tokens.DESK) -> Ask:
    def ask(query: str, **variables: Any) -> dict[str, Any]:
        url = f"{sandbox.api}/admin/api/2026-10/graphql.json"
        headers = {"X-Shopify-Access-Token": token}
        answer = httpx.post(url, json={"query": query, "variables": variables}, headers=headers)
        return dict(answer.json())

    return ask


@pytest.fixture
def ask(sandbox: Sandbox) -> Ask:
    return asking(sandbox)


def uploaded(sandbox: Sandbox, dispute: str, token: str = tokens.DESK, **changes: Any) -> httpx.Response:
    content = {
        "document_type": "uncategorized_file", "filename": "packet.pdf", "mimetype": "application/pdf",
        "data": base64.b64encode(PDF).decode(),
    } | changes  # fmt: skip
    url = f"{sandbox.api}/admin/api/2026-10/shopify_payments/disputes/{dispute}/dispute_file_uploads.json"
    return httpx.post(url, json={"dispute_file_upload": content}, headers={"X-Shopify-Access-Token": token})


def test_the_story_has_a_case_of_every_kind(tmp_path_factory: pytest.TempPathFactory) -> None:
    with launch(tmp_path_factory.mktemp("story"), gateway="shopify_payments") as running:
        question = "{ disputes(first: 10) { nodes { type status evidenceDueBy evidenceSentOn order { name } } } }"
        nodes = asking(running)(question)["data"]["disputes"]["nodes"]
        told = {each["order"]["name"]: (each["type"], each["status"], each["evidenceSentOn"] is not None)
                for each in nodes}  # fmt: skip
        assert told == {
            "#LL-7001": ("INQUIRY", "NEEDS_RESPONSE", False),
            "#LL-7002": ("CHARGEBACK", "NEEDS_RESPONSE", False),
            "#LL-7003": ("CHARGEBACK", "UNDER_REVIEW", True),
            "#LL-7004": ("CHARGEBACK", "WON", True),
            "#LL-7005": ("CHARGEBACK", "NEEDS_RESPONSE", False),
        }


class TestGraphQL:
    def test_a_field_the_schema_lacks_is_an_error_in_a_success(self, ask: Ask) -> None:
        body = ask("{ disputes(first: 1) { nodes { refund } } }")
        assert "Cannot query field 'refund'" in body["errors"][0]["message"]

    def test_there_is_no_mutation_that_moves_money(self) -> None:
        mutations = ADMIN.partition("type Mutation {")[2].partition("}")[0]
        assert [line.strip().partition("(")[0] for line in mutations.splitlines() if line.strip()] == [
            "disputeEvidenceUpdate"
        ]

    def test_the_id_of_the_dispute_is_not_the_evidences(self, ask: Ask, control: ShopifyPaymentsControl) -> None:
        number = control.dispute()["id"]
        question = ("mutation U($id: ID!) { disputeEvidenceUpdate(id: $id, input: {uncategorizedText: \"x\"}) "
                    "{ userErrors { code } } }")  # fmt: skip
        body = ask(question, id=f"gid://shopify/ShopifyPaymentsDisputeEvidence/{number}")
        payload = body["data"]["disputeEvidenceUpdate"]
        assert payload == {"userErrors": [{"code": "DISPUTE_EVIDENCE_NOT_FOUND"}]}
        assert (
            "Invalid global id"
            in ask(question, id=f"gid://shopify/ShopifyPaymentsDispute/{number}")["errors"][0]["message"]
        )

    def test_a_refused_update_changes_nothing(self, ask: Ask, control: ShopifyPaymentsControl) -> None:
        made = control.dispute()
        question = ("mutation U($id: ID!, $input: ShopifyPaymentsDisputeEvidenceUpdateInput!) "
                    "{ disputeEvidenceUpdate(id: $id, input: $input) { userErrors { code } } }")  # fmt: skip
        id = f"gid://shopify/ShopifyPaymentsDisputeEvidence/{made['evidence']['number']}"
        missing = {"id": "gid://shopify/ShopifyPaymentsDisputeFileUpload/1"}
        body = ask(question, id=id, input={"uncategorizedText": "x", "uncategorizedFile": missing})
        assert body["data"]["disputeEvidenceUpdate"]["userErrors"] == [{"code": "FILE_NOT_FOUND"}]
        assert "uncategorizedText" not in control.evidence(made["id"])["texts"]

    def test_the_search_narrows_by_status_and_day(self, ask: Ask, control: ShopifyPaymentsControl) -> None:
        old, new = control.dispute(opened_days=4000, due=None)["id"], control.dispute()["id"]
        question = "query D($q: String) { disputes(first: 250, query: $q) { nodes { legacyResourceId } } }"

        def found(query: str) -> set[str]:
            return {each["legacyResourceId"] for each in ask(question, q=query)["data"]["disputes"]["nodes"]}

        assert {old, new} <= found("status:needs_response OR status:UNDER_REVIEW")
        recent = found("status:NEEDS_RESPONSE AND initiated_at:>='2020-01-01T00:00:00+00:00'")
        assert new in recent
        assert old not in recent
        assert not {old, new} & found("status:WON")


class TestUploads:
    def test_a_type_in_capitals_is_refused(self, sandbox: Sandbox, control: ShopifyPaymentsControl) -> None:
        answer = uploaded(sandbox, control.dispute()["id"], document_type="UNCATEGORIZED_FILE")
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["document_type"])

    def test_what_is_no_pdf_is_refused_by_its_first_bytes(
        self, sandbox: Sandbox, control: ShopifyPaymentsControl
    ) -> None:
        answer = uploaded(sandbox, control.dispute()["id"], data=base64.b64encode(b"hello").decode())
        assert (answer.status_code, list(answer.json()["errors"])) == (422, ["mimetype"])

    def test_four_megabytes_are_all(self, sandbox: Sandbox, control: ShopifyPaymentsControl) -> None:
        one = control.dispute()["id"]
        large = base64.b64encode(PDF + b"0" * 2_500_000).decode()
        assert uploaded(sandbox, one, data=large).status_code == 200
        again = uploaded(sandbox, one, data=large)
        assert again.status_code == 422
        assert "smaller than 1499986 bytes" in again.json()["errors"]["base"][0]

    def test_without_the_right_nothing_is_taken(self, sandbox: Sandbox, control: ShopifyPaymentsControl) -> None:
        assert uploaded(sandbox, control.dispute()["id"], tokens.READER).status_code == 403

    def test_after_the_submission_nothing_is_taken(self, sandbox: Sandbox, control: ShopifyPaymentsControl) -> None:
        answer = uploaded(sandbox, control.dispute(answered_by="dashboard")["id"])
        assert answer.json() == {"errors": {"base": ["Evidence already accepted."]}}


class TestTheClock:
    def test_shopify_submits_on_the_due_date_by_itself(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        with launch(tmp_path_factory.mktemp("clock"), gateway="shopify_payments", empty=True) as running:
            control = running.controls
            one = str(control.dispute(due={"days": 3}, outcome="LOST")["id"])
            control.advance(days=4)
            assert control.effects(one)["elsewhere"] == {"submitted": 1}
            control.advance(days=61)
            answer = asking(running)("query D($id: ID!) { dispute(id: $id) { status finalizedOn } }",
                                     id=f"gid://shopify/ShopifyPaymentsDispute/{one}")  # fmt: skip
            assert answer["data"]["dispute"]["status"] == "LOST"

    def test_a_fetched_token_ends_after_a_day(self, tmp_path_factory: pytest.TempPathFactory) -> None:
        with launch(tmp_path_factory.mktemp("tokens"), gateway="shopify_payments", empty=True) as running:
            form = {"grant_type": "client_credentials", "client_id": tokens.APP[0], "client_secret": tokens.APP[1]}
            given = httpx.post(f"{running.api}/admin/oauth/access_token", data=form).json()
            question = asking(running, given["access_token"])
            assert "data" in question("{ shop { name } }")
            running.controls.advance(days=1)
            assert "Invalid API key" in question("{ shop { name } }")["errors"]


def test_a_webhook_carries_a_signature_that_the_adapter_takes(control: ShopifyPaymentsControl) -> None:
    with Loopback() as desk:
        desk.on("POST /hook", {})
        made = control.webhook_endpoint(f"{desk.url}/hook", secret="shpss_of_the_app")
        one = str(control.dispute()["id"])
        sent = desk.wait_for(lambda asked: one.encode() in asked.body)
        control.remove_webhook_endpoint(made["id"])
    event = verify(sent.body, sent.headers, secret="shpss_of_the_app")
    assert (event.type, event.external_id) == ("disputes/create", one)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"moon": 1}, "knows no moon"), ({"due": "soon"}, "no due date")],
)
def test_the_builder_refuses_words_it_does_not_know(
    control: ShopifyPaymentsControl, wrong: dict[str, Any], said: str
) -> None:
    with pytest.raises(RuntimeError, match=said):
        control.dispute(**wrong)


def test_a_token_that_might_be_real_is_not_learned(control: ShopifyPaymentsControl) -> None:
    with pytest.raises(RuntimeError, match="starts with shpat_sandbox_"):
        control.key("shpat_0123456789abcdef")
