"""One sale as judgement looks at it: the records that belong to the disputed order, sorted out once.

What belongs to another order, is older than the order or contradicts it is left out here and named in
`evidence.contradictions`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property

from disputes.facts import (
    Address,
    CaseFile,
    Document,
    Message,
    Order,
    Payment,
    Policy,
    PriorPayment,
    ProductType,
    Return,
    Shipment,
    UsageEvent,
)
from disputes.knowledge import Reason
from disputes.phrases import Phrase, phrase
from evidence.claim import Claim
from evidence.junk import no_tracking_number, no_use
from evidence.language import language_of
from evidence.matching import (
    address_agreement,
    address_in,
    different_payments,
    normalise,
    public_address,
    same_email,
)
from evidence.policies import in_force
from evidence.redaction import bare
from evidence.words import says_has_goods, says_sent_back

# A shop's clock and a carrier's may differ; half a day is no contradiction.
SLACK = timedelta(hours=12)
# A stolen card is used several times within days; its owner has read a statement after a month.
SETTLED = timedelta(days=30)
# Two charges that a cardholder takes for one lie near each other.
NEAR = timedelta(days=30)
_NOT_A_RENEWAL = timedelta(days=1)
_SCANNED = frozenset({"in_transit", "out_for_delivery", "delivered", "failed", "returned"})
_ENDS = ("delivered", "returned", "lost")
_LEFT_THE_HOUSE = (
    *("delivery_confirmation", "tracking_events", "delivery_photo", "delivery_signature", "pickup_identification"),
    *("customs_hold_proof", "replacement_proof"),
)
_NEIGHBOUR = re.compile(r"\b(?:neighbou?rs?|komsu\w*|nachbar\w*|voisine?s?|vecin[oa]s?|buren|buurman|buurvrouw)\b")
_ACROSS_A_COUNTER = ("signed_receipt", "emv_terminal_data")


def internal(message: Message) -> bool:
    """A note of the helpdesk to itself; it never becomes evidence."""
    return any(word in message.channel.casefold() for word in ("internal", "private", "note"))


def product_type_of(claim: Claim, case: CaseFile) -> tuple[ProductType, Phrase]:
    """The product type and where it came from: the case, the order's lines, or the merchant's default."""
    if claim.product_type:
        return claim.product_type, phrase("set on the case")
    lines = case.order.lines if case.order else ()
    kinds = [line.product_type for line in lines if line.product_type]
    if kinds:
        # A mixed order is judged by what was shipped: that is what can be delivered or not.
        return ("physical" if "physical" in kinds else kinds[0]), phrase("from the order's lines")
    return claim.default_product_type, phrase("the merchant's default")


@dataclass(frozen=True)
class Sale:
    claim: Claim
    case: CaseFile
    now: datetime | None = None
    """When it is judged; records of a later time are announcements, not facts."""

    @cached_property
    def reason(self) -> Reason:
        return self.claim.reason

    @cached_property
    def product_type(self) -> ProductType:
        return product_type_of(self.claim, self.case)[0]

    @property
    def payment(self) -> Payment | None:
        return self.case.payment

    @property
    def other_payment_named(self) -> bool:
        """The order on record names another payment; a renewal is another payment of an older order by its nature."""
        order, payment = self.case.order, self.payment
        if order is None or payment is None:
            return False
        if self.product_type == "subscription" and order.placed_at < payment.paid_at - _NOT_A_RENEWAL:
            return False
        return different_payments(order.payment_id, payment.payment_id)

    @cached_property
    def of_other_payment(self) -> bool:
        """So it stands, and no person has said that it is the right order all the same."""
        return self.other_payment_named and "order_of_other_payment" not in self.claim.contradictions_read

    @cached_property
    def order(self) -> Order | None:
        """The disputed order; one that was paid by another payment proves nothing here."""
        return None if self.of_other_payment else self.case.order

    @property
    def started(self) -> datetime | None:
        """When the order was placed, else paid."""
        if self.order:
            return self.order.placed_at
        return self.payment.paid_at if self.payment else None

    @cached_property
    def emails(self) -> tuple[str, ...]:
        """Addresses the order and the payment were made with."""
        named = (
            self.order.customer_email if self.order else None,
            self.payment.customer_email if self.payment else None,
            self.payment.receipt_email if self.payment else None,
        )
        return tuple(dict.fromkeys(each.strip().casefold() for each in named if each))

    @cached_property
    def customer_name(self) -> str | None:
        if self.order and self.order.customer_name:
            return self.order.customer_name
        if self.payment:
            return self.payment.customer_name or (self.payment.billing.name if self.payment.billing else None)
        return None

    @cached_property
    def ordered_to(self) -> Address | None:
        if self.order and self.order.shipping:
            return self.order.shipping
        return self.payment.shipping if self.payment else None

    @cached_property
    def billing(self) -> Address | None:
        """The address the card's bank checked is the payment's, not the order's."""
        if self.payment and self.payment.billing:
            return self.payment.billing
        return self.order.billing if self.order else None

    def _mine(self, order_ref: str | None) -> bool:
        if order_ref is None:
            return True
        return not self.of_other_payment and (self.order is None or order_ref == self.order.order_ref)

    def _past(self, at: datetime | None) -> bool:
        return at is not None and (self.now is None or at <= self.now)

    def older(self, shipment: Shipment) -> bool:
        """The parcel moved before there was an order."""
        moved = [event.at for event in shipment.events] + [
            at for at in (shipment.shipped_at, shipment.delivered_at) if at
        ]
        return bool(self.started and moved and min(moved) < self.started - SLACK)

    @cached_property
    def shipments(self) -> tuple[Shipment, ...]:
        """Parcels to the customer for this order."""
        return tuple(
            each
            for each in self.case.shipments
            if not each.is_return
            and self._mine(each.order_ref)
            and not self.older(each)
            and not no_tracking_number(each.tracking_number)
            and not self._shared(each)
        )

    def _shared(self, parcel: Shipment) -> bool:
        """Its number is recorded for another order too: one parcel cannot prove two, until a person has looked."""
        if "tracking_of_other_order" in self.claim.contradictions_read:
            return False
        same = (each for each in self.case.shipments if each.tracking_number == parcel.tracking_number)
        return any(each.order_ref != parcel.order_ref for each in same)

    @cached_property
    def scanned(self) -> tuple[Shipment, ...]:
        """Parcels the carrier has had in hand; a label alone is none."""
        return tuple(
            each
            for each in self.shipments
            if self._past(each.delivered_at)
            or any(event.state in _SCANNED and self._past(event.at) for event in each.events)
        )

    def arrived(self, shipment: Shipment) -> bool:
        """Delivered by the carrier's record, and neither brought back nor lost after it. The first of two carriers
        hands over to the second, never to the customer."""
        if self.first_leg(shipment):
            return False
        ends = [event for event in shipment.events if event.state in _ENDS and self._past(event.at)]
        undone = bool(ends) and max(ends, key=lambda event: event.at).state != "delivered"
        return self._past(shipment.delivered_at) and not undone

    @cached_property
    def delivered(self) -> tuple[Shipment, ...]:
        """Delivered by the carrier's own record, and not to an address other than the ordered one."""
        return tuple(
            each
            for each in self.shipments
            if self.arrived(each) and address_agreement(each.delivered_to, self.ordered_to) != "different"
        )

    def first_leg(self, shipment: Shipment) -> bool:
        """One record that calls it the first half of a way is enough: the others of its number know less."""
        number = bare(shipment.tracking_number)
        same = (each for each in self.case.shipments if bare(each.tracking_number) == number)
        return any(each.leg == "first" for each in same)

    def handed_on(self, shipment: Shipment) -> bool:
        """A first half whose second half a carrier has had in hand: where the first one ends says nothing more."""
        number = bare(shipment.tracking_number)
        same = [each for each in self.case.shipments if bare(each.tracking_number) == number and each.leg == "first"]
        onward = {bare(each.onward_number) for each in same if each.onward_number}
        return any(bare(each.tracking_number) in onward for each in self.scanned)

    @staticmethod
    def left_with_neighbour(shipment: Shipment) -> bool:
        """The carrier's own words of the handing over say that somebody next door took it."""
        handed = [event for event in shipment.events if event.state == "delivered"]
        return bool(handed and _NEIGHBOUR.search(normalise(max(handed, key=lambda event: event.at).text)))

    def late(self, shipment: Shipment) -> bool:
        """Delivered after the promised day, wherever the customer's clock stands."""
        promised = self.order.promised_by if self.order else None
        return bool(promised and shipment.delivered_at and (shipment.delivered_at - SLACK).date() > promised)

    @cached_property
    def never_shipped(self) -> bool:
        """Goods, and nothing shows that they left the house: no scan, no paper of delivery, no word of having them."""
        if self.product_type != "physical" or self.scanned or self.acknowledged:
            return False
        # In a claim of fraud at a distance a receipt of the counter is of another sale.
        remote = self.reason.playbook.key in ("fraud_cnp", "unrecognized")
        return not self.documents(*_LEFT_THE_HOUSE, *(() if remote else _ACROSS_A_COUNTER))

    @cached_property
    def no_return_recorded(self) -> bool:
        """Delivered, and no return parcel, no inspection of returned goods, no word of sending back is on record."""
        told = any(says_sent_back(each.body) or says_sent_back(each.translation or "") for each in self.incoming)
        papers = self.documents("return_inspection_report", "return_tracking")
        kept = self.returns or self.return_cases
        return bool(self.delivered and not kept and not papers and not told)

    @cached_property
    def returns(self) -> tuple[Shipment, ...]:
        return tuple(each for each in self.case.shipments if each.is_return and self._mine(each.order_ref))

    @cached_property
    def return_cases(self) -> tuple[Return, ...]:
        """Returns of this order as the shop keeps them."""
        return tuple(each for each in self.case.returns if self._mine(each.order_ref))

    @cached_property
    def messages(self) -> tuple[Message, ...]:
        """Correspondence about this sale, oldest first, without internal notes."""
        kept = [each for each in self.case.messages if not internal(each) and self._mine(each.order_ref)]
        return tuple(sorted(kept, key=lambda each: (each.at, each.message_id)))

    @cached_property
    def quotable(self) -> tuple[Message, ...]:
        """Messages the bank can read: English, or with a translation a person entered."""
        return tuple(each for each in self.messages if self.readable(each))

    @cached_property
    def untranslated(self) -> tuple[Message, ...]:
        return tuple(each for each in self.messages if not self.readable(each))

    @staticmethod
    def readable(message: Message) -> bool:
        return bool(message.translation) or language_of(message.body, message.language) == "english"

    def from_customer(self, message: Message) -> bool:
        """Written from an address the order or the payment was made with."""
        sender = address_in(message.sender)
        return (
            message.direction == "in" and not message.automatic and any(same_email(sender, own) for own in self.emails)
        )

    @cached_property
    def incoming(self) -> tuple[Message, ...]:
        return tuple(each for each in self.messages if each.direction == "in" and not each.automatic)

    @cached_property
    def outgoing(self) -> tuple[Message, ...]:
        return tuple(each for each in self.messages if each.direction == "out")

    @cached_property
    def acknowledged(self) -> tuple[Message, ...]:
        """The customer's own words about having it, from the order's address and after the order."""
        return tuple(
            each
            for each in self.incoming
            if self.from_customer(each)
            and (self.started is None or each.at > self.started)
            and (says_has_goods(each.translation or "") or says_has_goods(each.body))
        )

    @cached_property
    def usage(self) -> tuple[UsageEvent, ...]:
        """Use after the purchase, tied to the order or its account; cancellations and renewals are no use."""
        events = [event for log in self.case.usage for event in log.events]
        return tuple(
            sorted(
                (
                    event
                    for event in events
                    if self._mine(event.order_ref)
                    and self._own_account(event)
                    and (self.started is None or event.at > self.started)
                    and self._past(event.at)
                    and not no_use(event.action)
                ),
                key=lambda event: event.at,
            )
        )

    @property
    def account_id(self) -> str | None:
        return (self.order.account_id if self.order else None) or (self.payment.account_id if self.payment else None)

    @property
    def device_id(self) -> str | None:
        return (self.order.device_id if self.order else None) or (self.payment.device_id if self.payment else None)

    def _own_account(self, event: UsageEvent) -> bool:
        return event.account_id is None or self.account_id is None or event.account_id == self.account_id

    @cached_property
    def cancellations(self) -> tuple[datetime, ...]:
        """When the records say it was cancelled."""
        times = [
            event.at
            for log in self.case.usage
            for event in log.events
            if event.action == "cancellation" and self._mine(event.order_ref)
        ]
        if self.order and self.order.cancelled_at:
            times.append(self.order.cancelled_at)
        return tuple(sorted(times))

    @property
    def purchase_ip(self) -> str | None:
        return (self.order.ip if self.order else None) or (self.payment.ip if self.payment else None)

    @cached_property
    def device_usage(self) -> tuple[UsageEvent, ...]:
        """Use from the device of the purchase; the IP address stands for it only while no device is known."""
        device = self.device_id
        own_address = public_address(self.purchase_ip)

        def same(event: UsageEvent) -> bool:
            if device and event.device_id:
                return event.device_id == device
            return own_address is not None and event.ip == self.purchase_ip

        return tuple(event for event in self.usage if same(event))

    @cached_property
    def prior(self) -> tuple[PriorPayment, ...]:
        """Earlier payments of the same card, never disputed or reported, old enough for the cardholder to have seen."""
        if self.payment is None:
            return ()
        latest = self.payment.paid_at - SETTLED
        return tuple(
            each
            for each in self.payment.prior_payments
            if each.paid_at <= latest and not each.disputed and not each.fraud_report
        )

    @cached_property
    def sent_to_verified_address(self) -> bool:
        """Full AVS and CVC match, and the parcel went to that very address."""
        return bool(
            self.payment
            and self.payment.checks_match
            and self.delivered
            and address_agreement(self.ordered_to, self.payment.billing) == "same"
        )

    def documents(self, *items: str) -> tuple[Document, ...]:
        """Documents of these evidence items that belong to this order."""
        return tuple(
            each
            for each in self.case.documents
            # Papers about the other charge belong to the other order by their nature.
            if each.item in items and (self._mine(each.order_ref) or each.item == "duplicate_charge_documentation")
        )

    @staticmethod
    def readable_policy(policy: Policy) -> bool:
        return language_of(policy.text) == "english"

    def policies(self, *kinds: str) -> tuple[Policy, ...]:
        """English policies that were in force on the day of the order and say something."""
        found = in_force(self.case.policies, self.started.date() if self.started else None)
        return tuple(each for each in found if each.kind in kinds and self.readable_policy(each))

    @cached_property
    def other_orders(self) -> tuple[Order, ...]:
        """Orders of the same customer for about the same sum at about the same time, each with a payment of its own.

        An order of last year, or of another price, is not what a cardholder takes for the same charge.
        """
        mine = self.payment.payment_id if self.payment else None
        own = self.order.order_ref if self.order else None
        return tuple(
            each
            for each in self.case.orders[1:]
            if each.payment_id and each.payment_id != mine and each.order_ref != own and self._alike(each)
        )

    def _alike(self, other: Order) -> bool:
        if self.product_type == "physical" and not self._left(other):
            return False  # ordered twice by a slip, and shipped once
        if other.cancelled_at or (self.started and abs(other.placed_at - self.started) > NEAR):
            return False
        charged = self.payment.amount if self.payment else self.claim.amount
        return other.total is None or other.total == charged or other.total == self.claim.amount

    def _left(self, other: Order) -> bool:
        """The other order's own parcel was handed to a carrier, or a paper about it is there."""
        parcels = [each for each in self.case.shipments if each.order_ref == other.order_ref and not each.is_return]
        scanned = (each.delivered_at or any(event.state in _SCANNED for event in each.events) for each in parcels)
        return any(scanned) or bool(self.documents("duplicate_charge_documentation"))
