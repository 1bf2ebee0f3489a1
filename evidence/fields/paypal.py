"""PayPal's evidence: typed, with tracking numbers and refund ids as data. A document alone answers no request."""

from __future__ import annotations

from collections.abc import Iterator

from disputes.facts import UNNAMED_CARRIER, Shipment
from disputes.knowledge import text_limits
from disputes.knowledge.carriers import paypal_carrier
from disputes.knowledge.paypal_evidence import evidence_for, figure
from disputes.phrases import Phrase, phrase
from evidence.answer import AnswerRefused
from evidence.assessment import Assessment
from evidence.fields.words import fitting
from evidence.packet.context import PacketContext
from evidence.sale import Sale

FULFILLMENT, REFUND, OTHER = "PROOF_OF_FULFILLMENT", "PROOF_OF_REFUND", "OTHER"
DELIVERED_ONLINE = "PROOF_FOR_SOFTWARE_OR_SERVICE_DELIVERED"
"""What stands for a tracking number where nothing was shipped."""

Fields = Iterator[tuple[str, str]]


class TrackingAsked(AnswerRefused):
    def __init__(self) -> None:
        super().__init__(
            phrase(
                "PayPal asks for the carrier and the tracking number, and a document alone does not answer that. "
                "Add the shipment with its tracking number first."
            )
        )


class CarrierAsked(AnswerRefused):
    def __init__(self) -> None:
        super().__init__(
            phrase("PayPal asks who carried the parcel, and the record does not name the carrier. Add its name.")
        )


class TooManyEntries(AnswerRefused):
    def __init__(self, what: Phrase, number: int, most: int) -> None:
        super().__init__(
            phrase(
                "PayPal takes {most} {what} in one answer, and there are {number}. Withdraw what adds least.",
                most=most,
                what=what,
                number=number,
            )
        )


def fields(sale: Sale, assessment: Assessment, ctx: PacketContext) -> dict[str, str]:
    """Flat names as PayPal nests them: "PROOF_OF_FULFILLMENT.tracking_info[0].tracking_number"."""
    filled: dict[str, str] = {}
    kinds = kinds_of(sale, assessment)
    for number, kind in enumerate(kinds):
        if kind == FULFILLMENT:
            filled.update(_tracking(sale))
        if kind == REFUND:
            filled.update(_refunds(assessment))
        first = number == 0
        filled[f"{kind}.notes"] = (
            fitting(ctx, text_limits("paypal").of("notes")) if first else "Shown in the attached document."
        )
    return filled


def kinds_of(sale: Sale, assessment: Assessment) -> tuple[str, ...]:
    """The types of evidence that are given: what PayPal asked for, else what it takes for this reason; never none."""
    wanted = sale.claim.requested or evidence_for(sale.claim.raw_reason)
    refunded = bool(assessment.credits.before)
    chosen: list[str] = []
    for kind in wanted:
        if kind == FULFILLMENT:
            chosen.append(_fulfillment(sale, needed=kind in sale.claim.requested, refunded=refunded))
        elif kind == REFUND:
            chosen += [REFUND] if refunded else []
        elif kind in sale.claim.requested:
            chosen.append(kind)
    kept = [kind for kind in dict.fromkeys(chosen) if kind]
    if refunded and REFUND not in kept:
        kept.append(REFUND)
    return tuple(kept) or (OTHER,)


def _fulfillment(sale: Sale, *, needed: bool, refunded: bool) -> str:
    """The type that proves delivery here; "" where there is nothing to prove it by and nobody insists."""
    if sale.product_type != "physical":
        return DELIVERED_ONLINE
    if parcels(sale):
        return FULFILLMENT
    if refunded or not (needed or sale.reason.category == "not_received"):
        return ""
    raise TrackingAsked


def parcels(sale: Sale) -> tuple[Shipment, ...]:
    return tuple(each for each in (sale.delivered or sale.scanned) if each.tracking_number)


def _tracking(sale: Sale) -> Fields:
    if any(parcel.carrier == UNNAMED_CARRIER for parcel in parcels(sale)):
        raise CarrierAsked
    most = figure("tracking_entries_max")
    if len(parcels(sale)) > most:
        raise TooManyEntries(phrase("tracking numbers"), len(parcels(sale)), most)
    for number, parcel in enumerate(parcels(sale)):
        at = f"{FULFILLMENT}.tracking_info[{number}]"
        carrier, other = paypal_carrier(parcel.carrier)
        yield f"{at}.carrier_name", carrier
        if other:
            yield f"{at}.carrier_name_other", other
        yield f"{at}.tracking_number", parcel.tracking_number


def _refunds(assessment: Assessment) -> Fields:
    most = figure("refund_ids_max")
    made = assessment.credits.before
    if len(made) > most:
        raise TooManyEntries(phrase("refund ids"), len(made), most)
    for number, refund in enumerate(made):
        yield f"{REFUND}.refund_ids[{number}]", refund.refund_id
