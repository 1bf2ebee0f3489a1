"""The customer may be right: each rule with a case that has it, one that only looks like it, and what answers it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from disputes.facts import Address, CaseFile, OrderLine, Return, Shipment, TrackingEvent
from disputes.knowledge import customer_rules, withdrawal_law
from disputes.money import Money
from evidence.assessment import Assessment, Verdict
from evidence.claim import Claim
from evidence.customer import CustomerRight, rule_ids
from evidence.letter import compose
from tests.evidence.builders import (
    HOME,
    ago,
    case,
    claim,
    document,
    event,
    judged,
    label_only,
    line,
    message,
    order,
    ours,
    payment,
    policy,
    prior,
    refund,
    shipment,
    usage,
    usd,
)

NOT_CREDITED = claim(reason_code="13.6", raw_reason="credit_not_processed")
CANCELED = claim(reason_code="13.7", raw_reason="credit_not_processed")
SNAD = claim(reason_code="13.3", raw_reason="product_unacceptable")
FRAUD = claim(reason_code="10.4", raw_reason="fraudulent")
DUPLICATE = claim(reason_code="12.6.1", raw_reason="duplicate")
SUBSCRIPTION = claim(reason_code="13.2", raw_reason="subscription_canceled")
MONTHLY = order(placed_at=ago(200), payment_id="ch_first", shipping=None, lines=(line(product_type="subscription"),))
ANKARA = Address(name="Ayşe Demir", line1="Atatürk Bulvarı 98/7", city="Ankara", postal_code="06680", country="TR")
BERLIN = Address(name="Laura Schmidt", line1="Kastanienallee 61", city="Berlin", postal_code="10435", country="DE")
PAYMENT_REST = {"payment_id": "ch_0", "amount": usd(18900), "paid_at": ago(40.1)}


def scan(state: Any, text: str, days: float) -> TrackingEvent:
    return TrackingEvent(at=ago(days), state=state, text=text)


def gone(state: Any, text: str) -> Shipment:
    """A parcel that never arrived."""
    events = (scan("in_transit", "Picked up", 38), scan(state, text, 30))
    return shipment(delivered_at=None, delivered_to=None, events=events)


def back(**changes: Any) -> Shipment:
    base = {"is_return": True, "tracking_number": "RET1", "shipped_at": ago(15), "delivered_at": None, "events": ()}
    return shipment(**base | {"delivered_to": None} | changes)


def abroad(address: Address = ANKARA, **changes: Any) -> dict[str, Any]:
    """The good sale, sent to a country with a right of withdrawal; delivered 34 days ago."""
    return {
        "orders": (order(shipping=address, billing=address, **changes),),
        "payment": payment(billing=address),
        "shipments": (shipment(delivered_to=address),),
    }


def returned(**changes: Any) -> Return:
    """A return as the shop keeps it: asked for, and nothing more."""
    told: dict[str, Any] = {"return_id": "R-1", "order_ref": "LL-1001", "requested_at": ago(20)}
    return Return(**told | changes)


Row = tuple[str, Claim, dict[str, Any]]
WITHDRAWN = message(at=ago(25), body="Hello, I want to return the set, it is too big for us.")

HAS: list[Row] = [
    ("promised_refund", NOT_CREDITED, {"messages": (ours("We will refund you the full amount.", at=ago(18)),)}),
    ("promised_refund", claim(), {"messages": (ours("Ücretinizi iade edeceğiz.", at=ago(18)),)}),
    ("promised_replacement", SNAD, {"messages": (ours("We will send you a replacement tomorrow.", at=ago(18)),)}),
    ("promised_replacement", claim(), {"messages": (ours("Yeni bir ürün göndereceğiz.", at=ago(18)),)}),
    (
        "promised_replacement",  # a label was printed, and that was all
        SNAD,
        {
            "messages": (ours("A new set is being shipped to you.", at=ago(18)),),
            "shipments": (shipment(), label_only(tracking_number="NEW1", events=(scan("label", "Label", 17),))),
        },
    ),
    ("return_on_its_way", NOT_CREDITED, {"shipments": (shipment(), back())}),
    ("return_received", NOT_CREDITED, {"shipments": (shipment(), back(delivered_at=ago(12)))}),
    ("return_received", CANCELED, {"messages": (ours("We have received your return, thank you.", at=ago(12)),)}),
    ("return_received", NOT_CREDITED, {"returns": (returned(received_at=ago(12)),)}),
    ("promised_refund", NOT_CREDITED, {"returns": (returned(refund_promised_at=ago(12), amount=usd(18900)),)}),
    ("parcel_lost", claim(), {"shipments": (gone("lost", "Declared lost"),), "messages": ()}),
    ("parcel_lost", claim(), {"shipments": (gone("other", "Gönderi kayboldu"),), "messages": ()}),
    ("parcel_returned", claim(), {"shipments": (gone("returned", "Returned to sender"),), "messages": ()}),
    ("parcel_stopped", claim(), {"shipments": (gone("other", "Stopped at the sender's request"),), "messages": ()}),
    ("parcel_stopped", claim(), {"shipments": (gone("failed", "Gümrükte bekliyor"),), "messages": ()}),
    ("delivered_late", claim(), {"orders": (order(promised_by=date(2026, 10, 14)),), "messages": ()}),
    ("cancelled_before_shipping", CANCELED, {"orders": (order(cancelled_at=ago(39)),), "messages": ()}),
    ("cancelled_before_shipping", claim(), {"messages": (message(at=ago(39), body="Please cancel my order."),)}),
    (
        "cancelled_before_shipping",  # and nothing was ever shipped
        claim(),
        {"shipments": (), "messages": (message(at=ago(20), body="Lütfen, siparişimi iptal etmek istiyorum."),)},
    ),
    (
        "cancelled_before_charge",
        SUBSCRIPTION,
        {"orders": (MONTHLY,), "usage": (usage(event(at=ago(50), action="cancellation")),)},
    ),
    (
        "cancelled_before_charge",
        SUBSCRIPTION,
        {"orders": (MONTHLY,), "messages": (message(at=ago(45), body="Please cancel my subscription."),)},
    ),
    (
        "charged_twice",
        DUPLICATE,
        {"payment": payment(prior_payments=(prior(**PAYMENT_REST, order_ref="LL-1001"),))},
    ),
    (
        "charged_twice",  # the other one came later
        DUPLICATE,
        {"payment": payment(same_order=(prior(payment_id="ch_2", amount=usd(18900), paid_at=ago(39.99)),))},
    ),
    ("statutory_withdrawal", CANCELED, {**abroad(), "messages": (WITHDRAWN,)}),
    ("statutory_withdrawal", NOT_CREDITED, {**abroad(BERLIN), "messages": (WITHDRAWN,)}),
    (
        "statutory_withdrawal",  # before the delivery
        CANCELED,
        {**abroad(), "messages": (message(at=ago(36), body="Cayma hakkımı kullanıyorum."),)},
    ),
]

LOOKS_LIKE: list[Row] = [
    ("return_on_its_way", NOT_CREDITED, {"returns": (returned(),)}),  # asked for, and no label was sent
    ("return_received", NOT_CREDITED, {"returns": (returned(label_sent_at=ago(18)),)}),
    ("return_received", NOT_CREDITED, {"returns": (returned(received_at=ago(12), refunded_at=ago(11)),)}),
    (
        "promised_refund",  # kept
        NOT_CREDITED,
        {
            "returns": (returned(refund_promised_at=ago(12)),),
            "payment": payment(refunds=(refund(created_at=ago(11)),)),
        },
    ),
    ("promised_refund", NOT_CREDITED, {"messages": (ours("If you send it back, we will refund you.", at=ago(18)),)}),
    (
        "promised_refund",  # kept
        NOT_CREDITED,
        {
            "messages": (ours("We will refund you the full amount.", at=ago(18)),),
            "payment": payment(refunds=(refund(created_at=ago(17)),)),
        },
    ),
    ("promised_replacement", SNAD, {"messages": (ours("We can send you a replacement if you like.", at=ago(18)),)}),
    (
        "promised_replacement",  # kept: a second parcel left after the promise
        SNAD,
        {
            "messages": (ours("We will send you a replacement.", at=ago(30)),),
            "shipments": (
                shipment(),
                shipment(tracking_number="NEW1", shipped_at=ago(29), delivered_at=ago(26), events=()),
            ),
        },
    ),
    (
        "promised_replacement",  # refunded instead
        SNAD,
        {
            "messages": (ours("We will send you a replacement.", at=ago(25)),),
            "payment": payment(refunds=(refund(),)),
        },
    ),
    ("return_on_its_way", NOT_CREDITED, {"shipments": (shipment(), back(shipped_at=None))}),
    ("return_on_its_way", NOT_CREDITED, {"shipments": (shipment(), back(order_ref="LL-2"))}),
    (
        "return_on_its_way",  # it went back to the customer
        NOT_CREDITED,
        {"shipments": (shipment(), back(events=(scan("in_transit", "", 14), scan("returned", "To sender", 10))))},
    ),
    ("return_received", NOT_CREDITED, {"shipments": (shipment(), back())}),
    ("return_received", NOT_CREDITED, {"messages": (ours("We have received your return request.", at=ago(12)),)}),
    ("parcel_lost", claim(), {"shipments": (shipment(events=(scan("lost", "", 36), scan("delivered", "", 34))),)}),
    (
        "parcel_returned",
        claim(),
        {"shipments": (shipment(events=(scan("returned", "", 36), scan("delivered", "", 34))),)},
    ),
    (
        "parcel_returned",
        claim(),
        {"shipments": (shipment(), gone("returned", "").model_copy(update={"order_ref": "X"}))},
    ),
    ("parcel_stopped", claim(), {"shipments": (gone("failed", "Recipient not at home"),)}),
    (
        "parcel_stopped",  # and moved on
        claim(),
        {
            "shipments": (
                shipment(
                    delivered_at=None,
                    events=(scan("other", "Stopped for a check", 36), scan("in_transit", "On its way", 35)),
                ),
            )
        },
    ),
    ("delivered_late", claim(), {"orders": (order(promised_by=date(2026, 10, 19)),)}),
    ("delivered_late", FRAUD, {"orders": (order(promised_by=date(2026, 10, 14)),)}),
    ("cancelled_before_shipping", CANCELED, {"orders": (order(cancelled_at=ago(36)),)}),
    ("cancelled_before_shipping", claim(), {"messages": (message(at=ago(39), body="How can I cancel my order?"),)}),
    (
        "cancelled_before_shipping",
        claim(),
        {"messages": (message(at=ago(39), body="If it does not ship by Friday, please cancel it."),)},
    ),
    (
        "cancelled_before_charge",
        SUBSCRIPTION,
        {"orders": (MONTHLY,), "usage": (usage(event(at=ago(20), action="cancellation")),)},
    ),
    (
        "cancelled_before_charge",  # another subscription, before this one was taken out
        SUBSCRIPTION,
        {"orders": (MONTHLY,), "messages": (message(at=ago(300), body="Please cancel my subscription."),)},
    ),
    ("charged_twice", DUPLICATE, {"payment": payment(prior_payments=(prior(order_ref="LL-1001"),))}),
    ("charged_twice", DUPLICATE, {"payment": payment(prior_payments=(prior(**PAYMENT_REST, order_ref="LL-9"),))}),
    (
        "charged_twice",  # every renewal names the same order
        SUBSCRIPTION,
        {
            "orders": (MONTHLY,),
            "payment": payment(prior_payments=(prior(amount=usd(18900), order_ref="LL-1001"),)),
        },
    ),
    ("statutory_withdrawal", CANCELED, {**abroad(), "messages": (message(at=ago(10), body="I want to return it."),)}),
    ("statutory_withdrawal", CANCELED, {"messages": (WITHDRAWN,)}),
    ("statutory_withdrawal", CANCELED, {**abroad(), "messages": (message(at=ago(25), body="May I return it?"),)}),
]

ANSWERED: list[Row] = [
    (
        "promised_replacement",
        SNAD,
        {
            "messages": (
                ours("We will send you a replacement.", at=ago(18)),
                message(message_id="m2", at=ago(10), body="Thank you, it arrived and is perfect."),
            )
        },
    ),
    (
        "return_received",
        NOT_CREDITED,
        {
            "shipments": (shipment(), back(delivered_at=ago(12))),
            "documents": (document("return_inspection_report"),),
        },
    ),
    (
        "return_received",  # refunded
        NOT_CREDITED,
        {
            "shipments": (shipment(), back(delivered_at=ago(25))),
            "payment": payment(refunds=(refund(created_at=ago(20)),)),
        },
    ),
    (
        "parcel_lost",  # one of two, and the other one arrived
        claim(),
        {"shipments": (shipment(), gone("lost", "Lost").model_copy(update={"tracking_number": "T2"}))},
    ),
    (
        "parcel_returned",
        claim(),
        {
            "shipments": (
                gone("returned", "Returned"),
                shipment(
                    tracking_number="T2",
                    shipped_at=ago(20),
                    delivered_at=None,
                    events=(scan("in_transit", "Picked up", 20),),
                ),
            )
        },
    ),
    (
        "parcel_stopped",
        claim(),
        {"shipments": (gone("other", "Held in customs"),), "documents": (document("customs_hold_proof"),)},
    ),
    ("delivered_late", claim(), {"orders": (order(promised_by=date(2026, 10, 14)),)}),
    (
        "cancelled_before_shipping",
        claim(),
        {
            "messages": (
                message(at=ago(39), body="Please cancel my order."),
                message(message_id="m2", at=ago(38.5), body="Please ignore my last mail, I want it after all."),
            )
        },
    ),
    (
        "cancelled_before_charge",
        SUBSCRIPTION,
        {"orders": (MONTHLY,), "usage": (usage(event(at=ago(50), action="cancellation"), event(at=ago(20))),)},
    ),
    (
        "cancelled_before_charge",
        SUBSCRIPTION,
        {
            "orders": (MONTHLY,),
            "usage": (usage(event(at=ago(50), action="cancellation"), event(at=ago(45), action="sign-up")),),
        },
    ),
    (
        "charged_twice",  # the other payment belongs to another order, whatever the gateway's note says
        DUPLICATE,
        {
            "orders": (order(), order(order_ref="LL-2", payment_id="ch_0")),
            "payment": payment(prior_payments=(prior(**PAYMENT_REST, order_ref="LL-1001"),)),
        },
    ),
    (
        "charged_twice",  # given back
        DUPLICATE,
        {"payment": payment(same_order=(prior(**PAYMENT_REST, order_ref="LL-1001", refunded=True),))},
    ),
    (
        "charged_twice",  # paid in two halves
        DUPLICATE,
        {
            "orders": (order(total=usd(37800)),),
            "payment": payment(prior_payments=(prior(**PAYMENT_REST, order_ref="LL-1001"),)),
        },
    ),
    (
        "statutory_withdrawal",
        CANCELED,
        {
            **abroad(lines=(line(description="Linen set, embroidered with initials", product_type="physical"),)),
            "messages": (WITHDRAWN,),
        },
    ),
    (
        "statutory_withdrawal",
        CANCELED,
        {**abroad(lines=(line(withdrawal_exception="perishable"),)), "messages": (WITHDRAWN,)},
    ),
    (
        "statutory_withdrawal",  # told how to send it back, and it never was
        CANCELED,
        {
            **abroad(),
            "messages": (WITHDRAWN, ours("You can return it with the attached return label.", at=ago(24))),
        },
    ),
]


def rights(the_claim: Claim, changes: dict[str, Any]) -> list[CustomerRight]:
    return list(judged(the_claim, case(**changes)).customer_right)


def the(id: str, the_claim: Claim, changes: dict[str, Any]) -> CustomerRight:
    return next(each for each in rights(the_claim, changes) if each.id == id)


@pytest.mark.parametrize(("id", "the_claim", "changes"), HAS)
class TestEachRule:
    def test_it_is_found_with_its_passage_and_its_source(
        self, id: str, the_claim: Claim, changes: dict[str, Any]
    ) -> None:
        found = the(id, the_claim, changes)
        assert found.passages
        assert all(each.words for each in found.passages)
        assert any(each.records for each in found.passages)
        assert found.rule
        assert found.sources
        assert found.checked

    def test_nothing_answers_it_so_the_verdict_is_to_accept(
        self, id: str, the_claim: Claim, changes: dict[str, Any]
    ) -> None:
        assessment = judged(the_claim, case(**changes))
        assert the(id, the_claim, changes).answer is None
        assert assessment.verdict is Verdict.ACCEPT
        assert not assessment.ready

    def test_it_is_shown_first_and_holds_the_case(self, id: str, the_claim: Claim, changes: dict[str, Any]) -> None:
        assessment = judged(the_claim, case(**changes))
        found = the(id, the_claim, changes)
        assert assessment.reasons[0] == assessment.customer_right[0].words
        assert found.words in assessment.reasons
        assert f"The customer may be right: {found.title}." in assessment.person_required

    def test_after_a_refund_it_is_never_proposed_for_acceptance(
        self, id: str, the_claim: Claim, changes: dict[str, Any]
    ) -> None:
        paid = changes.get("payment") or payment()
        for minor in (100, 18900):
            given = paid.model_copy(update={"refunds": (refund(amount=usd(minor), created_at=ago(30)),)})
            assert judged(the_claim, case(**changes | {"payment": given})).verdict is not Verdict.ACCEPT

    @pytest.mark.parametrize("made", [{"created_at": ago(1)}, {"created_at": ago(1), "status": "pending"}])
    def test_beside_a_later_refund_it_is_never_proposed_for_acceptance_either(
        self, id: str, the_claim: Claim, changes: dict[str, Any], made: dict[str, Any]
    ) -> None:
        """Refunding and accepting pays twice."""
        paid = changes.get("payment") or payment()
        given = paid.model_copy(update={"refunds": (refund(**made),)})
        assert judged(the_claim, case(**changes | {"payment": given})).verdict is not Verdict.ACCEPT


@pytest.mark.parametrize(("id", "the_claim", "changes"), LOOKS_LIKE)
def test_what_only_looks_like_it_is_none(id: str, the_claim: Claim, changes: dict[str, Any]) -> None:
    assert id not in [each.id for each in rights(the_claim, changes)]


@pytest.mark.parametrize(("id", "the_claim", "changes"), ANSWERED)
def test_an_answer_keeps_the_case_open_and_still_for_a_person(
    id: str, the_claim: Claim, changes: dict[str, Any]
) -> None:
    found, assessment = the(id, the_claim, changes), judged(the_claim, case(**changes))
    assert found.answer
    assert found.answer.records
    assert not found.accept
    assert assessment.verdict is not Verdict.ACCEPT
    paid_back = assessment.credits.covers == "all"
    assert any(found.title in why for why in assessment.person_required) is not paid_back
    assert "Answered by:" in found.words


def test_goods_that_came_back_and_were_paid_back_before_the_dispute_hold_nothing() -> None:
    paid = payment(refunds=(refund(refund_id="re_1", amount=usd(18900), created_at=ago(20)),))
    back = shipment(is_return=True, tracking_number="RET1", shipped_at=ago(30), delivered_at=ago(25), delivered_to=None)
    the_claim = claim(reason_code="13.6", raw_reason="credit_not_processed")
    assessment = judged(the_claim, case(payment=paid, shipments=(shipment(), back)))
    assert assessment.verdict is Verdict.FIGHT
    assert assessment.person_required == ()


def test_a_first_carrier_that_loses_sight_of_it_after_handing_it_on_lost_nothing() -> None:
    first = gone("lost", "No further information").model_copy(update={"leg": "first", "onward_number": "92001"})
    arrived = (scan("in_transit", "Arrived at the local post", 29),)
    onward = shipment(leg="last", tracking_number="92001", delivered_at=None, delivered_to=None, events=arrived)

    def lost(*parcels: Shipment) -> bool:
        return any(each.id == "parcel_lost" for each in rights(claim(), {"shipments": parcels, "messages": ()}))

    assert lost(first)
    assert not lost(first, onward)


def test_every_rule_has_a_case_of_each_kind() -> None:
    assert {each[0] for each in HAS} == {each[0] for each in LOOKS_LIKE} == set(rule_ids()) == set(customer_rules())


def test_the_good_sale_has_none() -> None:
    assert rights(claim(), {}) == []


class TestPromises:
    def test_a_small_part_is_held_and_not_given_up(self) -> None:
        assessment = judged(NOT_CREDITED, case(messages=(ours("We will refund 20.00 USD.", at=ago(18)),)))
        assert [each.id for each in assessment.customer_right] == ["promised_refund"]
        assert assessment.verdict is not Verdict.ACCEPT

    def test_a_return_label_that_was_sent_only_holds(self) -> None:
        """Whether the goods travel only the carrier knows."""
        found = judged(NOT_CREDITED, case(returns=(returned(label_sent_at=ago(18)),)))
        (right,) = [each for each in found.customer_right if each.id == "return_on_its_way"]
        assert right.holds
        assert found.verdict is not Verdict.ACCEPT

    def test_a_replacement_promised_in_a_claim_of_fraud_only_holds(self) -> None:
        promise = {"messages": (ours("We will send you a replacement.", at=ago(18)),)}
        assert not the("promised_replacement", FRAUD, promise).accept

    def test_the_banks_letter_of_withdrawal_answers_everything(self) -> None:
        changes = {**HAS[0][2], "documents": (document("dispute_withdrawal_letter"),)}
        assert the("promised_refund", NOT_CREDITED, changes).answer
        assert judged(NOT_CREDITED, case(**changes)).verdict is Verdict.FIGHT


class TestWithdrawal:
    @pytest.mark.parametrize(
        ("country", "law"), [("TR", "tr"), ("Türkiye", "tr"), ("de", "eu"), ("Deutschland", "eu"), ("NO", "eu")]
    )
    def test_the_law_follows_the_customers_country(self, country: str, law: str) -> None:
        found = withdrawal_law(country)
        assert found
        assert (found.law, found.days) == (law, 14)

    @pytest.mark.parametrize("country", ["US", "GB", "CH", "", None])
    def test_elsewhere_no_law_is_held(self, country: str | None) -> None:
        assert withdrawal_law(country) is None

    def test_the_rule_names_the_law_that_applies(self) -> None:
        assert "6502" in the("statutory_withdrawal", CANCELED, {**abroad(), "messages": (WITHDRAWN,)}).rule
        assert "2011/83/EU" in the("statutory_withdrawal", CANCELED, {**abroad(BERLIN), "messages": (WITHDRAWN,)}).rule

    @pytest.mark.parametrize(("days", "found"), [(20, True), (19.6, True), (18, False)])
    def test_the_last_day_is_the_fourteenth_after_delivery(self, days: float, found: bool) -> None:
        changes = {**abroad(), "messages": (message(at=ago(days), body="I want to return it."),)}
        assert ("statutory_withdrawal" in [each.id for each in rights(CANCELED, changes)]) is found

    def test_the_last_of_two_parcels_counts(self) -> None:
        second = shipment(tracking_number="T2", delivered_to=ANKARA, delivered_at=ago(28), events=())
        changes = {**abroad(), "messages": (message(at=ago(16), body="I want to return it."),)}
        changes["shipments"] = (*changes["shipments"], second)
        assert the("statutory_withdrawal", CANCELED, changes).accept

    def test_a_stricter_policy_is_shown_and_does_not_beat_it(self) -> None:
        strict = policy(text="All sales are final. We do not accept the return of any goods, whatever the reason is.")
        found = the("statutory_withdrawal", CANCELED, {**abroad(), "messages": (WITHDRAWN,), "policies": (strict,)})
        assert found.accept
        assert any("which the law overrides" in each.words for each in found.passages)

    def test_fewer_days_than_the_law_gives_do_not_beat_it(self) -> None:
        strict = policy(text="You can return unused goods within 7 days of delivery. Later returns go back to you.")
        found = the("statutory_withdrawal", CANCELED, {**abroad(), "messages": (WITHDRAWN,), "policies": (strict,)})
        assert any("7 days" in each.words for each in found.passages)

    def test_digital_content_that_was_used_is_excepted(self) -> None:
        bought = abroad(lines=(line(product_type="digital"),))
        asked = message(at=ago(38), body="I want to cancel, please.")
        used = {**bought, "shipments": (), "messages": (asked,), "usage": (usage(event(at=ago(39))),)}
        assert the("statutory_withdrawal", CANCELED, used).answer
        assert the("statutory_withdrawal", CANCELED, used | {"usage": ()}).accept

    def test_a_service_that_was_rendered_is_excepted(self) -> None:
        bought = {**abroad(lines=(line(product_type="service"),)), "shipments": ()}
        asked = {**bought, "messages": (message(at=ago(38), body="I want to cancel, please."),)}
        assert the("statutory_withdrawal", CANCELED, {**asked, "documents": (document("service_proof"),)}).answer

    def test_travel_for_a_set_date_is_excepted(self) -> None:
        bought = {**abroad(lines=(line(product_type="travel"),)), "shipments": ()}
        asked = {**bought, "messages": (message(at=ago(38), body="I want to cancel, please."),)}
        assert the("statutory_withdrawal", CANCELED, asked).answer

    def test_an_exception_of_one_line_does_not_cover_the_other(self) -> None:
        two = (line(description="Cup with your name"), OrderLine(description="Plate", product_type="physical"))
        assert the("statutory_withdrawal", CANCELED, {**abroad(lines=two), "messages": (WITHDRAWN,)}).accept

    def test_lira_and_a_turkish_letter_are_understood(self) -> None:
        lira = Money(245000, "TRY")
        changes = abroad(total=lira)
        changes["payment"] = payment(amount=lira, billing=ANKARA)
        body = "Merhaba, siparişimi iade etmek istiyorum, cayma hakkımı kullanıyorum."
        changes["messages"] = (message(at=ago(25), body=body),)
        found = the("statutory_withdrawal", CANCELED.model_copy(update={"amount": lira}), changes)
        assert found.accept
        assert "cayma" in found.passages[0].words


class TestTheLetterNeverContradictsAFinding:
    def letter(self, the_claim: Claim, the_case: CaseFile) -> str:
        assessment: Assessment = judged(the_claim, the_case)
        return "\n".join(each.text for each in compose(the_claim, the_case, assessment).sentences)

    @pytest.mark.parametrize(("id", "the_claim", "changes"), HAS + ANSWERED)
    def test_it_says_nothing_that_the_finding_denies(self, id: str, the_claim: Claim, changes: dict[str, Any]) -> None:
        full = {"policies": (policy(), policy(kind="cancellation", title="Cancelling"))}
        written = self.letter(the_claim, case(**full | changes))
        denied = {
            "promised_refund": ("no credit is due",),
            "promised_replacement": ("no credit is due",),
            "return_on_its_way": ("no return", "no credit is due"),
            "return_received": ("no return", "no credit is due"),
            "parcel_lost": (),
            "parcel_returned": (),
            "parcel_stopped": (),
            "delivered_late": ("had been promised by",),
            "cancelled_before_shipping": ("no cancellation", "no credit is due", "before the cancellation"),
            "cancelled_before_charge": ("no cancellation", "cancelled only on"),
            "charged_twice": () if (id, the_claim, changes) in ANSWERED else ("two different orders",),
            "statutory_withdrawal": ("no credit is due",),
        }[id]
        assert not [words for words in denied if words in written]

    def test_a_written_cancellation_silences_the_log_that_shows_none(self) -> None:
        asked = case(
            orders=(MONTHLY,), usage=(usage(event()),), messages=(message(at=ago(45), body="Please cancel my plan."),)
        )
        assert "no cancellation" not in self.letter(SUBSCRIPTION, asked)

    def test_complaints_are_not_quoted_against_a_claim_of_defects(self) -> None:
        broken = case(messages=(message(body="It arrived, but broken."),), documents=(document("product_description"),))
        assert "but broken" not in self.letter(SNAD, broken)

    def test_the_home_address_of_the_builders_has_no_right_of_withdrawal(self) -> None:
        assert withdrawal_law(HOME.country) is None
