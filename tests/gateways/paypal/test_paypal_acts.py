"""Every act: legal now or stopped, sent once in PayPal's shape, and found again only by what it left behind."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from disputes.acts import GatewayAct
from disputes.ports import Approved, Stopped, Write, WriteClass
from gateways.paypal import acts
from gateways.paypal.contract import RELS
from gateways.paypal.transport import FilePart
from tests.gateways.paypal.examples import (
    DELIVERED,
    ID,
    NAME,
    PDF,
    amount,
    approved,
    asked,
    dispute,
    file,
    given,
)

FIELDS: dict[GatewayAct, dict[str, str]] = {
    GatewayAct.SUBMIT: DELIVERED,
    GatewayAct.APPEAL: DELIVERED,
    GatewayAct.ACCEPT: {"accept_claim_type": "REFUND", "note": "You are right."},
    GatewayAct.MESSAGE: {"message": "It is on its way."},
    GatewayAct.OFFER: {
        "note": "Half of it back.",
        "offer_type": "REFUND",
        "offer_amount.currency_code": "USD",
        "offer_amount.value": "50.00",
    },
    GatewayAct.ESCALATE: {"note": "We do not agree."},
    GatewayAct.ACKNOWLEDGE_RETURN: {"acknowledgement_type": "ITEM_RECEIVED"},
    GatewayAct.SUPPORTING_INFO: {"notes": "The carrier's letter."},
}


class Desk:
    """What PayPal shows, which a test may change in between, and what was posted."""

    def __init__(self, raw: dict[str, Any]) -> None:
        self.raw = raw
        self.posted: list[tuple[str, str, str, Mapping[str, Any], Sequence[FilePart] | None]] = []

    def detail(self, external_id: str) -> dict[str, Any]:
        assert external_id == ID
        return self.raw

    def post(self, *call: Any) -> None:
        self.posted.append(call)

    def write(self, what: Approved) -> Write:
        (write,) = list(acts.plan(what, detail=self.detail, post=self.post))
        return write


def offering(act: GatewayAct, **changes: Any) -> dict[str, Any]:
    return dispute(RELS[act], **changes)


def stopped(what: Approved, raw: dict[str, Any] | None = None) -> str:
    desk = Desk(raw or offering(what.act))
    with pytest.raises(Stopped) as told:
        desk.write(what)
    assert desk.posted == []
    assert str(told.value).endswith("Nothing was sent.")
    return str(told.value)


class TestWhatGoesOut:
    @pytest.mark.parametrize("act", list(GatewayAct))
    def test_each_act_is_one_write_that_no_machine_repeats(self, act: GatewayAct) -> None:
        write = Desk(offering(act)).write(approved(act, FIELDS[act]))
        assert (write.name, write.write_class) == (act.value, WriteClass.NONE)

    @pytest.mark.parametrize(
        ("act", "path", "body"),
        [
            (GatewayAct.ACCEPT, "accept-claim", {"accept_claim_type": "REFUND", "note": "You are right."}),
            (GatewayAct.MESSAGE, "send-message", {"message": "It is on its way."}),
            (
                GatewayAct.OFFER,
                "make-offer",
                {"note": "Half of it back.", "offer_type": "REFUND", "offer_amount": amount("50.00")},
            ),
            (GatewayAct.ESCALATE, "escalate", {"note": "We do not agree."}),
            (GatewayAct.ACKNOWLEDGE_RETURN, "acknowledge-return-item", {"acknowledgement_type": "ITEM_RECEIVED"}),
            (GatewayAct.SUPPORTING_INFO, "provide-supporting-info", {"notes": "The carrier's letter."}),
        ],
    )
    def test_side_acts_go_as_json(self, act: GatewayAct, path: str, body: dict[str, Any]) -> None:
        desk = Desk(offering(act))
        assert desk.write(approved(act, FIELDS[act])).send("the-key") == {"sent": True}
        assert desk.posted == [(ID, path, "the-key", body, None)]

    @pytest.mark.parametrize(("act", "path"), [(GatewayAct.SUBMIT, "provide-evidence"), (GatewayAct.APPEAL, "appeal")])
    def test_answers_go_as_forms_with_the_document_named_in_the_first_entry(self, act: GatewayAct, path: str) -> None:
        desk = Desk(offering(act))
        fields = DELIVERED | {"PROOF_OF_REFUND.refund_ids[0]": "R1", "PROOF_OF_REFUND.notes": "Paid back."}
        desk.write(approved(act, fields, files=(file(),))).send("k")
        ((_, where, _, body, files),) = desk.posted
        first, second = body["evidences"]
        assert where == path
        assert first["documents"] == [{"name": NAME}]
        assert first["evidence_info"]["tracking_info"] == [
            {"carrier_name": "YURTICI_KARGO", "tracking_number": "YK900100200"}
        ]
        assert second == {
            "evidence_type": "PROOF_OF_REFUND",
            "evidence_info": {"refund_ids": ["R1"]},
            "notes": "Paid back.",
        }
        assert files == [(NAME, PDF, "application/pdf")]

    def test_an_answer_without_a_file_is_a_form_too(self) -> None:
        desk = Desk(offering(GatewayAct.SUBMIT))
        desk.write(approved(fields={"OTHER.notes": "Words."})).send("k")
        assert desk.posted[0][4] == []

    def test_several_files_go_in_the_order_of_their_slots(self) -> None:
        desk = Desk(offering(GatewayAct.SUBMIT))
        files = (file("c.pdf", slot="documents[2]"), file("a.pdf"), file("b.pdf", slot="documents[1]"))
        desk.write(approved(fields=DELIVERED, files=files)).send("k")
        assert [name for name, _, _ in desk.posted[0][4] or ()] == ["a.pdf", "b.pdf", "c.pdf"]

    def test_supporting_information_with_a_file_is_a_form(self) -> None:
        desk = Desk(offering(GatewayAct.SUPPORTING_INFO))
        desk.write(approved(GatewayAct.SUPPORTING_INFO, {"notes": "See there."}, files=(file(),))).send("k")
        assert desk.posted[0][3:] == ({"notes": "See there."}, [(NAME, PDF, "application/pdf")])

    @pytest.mark.parametrize(
        ("currency", "value", "sent"), [("HUF", "1500.00", "1500"), ("TWD", "990.00", "990"), ("JPY", "980", "980")]
    )
    def test_an_amount_goes_without_the_places_that_paypal_does_not_take(
        self, currency: str, value: str, sent: str
    ) -> None:
        fields = FIELDS[GatewayAct.OFFER] | {"offer_amount.currency_code": currency, "offer_amount.value": value}
        desk = Desk(offering(GatewayAct.OFFER, dispute_amount=amount("5000", currency)))
        desk.write(approved(GatewayAct.OFFER, fields)).send("k")
        assert desk.posted[0][3]["offer_amount"] == amount(sent, currency)

    def test_an_address_for_the_return_goes_as_an_object(self) -> None:
        address = {"return_shipping_address.address_line_1": "Lale Sk. 1", "return_shipping_address.country_code": "TR"}
        desk = Desk(offering(GatewayAct.OFFER))
        desk.write(approved(GatewayAct.OFFER, FIELDS[GatewayAct.OFFER] | address)).send("k")
        assert desk.posted[0][3]["return_shipping_address"] == {"address_line_1": "Lale Sk. 1", "country_code": "TR"}


class TestLegalActsOnly:
    @pytest.mark.parametrize("act", list(GatewayAct))
    def test_no_link_no_act(self, act: GatewayAct) -> None:
        words = stopped(approved(act, FIELDS[act]), dispute("self_"))
        assert "does not offer this now" in words
        assert "WAITING_FOR_SELLER_RESPONSE" in words

    @pytest.mark.parametrize(
        ("act", "group", "name"),
        [
            (GatewayAct.ACCEPT, "accept_claim", "accept_claim_types"),
            (GatewayAct.OFFER, "make_offer", "offer_types"),
            (GatewayAct.ACKNOWLEDGE_RETURN, "acknowledge_return_item", "acknowledgement_types"),
        ],
    )
    def test_an_option_that_paypal_does_not_name_is_not_sent(self, act: GatewayAct, group: str, name: str) -> None:
        raw = offering(act, allowed_response_options={group: {name: ["SOMETHING_ELSE"]}})
        assert "it offers SOMETHING_ELSE" in stopped(approved(act, FIELDS[act]), raw)

    def test_no_more_money_than_paypal_allows(self) -> None:
        raw = offering(GatewayAct.OFFER, refund_details={"allowed_refund_amount": amount("49.99")})
        assert "49.99 USD at most" in stopped(approved(GatewayAct.OFFER, FIELDS[GatewayAct.OFFER]), raw)

    def test_no_other_currency_than_the_disputes(self) -> None:
        raw = offering(GatewayAct.OFFER, dispute_amount=amount("100.00", "EUR"))
        assert "is in EUR; the amount is in USD" in stopped(approved(GatewayAct.OFFER, FIELDS[GatewayAct.OFFER]), raw)

    def test_an_item_that_did_not_arrive_is_accepted_without_an_amount(self) -> None:
        """PayPal's own refusal is called AMOUNT_SHOULD_NOT_BE_PASSED."""
        fields = {"accept_claim_type": "REFUND", "refund_amount.currency_code": "USD", "refund_amount.value": "10.00"}
        assert "takes no amount" in stopped(approved(GatewayAct.ACCEPT, fields))

    def test_a_partial_refund_needs_its_amount(self) -> None:
        assert "needs its amount" in stopped(approved(GatewayAct.ACCEPT, {"accept_claim_type": "PARTIAL_REFUND"}))

    def test_what_was_sent_before_is_not_judged_again(self) -> None:
        """After a crash the plan runs again; by then PayPal may offer nothing because the act took effect."""
        assert Desk(dispute("self_")).write(approved(sent=True)).name == "submit"


class TestLimits:
    """Over a limit is a refusal before anything is spent."""

    @pytest.mark.parametrize(
        ("fields", "words"),
        [
            ({"OTHER.notes": "x" * 2001}, "2000 characters of notes"),
            ({"OTHER.mood": "x"}, "no field OTHER.mood"),
            ({"OTHER.notes": "  "}, "OTHER.notes is empty"),
            ({}, "names no type of evidence"),
            ({"PROOF_OF_FULFILLMENT.notes": "See the document."}, "with a carrier and a tracking number only"),
            ({"PROOF_OF_REFUND.notes": "Paid back."}, "with the refund's id only"),
            ({"PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "1"}, "no carrier is not on PayPal's list"),
            (
                {
                    "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "ARAS",
                    "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "1",
                },
                "ARAS is not on PayPal's list",
            ),
            (
                {
                    "PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "OTHER",
                    "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number": "1",
                },
                "needs its name",
            ),
            ({"PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name": "UPS"}, "has no tracking number"),
            (
                {
                    f"PROOF_OF_FULFILLMENT.tracking_info[{number}].{name}": value
                    for number in range(11)
                    for name, value in (("carrier_name", "UPS"), ("tracking_number", "1Z"))
                },
                "10 tracking numbers; there are 11",
            ),
            ({f"PROOF_OF_REFUND.refund_ids[{number}]": "R" for number in range(101)}, "100 refund ids; there are 101"),
        ],
    )
    def test_evidence(self, fields: dict[str, str], words: str) -> None:
        assert words in stopped(approved(fields=fields))

    @pytest.mark.parametrize(
        "name", ["paket-ığdır.pdf", "packet.v1.2.pdf", "packet", "packet.exe", "../packet.pdf", "packet.pdf.pdf"]
    )
    def test_a_name_that_paypal_does_not_take(self, name: str) -> None:
        assert "does not take a file of the name" in stopped(approved(fields=DELIVERED, files=(file(name),)))

    def test_a_file_of_ten_megabytes(self) -> None:
        big = b"x" * 10_000_000
        what = approved(fields=DELIVERED, files=(file("big.pdf", big),), data=big)
        assert "under 10 MB; big.pdf has 10,000,000 bytes" in stopped(what)

    def test_fifty_megabytes_together(self) -> None:
        big = b"x" * 9_000_000
        files = tuple(file(f"f{n}.pdf", big, "documents" if n == 0 else f"documents[{n}]") for n in range(6))
        assert "50 MB in one call" in stopped(approved(fields=DELIVERED, files=files, data=big))

    def test_a_file_that_is_not_the_approved_one(self) -> None:
        assert "not the one that was approved" in stopped(approved(data=b"other bytes"))

    def test_two_files_of_one_name(self) -> None:
        files = (file(), file(slot="documents[1]"))
        assert "same name" in stopped(approved(fields=DELIVERED, files=files))

    def test_a_place_that_paypal_does_not_have(self) -> None:
        files = (file(slot="uncategorized_file"),)
        assert "no place named uncategorized_file" in stopped(approved(fields=DELIVERED, files=files))

    @pytest.mark.parametrize(
        ("act", "fields", "words"),
        [
            (GatewayAct.MESSAGE, {}, "more words for this act: message"),
            (GatewayAct.MESSAGE, {"message": " "}, "more words for this act: message"),
            (GatewayAct.MESSAGE, {"message": "x" * 2001}, "2000 characters here"),
            (GatewayAct.ESCALATE, {}, "more words for this act: note"),
            (GatewayAct.ESCALATE, {"note": "x", "mood": "y"}, "no field mood"),
            (
                GatewayAct.OFFER,
                {"note": "x", "offer_type": "REFUND", "refund_amount.value": "1"},
                "no field refund_amount",
            ),
            (GatewayAct.ACCEPT, {"note": "x"}, "accept_claim_type"),
            (
                GatewayAct.OFFER,
                {"note": "x", "offer_type": "REFUND", "return_shipping_address.postal_code": "34000"},
                "names no country",
            ),
        ],
    )
    def test_words_of_the_other_acts(self, act: GatewayAct, fields: dict[str, str], words: str) -> None:
        assert words in stopped(approved(act, fields))

    @pytest.mark.parametrize("value", ["0", "-1", "NaN", "ten", "10.5"])
    def test_an_amount_that_is_none(self, value: str) -> None:
        fields = FIELDS[GatewayAct.OFFER] | {"offer_amount.currency_code": "JPY", "offer_amount.value": value}
        assert "amount" in stopped(approved(GatewayAct.OFFER, fields))

    def test_an_act_without_words(self) -> None:
        what = Approved(ID, GatewayAct.ACCEPT, None, lambda _file: PDF)
        assert "without words: accept" in stopped(what)

    def test_files_with_an_act_that_takes_none(self) -> None:
        fields = FIELDS[GatewayAct.MESSAGE]
        assert "takes no files" in stopped(approved(GatewayAct.MESSAGE, fields, files=(file(),)))


Changed = Callable[[dict[str, Any]], dict[str, Any]]


def proposed(value: str, kind: str = "REFUND") -> dict[str, Any]:
    return {"actor": "SELLER", "event_type": "PROPOSED", "offer_type": kind, "offer_amount": amount(value)}


def wrote(text: str, by: str = "SELLER") -> dict[str, Any]:
    return {"posted_by": by, "time_posted": "2026-11-21T00:00:00Z", "content": text}


def noted(text: str, source: str = "SUBMITTED_BY_SELLER") -> dict[str, Any]:
    return {"notes": text, "source": source}


def ended(code: str, reason: str | None) -> dict[str, Any]:
    decided = {"type": "PAYOUT_TO_BUYER", "adjudication_time": "2026-11-21T00:00:00Z", "reason": reason}
    return {
        "status": "RESOLVED",
        "dispute_outcome": {"outcome_code": code},
        "adjudications": [decided] if reason else [],
        "links": [],
    }


OURS: list[tuple[GatewayAct, str, dict[str, Any]]] = [
    (GatewayAct.SUBMIT, "our packet lies there", {"evidences": [asked("OTHER"), given(documents=(NAME,))]}),
    (GatewayAct.APPEAL, "our packet lies there", {"evidences": [given(documents=(NAME,), action="APPEAL")]}),
    (GatewayAct.MESSAGE, "our words lie there", {"messages": [wrote("It is  on its way.")]}),
    (GatewayAct.OFFER, "our offer is in the history", {"offer": {"history": [proposed("50")]}}),
    (
        GatewayAct.OFFER,
        "our offer stands",
        {"offer": {"offer_type": "REFUND", "seller_offered_amount": amount("50.00")}},
    ),
    (GatewayAct.ESCALATE, "it is no inquiry any more", {"dispute_life_cycle_stage": "CHARGEBACK"}),
    (GatewayAct.SUPPORTING_INFO, "our notes lie there", {"supporting_info": [noted("The carrier&#39;s letter.")]}),
    (GatewayAct.ACCEPT, "an entry says so", {"evidences": [given("OTHER", action="ACCEPT_CLAIM")]}),
    (
        GatewayAct.ACCEPT,
        "it ended for the buyer and is offered no more",
        ended("RESOLVED_BUYER_FAVOUR", None),
    ),
    (
        GatewayAct.ACCEPT,
        "the buyer has to send it back and it is offered no more",
        {"status": "WAITING_FOR_BUYER_RESPONSE", "links": []},
    ),
    (
        GatewayAct.ACKNOWLEDGE_RETURN,
        "an entry says so",
        {"evidences": [given("OTHER", action="ACKNOWLEDGE_RETURN_ITEM")]},
    ),
    (GatewayAct.ACKNOWLEDGE_RETURN, "it is offered no more", {"links": []}),
    (GatewayAct.ACKNOWLEDGE_RETURN, "it was paid back for it", ended("RESOLVED_BUYER_FAVOUR", "SELLER_ISSUED_REFUND")),
]
NOT_OURS: list[tuple[GatewayAct, str, dict[str, Any]]] = [
    *((act, "nothing changed", {}) for act in GatewayAct),
    (GatewayAct.SUBMIT, "somebody else's answer", {"evidences": [given(documents=("other.pdf",))], "links": []}),
    (GatewayAct.SUBMIT, "its time ran out", {"status": "UNDER_REVIEW", "links": []}),
    (GatewayAct.MESSAGE, "other words of ours", {"messages": [wrote("Something else.")]}),
    (GatewayAct.MESSAGE, "the buyer's same words", {"messages": [wrote("It is on its way.", by="BUYER")]}),
    (GatewayAct.OFFER, "another sum", {"offer": {"history": [proposed("49.00")]}}),
    (GatewayAct.OFFER, "another kind", {"offer": {"history": [proposed("50.00", "REFUND_WITH_RETURN")]}}),
    (
        GatewayAct.SUPPORTING_INFO,
        "the buyer's notes",
        {"supporting_info": [noted("The carrier's letter.", "SUBMITTED_BY_BUYER")]},
    ),
    (
        GatewayAct.ACCEPT,
        "the buyer gave up meanwhile",
        ended("CANCELED_BY_BUYER", None),
    ),
    (GatewayAct.ACCEPT, "PayPal decided meanwhile", ended("RESOLVED_BUYER_FAVOUR", "NO_SELLER_RESPONSE")),
    (GatewayAct.ACCEPT, "its time ran out", {"status": "UNDER_REVIEW", "links": []}),
    (GatewayAct.ACKNOWLEDGE_RETURN, "PayPal decided meanwhile", ended("RESOLVED_BUYER_FAVOUR", "NO_SELLER_RESPONSE")),
    (GatewayAct.ACKNOWLEDGE_RETURN, "the buyer gave up meanwhile", ended("CANCELED_BY_BUYER", None)),
]


def before_of(act: GatewayAct) -> dict[str, Any]:
    return offering(act, dispute_life_cycle_stage="INQUIRY" if act is GatewayAct.ESCALATE else "CHARGEBACK")


class TestALostAnswer:
    @pytest.mark.parametrize(("act", "why", "changes"), OURS, ids=lambda one: str(one)[:40])
    def test_is_recognised_where_the_act_took_effect(self, act: GatewayAct, why: str, changes: dict[str, Any]) -> None:
        desk = Desk(before_of(act))
        write = desk.write(_act_with_packet(act))
        before = write.before()
        desk.raw = desk.raw | changes
        assert write.seen(before) == {"sent": True, "read_back": True}, why

    @pytest.mark.parametrize(("act", "why", "changes"), NOT_OURS, ids=lambda one: str(one)[:40])
    def test_is_left_to_a_person_where_nothing_of_ours_is_there(
        self, act: GatewayAct, why: str, changes: dict[str, Any]
    ) -> None:
        desk = Desk(before_of(act))
        write = desk.write(_act_with_packet(act))
        before = write.before()
        desk.raw = desk.raw | changes
        assert write.seen(before) is None, why

    def test_the_same_packet_of_an_earlier_round_proves_nothing(self) -> None:
        earlier = given(documents=(NAME,), stage="INQUIRY")
        desk = Desk(dispute(evidences=[earlier]))
        write = desk.write(approved())
        before = write.before()
        assert write.seen(before) is None
        desk.raw = dispute(evidences=[earlier, given(documents=(NAME,))])
        assert write.seen(before) is not None

    def test_the_same_message_sent_twice_counts_twice(self) -> None:
        one = wrote("It is on its way.")
        desk = Desk(offering(GatewayAct.MESSAGE, messages=[one]))
        write = desk.write(approved(GatewayAct.MESSAGE, FIELDS[GatewayAct.MESSAGE]))
        before = write.before()
        assert write.seen(before) is None
        desk.raw = offering(GatewayAct.MESSAGE, messages=[one, one])
        assert write.seen(before) is not None

    def test_an_answer_without_a_file_is_known_by_all_its_fields(self) -> None:
        desk = Desk(dispute())
        write = desk.write(approved(fields={"OTHER.notes": "Words."}))
        before = write.before()
        desk.raw = dispute(evidences=[given("OTHER", notes="Other words.")])
        assert write.seen(before) is None
        desk.raw = dispute(evidences=[given("OTHER", notes="Words.")])
        assert write.seen(before) is not None

    def test_what_the_journal_keeps_holds_no_customers_words(self) -> None:
        desk = Desk(offering(GatewayAct.MESSAGE, messages=[wrote("my street is", by="BUYER")]))
        kept = desk.write(approved(GatewayAct.MESSAGE, FIELDS[GatewayAct.MESSAGE])).before()
        assert "street" not in str(kept)
        assert set(kept) == {"status", "stage", "outcome", "reason", "links", "evidences", "alike"}


def _act_with_packet(act: GatewayAct) -> Approved:
    files = (file(),) if act in (GatewayAct.SUBMIT, GatewayAct.APPEAL) else ()
    return approved(act, FIELDS[act], files=files)
