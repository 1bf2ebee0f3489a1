"""Sales in which the customer is right, sales that only look like it, and what answers a customer who is right."""

from __future__ import annotations

from datetime import date
from typing import Any

from disputes.facts import Address, Return, Shipment, TrackingEvent
from evidence.claim import Claim
from evidence.customer import CustomerRight
from tests.evidence.builders import (
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
