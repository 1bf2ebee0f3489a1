"""One of the three payments with the marks that may match, from the gateway's record and the shop's order together."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from disputes.facts import Address, Fact, Order, PriorPayment
from disputes.knowledge import CompellingElement, compelling_elements, compelling_rule
from disputes.phrases import phrase
from evidence.goods import described
from evidence.junk import filler
from evidence.matching import normalise, public_address
from evidence.passages import Passage, passage, when
from evidence.sale import Sale

ADDRESS_PARTS = {
    "line1": "line1",
    "line2": "line2",
    "city": "city",
    "state": "region",
    "postal_code": "postal_code",
    "country": "country",
}
"""Stripe's sub-field -> ours; Stripe wants all of them or the address does not count."""


class Transaction(Fact):
    payment_id: str
    at: datetime
    order_ref: str | None = None
    description: str | None = None
    marks: dict[str, str] = Field(default_factory=dict)
    """Element -> its value as it is compared."""
    shipping: Address | None = None
    shown: Passage

    @property
    def described(self) -> bool:
        return bool(self.description)


def disputed_transaction(sale: Sale) -> Transaction:
    payment, order = sale.payment, sale.order
    assert payment is not None
    return Transaction(
        payment_id=payment.payment_id,
        at=payment.paid_at,
        order_ref=order.order_ref if order else None,
        description=_description(order, payment.description),
        marks=_marks(
            customer_purchase_ip=public_address(sale.purchase_ip),
            customer_device_id=sale.device_id,
            customer_device_fingerprint=(order.device_fingerprint if order else None) or payment.device_fingerprint,
            shipping_address=_comparable(sale.ordered_to),
            customer_email_address=(order.customer_email if order else None) or payment.customer_email,
            customer_account_id=sale.account_id,
        ),
        shipping=sale.ordered_to,
        shown=passage(
            phrase(
                "{payment}: {amount} {at}", payment=payment.payment_id, amount=payment.amount, at=when(payment.paid_at)
            ),
            payment,
            order,
        ),
    )


def prior_transaction(sale: Sale, prior: PriorPayment) -> Transaction:
    """The gateway's record, filled up by the shop's order of that payment."""
    order = _order_of(sale, prior)
    shipping = (order.shipping if order else None) or prior.shipping
    return Transaction(
        payment_id=prior.payment_id,
        at=prior.paid_at,
        order_ref=order.order_ref if order else prior.order_ref,
        description=_description(order, prior.description),
        marks=_marks(
            customer_purchase_ip=public_address((order.ip if order else None) or prior.ip),
            customer_device_id=(order.device_id if order else None) or prior.device_id,
            customer_device_fingerprint=(order.device_fingerprint if order else None) or prior.device_fingerprint,
            shipping_address=_comparable(shipping),
            customer_email_address=(order.customer_email if order else None) or prior.customer_email,
            customer_account_id=(order.account_id if order else None) or prior.account_id,
        ),
        shipping=shipping,
        shown=passage(
            phrase("{payment}: {amount} {at}", payment=prior.payment_id, amount=prior.amount, at=when(prior.paid_at)),
            prior,
            order,
        ),
    )


def _order_of(sale: Sale, prior: PriorPayment) -> Order | None:
    for order in sale.case.orders[1:]:
        if order.payment_id == prior.payment_id or (prior.order_ref and order.order_ref == prior.order_ref):
            return order
    return None


def _description(order: Order | None, said: str | None) -> str | None:
    """What a bank can read as goods; a bare order number or a filler describes nothing."""
    if order and order.lines:
        text = described(order.lines)
    else:
        text = (said or "").strip()
        if not any(sign.isalpha() for sign in text) or normalise(text).startswith(("payment for", "order ")):
            return None
    return None if not text or filler(text) or len(text) > compelling_rule().text_limit else text


def _marks(**values: str | None) -> dict[str, str]:
    """Only what is long enough for Visa; e-mail addresses without case."""
    kept = {}
    for element in compelling_elements():
        value = (values.get(element.element) or "").strip()
        if element.element == "customer_email_address":
            value = value.casefold()
        if len(value) >= max(1, element.at_least) and len(value) <= compelling_rule().text_limit:
            kept[element.element] = value
    return kept


def _comparable(address: Address | None) -> str | None:
    if address is None:
        return None
    parts = [getattr(address, name) for name in ADDRESS_PARTS.values()]
    return "|".join(normalise(part) for part in parts) if all(parts) else None


def element_of(name: str) -> CompellingElement:
    return next(each for each in compelling_elements() if each.element == name)
