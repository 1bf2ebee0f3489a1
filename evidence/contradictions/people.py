"""Names, addresses and devices that do not fit each other."""

from __future__ import annotations

from collections.abc import Iterator

from disputes.phrases import phrase
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
    phrase("Shipped to another address than the card's"),
    phrase("Usual for gifts. In a fraud case it weakens the answer unless something links the two."),
)
def _gift(sale: Sale) -> Found:
    if sale.product_type == "physical" and address_agreement(sale.ordered_to, sale.billing) == "different":
        billing = passage(phrase("Billing: {address}", address=place(sale.billing)), sale.payment or sale.order)
        yield (
            billing,
            passage(phrase("Shipping: {address}", address=place(sale.ordered_to)), sale.order or sale.payment),
        )


@check(
    "email_mismatch",
    "note",
    phrase("Order and payment carry different e-mail addresses"),
    phrase("Check that this order belongs to this payment."),
)
def _email(sale: Sale) -> Found:
    order, payment = sale.order, sale.payment
    if order is None or payment is None or not order.customer_email or not payment.customer_email:
        return
    if not same_email(order.customer_email, payment.customer_email):
        yield (
            passage(phrase("Order: {email}", email=order.customer_email), order),
            passage(phrase("Payment: {email}", email=payment.customer_email), payment),
        )


@check(
    "name_mismatch",
    "note",
    phrase("Order and card carry different names"),
    phrase("Check that this order belongs to this payment; a gift or a family member's card is possible."),
)
def _name(sale: Sale) -> Found:
    order, payment = sale.order, sale.payment
    if order is None or payment is None:
        return
    card = (payment.billing.name if payment.billing else None) or payment.customer_name
    if order.customer_name and card and not same_person(order.customer_name, card):
        yield (
            passage(phrase("Order: {name}", name=order.customer_name), order),
            passage(phrase("Card: {name}", name=card), payment),
        )


@check(
    "signed_by_other",
    "note",
    phrase("Somebody else signed for the parcel"),
    phrase("The letter quotes the signature as recorded and claims no more."),
)
def _signature(sale: Sale) -> Found:
    names = [each for each in (sale.customer_name, sale.ordered_to.name if sale.ordered_to else None) if each]
    for parcel in sale.delivered:
        if parcel.signed_by and names and not any(same_person(parcel.signed_by, name) for name in names):
            yield (
                passage(phrase("Signed: {name}", name=parcel.signed_by), parcel),
                passage(phrase("Ordered by: {name}", name=names[0]), sale.order or sale.payment),
            )


@check(
    "used_from_other_device",
    "note",
    phrase("Used only from other devices than the purchase's"),
    phrase("In a fraud case the bank may take the user for somebody else than the buyer."),
)
def _device(sale: Sale) -> Found:
    used = [event for event in sale.usage if event.device_id]
    if sale.reason.claim in _FRAUD and sale.device_id and used and not sale.device_usage:
        bought = passage(phrase("Purchase device: {device}", device=sale.device_id), sale.order or sale.payment)
        yield bought, passage(phrase("Device of the use: {device}", device=used[0].device_id), *sale.case.usage)


@check(
    "usage_of_other_account",
    "note",
    phrase("The log also holds the use of another account"),
    phrase("Only the order's own account counts. Check that the log is of this customer."),
)
def _account(sale: Sale) -> Found:
    others = [
        event.account_id
        for log in sale.case.usage
        for event in log.events
        if event.account_id and sale.account_id and event.account_id != sale.account_id
    ]
    if others:
        bought = passage(phrase("Order's account: {account}", account=sale.account_id), sale.order or sale.payment)
        yield bought, passage(phrase("Account in the log: {account}", account=others[0]), *sale.case.usage)


@check(
    "card_country_differs",
    "note",
    phrase("The card is from another country than its billing address"),
    phrase("Common with travellers. In a fraud case it weakens the answer."),
)
def _country(sale: Sale) -> Found:
    payment = sale.payment
    home = sale.billing.country if sale.billing else None
    if payment is None or not payment.card_country or not home or len(home) != 2:
        return
    if home.upper() != payment.card_country.upper():
        yield (
            passage(phrase("Card issued in {country}", country=payment.card_country), payment),
            passage(phrase("Billing address in {country}", country=home), payment),
        )


CHECKS = tuple(check.checks)
