"""PayPal's evidence: typed as it was asked for, with the tracking number as data."""

from __future__ import annotations

import pytest

from disputes.acts import Offered
from disputes.facts import UNNAMED_CARRIER, ThreeDSecure, TrackingEvent
from disputes.lifecycle import Kind
from disputes.ports import Capabilities
from evidence.fields.paypal import CarrierAsked, TooManyEntries, TrackingAsked
from tests.evidence.builders import (
    ago,
    case,
    event,
    judged,
    line,
    message,
    order,
    payment,
    refund,
    shipment,
    usage,
    usd,
)
from tests.evidence.fields.answers import answer, paypal

AUTHENTICATED = payment(three_d_secure=ThreeDSecure(result="authenticated", version="2.2.0", eci="05"))


def test_a_parcel_that_was_not_received_is_answered_with_carrier_and_tracking_number() -> None:
    _, fields = answer(paypal(), case())
    assert fields["PROOF_OF_FULFILLMENT.tracking_info[0].carrier_name"] == "DHL"
    assert fields["PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number"] == "JD0146000031"
    assert "carrier_name_other" not in str(fields)


def test_a_carrier_that_paypal_does_not_know_goes_under_other_with_its_name() -> None:
    _, fields = answer(paypal(), case(shipments=(shipment(carrier="Aras Kargo", tracking_number="2290117345562"),)))
    at = "PROOF_OF_FULFILLMENT.tracking_info[0]"
    assert fields[f"{at}.carrier_name"] == "OTHER"
    assert fields[f"{at}.carrier_name_other"] == "Aras Kargo"


def test_every_parcel_of_the_order_is_named() -> None:
    parcels = (shipment(), shipment(tracking_number="JD0146000032"))
    _, fields = answer(paypal(), case(shipments=parcels))
    assert fields["PROOF_OF_FULFILLMENT.tracking_info[1].tracking_number"] == "JD0146000032"


def test_more_parcels_than_paypal_takes_are_refused_and_none_is_left_out() -> None:
    parcels = tuple(shipment(tracking_number=f"JD01460000{number:02}") for number in range(11))
    with pytest.raises(TooManyEntries, match="10 tracking numbers"):
        answer(paypal(), case(shipments=parcels))


def test_a_document_alone_where_tracking_is_asked_for_fails() -> None:
    claim = paypal(raw_reason="UNAUTHORISED", requested=("PROOF_OF_FULFILLMENT",))
    with pytest.raises(TrackingAsked, match="tracking number"):
        answer(claim, case(payment=AUTHENTICATED, shipments=()))


def test_a_parcel_without_a_carriers_name_is_refused_with_what_to_do() -> None:
    with pytest.raises(CarrierAsked, match="Add its name"):
        answer(paypal(), case(shipments=(shipment(carrier=UNNAMED_CARRIER),)))


def test_what_was_not_shipped_is_proved_as_a_delivery_online() -> None:
    digital = order(lines=(line(product_type="digital", description="Lale Patterns"),), shipping=None)
    used = usage(event(action="download", at=ago(39)), event(action="login", at=ago(20)))
    claim = paypal(requested=("PROOF_OF_FULFILLMENT",))
    _, fields = answer(claim, case(orders=(digital,), shipments=(), usage=(used,)))
    assert "PROOF_FOR_SOFTWARE_OR_SERVICE_DELIVERED.notes" in fields
    assert not any(name.startswith("PROOF_OF_FULFILLMENT") for name in fields)


def test_a_refund_made_before_is_given_by_its_number() -> None:
    paid_back = payment(refunds=(refund(refund_id="9XR", amount=usd(18900), created_at=ago(20)),))
    _, fields = answer(paypal(raw_reason="CREDIT_NOT_PROCESSED"), case(payment=paid_back))
    assert fields["PROOF_OF_REFUND.refund_ids[0]"] == "9XR"


def test_every_type_that_paypal_asked_for_is_answered() -> None:
    claim = paypal(requested=("PROOF_OF_FULFILLMENT", "PROOF_OF_DELIVERY_SIGNATURE"))
    _, fields = answer(claim, case(shipments=(shipment(signed_by="E. CARTER"),)))
    assert {name.partition(".")[0] for name in fields} == {"PROOF_OF_FULFILLMENT", "PROOF_OF_DELIVERY_SIGNATURE"}


def test_the_notes_state_what_we_ask_and_stay_within_two_thousand_characters() -> None:
    talk = tuple(
        message(message_id=f"<m{number}@x>", at=ago(33 - number / 10), body="It arrived and it is lovely. " * 20)
        for number in range(30)
    )
    _, fields = answer(paypal(), case(messages=talk))
    notes = fields["PROOF_OF_FULFILLMENT.notes"]
    assert notes.startswith("We ask for: ")
    assert len(notes) <= 2000


def test_the_packet_goes_as_one_document() -> None:
    ctx, _ = answer(paypal(), case())
    assert {ctx.front_slot, *(exhibit.slot for exhibit in ctx.exhibits)} == {"documents"}


def test_a_parcel_under_way_is_told_by_its_number_too() -> None:
    events = (TrackingEvent(at=ago(3), state="in_transit", text="Picked up"),)
    under_way = shipment(delivered_at=None, delivered_to=None, shipped_at=ago(3), events=events)
    claim = paypal(raw_reason="UNAUTHORISED", requested=("PROOF_OF_FULFILLMENT",))
    _, fields = answer(claim, case(payment=AUTHENTICATED, shipments=(under_way,)))
    assert fields["PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number"] == "JD0146000031"


def test_an_inquiry_that_can_still_be_settled_with_the_customer_is_a_persons() -> None:
    offers = (Offered("message"), Offered("offer", {"offer_type": ("REFUND",)}))
    open_inquiry = paypal(kind=Kind.INQUIRY, capabilities=Capabilities(True, True, offers=offers))
    assert any("settle with the customer" in why for why in judged(open_inquiry, case()).person_required)
    claimed = paypal(capabilities=Capabilities(True, True, offers=offers))
    assert not any("settle with the customer" in why for why in judged(claimed, case()).person_required)
