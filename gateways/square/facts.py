"""The disputed payment as the house's facts: pure functions over Square's answers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from disputes.facts import Address, CheckResult, Payment, PriorPayment, Refund, order_reference
from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.square.mapping import instant, money, network
from gateways.square.payments import Sale, card_of

Raw = Mapping[str, Any]

_CHECKS: Mapping[str, CheckResult] = {"ACCEPTED": "pass", "REJECTED": "fail", "NOT_CHECKED": "unchecked"}
_SAME_MOMENT = timedelta(hours=1)
_REFUND_STATES = {"COMPLETED": "succeeded", "PENDING": "pending", "REJECTED": "failed", "FAILED": "failed"}
_IN_NOTE = re.compile(r"\border\s*(?:no\.?|number|ref\.?)?\s*[:#]?\s*#?((?=[\w-]*\d)[A-Za-z0-9][\w-]{1,39})", re.I)


def payment(sale: Sale) -> Payment:
    """All that Square knows about the disputed payment. It tells no address of the buyer's device and no 3-D Secure."""
    try:
        return _payment(sale)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayError(
            GatewayFailure.MALFORMED,
            phrase("A payment from Square lacks or garbles {field}; it was left as it was.", field=error),
        ) from error


def _payment(sale: Sale) -> Payment:
    raw, details, card = sale.payment, sale.payment.get("card_details") or {}, card_of(sale.payment)
    amount = money(raw.get("total_money") or raw["amount_money"])
    name = person(sale.customer) or _cardholder(card)
    email = raw.get("buyer_email_address")
    return Payment(
        payment_id=raw["id"],
        amount=amount,
        captured=amount if raw.get("status") == "COMPLETED" else None,
        paid_at=_time(raw, "created_at"),
        statement_descriptor=details.get("statement_description") or raw.get("statement_description_identifier"),
        description=raw.get("note"),
        card_brand=network(card.get("card_brand")),
        card_last4=card.get("last_4"),
        card_fingerprint=card.get("fingerprint"),
        authorization_code=details.get("auth_result_code"),
        # One result for the whole address check; what Square's forms ask for is the postal code.
        avs_postal_code=check(details.get("avs_status")),
        cvc=check(details.get("cvv_status")),
        customer_name=name,
        customer_email=email or (sale.customer or {}).get("email_address"),
        receipt_email=email,
        receipt_number=raw.get("receipt_number"),
        billing=address(raw.get("billing_address") or card.get("billing_address"), name),
        shipping=address(raw.get("shipping_address")),
        refunds=tuple(refund(each) for each in sale.refunds),
        prior_payments=_prior(sale),
        same_order=_same_order(sale),
        metadata=metadata(sale),
    )


def _time(raw: Raw, name: str) -> datetime:
    at = instant(raw.get(name))
    if at is None:
        raise ValueError(name)
    return at


def check(status: object) -> CheckResult | None:
    """AVS_ACCEPTED, CVV_NOT_CHECKED and the like; None for a word that nobody knows."""
    return _CHECKS.get(str(status or "").partition("_")[2])


def person(raw: Raw | None) -> str | None:
    given = raw or {}
    return " ".join(part for part in (given.get("given_name"), given.get("family_name")) if part) or None


def _cardholder(card: Raw) -> str | None:
    """Printed on cards as "CARTER/EMILY" too; then it is no name to address somebody by, and is left out."""
    name = str(card.get("cardholder_name") or "").strip()
    return name if name and "/" not in name else None


def address(raw: Raw | None, name: str | None = None) -> Address | None:
    if not raw:
        return None
    own = " ".join(part for part in (raw.get("first_name"), raw.get("last_name")) if part)
    read = Address(
        line1=raw.get("address_line_1"),
        line2=", ".join(part for part in (raw.get("address_line_2"), raw.get("address_line_3")) if part) or None,
        city=raw.get("locality"),
        region=raw.get("administrative_district_level_1"),
        postal_code=raw.get("postal_code"),
        country=raw.get("country"),
    )
    return read.model_copy(update={"name": own or name}) if read.lines() or own else None


def refund(raw: Raw) -> Refund:
    state = str(raw.get("status") or "unknown")
    return Refund(
        refund_id=raw["id"],
        amount=money(raw["amount_money"]),
        created_at=_time(raw, "created_at"),
        status=_REFUND_STATES.get(state, state.lower()),
        reason=raw.get("reason"),
    )


def _prior(sale: Sale) -> tuple[PriorPayment, ...]:
    """Earlier ones; none at all where nobody can say which of them were disputed."""
    if sale.disputed is None:
        return ()
    paid_at = _time(sale.payment, "created_at")
    return tuple(other for other in _others(sale) if other.paid_at < paid_at)


def _same_order(sale: Sale) -> tuple[PriorPayment, ...]:
    """For the same order, or of the same hour."""
    paid_at, number = _time(sale.payment, "created_at"), metadata(sale).get("order_id")
    return tuple(
        other
        for other in _others(sale)
        if (number and other.order_ref == number) or abs(other.paid_at - paid_at) <= _SAME_MOMENT
    )


def _others(sale: Sale) -> Iterator[PriorPayment]:
    return (_other(raw, sale) for raw in sale.others)


def _other(raw: Raw, sale: Sale) -> PriorPayment:
    amount = money(raw.get("total_money") or raw["amount_money"])
    returned = money(raw["refunded_money"]) if raw.get("refunded_money") else None
    return PriorPayment(
        payment_id=raw["id"],
        amount=amount,
        paid_at=_time(raw, "created_at"),
        order_ref=order_number(raw, sale.orders.get(raw.get("order_id") or "")),
        description=raw.get("note"),
        customer_email=raw.get("buyer_email_address"),
        shipping=address(raw.get("shipping_address")),
        card_fingerprint=card_of(raw).get("fingerprint"),
        disputed=raw["id"] in (sale.disputed or ()),
        refunded=returned is not None and not returned < amount,
    )


def metadata(sale: Sale) -> dict[str, str]:
    """What shop systems wrote into the order, and the order's number under the key that is looked at first."""
    written = _written(sale.order)
    number = order_number(sale.payment, sale.order)
    return {**written, "order_id": number} if number else written


def _written(order: Raw | None) -> dict[str, str]:
    return {key: str(value) for key, value in ((order or {}).get("metadata") or {}).items() if value is not None}


def order_number(raw: Raw, order: Raw | None) -> str | None:
    """The shop's own number: from the payment, its order at Square, or the note."""
    number = raw.get("reference_id") or (order or {}).get("reference_id") or order_reference(_written(order))
    return str(number) if number else noted_order(raw.get("note"))


def noted_order(note: object) -> str | None:
    """ "Lale Living, order #LL-3001" is an order's number where the word order stands before it, and it has a digit."""
    found = _IN_NOTE.search(note) if isinstance(note, str) else None
    return found.group(1) if found else None
