"""How an evidence item is found in the structured facts. Content is looked at: junk does not count."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from disputes.facts import Record, UsageLog
from disputes.phrases import Phrase, phrase
from evidence.factbook import broken_down
from evidence.goods import described, listed
from evidence.junk import filler
from evidence.matching import address_agreement
from evidence.records import Ref, refs
from evidence.sale import SLACK, Sale
from evidence.words import announces_renewal, confirms_order, offers_return

Found = tuple[tuple[Ref, ...], Phrase] | None
Rule = Callable[[Sale], Found]
_RULES: dict[str, Rule] = {}


def rule(item: str) -> Callable[[Rule], Rule]:
    def register(function: Rule) -> Rule:
        _RULES[item] = function
        return function

    return register


def rules() -> Mapping[str, Rule]:
    return _RULES


def hit(records: Iterable[Record], why: Phrase) -> Found:
    """Present when there are records to rest on."""
    pointed = refs(records)
    return (pointed, why) if pointed else None


def _payment(sale: Sale, holds: object, why: Phrase) -> Found:
    return hit([sale.payment], why) if sale.payment and holds else None


def _order(sale: Sale, holds: object, why: Phrase) -> Found:
    return hit([sale.order], why) if sale.order and holds else None


# ---- from the gateway ---------------------------------------------------------------------------------------------


@rule("3ds_result")
def _three_d_secure(sale: Sale) -> Found:
    secure = sale.payment.three_d_secure if sale.payment else None
    return _payment(sale, secure and secure.authenticated, phrase("3-D Secure: authenticated"))


@rule("avs_cvv_result")
def _checks(sale: Sale) -> Found:
    payment = sale.payment
    if payment is None:
        return None
    results = (payment.avs_line1, payment.avs_postal_code, payment.cvc)
    return _payment(
        sale, "pass" in results and "fail" not in results, phrase("Address and security-code checks without a failure")
    )


@rule("prior_undisputed_transactions")
def _prior(sale: Sale) -> Found:
    return hit(
        sale.prior, phrase("{number} earlier payment(s) of the same card, none disputed", number=len(sale.prior))
    )


@rule("authorization_record")
def _authorised(sale: Sale) -> Found:
    return _payment(sale, sale.payment and sale.payment.authorization_code, phrase("Authorisation code of the payment"))


@rule("transaction_log")
def _transaction(sale: Sale) -> Found:
    return _payment(sale, True, phrase("The gateway's record of the payment"))


@rule("billing_descriptor_proof")
def _descriptor(sale: Sale) -> Found:
    return _payment(
        sale, sale.payment and sale.payment.statement_descriptor, phrase("Statement descriptor of the payment")
    )


@rule("ip_geolocation")
def _ip(sale: Sale) -> Found:
    if sale.order and sale.order.ip:
        return _order(sale, True, phrase("IP address of the purchase"))
    return _payment(sale, sale.purchase_ip, phrase("IP address of the purchase"))


# ---- from the shop -------------------------------------------------------------------------------------------------


@rule("invoice")
def _invoice(sale: Sale) -> Found:
    order = sale.order
    named = order is not None and order.lines and not filler(described(order.lines))
    return _order(sale, named and order and order.total, phrase("Order record with its lines and total"))


@rule("product_description")
def _described(sale: Sale) -> Found:
    told = sale.order is not None and listed(sale.order.lines)
    return _order(sale, told, phrase("Description of the goods as it stood at the purchase"))


@rule("order_confirmation")
def _confirmation(sale: Sale) -> Found:
    return hit(
        [each for each in sale.quotable if each.direction == "out" and confirms_order(each.body)],
        phrase("Order confirmation sent"),
    )


@rule("amount_breakdown")
def _breakdown(sale: Sale) -> Found:
    order, payment = sale.order, sale.payment
    if order is None or order.total is None or payment is None or order.total != payment.amount:
        return None
    return _order(
        sale, broken_down(order.lines, order.amounts, order.total), phrase("The parts add up to the amount charged")
    )


@rule("customer_name_email_profile")
def _profile(sale: Sale) -> Found:
    order = sale.order
    return _order(sale, order and order.customer_name and order.customer_email, phrase("Name and e-mail of the buyer"))


@rule("device_id")
def _device(sale: Sale) -> Found:
    return _order(sale, sale.order and sale.order.device_id, phrase("Device the order was placed from"))


@rule("customer_account_id")
def _account(sale: Sale) -> Found:
    return _order(sale, sale.order and sale.order.account_id, phrase("Customer account of the order"))


def _accepted(sale: Sale) -> bool:
    """Before the payment: terms accepted afterwards bind nobody."""
    accepted = sale.order.terms_accepted_at if sale.order else None
    return accepted is not None and (sale.payment is None or accepted <= sale.payment.paid_at + SLACK)


@rule("terms_acceptance_log")
def _terms(sale: Sale) -> Found:
    return _order(sale, _accepted(sale), phrase("Time the terms were accepted"))


@rule("subscription_agreement")
def _agreement(sale: Sale) -> Found:
    return _order(sale, _accepted(sale) and sale.product_type == "subscription", phrase("Sign-up with accepted terms"))


@rule("expected_delivery_date_proof")
def _promised(sale: Sale) -> Found:
    return _order(sale, sale.order and sale.order.promised_by, phrase("Delivery date promised in the order"))


@rule("duplicate_charge_id")
@rule("duplicate_charge_documentation")
def _other_charge(sale: Sale) -> Found:
    return hit([each for each in sale.other_orders if each.lines], phrase("Another order with a payment of its own"))


# ---- from the carrier ----------------------------------------------------------------------------------------------


@rule("tracking_events")
def _tracking(sale: Sale) -> Found:
    return hit(sale.scanned, phrase("Scans by the carrier"))


@rule("delivery_confirmation")
def _delivered(sale: Sale) -> Found:
    return hit(sale.delivered, phrase("The carrier's record says delivered"))


@rule("delivery_signature")
def _signature(sale: Sale) -> Found:
    """A neighbour's signature says nothing of the customer's having it."""
    signed = [each for each in sale.delivered if each.signed_by and not sale.left_with_neighbour(each)]
    return hit(signed, phrase("Signature recorded by the carrier"))


@rule("shipping_label")
def _label(sale: Sale) -> Found:
    return hit([each for each in sale.shipments if each.shipped_at], phrase("Dispatch record"))


@rule("shipping_address_match")
def _address(sale: Sale) -> Found:
    handed = (each for each in sale.delivered if not sale.left_with_neighbour(each))
    agreeing = [each for each in handed if address_agreement(each.delivered_to, sale.ordered_to) == "same"]
    return hit(agreeing, phrase("The delivery address is the one in the order"))


@rule("return_tracking")
def _return_tracking(sale: Sale) -> Found:
    return hit(sale.returns, phrase("A return parcel is on record"))


@rule("return_not_attempted_record")
def _no_return(sale: Sale) -> Found:
    return hit(sale.delivered, phrase("The records show no return")) if sale.no_return_recorded else None


# ---- from the application ------------------------------------------------------------------------------------------


def _logs(sale: Sale) -> list[UsageLog]:
    return [log for log in sale.case.usage if log.events]


@rule("usage_log")
def _used(sale: Sale) -> Found:
    return hit(_logs(sale), phrase("{number} use(s) after the order", number=len(sale.usage))) if sale.usage else None


@rule("download_log")
def _downloads(sale: Sale) -> Found:
    return (
        hit(_logs(sale), phrase("Download after the order"))
        if any(each.action == "download" for each in sale.usage)
        else None
    )


@rule("cancellation_log")
def _cancellation_log(sale: Sale) -> Found:
    logs = _logs(sale)
    return hit(
        logs, phrase("Cancellation on record") if sale.cancellations else phrase("The log shows no cancellation")
    )


@rule("cancellation_timestamp")
def _cancelled_at(sale: Sale) -> Found:
    if not sale.cancellations:
        return None
    return hit(_logs(sale) or ([sale.order] if sale.order else []), phrase("Time of the cancellation"))


# ---- policies and words ----------------------------------------------------------------------------------------------


@rule("return_policy")
def _return_policy(sale: Sale) -> Found:
    return hit(sale.policies("return", "refund"), phrase("Return or refund policy in force on the day of the order"))


@rule("refund_policy_disclosure")
def _return_shown(sale: Sale) -> Found:
    return hit(
        [each for each in sale.policies("return", "refund") if each.shown_where], phrase("Where the policy was shown")
    )


@rule("cancellation_policy")
def _cancel_policy(sale: Sale) -> Found:
    return hit(sale.policies("cancellation"), phrase("Cancellation policy in force on the day of the order"))


@rule("cancellation_policy_disclosure")
def _cancel_shown(sale: Sale) -> Found:
    return hit(
        [each for each in sale.policies("cancellation") if each.shown_where], phrase("Where the policy was shown")
    )


@rule("shipping_policy")
def _shipping_policy(sale: Sale) -> Found:
    return hit(sale.policies("shipping"), phrase("Shipping policy in force on the day of the order"))


@rule("customer_communication")
def _communication(sale: Sale) -> Found:
    """Something the customer wrote that the bank can read; our own mails alone prove nothing about them."""
    heard = [each for each in sale.incoming if sale.readable(each) and _says_something(each.translation or each.body)]
    return hit(heard, phrase("Messages from the customer"))


def _says_something(text: str) -> bool:
    return len(text.split()) >= 2 and not filler(text)


@rule("renewal_notice")
def _renewal(sale: Sale) -> Found:
    paid_at = sale.payment.paid_at if sale.payment else None
    notices = [
        each for each in sale.quotable if each.direction == "out" and announces_renewal(each.translation or each.body)
    ]
    return hit(
        [each for each in notices if paid_at and each.at < paid_at], phrase("Renewal notice sent before the charge")
    )


@rule("return_instructions")
def _instructions(sale: Sale) -> Found:
    told = [each for each in sale.quotable if each.direction == "out" and offers_return(each.translation or each.body)]
    return hit(told, phrase("Return instructions sent"))


@rule("no_prior_contact_statement")
def _no_contact(sale: Sale) -> Found:
    """Only where the correspondence was gathered at all: silence of an unread mailbox says nothing."""
    heard = [each for each in sale.incoming if each.at < sale.claim.opened_at]
    return (
        None
        if heard
        else hit(sale.outgoing, phrase("The records show no message from the customer before the dispute"))
    )
