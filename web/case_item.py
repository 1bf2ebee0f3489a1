"""Evidence items as the case shows them: what each is, where it came from, and what a person said of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from disputes.knowledge import evidence_items
from disputes.models import EvidenceItem
from disputes.store_evidence import counts
from evidence.packet.thumbnail import SHOWN
from templates.language import marked as _
from templates.language import say
from web.case_view import Case
from web.words import plain, told

SMALL, LARGE = 240, 1200
"""Pixels a side of the pictures that stand in for a file."""
_KINDS = {
    "payment": _("Payment"),
    "order": _("Order"),
    "shipment": _("Parcel"),
    "return": _("Return"),
    "message": _("Message"),
    "policy": _("Policy"),
    "usagelog": _("Use of the product"),
    "document": _("Document"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """One item. `name` is a file's or record's own and is never translated."""

    id: str
    kind: str
    fact_type: str
    name: str
    shows: str
    """Of a document: what it proves, by the knowledge's label."""
    source: str
    request: str
    """How it was asked for, as the bank may read it."""
    adapter: str
    why: str
    taken_at: datetime
    sha256: str
    size: int
    counts: bool
    confirmed_by: str
    caption: str
    translation: str
    translated_by: str
    picture: str
    """Address of a small picture of it; empty where there is none."""
    picture_large: str
    own: bool
    """A person laid it on the case."""
    takes_words: bool


def items_of(case: Case, here: str) -> list[Shown]:
    """Documents first (they are what a person looks after), then records; each group oldest first. Messages have a
    reader of their own, and their origin stands there."""
    items = [each for each in case.items if each.fact_type != "message"]
    items.sort(key=lambda each: (each.fact_type != "document", each.taken_at, each.id))
    return [_shown(case, each, here) for each in items]


def _shown(case: Case, item: EvidenceItem, here: str) -> Shown:
    known = evidence_items().get(str(item.fact.get("item", "")))
    return Shown(
        id=item.id,
        kind=kind_words(item.fact_type),
        fact_type=item.fact_type,
        name=item.name,
        shows=say(known.label) if known else "",
        source=told(item.source_title),
        request=item.request,
        adapter=item.adapter,
        why=told(item.why),
        taken_at=item.taken_at,
        sha256=item.sha256,
        size=item.size,
        counts=counts(item),
        confirmed_by=case.who(item.confirmed_by) if item.confirmed_by else "",
        caption=item.caption or "",
        translation=item.translation or "",
        translated_by=case.who(item.translated_by) if item.translated_by else "",
        picture=picture_of(item, here, SMALL),
        picture_large=picture_of(item, here, LARGE),
        own=item.source == "upload",
        takes_words=item.fact_type == "document",
    )


def picture_of(item: EvidenceItem, here: str, side: int) -> str:
    """The hash stands in the address, so that a browser may keep the picture."""
    return f"{here}/evidence/{item.id}/{item.sha256}-{side}.jpg" if item.media_type in SHOWN else ""


def kind_words(fact_type: str) -> str:
    known = _KINDS.get(fact_type)
    return say(known) if known else plain(fact_type)
