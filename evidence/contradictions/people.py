"""Names, addresses and devices that do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from evidence.contradictions.check import Pair, Register
from evidence.matching import address_agreement, same_email, same_person
from evidence.passages import passage, place
from evidence.sale import Sale

check = Register()
Found = Iterator[Pair]
_FRAUD = ("fraudulent", "unrecognized")


@check(
    "shipping_differs_from_billing",
    "note",
    "Shipped to another address than the card's",
    "Usual for gifts. In a fraud case it weakens the answer unless something links the two.",
)
def _gift(sale: Sale) -> Found:
    if sale.product_type == "physical" and address_agreement(sale.ordered_to, sale.billing) == "different":
        billing = passage(f"Billing: {place(sale.billing)}", sale.payment or sale.order)
        yield billing, passage(f"Shipping: {place(sale.ordered_to)}", sale.order or sale.payment)


@check(
    "email_mismatch",
    "note",
    "Order and payment carry different e-mail addresses",
    "Check that this order belongs to this payment.",
)
def _email(sale: Sale) -> Found:
    order, payment = sale.order, sale.payment
    if order is None or payment is None or not order.customer_email or not payment.customer_email:
        return
    if not same_email(order.customer_email, payment.customer_email):
        yield passage(f"Order: {order.customer_email}", order), passage(f"Payment: {payment.customer_email}", payment)


@check(
    "name_mismatch",
    "note",
    "Order and card carry different names",
    "Check that this order belongs to this payment; a gift or a family member's card is possible.",
)
def _name(sale: Sale) -> Found:
    order, payment = sale.order, sale.payment
    if order is None or payment is None:
        return
    card = (payment.billing.name if payment.billing else None) or payment.customer_name
    if order.customer_name and card and not same_person(order.customer_name, card):
        yield passage(f"Order: {order.customer_name}", order), passage(f"Card: {card}", payment)


@check(
    "signed_by_other",
    "note",
    "Somebody else signed for the parcel",
    "The letter quotes the signature as recorded and claims no more.",
)
def _signature(sale: Sale) -> Found:
    names = [each for each in (sale.customer_name, sale.ordered_to.name if sale.ordered_to else None) if each]
    for parcel in sale.delivered:
        if parcel.signed_by and names and not any(same_person(parcel.signed_by, name) for name in names):
            yield (
                passage(f"Signed: {parcel.signed_by}", parcel),
                passage(f"Ordered by: {names[0]}", sale.order or sale.payment),
            )


@check(
    "used_from_other_device",
    "note",
    "Used only from other devices than the purchase's",
    "In a fraud case the bank may take the user for somebody else than the buyer.",
)
def _device(sale: Sale) -> Found:
    used = [event for event in sale.usage if event.device_id]
    if sale.reason.claim in _FRAUD and sale.device_id and used and not sale.device_usage:
        bought = passage(f"Purchase device: {sale.device_id}", sale.order or sale.payment)
        yield bought, passage(f"Device of the use: {used[0].device_id}", *sale.case.usage)


@check(
    "usage_of_other_account",
    "note",
    "The log also holds the use of another account",
    "Only the order's own account counts. Check that the log is of this customer.",
)
def _account(sale: Sale) -> Found:
    others = [
        event.account_id
        for log in sale.case.usage
        for event in log.events
        if event.account_id and sale.account_id and event.account_id != sale.account_id
    ]
    if others:
        bought = passage(f"Order's account: {sale.account_id}", sale.order or sale.payment)
        yield bought, passage(f"Account in the log: {others[0]}", *sale.case.usage)


@check(
    "card_country_differs",
    "note",
    "The card is from another country than its billing address",
    "Common with travellers. In a fraud case it weakens the answer.",
)
def _country(sale: Sale) -> Found:
    payment = sale.payment
    home = sale.billing.country if sale.billing else None
    if payment is None or not payment.card_country or not home or len(home) != 2:
        return
    if home.upper() != payment.card_country.upper():
        yield passage(f"Card issued in {payment.card_country}", payment), passage(f"Billing address in {home}", payment)


CHECKS = tuple(check.checks)
