"""The exhibits: direct proof, then acknowledgement, then policy, then context; each under its gateway slot."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime

from disputes.facts import (
    CaseFile,
    Document,
    Message,
    Order,
    Payment,
    Policy,
    Record,
    Shipment,
    UsageLog,
)
from disputes.knowledge import evidence_item
from evidence import tables
from evidence.assessment import Assessment
from evidence.claim import Claim
from evidence.clauses import clause
from evidence.factbook import SMALLEST_DOCUMENT
from evidence.gateway_slots import gateway_slots
from evidence.language import language_of
from evidence.letter import Letter, compose
from evidence.packet.context import Exhibit, FilePart, Quote, Table
from evidence.records import Ref
from evidence.sale import Sale

_PROOF = ("refunds", "tracking", "usage", "payment", "history", "duplicate")
_CONTEXT_DOCUMENTS = frozenset(
    [
        "photos",
        "invoice",
        "order_confirmation",
        "product_description",
        "amount_breakdown",
        "checkout_price_screenshot",
        "fraud_screening_result",
    ]
)
_POLICIES = ("return_policy", "cancellation_policy", "shipping_policy", "terms")
_SLOT_ITEM = {
    "refunds": "refund_proof",
    "tracking": "delivery_confirmation",
    "usage": "usage_log",
    "payment": "transaction_log",
    "history": "prior_undisputed_transactions",
    "duplicate": "duplicate_charge_documentation",
    "messages": "customer_communication",
    "return_policy": "return_policy",
    "cancellation_policy": "cancellation_policy",
    "shipping_policy": "shipping_policy",
    "order": "invoice",
}


def exhibit_key(sale: Sale, ref: Ref) -> str | None:
    """Which exhibit shows this record."""
    match ref.kind:
        case "refund":
            return "refunds"
        case "prior_payment":
            return "history"
        case "order":
            return "order" if sale.order and ref.key == sale.order.order_ref else "duplicate"
        case "shipment":
            mine = {each.tracking_number for each in (*sale.shipments, *sale.returns)}
            return "tracking" if ref.key in mine else "duplicate"
        case "message":
            return "messages"
        case "policy":
            kind = next((each.kind for each in sale.case.policies if each.title == ref.key), "terms")
            return {"refund": "return_policy", "terms": "terms", "renewal": "cancellation_policy"}.get(
                kind, f"{kind}_policy"
            )
        case "document":
            item = next((each.item for each in sale.case.documents if each.sha256 == ref.key), None)
            return f"doc_{item}" if item else None
        case kind:
            return kind


def _rank(sale: Sale, key: str) -> tuple[int, int, str]:
    """Order of the packet; in a fraud case the payment's checks are direct proof, otherwise context."""
    if key == "doc_dispute_withdrawal_letter":
        return 0, -1, key
    if key == "payment" and sale.reason.claim not in (
        "fraudulent",
        "unrecognized",
        "authorization",
        "processing_error",
    ):
        return 3, 1, key
    if key in _PROOF:
        return 0, _PROOF.index(key), key
    if key == "messages":
        return 1, 0, key
    if key in _POLICIES:
        return 2, _POLICIES.index(key), key
    if key == "order":
        return 3, 0, key
    item = key.removeprefix("doc_")
    return (3, 2, key) if item in _CONTEXT_DOCUMENTS else (0, len(_PROOF), key)


def _wanted(sale: Sale, assessment: Assessment, letter: Letter, order: Sequence[str]) -> list[str]:
    """What the letter cites and what the reason asks for; anything else would only weaken the answer.

    What a person put in order comes first and in that order; the others follow in the desk's own.
    """
    asked = [line.item for line in assessment.checklist if line.state == "present" and line.item != "rebuttal_letter"]
    shown = [exhibit_key(sale, ref) for item in asked for ref in assessment.items[item].records]
    # The payment and the order are what every other record is read against.
    keys = dict.fromkeys([*letter.cited, "payment", "order", *(key for key in shown if key)])
    place = {key: number for number, key in enumerate(order)}
    return sorted(keys, key=lambda key: (place.get(key, len(place)), _rank(sale, key)))


def exhibits(
    claim: Claim,
    case: CaseFile,
    assessment: Assessment,
    letter: Letter | None = None,
    *,
    slot_of: Callable[[str], str] | None = None,
    order: Sequence[str] = (),
) -> tuple[Exhibit, ...]:
    """The exhibits of this case in the order of the packet. `slot_of`: evidence item -> the gateway's file slot;
    `order`: keys of exhibits that a person put in front."""
    sale = Sale(claim, case, assessment.assessed_at)
    told = letter or compose(claim, case, assessment)
    file_under = slot_of or gateway_slots(sale)
    built = []
    for key in _wanted(sale, assessment, told, order):
        exhibit = _build(sale, assessment, key)
        if exhibit:
            slot = file_under(_SLOT_ITEM.get(key, key.removeprefix("doc_")))
            built.append(exhibit.model_copy(update={"slot": slot}))
    return tuple(built)


def _source(assessment: Assessment, fallback: str, records: Iterable[Record]) -> tuple[str, datetime]:
    held = [each.provenance for each in records if each.provenance]
    if not held:
        return fallback, assessment.assessed_at
    return ", ".join(dict.fromkeys(each.source for each in held)), max(each.taken_at for each in held)


def _exhibit(
    assessment: Assessment,
    key: str,
    title: str,
    explanation: str,
    records: Iterable[Record],
    *,
    fallback: str = "Merchant's records",
    shown: Iterable[Table] = (),
    messages: tuple[Message, ...] = (),
    quotes: tuple[Quote, ...] = (),
    files: tuple[FilePart, ...] = (),
) -> Exhibit:
    source, taken_at = _source(assessment, fallback, list(records))
    return Exhibit(
        key=key,
        title=title,
        source=source,
        taken_at=taken_at,
        explanation=explanation,
        slot="",  # filed under the gateway's slot once the exhibit is known to be shown
        tables=tuple(shown),
        messages=messages,
        quotes=quotes,
        files=files,
    )


def _build(sale: Sale, assessment: Assessment, key: str) -> Exhibit | None:
    if key.startswith("doc_"):
        return _papers(sale, assessment, key)
    if key in _POLICIES:
        return _policy(sale, assessment, key)
    return _BUILDERS[key](sale, assessment) if key in _BUILDERS else None


def _papers(sale: Sale, assessment: Assessment, key: str) -> Exhibit | None:
    item = key.removeprefix("doc_")
    papers: tuple[Document, ...] = tuple(each for each in sale.documents(item) if each.size >= SMALLEST_DOCUMENT)
    if not papers:
        return None
    parts = tuple(
        FilePart(
            sha256=each.sha256,
            media_type=each.media_type,
            pages=each.pages,
            caption=each.caption,
            translation=each.translation,
        )
        for each in papers
    )
    title = papers[0].title if len(papers) == 1 else evidence_item(item).label
    return _exhibit(assessment, key, title, evidence_item(item).label + ".", papers, files=parts)


def _policy(sale: Sale, assessment: Assessment, key: str) -> Exhibit | None:
    kinds = {"return_policy": ("return", "refund"), "terms": ("terms",)}.get(key, (key.removesuffix("_policy"),))
    found: tuple[Policy, ...] = sale.policies(*kinds)
    if not found:
        return None
    quotes = tuple(
        Quote(title=each.title, in_force_from=each.in_force_from, text=clause(each), shown_where=each.shown_where)
        for each in found
    )
    words = "The terms in force on the day of the order."
    return _exhibit(assessment, key, found[0].title, words, found, quotes=quotes)


def _tracking(sale: Sale, assessment: Assessment) -> Exhibit | None:
    parcels: tuple[Shipment, ...] = (*sale.shipments, *sale.returns)
    if not parcels:
        return None
    words = "The carrier's record of the parcel."
    if sale.delivered:
        words = "The carrier's record of the parcel up to its delivery."
    shown = tables.shipments(parcels, assessment.zone)
    return _exhibit(assessment, "tracking", "Shipment and delivery record", words, parcels, shown=shown)


def _usage(sale: Sale, assessment: Assessment) -> Exhibit | None:
    logs: tuple[UsageLog, ...] = tuple(log for log in sale.case.usage if log.events)
    if not logs:
        return None
    words = "The system's log of the account: use, and cancellation if there was one."
    return _exhibit(assessment, "usage", "Usage log", words, logs, shown=tables.usage(sale, assessment.zone))


def _payment(sale: Sale, assessment: Assessment) -> Exhibit | None:
    payment: Payment | None = sale.payment
    if payment is None:
        return None
    words = "The processor's record of the payment and the checks made by the card's bank."
    shown = (tables.payment(payment, assessment.zone),)
    return _exhibit(
        assessment, "payment", "Payment record", words, [payment], fallback=sale.claim.gateway_title, shown=shown
    )


def _history(sale: Sale, assessment: Assessment) -> Exhibit | None:
    if not sale.prior:
        return None
    words = "Earlier payments of the same card, none of them recorded as disputed."
    shown = (tables.history(sale.prior, assessment.zone),)
    return _exhibit(
        assessment, "history", "Earlier payments", words, sale.prior, fallback=sale.claim.gateway_title, shown=shown
    )


def _refunds(sale: Sale, assessment: Assessment) -> Exhibit | None:
    made = assessment.credits.before
    if not made:
        return None
    words = "Credits made before the dispute was opened."
    shown = (tables.refunds(made, assessment.zone),)
    return _exhibit(
        assessment, "refunds", "Credits issued", words, made, fallback=sale.claim.gateway_title, shown=shown
    )


def _order(sale: Sale, assessment: Assessment) -> Exhibit | None:
    order: Order | None = sale.order
    if order is None:
        return None
    words = "The order as it was placed."
    return _exhibit(assessment, "order", "Order record", words, [order], shown=tables.order(order, assessment.zone))


def _duplicate(sale: Sale, assessment: Assessment) -> Exhibit | None:
    others = sale.other_orders
    if not others:
        return None
    parcels = tuple(each for each in sale.case.shipments if each.order_ref in {other.order_ref for other in others})
    shown = [table for other in others for table in tables.order(other, assessment.zone)]
    shown += tables.shipments(parcels, assessment.zone)
    words = "The other order of the same customer, paid by another payment."
    return _exhibit(assessment, "duplicate", "Record of the other order", words, [*others, *parcels], shown=shown)


def _without_foreign_quote(message: Message) -> Message:
    """Earlier text quoted below a message is another passage, and untranslated it is not cited."""
    readable = not message.quoted or language_of(message.quoted) == "english"
    return message if readable else message.model_copy(update={"quoted": ""})


def _messages(sale: Sale, assessment: Assessment) -> Exhibit | None:
    """Correspondence the bank can read. For a conversation, order is part of the evidence."""
    if not sale.quotable:
        return None
    shown = tuple(_without_foreign_quote(each) for each in sale.quotable)
    words = "Correspondence with the customer about this order, in order of time."
    return _exhibit(assessment, "messages", "Correspondence", words, sale.quotable, messages=shown)


_BUILDERS: dict[str, Callable[[Sale, Assessment], Exhibit | None]] = {
    "tracking": _tracking,
    "usage": _usage,
    "payment": _payment,
    "history": _history,
    "refunds": _refunds,
    "order": _order,
    "duplicate": _duplicate,
    "messages": _messages,
}


def slots_used(built: Iterable[Exhibit]) -> Iterator[str]:
    """The gateway's file slots the exhibits fill, each once."""
    yield from dict.fromkeys(each.slot for each in built)
