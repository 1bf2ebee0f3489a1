"""All that the packet prints; the gateway's own fields are made of the same context in `evidence.fields`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from disputes.facts import CaseFile
from disputes.lifecycle import Kind
from disputes.phrases import phrase
from evidence.assessment import Assessment
from evidence.brands import network_name
from evidence.claim import Claim
from evidence.exhibits import exhibits
from evidence.gateway_slots import front_slot
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
        super().__init__(
            phrase("No record carries an answer to this claim, so there is no letter. Add evidence first.")
        )


class NotContestable(AnswerRefused):
    def __init__(self, why: str) -> None:
        super().__init__(why)


class Unfinished(AnswerRefused):
    def __init__(self, mark: str) -> None:
        super().__init__(phrase("The letter still holds a placeholder: {mark}. Fill it in or remove it.", mark=mark))
        self.mark = mark


class TooLong(AnswerRefused):
    """Nothing is cut to fit: a shorter text is the merchant's to write."""

    def __init__(self, field: str, length: int, limit: int) -> None:
        figures = {"limit": f"{limit:,}", "length": f"{length:,}"}
        together = phrase(
            "All text fields together may have {limit} characters and has {length}. Shorten the letter or the text it "
            "uses.",
            **figures,
        )
        one = phrase(
            'The text for "{field}" may have {limit} characters and has {length}. Shorten the letter or the text it '
            "uses.",
            field=field,
            **figures,
        )
        super().__init__(together if field == "*" else one)
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
    exhibit_order: Sequence[str] = (),
) -> PacketContext:
    """All of the packet; `exhibit_order`: keys a person put in front.

    Raises an `AnswerRefused` instead of printing an empty or open letter.
    """
    if claim.kind is Kind.ALERT or not claim.reason.challengeable:
        raise NotContestable(assessment.reasons[0])
    if not letter.ground:
        raise NothingToSay
    for each in letter.sentences:
        mark = unfinished(each.text) if each.by_merchant else None
        if mark:
            raise Unfinished(mark)
    sale = Sale(claim, case)
    shown = exhibits(claim, case, assessment, letter, order=exhibit_order)
    payment, order = sale.payment, sale.order
    return PacketContext(
        letterhead=letterhead,
        signatory=signatory,
        written_at=now,
        zone=zone,
        front_slot=front_slot(claim.gateway),
        gateway_name=claim.gateway_title,
        case_id=claim.external_id,
        network=network_name(claim.network),
        # A gateway without codes of its own repeats its reason there; its name says the same in words.
        reason_code=claim.reason_code if claim.reason_code != claim.raw_reason else None,
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
