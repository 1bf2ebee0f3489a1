"""One sale as judgement looks at it: the records that belong to the disputed order, sorted out once.

What belongs to another order, is older than the order or contradicts it is left out here and named in
`evidence.contradictions`.
"""

from __future__ import annotations

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
    Shipment,
    UsageEvent,
)
from disputes.knowledge import Reason
from evidence.claim import Claim
from evidence.language import language_of
from evidence.matching import address_agreement, address_in, same_email
from evidence.words import says_has_goods

# A shop's clock and a carrier's may differ; half a day is no contradiction.
SLACK = timedelta(hours=12)
_SCANNED = frozenset({"in_transit", "out_for_delivery", "delivered", "failed", "returned"})


def internal(message: Message) -> bool:
    """A note of the helpdesk to itself; it never becomes evidence."""
    return any(word in message.channel.casefold() for word in ("internal", "private", "note"))


def product_type_of(claim: Claim, case: CaseFile) -> tuple[ProductType, str]:
    """The product type and where it came from: the case, the order's lines, or the merchant's default."""
    if claim.product_type:
        return claim.product_type, "set on the case"
    lines = case.order.lines if case.order else ()
    kinds = [line.product_type for line in lines if line.product_type]
    if kinds:
        # A mixed order is judged by what was shipped: that is what can be delivered or not.
        return ("physical" if "physical" in kinds else kinds[0]), "from the order's lines"
    return claim.default_product_type, "the merchant's default"


@dataclass(frozen=True)
class Sale:
    claim: Claim
    case: CaseFile

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
    def order(self) -> Order | None:
        return self.case.order

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
        return order_ref is None or self.order is None or order_ref == self.order.order_ref

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
            if not each.is_return and self._mine(each.order_ref) and not self.older(each)
        )

    @cached_property
    def scanned(self) -> tuple[Shipment, ...]:
        """Parcels the carrier has had in hand; a label alone is none."""
        return tuple(
            each
            for each in self.shipments
            if each.delivered_at or any(event.state in _SCANNED for event in each.events)
        )

    @cached_property
    def delivered(self) -> tuple[Shipment, ...]:
        """Delivered by the carrier's own record, and not to an address other than the ordered one."""
        return tuple(
            each
            for each in self.shipments
            if each.delivered_at and address_agreement(each.delivered_to, self.ordered_to) != "different"
        )

    @cached_property
    def returns(self) -> tuple[Shipment, ...]:
        return tuple(each for each in self.case.shipments if each.is_return and self._mine(each.order_ref))

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
                    and event.action not in ("cancellation", "renewal")
                ),
                key=lambda event: event.at,
            )
        )

    def _own_account(self, event: UsageEvent) -> bool:
        account = self.order.account_id if self.order else None
        return event.account_id is None or account is None or event.account_id == account

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
        device = self.order.device_id if self.order else None

        def same(event: UsageEvent) -> bool:
            if device and event.device_id:
                return event.device_id == device
            return bool(self.purchase_ip) and event.ip == self.purchase_ip

        return tuple(event for event in self.usage if same(event))

    @cached_property
    def prior(self) -> tuple[PriorPayment, ...]:
        """Earlier payments of the same card that were never disputed."""
        if self.payment is None:
            return ()
        paid_at = self.payment.paid_at
        return tuple(each for each in self.payment.prior_payments if each.paid_at < paid_at)

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
        day = self.started.date() if self.started else None
        return tuple(
            each
            for each in self.case.policies
            if each.kind in kinds
            and len(each.text.split()) >= 5
            and self.readable_policy(each)
            and (day is None or each.in_force_from <= day)
        )

    @cached_property
    def other_orders(self) -> tuple[Order, ...]:
        """Further orders of the same customer that were paid by another payment."""
        mine = self.payment.payment_id if self.payment else None
        return tuple(each for each in self.case.orders[1:] if each.payment_id and each.payment_id != mine)
