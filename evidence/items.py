"""Which evidence items the case file really holds, each with the records it rests on.

Missing, unavailable, waived and present are four things. A document carries its item's id; everything else is derived,
and an item of words (a rebuttal, an explanation) is there only when a sentence stands that says it.
"""

from __future__ import annotations

from typing import Literal

from disputes.facts import CaseFile, Fact
from disputes.knowledge import evidence_items
from disputes.phrases import Phrase, phrase
from evidence.claim import Claim
from evidence.credits import Credits, credits_of
from evidence.factbook import SMALLEST_DOCUMENT, factbook
from evidence.item_rules import Found, rules
from evidence.junk import no_tracking_number
from evidence.records import Ref, refs
from evidence.sale import Sale
from evidence.sentences import Grounded, grounded

State = Literal["present", "missing", "unavailable", "waived"]

_BY_FIELD = {
    "refund_refusal_explanation": "refund_refusal_explanation",
    "cancellation_rebuttal": "cancellation_rebuttal",
    "duplicate_charge_explanation": "duplicate_charge_explanation",
}


class ItemState(Fact):
    item: str
    state: State
    records: tuple[Ref, ...] = ()
    why: Phrase = Phrase("")
    """For the merchant: what was found, or why it does not count."""

    @property
    def present(self) -> bool:
        return self.state == "present"


def claims_of(sale: Sale) -> tuple[str, ...]:
    """What the letter answers, most telling first: what is claimed at heart, then the category of the code."""
    return tuple(dict.fromkeys((sale.reason.claim, sale.reason.category)))


def standing(sale: Sale, credits: Credits, zone: str = "UTC") -> tuple[Grounded, ...]:
    """Every sentence the records of this sale carry."""
    return grounded(factbook(sale, credits, zone), claims_of(sale), sale.product_type)


def present_items(case: CaseFile, dispute: Claim) -> dict[str, ItemState]:
    """Every evidence item known, with its state."""
    return items_of(Sale(dispute, case))


def items_of(sale: Sale) -> dict[str, ItemState]:
    credits = credits_of(sale)
    words = standing(sale, credits)
    return {item: _state(sale, item, _found(sale, item, credits, words)) for item in evidence_items()}


def _found(sale: Sale, item: str, credits: Credits, words: tuple[Grounded, ...]) -> Found:
    papers = [each for each in sale.documents(item) if each.size >= SMALLEST_DOCUMENT and each.pages >= 1]
    derived = _derived(sale, item, credits, words)
    if not papers:
        return derived
    title = ", ".join(each.title for each in papers)
    return (*refs(papers), *(derived[0] if derived else ())), Phrase(title)


def _derived(sale: Sale, item: str, credits: Credits, words: tuple[Grounded, ...]) -> Found:
    if item == "refund_proof":
        return (refs(credits.before), phrase("Refund made before the dispute")) if credits.before else None
    if item == "partial_value_calculation":
        partly = phrase("Refunded in part; the rest is contested")
        return (refs(credits.before), partly) if credits.covers == "part" else None
    if item == "rebuttal_letter":
        said = [each for each in words if each.role == "ground"]
    elif item in _BY_FIELD:
        said = [each for each in words if each.field == _BY_FIELD[item]]
    else:
        rule = rules().get(item)
        return rule(sale) if rule else None
    records = tuple(dict.fromkeys(record for each in said for record in each.records))
    return (records, Phrase(said[0].text)) if said else None


def _state(sale: Sale, item: str, found: Found) -> ItemState:
    if found:
        return ItemState(item=item, state="present", records=found[0], why=found[1])
    if item in sale.claim.waived:
        why = phrase("A person decided to go without it; that does not make it proof.")
        return ItemState(item=item, state="waived", why=why)
    if item in sale.claim.unavailable:
        return ItemState(item=item, state="unavailable", why=phrase("The source says it has none."))
    return ItemState(item=item, state="missing", why=_why_missing(sale, item))


def _fillers(sale: Sale) -> bool:
    return not sale.shipments and any(no_tracking_number(each.tracking_number) for each in sale.case.shipments)


def _why_missing(sale: Sale, item: str) -> Phrase:
    if item == "rebuttal_letter":
        return phrase("It writes itself once a record answers the claim; none does yet.")
    if item in ("tracking_events", "delivery_confirmation") and _fillers(sale):
        return phrase("The tracking number is a filler, not a carrier's number.")
    if item == "tracking_events" and sale.shipments:
        return phrase("There is a label, but the carrier has not scanned the parcel.")
    if item == "customer_communication" and any(each in sale.untranslated for each in sale.incoming):
        return phrase("The customer wrote, but not in English: enter a translation.")
    if sale.documents(item):
        return phrase("The file given for it is next to empty.")
    return phrase("Nothing in the gathered records shows it.")
