"""What a rule is, and what several of them look for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from disputes.facts import Message, Shipment
from disputes.phrases import Phrase, phrase
from evidence.credits import Credits
from evidence.passages import Passage, passage, said, when
from evidence.sale import Sale
from evidence.words import complains, says_has_goods, says_keeps

GOODS = frozenset(
    {
        "not_received",
        "not_as_described",
        "credit_not_processed",
        "canceled",
        "subscription_canceled",
        "duplicate",
        "general",
        "inquiry",
        "no_reply",
        "compliance",
    }
)
"""Claims about what was sold or paid back; a claim of fraud is not answered by them."""


@dataclass(frozen=True, slots=True)
class Found:
    passages: tuple[Passage, ...]
    answer: Passage | None = None
    whole: bool = True
    """False: it is about a part only, or too weak to give up the whole sum for."""
    law: str | None = None
    """The law it rests on here, in place of the rule's general words."""
    sources: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    id: str
    find: Callable[[Sale, Credits], Found | None]
    claims: frozenset[str] | None = None
    """Claims for which it leads to accepting; for others it only holds. None: all."""
    silences: tuple[str, ...] = ()
    """Facts that no sentence of the letter may use while it stands."""
    silences_open: tuple[str, ...] = ()
    """The same, but only while nothing answers it."""


def spoken(says: Callable[[str], str | None], message: Message) -> str | None:
    """The sentence that says it, from the translation where there is one."""
    return says(message.translation or message.body) or says(message.body)


def quoted(message: Message, says: Callable[[str], str | None]) -> Passage | None:
    sentence = spoken(says, message)
    return said(message, sentence) if sentence else None


def moved_at(shipment: Shipment) -> datetime | None:
    """When it left the house: the dispatch, or the carrier's first scan; a label alone is none."""
    scans = [event.at for event in shipment.events if event.state not in ("label", "other")]
    times = [at for at in (shipment.shipped_at, *scans, shipment.delivered_at) if at]
    return min(times, default=None)


def content(sale: Sale, after: datetime) -> Passage | None:
    """The customer wrote after this moment of having the goods, and found no fault."""
    for message in sale.acknowledged:
        if message.at > after and not spoken(complains, message):
            return quoted(message, says_has_goods)
    return None


def taken_back(sale: Sale, after: datetime) -> Passage | None:
    """The customer took the cancellation or the return back."""
    for message in sale.incoming:
        if message.at > after and (kept := quoted(message, says_keeps)):
            return kept
    return None


def parcel_words(shipment: Shipment, what: Phrase, at: datetime | None) -> Passage:
    """`what` became of it, and when."""
    told = {"carrier": shipment.carrier, "number": shipment.tracking_number, "what": what}
    if at is None:
        return passage(phrase("{carrier} {number}: {what}", **told), shipment)
    return passage(phrase("{carrier} {number}: {what} {at}", at=when(at), **told), shipment)
