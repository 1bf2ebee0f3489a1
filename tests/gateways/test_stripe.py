"""The Stripe adapter over the real SDK and HTTP against the sandbox: each known trap is one test."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st

from disputes.database import Database, WriterOpen
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import GatewayError, GatewayFailure, WebhookRefused
from disputes.response import ResponseFile
from gateways.sandbox.control import SandboxControl
from gateways.sandbox.launch import Sandbox, launch
from gateways.stripe import mapping
from gateways.stripe.adapter import StripeGateway
from gateways.stripe.contract import FIELDS, REASONS, STATUSES
from tests import builders

KEY = "rk_test_sandbox_disputes"
FULL = "sk_test_sandbox_full"
PDF = b"%PDF-1.4 proof of delivery"
SECRET = "whsec_this_endpoint"
URL = "https://desk.example.com/webhooks/con_1"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("stripe"), empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[SandboxControl]:
    yield sandbox.controls
    sandbox.controls.clear_faults()


@pytest.fixture(scope="module")
def gateway_with(sandbox: Sandbox) -> Callable[..., StripeGateway]:
    def build(key: str = KEY, timeout: float = 10.0) -> StripeGateway:
        return StripeGateway(key, addresses={"api": sandbox.api, "files": sandbox.files}, timeout=timeout)

    return build


@pytest.fixture(scope="module")
def gateway(gateway_with: Callable[..., StripeGateway]) -> StripeGateway:
    return gateway_with()


def opened(control: SandboxControl, **spec: Any) -> str:
    return str(control.dispute(**spec)["id"])


def packet(data: bytes = PDF, name: str = "packet-3f9a1c2b4d.pdf") -> ResponseFile:
    return ResponseFile(slot="uncategorized_file", name=name, sha256=builders.digest(data), size=len(data), pages=1)


def sent(control: SandboxControl, **filters: Any) -> list[dict[str, Any]]:
    return control.log(method="POST", **filters)


def stage(gateway: StripeGateway, external_id: str, *, key: str = "stage-1", **more: Any) -> None:
    file = gateway.upload(packet(), PDF, key=f"{key}-file-{external_id}")
    gateway.stage(
        builders.answer(external_id=external_id, data=PDF), {"uncategorized_file": file.file_id}, key=key, **more
    )


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


class TestFailing:
    @pytest.mark.parametrize(
        ("fault", "failure", "retryable", "effect_possible"),
        [
            ({"kind": "status", "status": 400}, GatewayFailure.REJECTED, False, False),
            ({"kind": "status", "status": 404}, GatewayFailure.NOT_FOUND, False, False),
            ({"kind": "status", "status": 401}, GatewayFailure.CREDENTIALS, False, False),
            ({"kind": "status", "status": 403}, GatewayFailure.RIGHTS, False, False),
            ({"kind": "status", "status": 429}, GatewayFailure.RATE_LIMITED, True, False),
            ({"kind": "status", "status": 429, "code": "lock_timeout"}, GatewayFailure.RATE_LIMITED, True, False),
            ({"kind": "status", "status": 409}, GatewayFailure.RATE_LIMITED, True, False),
            ({"kind": "status", "status": 500}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "status", "status": 503}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "html", "status": 502}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "html", "status": 200}, GatewayFailure.MALFORMED, True, True),
            ({"kind": "truncate"}, None, True, True),
            ({"kind": "drop_before"}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "drop_after"}, GatewayFailure.UNAVAILABLE, True, True),
            ({"kind": "hang", "seconds": 2}, GatewayFailure.UNAVAILABLE, True, True),
        ],
        ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
    )
    def test_every_bad_answer_to_a_write_has_its_name(
        self,
        gateway_with: Callable[..., StripeGateway],
        control: SandboxControl,
        fault: dict[str, Any],
        failure: GatewayFailure | None,
        retryable: bool,
        effect_possible: bool,
    ) -> None:
        one = opened(control)
        control.fault(**fault, method="POST", path=one)
        with pytest.raises(GatewayError) as told:
            gateway_with(timeout=0.8).submit(one, key=f"submit-{one}")
        assert failure in (None, told.value.failure)
        assert (told.value.retryable, told.value.effect_possible) == (retryable, effect_possible)
        assert KEY not in str(told.value)

    @pytest.mark.parametrize(
        ("fault", "failure"),
        [
            ({"kind": "status", "status": 401}, GatewayFailure.CREDENTIALS),
            ({"kind": "status", "status": 403}, GatewayFailure.RIGHTS),
            ({"kind": "status", "status": 429}, GatewayFailure.RATE_LIMITED),
            ({"kind": "html", "status": 200}, GatewayFailure.MALFORMED),
        ],
        ids=lambda value: " ".join(map(str, value.values())) if isinstance(value, dict) else "",
    )
    def test_a_read_is_never_said_to_have_done_something(
        self, gateway: StripeGateway, control: SandboxControl, fault: dict[str, Any], failure: GatewayFailure
    ) -> None:
        control.fault(**fault, method="GET", times=5)
        with pytest.raises(GatewayError) as told:
            gateway.disputes()
        assert (told.value.failure, told.value.effect_possible) == (failure, False)

    @pytest.mark.parametrize("key", ["sk_test_wrong_and_secret_4242", "rk_test_without_any_rights_4242"])
    def test_no_error_message_holds_the_key(
        self, gateway_with: Callable[..., StripeGateway], control: SandboxControl, key: str
    ) -> None:
        if key.startswith("rk_"):
            control.key(key, rights=[])
        with pytest.raises(GatewayError) as told:
            gateway_with(key).disputes()
        assert key not in str(told.value)
        assert key[8:-4] not in str(told.value)

    def test_a_dispute_that_lacks_what_it_must_have_is_refused_in_words(self) -> None:
        with pytest.raises(GatewayError, match="lacks or garbles") as told:
            mapping.snapshot({"id": "du_1", "status": "needs_response"})
        assert told.value.failure is GatewayFailure.MALFORMED


class TestReading:
    def test_pages_are_walked_to_the_end_and_then_the_warnings(self, tmp_path: Path) -> None:
        with launch(tmp_path / "many", empty=True) as sandbox:
            sandbox.controls.bulk(130)
            charge = str(sandbox.controls.charge()["id"])
            sandbox.controls.early_fraud_warning(charge)
            gateway = StripeGateway(KEY, addresses={"api": sandbox.api, "files": sandbox.files})
            found, cursor, pages = [], None, 0
            while True:
                page = gateway.disputes(cursor=cursor)
                found += page.disputes
                cursor, pages = page.cursor, pages + 1
                if cursor is None:
                    break
        assert len({one.external_id for one in found}) == len(found)
        assert sum(one.kind is Kind.ALERT for one in found) >= 1
        assert sum(one.kind is not Kind.ALERT for one in found) >= 130
        assert pages >= 3

    def test_an_early_fraud_warning_is_an_alert_that_nobody_answers(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        warned = control.early_fraud_warning(str(control.charge()["id"]), "made_with_stolen_card")
        alert = gateway.dispute(str(warned["id"]))
        assert (alert.kind, alert.raw_reason, alert.due_at) == (Kind.ALERT, "made_with_stolen_card", None)
        assert not alert.capabilities.submit

    def test_the_charge_and_not_the_dispute_is_asked_for_the_payment(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        """peers 9: the dispute's id was used where the charge's is needed."""
        one = opened(control, refunds=[{"amount": 500, "days": 2}])
        snapshot = gateway.dispute(one)
        payment, raw = gateway.payment(snapshot)
        assert payment.payment_id == snapshot.payment_id
        assert str(snapshot.payment_id).startswith("ch_")
        assert [refund.amount.minor for refund in payment.refunds] == [500]
        assert json.loads(raw)["charge"]["id"] == snapshot.payment_id

    def test_changes_bring_ids_only_and_read_a_little_twice(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        """peers 6, 7: missed news are found by polling, and the status comes from the object, not from the event."""
        cursor = gateway.changes(None).cursor
        one = opened(control)
        control.outcome(one, "lost")
        first = gateway.changes(cursor)
        assert one in first.external_ids
        assert int(first.cursor) >= int(cursor)
        assert one in gateway.changes(first.cursor).external_ids, "the overlap shows late events again"
        asked = control.log(method="GET", path="/v1/events")[-1]["params"]["created"]["gte"]
        assert int(asked) <= int(first.cursor) - 60

    def test_a_cursor_older_than_the_events_are_kept_says_that_it_is_expired(self, gateway: StripeGateway) -> None:
        old = str(int(time.time()) - 40 * 86_400)
        changes = gateway.changes(old)
        assert changes.expired
        assert int(changes.cursor) > int(old)

    def test_who_the_key_speaks_for_and_that_it_may_do_no_more_than_it_needs(self, gateway: StripeGateway) -> None:
        account = gateway.account()
        assert (account.name, account.live, account.currency) == ("Lale Living", False, "EUR")
        assert (account.rights_missing, account.rights_too_many) == ((), ())
        assert abs(account.clock_skew_seconds) < 5

    def test_a_key_with_more_rights_than_needed_is_told(self, gateway_with: Callable[..., StripeGateway]) -> None:
        """peers 18: a stolen token with refund rights was used."""
        (said,) = gateway_with(FULL).account().rights_too_many
        assert "refund" in said

    def test_a_missing_right_is_named(
        self, gateway_with: Callable[..., StripeGateway], control: SandboxControl
    ) -> None:
        control.key("rk_test_half_of_it", rights=["account_read", "dispute_read", "charge_read"])
        missing = gateway_with("rk_test_half_of_it").account().rights_missing
        assert "Files: read" in missing
        assert "Disputes: read" not in missing

    def test_what_stripe_filled_in_by_itself_is_not_the_merchants(
        self, gateway: StripeGateway, control: SandboxControl
    ) -> None:
        control.settings(prefill_seconds=0)
        one = opened(control)
        control.advance(1)
        snapshot = gateway.dispute(one)
        assert snapshot.prefilled
        assert snapshot.staged == {}

    @pytest.mark.parametrize("field", ["product_description", "uncategorized_text"])
    def test_what_somebody_wrote_in_the_dashboard_is_not_taken_for_prefill(
        self, gateway: StripeGateway, control: SandboxControl, field: str
    ) -> None:
        one = opened(control)
        control.stage_foreign(one, **{field: "A colleague's words."})
        assert gateway.dispute(one).staged.get(field) == "A colleague's words."


def raw(**changes: Any) -> dict[str, Any]:
    """A dispute as the API sends it today."""
    base: dict[str, Any] = {
        "id": "du_1",
        "object": "dispute",
        "amount": 6000,
        "charge": "ch_1",
        "created": 1_763_000_000,
        "currency": "usd",
        "evidence": {},
        "evidence_details": {"due_by": 1_764_000_000, "submission_count": 0, "has_evidence": False},
        "livemode": False,
        "reason": "fraudulent",
        "status": "needs_response",
        "payment_method_details": {
            "type": "card",
            "card": {"brand": "visa", "case_type": "chargeback", "network_reason_code": "10.4"},
        },
    }
    return base | changes


class TestMapping:
    @given(
        status=st.text(max_size=30),
        reason=st.none() | st.text(max_size=30),
        name=st.text(st.characters(categories=["Ll"]), min_size=1, max_size=20),
        case=st.none() | st.text(max_size=20),
    )
    def test_an_unknown_status_reason_field_or_kind_is_kept_and_never_fatal(
        self, status: str, reason: str | None, name: str, case: str | None
    ) -> None:
        body = raw(status=status, reason=reason, **{f"x_{name}": 1})
        body["payment_method_details"]["card"]["case_type"] = case
        snapshot = mapping.snapshot(body)
        assert snapshot.raw_status == status
        assert snapshot.raw == body
        assert f"field x_{name}" in snapshot.unknown
        if status not in STATUSES:
            assert snapshot.status is GatewayStatus.UNKNOWN
            assert f"status {status}" in snapshot.unknown

    def test_todays_shape_holds_nothing_unknown(self) -> None:
        assert mapping.snapshot(raw()).unknown == ()
        assert set(raw()) <= FIELDS
        assert raw()["reason"] in REASONS

    def test_the_shape_of_2020_is_read_too(self) -> None:
        """Webhooks come in the version of the endpoint; a fixture from 2020 has no case type and no method details."""
        body = raw(status="warning_needs_response", balance_transaction=None, is_charge_refundable=True)
        del body["payment_method_details"]
        body["evidence_details"] = {"due_by": 1_764_000_000, "submission_count": 0}
        snapshot = mapping.snapshot(body)
        assert (snapshot.kind, snapshot.status) == (Kind.INQUIRY, GatewayStatus.NEEDS_RESPONSE)
        assert snapshot.reason_code is None

    @pytest.mark.parametrize("due_by", [0, None])
    def test_no_due_date_means_that_no_answer_is_taken(self, due_by: int | None) -> None:
        body = raw()
        body["evidence_details"]["due_by"] = due_by
        snapshot = mapping.snapshot(body)
        assert snapshot.due_at is None
        assert not snapshot.capabilities.submit

    @pytest.mark.parametrize(
        ("minor", "currency", "meant"),
        [
            (6000, "usd", Money(6000, "USD")),
            (500, "jpy", Money(500, "JPY")),
            (100, "isk", Money(1, "ISK")),
            (700, "ugx", Money(7, "UGX")),
            (1230, "kwd", Money(1230, "KWD")),
        ],
    )
    def test_minor_units_are_stripes_own(self, minor: int, currency: str, meant: Money) -> None:
        assert mapping.snapshot(raw(amount=minor, currency=currency)).amount == meant

    def test_an_amount_that_would_lose_a_fraction_is_refused(self) -> None:
        with pytest.raises(GatewayError, match="garbles"):
            mapping.snapshot(raw(amount=150, currency="isk"))

    def test_visa_10_5_and_cartes_bancaires_cannot_be_contested(self) -> None:
        no_evidence, cartes = raw(), raw()
        no_evidence["payment_method_details"]["card"]["network_reason_code"] = "10.5"
        cartes["payment_method_details"]["card"]["brand"] = "cartes_bancaires"
        assert not mapping.snapshot(no_evidence).capabilities.submit
        assert not mapping.snapshot(cartes).capabilities.submit

    def test_accepting_an_inquiry_is_not_offered(self) -> None:
        body = raw(status="warning_needs_response")
        assert not mapping.snapshot(body).capabilities.accept
        assert mapping.snapshot(raw()).capabilities.accept

    def test_money_comes_from_the_ledger_and_not_from_a_rule(self) -> None:
        """The withdrawal is in the settlement currency; the fee is its own line, and is returned or is not."""
        withdrawal = {
            "id": "txn_1", "amount": -8391, "currency": "cad", "created": 1, "fee": 1500, "type": "adjustment",
            "reporting_category": "dispute",
        }  # fmt: skip
        reversal = withdrawal | {"id": "txn_2", "amount": 8391, "fee": -1500, "reporting_category": "dispute_reversal"}
        lines = mapping.snapshot(raw(balance_transactions=[withdrawal, reversal])).movements
        assert [(line.kind, line.amount.minor, line.amount.currency) for line in lines] == [
            ("withdrawal", -8391, "CAD"),
            ("fee", -1500, "CAD"),
            ("reversal", 8391, "CAD"),
            ("fee_returned", 1500, "CAD"),
        ]
        assert mapping.snapshot(raw(balance_transactions=[withdrawal])).settlement == Money(8391, "CAD")

    def test_a_round_is_told_by_kind_and_count(self) -> None:
        inquiry = raw(status="warning_needs_response")
        assert mapping.snapshot(inquiry).round_facts == "inquiry:0"
        assert mapping.snapshot(raw()).round_facts == "chargeback:0"


class TestWebhooks:
    def event(self, **changes: Any) -> bytes:
        body = {"id": "evt_1", "type": "charge.dispute.updated", "data": {"object": {"id": "du_1"}}}
        return json.dumps(body | changes).encode()

    def signed(self, body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
        header = stripe.WebhookSignature.generate_signature_header(
            payload=body.decode(), secret=secret, timestamp=int(at or time.time())
        )
        return {"stripe-signature": header}

    def test_a_signed_event_is_believed_for_its_ids_only(self, gateway: StripeGateway) -> None:
        body = self.event()
        event = gateway.verify_webhook(body, self.signed(body), secret=SECRET, url=URL)
        assert (event.event_id, event.external_id) == ("evt_1", "du_1")

    def test_an_event_about_something_else_points_at_nothing(self, gateway: StripeGateway) -> None:
        body = self.event(type="charge.updated", data={"object": {"id": "ch_1"}})
        assert gateway.verify_webhook(body, self.signed(body), secret=SECRET, url=URL).external_id is None

    @pytest.mark.parametrize("away", [-timedelta(minutes=6), timedelta(minutes=6)], ids=["past", "future"])
    def test_a_signature_from_another_time_is_refused(self, gateway: StripeGateway, away: timedelta) -> None:
        """The SDK looks backwards only."""
        body = self.event()
        at = (datetime.now(UTC) + away).timestamp()
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(body, self.signed(body, at=at), secret=SECRET, url=URL)

    @pytest.mark.parametrize(
        "headers", [{}, {"stripe-signature": ""}, {"stripe-signature": "t=now,v1=x"}, {"stripe-signature": "v1=abc"}]
    )
    def test_a_missing_or_broken_signature_is_refused(self, gateway: StripeGateway, headers: dict[str, str]) -> None:
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(self.event(), headers, secret=SECRET, url=URL)

    def test_another_endpoints_secret_is_refused(self, gateway: StripeGateway) -> None:
        body = self.event()
        with pytest.raises(WebhookRefused, match="does not belong"):
            gateway.verify_webhook(body, self.signed(body, secret="whsec_other"), secret=SECRET, url=URL)

    def test_while_a_secret_is_rotated_either_signature_will_do(self, gateway: StripeGateway) -> None:
        body = self.event()
        at = time.time()
        new = self.signed(body, at=at)["stripe-signature"]
        old = self.signed(body, secret="whsec_old", at=at)["stripe-signature"].partition("v1=")[2]
        both = {"stripe-signature": f"{new},v1={old}"}
        assert gateway.verify_webhook(body, both, secret=SECRET, url=URL).event_id == "evt_1"
        assert gateway.verify_webhook(body, both, secret="whsec_old", url=URL).event_id == "evt_1"

    def test_a_changed_body_is_refused(self, gateway: StripeGateway) -> None:
        headers = self.signed(self.event())
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(self.event(id="evt_2"), headers, secret=SECRET, url=URL)

    @pytest.mark.parametrize("body", [b"[]", b"{}", b'"x"', b"\xff\xfe", b"not json"])
    def test_a_body_that_is_no_event_is_refused(self, gateway: StripeGateway, body: bytes) -> None:
        headers = {"stripe-signature": "t=1,v1=x"}
        if body != b"\xff\xfe":
            headers = self.signed(body)
        with pytest.raises(WebhookRefused):
            gateway.verify_webhook(body, headers, secret=SECRET, url=URL)
