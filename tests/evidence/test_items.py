"""Which items are there: derived from the facts, resting on records, and never on junk."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.facts import Address
from evidence.items import present_items
from evidence.records import Ref, ref
from tests.evidence.builders import (
    ago,
    case,
    claim,
    document,
    event,
    judged,
    line,
    message,
    order,
    ours,
    payment,
    policy,
    prior,
    shipment,
    usage,
    usd,
)

OTHER = order(order_ref="LL-2", payment_id="ch_2")
TWO: dict[str, Any] = {"shipments": (shipment(), shipment(order_ref="LL-2", tracking_number="T2"))}


def present(item: str, **changes: Any) -> bool:
    return present_items(case(**changes), claim())[item].present


@pytest.mark.parametrize(
    ("item", "changes"),
    [
        ("tracking_events", {}),
        ("delivery_confirmation", {}),
        ("shipping_address_match", {}),
        ("shipping_label", {}),
        ("invoice", {}),
        ("transaction_log", {}),
        ("billing_descriptor_proof", {}),
        ("ip_geolocation", {}),
        ("ip_geolocation", {"orders": (order(ip=None),)}),
        ("customer_communication", {}),
        ("customer_name_email_profile", {}),
        ("return_not_attempted_record", {}),
        ("rebuttal_letter", {}),
        ("delivery_signature", {"shipments": (shipment(signed_by="E. CARTER"),)}),
        ("order_confirmation", {"messages": (ours("Thank you for your order LL-1001."),)}),
        ("no_prior_contact_statement", {"messages": (ours("Your parcel is on its way."),)}),
        ("amount_breakdown", {"orders": (order(amounts={"subtotal": usd(19900), "discount": usd(1000)}),)}),
        ("amount_breakdown", {}),
        ("product_description", {"orders": (order(lines=(line(about="A lamp of walnut, 40 cm high."),)),)}),
        ("device_id", {"orders": (order(device_id="d"),)}),
        ("customer_account_id", {"orders": (order(account_id="a"),)}),
        ("expected_delivery_date_proof", {"orders": (order(promised_by=ago(30).date()),)}),
        ("terms_acceptance_log", {"orders": (order(terms_accepted_at=ago(41)),)}),
        (
            "subscription_agreement",
            {"orders": (order(terms_accepted_at=ago(41), lines=(line(product_type="subscription"),)),)},
        ),
        ("authorization_record", {"payment": payment(authorization_code="1")}),
        ("avs_cvv_result", {"payment": payment(cvc="pass", avs_line1="unavailable")}),
        ("usage_log", {"usage": (usage(event()),)}),
        ("download_log", {"usage": (usage(event(action="download")),)}),
        ("cancellation_log", {"usage": (usage(event()),)}),
        ("cancellation_timestamp", {"orders": (order(cancelled_at=ago(30)),)}),
        ("return_policy", {"policies": (policy(),)}),
        ("refund_policy_disclosure", {"policies": (policy(),)}),
        ("shipping_policy", {"policies": (policy(kind="shipping"),)}),
        ("cancellation_policy_disclosure", {"policies": (policy(kind="cancellation"),)}),
        (
            "return_instructions",
            {"messages": (ours("You can return it with the return label attached to this mail."),)},
        ),
        ("return_tracking", {"shipments": (shipment(is_return=True),)}),
        ("renewal_notice", {"messages": (ours("Your subscription will renew next week.", at=ago(45)),)}),
        (
            "duplicate_charge_id",
            {
                "orders": (order(), order(order_ref="LL-2", payment_id="ch_2")),
                "shipments": (shipment(), shipment(order_ref="LL-2", tracking_number="T2")),
            },
        ),
        ("photos", {"documents": (document("photos"),)}),
    ],
)
def test_it_is_there_and_rests_on_records(item: str, changes: dict[str, Any]) -> None:
    state = present_items(case(**changes), claim())[item]
    assert state.present
    assert state.records
    assert state.why


@pytest.mark.parametrize(
    ("item", "changes"),
    [
        ("product_description", {}),
        ("product_description", {"orders": (order(lines=(line(about="test"),)),)}),
        ("product_description", {"orders": (order(lines=(line(about="Ceviz ağacından masa lambası, çok güzel."),)),)}),
        ("shipping_address_match", {"shipments": (shipment(delivered_to=Address(city="Portland")),)}),
        ("shipping_address_match", {"shipments": (shipment(delivered_to=None),)}),
        ("return_not_attempted_record", {"shipments": ()}),
        ("return_not_attempted_record", {"messages": (message(body="I have returned the set."),)}),
        ("no_prior_contact_statement", {"messages": ()}),
        ("no_prior_contact_statement", {}),
        ("customer_communication", {"messages": (ours("Hello, how are you?"),)}),
        ("customer_communication", {"messages": (message(body="Merhaba, nasıl ve ne zaman?"),)}),
        ("customer_communication", {"messages": (message(automatic=True),)}),
        ("customer_communication", {"messages": (message(order_ref="LL-9"),)}),
        ("customer_communication", {"messages": (message(body="Hello"),)}),
        ("order_confirmation", {"messages": (ours("We are sorry about that."),)}),
        ("amount_breakdown", {"orders": (order(amounts={"subtotal": usd(100)}),)}),
        ("invoice", {"orders": (order(lines=()),)}),
        ("return_policy", {"policies": (policy(text="n/a"),)}),
        ("return_policy", {"policies": (policy(in_force_from=ago(1).date()),)}),
        ("refund_policy_disclosure", {"policies": (policy(shown_where=None),)}),
        ("usage_log", {"usage": (usage(event(at=ago(50))),)}),
        ("usage_log", {"usage": (usage(event(action="cancellation")),)}),
        ("renewal_notice", {"messages": (ours("Your subscription will renew next week.", at=ago(1)),)}),
        ("duplicate_charge_id", {"orders": (order(), order(order_ref="LL-2", payment_id="ch_1"))}),
        ("duplicate_charge_id", {"orders": (order(), order(order_ref="LL-2", payment_id="ch_2"))}),  # never shipped
        ("duplicate_charge_id", {**TWO, "orders": (order(), OTHER.model_copy(update={"placed_at": ago(300)}))}),
        ("duplicate_charge_id", {**TWO, "orders": (order(), OTHER.model_copy(update={"total": usd(900)}))}),
        ("duplicate_charge_id", {**TWO, "orders": (order(), OTHER.model_copy(update={"cancelled_at": ago(39)}))}),
        ("invoice", {"orders": (order(lines=(line(description="asdf test"),)),)}),
        ("usage_log", {"usage": (usage(event(action="payment failed"), event(action="test")),)}),
        ("return_policy", {"policies": (policy(text="TODO: write the text about returns here for us."),)}),
        ("return_policy", {"policies": (policy(text="You may return it within [number of days] of its delivery."),)}),
        ("terms_acceptance_log", {"orders": (order(terms_accepted_at=ago(10)),)}),
        ("tracking_events", {"shipments": (shipment(tracking_number="N/A"),)}),
        ("prior_undisputed_transactions", {"payment": payment(prior_payments=(prior(paid_at=ago(40.1)),))}),
        ("prior_undisputed_transactions", {"payment": payment(prior_payments=(prior(disputed=True),))}),
        ("duplicate_charge_explanation", {}),
        ("cancellation_rebuttal", {}),
        ("refund_refusal_explanation", {}),
        ("avs_cvv_result", {"payment": payment(cvc="pass", avs_line1="fail")}),
        ("3ds_result", {}),
        ("prior_undisputed_transactions", {}),
        ("transaction_log", {"payment": None}),
        ("photos", {"documents": (document("photos", size=100),)}),
    ],
)
def test_junk_or_the_wrong_record_does_not_count(item: str, changes: dict[str, Any]) -> None:
    assert not present(item, **changes)


def test_use_of_a_day_that_has_not_come_does_not_count() -> None:
    assert not judged(claim(), case(usage=(usage(event(at=ago(-1))),))).items["usage_log"].present


def test_of_two_versions_of_a_policy_the_one_in_force_counts() -> None:
    old = policy(text="Goods may be returned within 7 days of delivery, a fee is taken.", in_force_from=ago(900).date())
    pointed = present_items(case(policies=(old, policy())), claim())["return_policy"].records
    assert len(pointed) == 1


def test_a_filler_in_place_of_a_tracking_number_says_so() -> None:
    states = present_items(case(shipments=(shipment(tracking_number="TBD"),)), claim())
    assert "filler" in states["delivery_confirmation"].why


def test_a_foreign_message_says_what_to_do() -> None:
    states = present_items(case(messages=(message(body="Merhaba, bu ürün için iade var mı?"),)), claim())
    assert "enter a translation" in states["customer_communication"].why


def test_records_are_pointed_at_by_kind_and_key() -> None:
    assert ref(shipment()) == Ref(kind="shipment", key="JD0146000031", item_id="item-tracking")
    assert ref(policy()).kind == "policy"
    assert ref(usage(event())).kind == "usage"
