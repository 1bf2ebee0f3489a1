"""The answer as it leaves the house: the packet's context and the gateway's text fields, from the same facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime

from disputes.clock import local_day, plainly
from disputes.facts import CaseFile
from disputes.knowledge import stripe_slots, text_limits
from disputes.lifecycle import Kind
from evidence.assessment import Assessment
from evidence.brands import network_name
from evidence.claim import Claim
from evidence.exhibits import allowed_fields, exhibits
from evidence.factbook import described
from evidence.letter import Letter, unfinished
from evidence.packet.context import (
    AddressColumn,
    Credit,
    Letterhead,
    PacketContext,
    Signatory,
)
from evidence.sale import Sale


class AnswerRefused(ValueError):
    """The answer may not leave like this; the message says what to do."""


class NothingToSay(AnswerRefused):
    def __init__(self) -> None:
        super().__init__("No record carries an answer to this claim, so there is no letter. Add evidence first.")


class NotContestable(AnswerRefused):
    def __init__(self, why: str) -> None:
        super().__init__(why)


class Unfinished(AnswerRefused):
    def __init__(self, mark: str) -> None:
        super().__init__(f"The letter still holds a placeholder: {mark}. Fill it in or remove it.")
        self.mark = mark


class TooLong(AnswerRefused):
    """Nothing is cut to fit: a shorter text is the merchant's to write."""

    def __init__(self, field: str, length: int, limit: int) -> None:
        name = "All text fields together" if field == "*" else f'The text for "{field}"'
        super().__init__(
            f"{name} may have {limit:,} characters and has {length:,}. Shorten the letter or the text it uses."
        )
        self.field = field
        self.length = length
        self.limit = limit


def packet_context(
    claim: Claim,
    case: CaseFile,
    assessment: Assessment,
    letter: Letter,
    letterhead: Letterhead,
    signatory: Signatory | None,
    now: datetime,
    zone: str,
) -> PacketContext:
    """All of the packet. Raises an `AnswerRefused` instead of printing an empty or open letter."""
    if claim.kind is Kind.ALERT or not claim.reason.challengeable:
        raise NotContestable(assessment.reasons[0])
    if not letter.ground:
        raise NothingToSay
    for each in letter.sentences:
        mark = unfinished(each.text) if each.by_merchant else None
        if mark:
            raise Unfinished(mark)
    sale = Sale(claim, case)
    shown = exhibits(claim, case, assessment, letter)
    payment, order = sale.payment, sale.order
    return PacketContext(
        letterhead=letterhead,
        signatory=signatory,
        written_at=now,
        zone=zone,
        gateway_name=claim.gateway_title,
        case_id=claim.external_id,
        network=network_name(claim.network),
        reason_code=claim.reason_code,
        reason_name=assessment.reason_name,
        paid_at=payment.paid_at if payment else None,
        amount_charged=payment.amount if payment else None,
        amount_disputed=claim.amount,
        card_brand=network_name(payment.card_brand) if payment else None,
        card_last4=payment.card_last4 if payment else None,
        authorization_code=payment.authorization_code if payment else None,
        statement_descriptor=payment.statement_descriptor if payment else None,
        order_ref=order.order_ref if order else None,
        ask=letter.ask,
        ground=letter.ground,
        rows=tuple(row for row in letter.rows if row.exhibit in {each.key for each in shown}),
        credits=tuple(
            Credit(at=each.created_at, amount=each.amount, reference=each.refund_id, arn=each.arn)
            for each in assessment.credits.before
        ),
        addresses=_addresses(sale),
        letter=letter.paragraphs,
        exhibits=shown,
    )


def _addresses(sale: Sale) -> tuple[AddressColumn, ...]:
    """The comparison a reviewer makes first; only where something was to be delivered."""
    if sale.product_type != "physical":
        return ()
    columns = []
    payment = sale.payment
    if sale.ordered_to and sale.ordered_to.lines():
        columns.append(AddressColumn(title="Ordered", lines=tuple(sale.ordered_to.lines())))
    if sale.billing and sale.billing.lines():
        checked = payment is not None and payment.avs_line1 == payment.avs_postal_code == "pass"
        title = "Billing (confirmed by the card's bank)" if checked else "Billing"
        columns.append(AddressColumn(title=title, lines=tuple(sale.billing.lines())))
    for parcel in sale.delivered[:1]:
        if parcel.delivered_to and parcel.delivered_to.lines():
            columns.append(AddressColumn(title="Delivered", lines=tuple(parcel.delivered_to.lines())))
    return tuple(columns)


def letter_text(ctx: PacketContext) -> str:
    """The letter as plain text with exhibit letters, for the gateway's free text field."""
    letters = {each.key: exhibit_letter(number) for number, each in enumerate(ctx.exhibits)}
    parts = [f"We ask for: {ctx.ask}."]
    for each in ctx.letter:
        cited = [letters[key] for key in each.exhibits if key in letters]
        marks = f" (Exhibit{'s' if len(cited) > 1 else ''} {', '.join(cited)})" if cited else ""
        parts.append(f"Statement of the merchant: {each.text}" if each.by_merchant else f"{each.text}{marks}")
    return "\n\n".join(parts)


def exhibit_letter(number: int) -> str:
    """0 -> A, 25 -> Z, 26 -> AA."""
    letters = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def response_fields(
    claim: Claim, case: CaseFile, assessment: Assessment, letter: Letter, ctx: PacketContext
) -> dict[str, str]:
    """Stripe's text fields this reason and product type ask for, from the facts the packet prints. Raises `TooLong`."""
    sale = Sale(claim, case)
    slots = stripe_slots()
    allowed = allowed_fields(sale, slots) & frozenset(slots.text_fields)
    fields: dict[str, str] = {}
    for part in (_buyer(sale), _goods(sale, ctx), _parcel(sale, ctx), _other_charge(sale, ctx), _told(letter)):
        fields.update((name, value) for name, value in part if value and name in allowed)
    fields["uncategorized_text"] = letter_text(ctx)
    _within_limits(fields)
    return fields


Fields = Iterator[tuple[str, str | None]]


def _buyer(sale: Sale) -> Fields:
    payment, order = sale.payment, sale.order
    yield "customer_name", sale.customer_name
    yield (
        "customer_email_address",
        (order.customer_email if order else None) or (payment.customer_email if payment else None),
    )
    yield "billing_address", "\n".join(sale.billing.lines()) if sale.billing else None
    yield "customer_purchase_ip", sale.purchase_ip


def _goods(sale: Sale, ctx: PacketContext) -> Fields:
    if sale.order and sale.order.lines:
        yield "product_description", described(sale.order.lines)
    dated = [each for each in sale.documents("service_proof", "appointment_record", "service_date") if each.dated]
    if sale.product_type in ("service", "travel") and dated and dated[0].dated:
        yield "service_date", local_day(dated[0].dated, ctx.zone).isoformat()
    if sale.usage and any(each.key == "usage" for each in ctx.exhibits):
        yield "access_activity_log", activity_log(sale, ctx.zone)


def activity_log(sale: Sale, zone: str) -> str:
    """Every use on a line; a log too long for the field is told by the day instead, with nothing left out."""
    lines = [
        "  ".join(
            part for part in (plainly(each.at, zone), each.action, each.detail, each.ip and f"IP {each.ip}") if part
        )
        for each in sale.usage
    ]
    whole = "\n".join(lines)
    if len(whole) <= text_limits().of("access_activity_log"):
        return whole
    days = Counter((local_day(each.at, zone), each.action, each.ip or "") for each in sale.usage)
    return "\n".join(
        f"{day.isoformat()}  {action}: {number}" + (f"  IP {ip}" if ip else "")
        for (day, action, ip), number in days.items()
    )


def _parcel(sale: Sale, ctx: PacketContext) -> Fields:
    """No shipping claim on anything that was not shipped. The date is the dispatch, never the delivery."""
    if sale.product_type != "physical":
        return
    yield "shipping_address", "\n".join(sale.ordered_to.lines()) if sale.ordered_to else None
    for parcel in (sale.delivered or sale.scanned)[:1]:
        yield "shipping_carrier", parcel.carrier
        yield "shipping_tracking_number", parcel.tracking_number
        yield "shipping_date", local_day(parcel.shipped_at, ctx.zone).isoformat() if parcel.shipped_at else None


def _other_charge(sale: Sale, ctx: PacketContext) -> Fields:
    """Named only where the packet shows the other order; no other claim is about a second charge."""
    if all(each.key != "duplicate" for each in ctx.exhibits):
        return
    mine = sale.order.order_ref if sale.order else None
    others = [each for each in sale.other_orders if each.order_ref != mine and each.lines]
    yield "duplicate_charge_id", others[0].payment_id if others else None


def _told(letter: Letter) -> Fields:
    for field in (
        "refund_refusal_explanation",
        "refund_policy_disclosure",
        "cancellation_policy_disclosure",
        "cancellation_rebuttal",
        "duplicate_charge_explanation",
    ):
        yield field, "\n".join(letter.texts(field)) or None


def _within_limits(fields: dict[str, str]) -> None:
    limits = text_limits()
    for field, text in fields.items():
        if len(text) > limits.of(field):
            raise TooLong(field, len(text), limits.of(field))
    total = sum(map(len, fields.values()))
    if total > limits.total:
        raise TooLong("*", total, limits.total)


__all__ = [
    "AnswerRefused",
    "NotContestable",
    "NothingToSay",
    "TooLong",
    "Unfinished",
    "letter_text",
    "packet_context",
    "response_fields",
]
