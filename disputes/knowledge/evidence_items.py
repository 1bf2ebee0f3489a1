"""The vocabulary of evidence: what an item is called, where it comes from, where Stripe takes it."""

from __future__ import annotations

from functools import cache

from disputes.facts import Fact
from disputes.knowledge.data import cited, load
from disputes.knowledge.slots import stripe_slots


class EvidenceItemInfo(Fact):
    item: str
    label: str
    origin: str
    """gateway, commerce, carrier, app, mail, merchant or derived."""
    file_slot: str
    """Stripe's file field for its pages."""
    text_fields: tuple[str, ...]
    """Stripe's text fields it fills."""
    sources: tuple[str, ...]
    checked: str


@cache
def evidence_items() -> dict[str, EvidenceItemInfo]:
    """All items by id."""
    slots = stripe_slots()
    return {
        entry["item"]: EvidenceItemInfo(
            item=entry["item"],
            label=entry["label"],
            origin=entry["origin"],
            file_slot=slots.file_slot(entry["item"]),
            text_fields=slots.texts.get(entry["item"], ()),
            sources=cited(entry["source"]),
            checked=entry["checked"],
        )
        for entry in load("evidence_items")["items"]
    }


def evidence_item(item: str) -> EvidenceItemInfo:
    """One item; an id nobody knows is shown by itself instead of failing."""
    known = evidence_items().get(item)
    if known:
        return known
    return EvidenceItemInfo(
        item=item,
        label=item.replace("_", " ").capitalize(),
        origin="merchant",
        file_slot="uncategorized_file",
        text_fields=(),
        sources=(),
        checked="",
    )
