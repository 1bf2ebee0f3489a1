"""The adapter against the sandbox, a server of its own that was written from the contract by somebody else."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from disputes.acts import GatewayAct
from disputes.comparison import differences
from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.ports import Answer, Approved, GatewayError, GatewayFailure, Stopped, WebhookRefused, Write
from gateways.paypal import mapping
from gateways.paypal.adapter import PayPalGateway
from gateways.sandbox.launch import Sandbox, launch
from gateways.sandbox.paypal.client import PayPalControl
from tests.gateways.paypal.examples import NAME, PDF, approved, file

FULL = ("sandbox-full", "sandbox-full-secret")
READ_ONLY = ("sandbox-read", "sandbox-read-secret")
BARE = ("sandbox-bare", "sandbox-bare-secret")
INR, SNAD = "MERCHANDISE_OR_SERVICE_NOT_RECEIVED", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with launch(tmp_path_factory.mktemp("paypal"), gateway="paypal", empty=True) as running:
        yield running


@pytest.fixture
def control(sandbox: Sandbox) -> Iterator[PayPalControl]:
    controls = sandbox.controls
    assert isinstance(controls, PayPalControl)
    yield controls
    controls.clear_faults()
    controls.settings(review_begins_seconds=0, certificate="chain")


def gateway(sandbox: Sandbox, who: tuple[str, str] = FULL, timeout: float = 10.0) -> PayPalGateway:
    controls = sandbox.controls
    assert isinstance(controls, PayPalControl)
    addresses = {"api": sandbox.api, "webhook_root": controls.trust()["root_pem"]}
    return PayPalGateway(*who, addresses=addresses, timeout=timeout)


@pytest.fixture
def paypal(sandbox: Sandbox) -> PayPalGateway:
    return gateway(sandbox)


def opened(control: PayPalControl, **spec: Any) -> str:
    return str(
        control.dispute(**({"reason": INR, "stage": "CHARGEBACK", "amount": "100.00", "currency": "USD"} | spec))[
            "dispute_id"
        ]
    )


def everything(paypal: PayPalGateway) -> list[str]:
    found: list[str] = []
    cursor = None
    while True:
        page = paypal.disputes(cursor=cursor)
        found += [each.external_id for each in page.disputes]
        cursor = page.cursor
        if cursor is None:
            return found


def first(paypal: PayPalGateway, what: Approved) -> Write:
    return next(paypal.plan(what))


def done(paypal: PayPalGateway, what: Approved) -> tuple[Write, Answer]:
    """As the journal does it: the image, the call; and the image for the question afterwards."""
    write = first(paypal, what)
    before = write.before()
    assert write.seen(before) is None
    write.send("key-of-the-journal")
    return write, before


class TestReading:
    def test_the_whole_story_is_known_to_the_contract(self, tmp_path: Path) -> None:
        with launch(tmp_path, gateway="paypal") as story:
            found = gateway(story).disputes().disputes
        assert len(found) > 15
        assert {each.unknown for each in found} == {()}
        assert {"HUF", "TWD"} <= {each.amount.currency for each in found}
        assert {each.kind for each in found} >= {Kind.INQUIRY, Kind.CHARGEBACK, Kind.PRE_ARBITRATION}

    def test_all_pages_in_every_style_of_paging(self, tmp_path: Path) -> None:
        with launch(tmp_path, gateway="paypal", empty=True) as crowded:
            assert isinstance(crowded.controls, PayPalControl)
            crowded.controls.bulk(130)
            styles = {}
            for paging in ("token", "page_links", "page"):
                crowded.controls.settings(paging=paging)
                styles[paging] = everything(gateway(crowded))
        numbers = {style: (len(found), len(set(found))) for style, found in styles.items()}
        assert numbers == dict.fromkeys(styles, (131, 131)), "the pattern and its 130 copies"

    def test_changes_are_what_was_updated_since(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        cursor = paypal.changes(None).cursor
        one = opened(control)
        told = paypal.changes(cursor)
        assert one in {each.external_id for each in told.snapshots}
        assert told.cursor > cursor

    @pytest.mark.parametrize(("currency", "amount", "minor"), [("HUF", "45900", 4590000), ("TWD", "2480", 248000)])
    def test_currencies_without_places_are_read_as_iso_has_them(
        self, control: PayPalControl, paypal: PayPalGateway, currency: str, amount: str, minor: int
    ) -> None:
        one = opened(control, currency=currency, amount=amount)
        assert paypal.dispute(one).amount == Money(minor, currency)

    def test_an_account_by_three_applications(self, sandbox: Sandbox) -> None:
        full, read, bare = (gateway(sandbox, who).account() for who in (FULL, READ_ONLY, BARE))
        assert {full.account_id, read.account_id, bare.account_id} == {"LALELIVING26A"}
        assert (full.may_file, read.may_file, bare.may_file) == (True, False, True)
        assert not any("update-seller" in words for words in read.rights_too_many)

    def test_the_payment_with_its_refunds(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control, refunds=[{"amount": "20.00", "days": 3}])
        payment, raw = paypal.payment(paypal.dispute(one))
        (refund,) = payment.refunds
        assert (refund.amount, refund.status) == (Money(2000, "USD"), "succeeded")
        assert payment.payment_id.encode() in raw
        assert payment.shipping is not None

    def test_an_application_that_may_not_see_payments_still_has_the_disputes_own_facts(
        self, sandbox: Sandbox, control: PayPalControl
    ) -> None:
        bare = gateway(sandbox, BARE)
        payment, _ = bare.payment(bare.dispute(opened(control)))
        assert payment.amount == Money(10000, "USD")
        assert payment.refunds == ()

    def test_but_never_says_that_nothing_was_paid_back_where_it_was(
        self, sandbox: Sandbox, control: PayPalControl
    ) -> None:
        bare = gateway(sandbox, BARE)
        one = opened(control, refunds=[{"amount": "20.00", "days": 3}])
        with pytest.raises(GatewayError, match="Transaction search"):
            bare.payment(bare.dispute(one))

    def test_a_revoked_token_is_renewed_without_a_word(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control)
        paypal.dispute(one)
        control.revoke_tokens()
        assert paypal.dispute(one).external_id == one


class TestAnswering:
    def test_what_was_approved_is_what_lies_there(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control, requested=["PROOF_OF_FULFILLMENT"])
        what = approved(dispute_id=one)
        write, before = done(paypal, what)
        assert write.seen(before)
        assert what.response is not None
        assert differences(what.response, paypal.read_back(one)) == []
        assert paypal.dispute(one).status is GatewayStatus.UNDER_REVIEW
        (document,) = control.documents(one)
        assert (document["name"], document["size"]) == (NAME, len(PDF))
        assert control.effects(one)["evidence_provided"] == 1

    def test_an_other_carrier_and_a_refund(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control)
        fields = {
            "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "OTHER",
            "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name_other": "Aras Kargo",
            "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "AR1",
            "PROOF_OF_FULFILLMENT.notes": "Kapıda teslim edildi.",
            "PROOF_OF_REFUND.refund_ids[0]": "1RF",
            "PROOF_OF_REFUND.notes": "Paid back.",
        }
        done(paypal, approved(fields=fields, files=(file(),), dispute_id=one))
        assert dict(paypal.read_back(one).fields) == fields

    @pytest.mark.parametrize("fault", ["drop_after", "status_after"])
    def test_a_lost_answer_that_took_effect_is_recognised(
        self, control: PayPalControl, paypal: PayPalGateway, fault: str
    ) -> None:
        one = opened(control)
        if fault == "drop_after":
            control.fault("drop_after", method="POST", path="provide-evidence")
        else:
            control.fault("status", status=500, after=True, method="POST", path="provide-evidence")
        write = first(paypal, approved(dispute_id=one))
        before = write.before()
        with pytest.raises(GatewayError) as told:
            write.send("k")
        assert told.value.effect_possible
        assert write.seen(before) == {"sent": True, "read_back": True}
        assert control.effects(one)["evidence_provided"] == 1

    def test_a_lost_request_is_not(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control)
        control.fault("drop_before", method="POST", path="provide-evidence")
        write = first(paypal, approved(dispute_id=one))
        before = write.before()
        with pytest.raises(GatewayError) as told:
            write.send("k")
        assert told.value.effect_possible
        assert write.seen(before) is None
        assert control.effects(one)["evidence_provided"] == 0

    def test_the_adapter_never_sends_twice_where_paypal_would_take_it_twice(
        self, control: PayPalControl, paypal: PayPalGateway
    ) -> None:
        """Here nothing at PayPal stops a second answer, and no key does either."""
        control.settings(review_begins_seconds=60)
        one = opened(control)
        control.fault("status", status=503, after=True, method="POST", path="provide-evidence", times=5)
        write = first(paypal, approved(dispute_id=one))
        before = write.before()
        with pytest.raises(GatewayError):
            write.send("k")
        assert write.seen(before)
        assert control.effects(one)["evidence_provided"] == 1

    def test_somebody_elses_answer_is_not_taken_for_ours(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        control.settings(review_begins_seconds=60)
        one = opened(control)
        write = first(paypal, approved(dispute_id=one))
        before = write.before()
        control.evidence_foreign(one, evidence_type="OTHER", notes="From the Resolution Center.")
        assert write.seen(before) is None
        assert paypal.dispute(one).submission_count == 1

    def test_a_second_question_is_a_second_round(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control, requested=["PROOF_OF_FULFILLMENT"])
        done(paypal, approved(dispute_id=one))
        earlier = paypal.dispute(one)
        control.require_evidence(one, types=["PROOF_OF_REFUND"])
        again = paypal.dispute(one)
        assert (earlier.round_facts, again.round_facts) == ("CHARGEBACK:1", "CHARGEBACK:1")
        assert (again.status, again.requested) == (GatewayStatus.NEEDS_RESPONSE, ("PROOF_OF_REFUND",))
        second = {"PROOF_OF_REFUND.refund_ids[0]": "1RF", "PROOF_OF_REFUND.notes": "Paid back."}
        done(paypal, approved(fields=second, dispute_id=one))
        back = paypal.read_back(one)
        assert (dict(back.fields), dict(back.files), back.submission_count) == (second, {}, 2)

    def test_a_lost_case_is_appealed_with_the_packet(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control)
        done(paypal, approved(dispute_id=one))
        control.outcome(one, "lost", appealable=True)
        lost = paypal.dispute(one)
        assert (lost.status, lost.kind, lost.capabilities.answer_act, lost.previous_outcome) == (
            GatewayStatus.NEEDS_RESPONSE,
            Kind.PRE_ARBITRATION,
            GatewayAct.APPEAL,
            GatewayStatus.LOST,
        )
        new = b"%PDF-1.4 the appeal"
        what = approved(GatewayAct.APPEAL, None, files=(file("appeal-1.pdf", new),), data=new, dispute_id=one)
        write, before = done(paypal, what)
        assert write.seen(before)
        assert control.effects(one)["appealed"] == 1
        assert paypal.read_back(one).files["documents"].name == "appeal-1.pdf"

    def test_with_reading_alone_paypal_takes_nothing(self, sandbox: Sandbox, control: PayPalControl) -> None:
        reader = gateway(sandbox, READ_ONLY)
        one = opened(control)
        with pytest.raises(GatewayError) as told:
            first(reader, approved(dispute_id=one)).send("k")
        assert (told.value.failure, told.value.effect_possible) == (GatewayFailure.RIGHTS, False)


OTHER_ACTS: list[tuple[GatewayAct, dict[str, Any], dict[str, str], str]] = [
    (GatewayAct.MESSAGE, {"stage": "INQUIRY"}, {"message": "Kargonuz yolda; Salı günü gelir."}, "message_sent"),
    (GatewayAct.ESCALATE, {"stage": "INQUIRY"}, {"note": "We do not agree."}, "escalated"),
    (
        GatewayAct.OFFER,
        {"stage": "INQUIRY", "reason": SNAD},
        {
            "note": "Half.",
            "offer_type": "REFUND",
            "offer_amount.currency_code": "USD",
            "offer_amount.value": "50.00",
        },
        "offer_made",
    ),
    (GatewayAct.ACCEPT, {}, {"accept_claim_type": "REFUND", "note": "You are right."}, "accepted"),
]


class TestTheOtherActs:
    @pytest.mark.parametrize(("act", "spec", "fields", "effect"), OTHER_ACTS, ids=lambda one: str(one)[:20])
    def test_takes_effect_once_and_is_seen(
        self,
        control: PayPalControl,
        paypal: PayPalGateway,
        act: GatewayAct,
        spec: dict[str, Any],
        fields: dict[str, str],
        effect: str,
    ) -> None:
        one = opened(control, **spec)
        assert act in {each.act for each in paypal.dispute(one).capabilities.offers}
        write, before = done(paypal, approved(act, fields, dispute_id=one))
        assert write.seen(before)
        assert control.effects(one)[effect] == 1

    @pytest.mark.parametrize(("act", "spec", "fields", "effect"), OTHER_ACTS, ids=lambda one: str(one)[:20])
    def test_is_seen_though_the_answer_was_lost(
        self,
        control: PayPalControl,
        paypal: PayPalGateway,
        act: GatewayAct,
        spec: dict[str, Any],
        fields: dict[str, str],
        effect: str,
    ) -> None:
        one = opened(control, **spec)
        write = first(paypal, approved(act, fields, dispute_id=one))
        before = write.before()
        control.fault("drop_after", method="POST", path=one)
        with pytest.raises(GatewayError):
            write.send("k")
        assert write.seen(before)
        assert control.effects(one)[effect] == 1

    def test_supporting_information_while_paypal_decides(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control)
        done(paypal, approved(dispute_id=one))
        fields = {"notes": "The carrier's own letter."}
        write, before = done(
            paypal, approved(GatewayAct.SUPPORTING_INFO, fields, files=(file("letter-1.pdf"),), dispute_id=one)
        )
        assert write.seen(before)
        assert control.effects(one)["supporting_info_provided"] == 1
        assert paypal.read_back(one).submission_count == 1, "supporting information answers nothing"

    def test_a_return_is_acknowledged(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control, stage="INQUIRY", reason=SNAD)
        offer = {
            "note": "Send it back.",
            "offer_type": "REFUND_WITH_RETURN",
            "offer_amount.currency_code": "USD",
            "offer_amount.value": "100.00",
            "return_shipping_address.address_line_1": "Lale Sk. 1",
            "return_shipping_address.admin_area_2": "İstanbul",
            "return_shipping_address.postal_code": "34000",
            "return_shipping_address.country_code": "TR",
        }
        done(paypal, approved(GatewayAct.OFFER, offer, dispute_id=one))
        control.buyer_offer(one, "ACCEPTED")
        control.buyer_returns(one)
        (act,) = [each for each in paypal.dispute(one).capabilities.offers if each.act == GatewayAct.ACKNOWLEDGE_RETURN]
        assert "ITEM_RECEIVED" in act.options["acknowledgement_type"]
        fields = {"acknowledgement_type": "ITEM_RECEIVED", "note": "It is back."}
        write, before = done(paypal, approved(GatewayAct.ACKNOWLEDGE_RETURN, fields, dispute_id=one))
        assert write.seen(before)
        assert control.effects(one)["return_acknowledged"] == 1

    def test_what_is_not_offered_is_not_sent(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control)
        with pytest.raises(Stopped, match="does not offer this now"):
            first(paypal, approved(GatewayAct.MESSAGE, {"message": "Hello"}, dispute_id=one))
        with pytest.raises(Stopped, match="it offers"):
            first(
                paypal,
                approved(GatewayAct.ACCEPT, {"accept_claim_type": "REFUND_WITH_RETURN_SHIPMENT_LABEL"}, dispute_id=one),
            )
        assert sum(value for value in control.effects(one).values() if isinstance(value, int)) == 0

    def test_the_disputes_messages_are_read(self, control: PayPalControl, paypal: PayPalGateway) -> None:
        one = opened(control, stage="INQUIRY", message="Paket nerede?")
        control.buyer_message(one, "Hâlâ bekliyorum.")
        bodies = [each.body for each in mapping.messages(paypal.dispute(one).raw)]
        assert bodies == ["Paket nerede?", "Hâlâ bekliyorum."]


class TestWebhooks:
    @contextmanager
    def received(self) -> Iterator[tuple[str, Queue[tuple[bytes, dict[str, str]]]]]:
        """A receiver that keeps what it is sent."""
        queue: Queue[tuple[bytes, dict[str, str]]] = Queue()

        class Receiver(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                queue.put((body, dict(self.headers.items())))
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        server = HTTPServer(("127.0.0.1", 0), Receiver)
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/hook", queue
        finally:
            server.shutdown()
            server.server_close()
            thread.join()

    @pytest.mark.parametrize("certificate", ["chain", "leaf"])
    def test_its_deliveries_are_proved_by_chain_or_by_asking(
        self, sandbox: Sandbox, control: PayPalControl, certificate: str
    ) -> None:
        control.settings(certificate=certificate)
        with self.received() as (url, queue):
            endpoint = control.webhook_endpoint(url)
            one = opened(control)
            body, headers = queue.get(timeout=20)
            # Certificates are kept by the process; another time-out is another connection.
            paypal = gateway(sandbox, timeout=11.0 if certificate == "chain" else 12.0)
            event = paypal.verify_webhook(body, headers, secret=endpoint["id"], url=url)
            assert event.external_id == one
            assert event.type == "CUSTOMER.DISPUTE.CREATED"
            with pytest.raises(WebhookRefused):
                paypal.verify_webhook(body.replace(b"PP-R", b"PP-X"), headers, secret=endpoint["id"], url=url)
        asked = control.log(path="verify-webhook-signature")
        assert bool(asked) is (certificate == "leaf")
