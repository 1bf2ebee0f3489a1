"""What every carrier's system has in common: which tracker is the parcel asked about, what of it is proof, how sure.

An adapter reads its own words into `Tracker`s; here they become parcels and proof files. "Delivered" is only what a
carrier scanned at the customer's end of the way and did not take back, and "signed" only what a carrier wrote down.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Literal
from urllib.parse import urlsplit

from disputes.facts import UNNAMED_CARRIER, Address, Shipment, TrackingEvent, TrackingState
from disputes.knowledge.carriers import OTHER, paypal_carrier
from disputes.phrases import Phrase, clause, joined, listed, phrase, said_by
from disputes.ports import Gathered, Parcel, SourceReport, Wanted
from disputes.systems import SourceError, SourceFailure, SystemKind
from evidence.matching import address_agreement, normalise
from evidence.packet.clean import clean_upload
from evidence.packet.errors import FileRefused
from evidence.passages import when
from evidence.redaction import bare
from evidence.sources.documents import document
from evidence.systems.http import Http
from evidence.systems.places import shown

ZONE_UNKNOWN = "local time, zone not recorded"
_EARLIEST = timedelta(days=1)
"""A label may be made, and a clock may be wrong, so much before the order."""
_MOVED = ("in_transit", "out_for_delivery", "delivered", "failed", "returned")

SIGNATURE, PHOTO, CONFIRMATION = "delivery_signature", "delivery_photo", "delivery_confirmation"
_TITLES = {SIGNATURE: "Signature on delivery", PHOTO: "Photo of the delivery", CONFIRMATION: "Proof of delivery"}


# ---- what an adapter reads -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Scan:
    """One record of a carrier. `zone_known` False: `at` is the carrier's local time, written as if it were UTC."""

    at: datetime
    state: TrackingState
    text: str
    place: Address | None = None
    zone_known: bool = True
    where: str | None = None
    """The place as it was written, for where its parts are not told."""


@dataclass(frozen=True, slots=True)
class Leg:
    """What one carrier did with the parcel, under its own number."""

    carrier: str
    number: str
    scans: tuple[Scan, ...]
    part: Literal["first", "last"] | None = None


@dataclass(frozen=True, slots=True)
class Proof:
    """A file the system has: at an address that expires, or its bytes."""

    item: str
    """delivery_signature, delivery_photo or delivery_confirmation."""
    url: str = ""
    data: bytes = b""


@dataclass(frozen=True, slots=True)
class Tracker:
    """One tracker of a system: a single leg, or the first and the last of a way two carriers share."""

    legs: tuple[Leg, ...]
    data: bytes
    """The system's object, masked."""
    name: str
    request: str
    service: str | None = None
    signed_by: str | None = None
    """As the system wrote it: it may say that nobody signed."""
    signature_required: bool | None = None
    destination: Address | None = None
    proofs: tuple[Proof, ...] = ()
    is_return: bool = False
    undated: int = 0
    """Scans whose time could not be read."""

    @property
    def scans(self) -> tuple[Scan, ...]:
        return tuple(sorted((scan for leg in self.legs for scan in leg.scans), key=lambda scan: scan.at))


# ---- signatures ----------------------------------------------------------------------------------------------------

_NOT_SIGNED = re.compile(
    r"(?:no |without )?signature(?:s)? (?:was )?(?:not (?:required|req\w*|needed|obtained|captured|available)|waived"
    r"|release\w*|on file)(?: .*)?|(?:no|without) signature(?: .*)?|(?:signature )?release(?:d)? (?:on file|signature)"
    r"|not (?:required|signed|available|recorded)|(?:driver|shipper) release\w*|contactless(?: .*)?|covid ?(?:19)?"
    r"|waived|n ?a|none|null|unknown|imza (?:gerekmez|alinmadi)"
)
_PLACE = re.compile(
    r"(?:left (?:at|in|on|by|with|near) )?(?:the )?(?:(?:front|back|rear|side|garage|main) )?"
    r"(?:door\w*|porch|patio|deck|garage|mail ?box|letter ?box|parcel (?:box|locker)|locker|gate|garden|hallway|lobby"
    r"|yard|shed|safe place|residence)"
)


def signature(said: str | None) -> str | None:
    """Who signed, by the carrier's record. "Signature not required" and "front door" are nobody."""
    words = normalise(said or "")
    return said.strip() if said and words and not _NOT_SIGNED.fullmatch(words) and not _PLACE.fullmatch(words) else None


def waived(said: str | None) -> bool:
    """The carrier's own word that nobody was asked to sign."""
    return bool(_NOT_SIGNED.fullmatch(normalise(said or "")))


# ---- carriers ------------------------------------------------------------------------------------------------------


def other_carrier(one: str, another: str) -> bool:
    """Two carriers that are both known and are not the same. A name nobody knows is no contradiction."""
    names = [bare(each) for each in (one, another)]
    if UNNAMED_CARRIER in (one, another) or not all(names) or names[0].startswith(names[1]):
        return False
    known = [paypal_carrier(each)[0] for each in (one, another)]
    return not names[1].startswith(names[0]) and OTHER not in known and known[0] != known[1]


# ---- delivered -----------------------------------------------------------------------------------------------------

_TO_SENDER = re.compile(r"\b(?:to|by) (?:the )?(?:original )?(?:sender|shipper)\b|\bgondericiye\b")


def judged(scans: Sequence[Scan], expected: Address | None) -> tuple[tuple[Scan, ...], Scan | None]:
    """The scans in their order, and the one that handed the parcel to the customer.

    A parcel that came back afterwards was not delivered; and what is handed over at the end of its way back was handed
    to the sender, unless it was at the customer's place.
    """
    kept: list[Scan] = []
    handed: Scan | None = None
    back = False
    for scan in sorted(scans, key=lambda each: each.at):
        if scan.state == "delivered":
            here = address_agreement(scan.place, expected) in ("same", "partial")
            if _TO_SENDER.search(normalise(scan.text)) or (back and not here):
                scan = replace(scan, state="returned")
            else:
                handed, back = scan, False
        if scan.state == "returned":
            handed, back = None, True
        if scan not in kept:
            kept.append(scan)
    return tuple(kept), handed


def _event(scan: Scan, *, first_leg: bool) -> TrackingEvent:
    """The first carrier's "delivered" is the handing over to the second: the parcel still moves."""
    state: TrackingState = "in_transit" if first_leg and scan.state == "delivered" else scan.state
    place = shown(scan.place) or scan.where
    if not scan.zone_known:
        place = f"{place} ({ZONE_UNKNOWN})" if place else ZONE_UNKNOWN
    return TrackingEvent(at=scan.at, state=state, text=scan.text, place=place)


# ---- what is brought -----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Findings:
    """Collects what a system brings about the parcels it was asked about."""

    kind: SystemKind
    wanted: Wanted
    http: Http
    _items: dict[tuple[str, str], Gathered] = field(default_factory=dict)
    _refused: list[str] = field(default_factory=list)
    _nothing_of: list[tuple[str, str]] = field(default_factory=list)
    _asked: int = 0
    _unknown: int = 0
    _unsigned: list[bool] = field(default_factory=list)
    """Of each delivered parcel: the carrier says that nobody was to sign."""

    def refuse(self, sentence: str) -> None:
        self._refused.append(sentence)

    def nothing(self, parcel: Parcel, why: Phrase) -> None:
        """Nothing yet, or nothing here: it is missing, and may come later or from elsewhere."""
        self._asked += 1
        sentence = phrase("{title}: {why}", title=self.kind.title, why=why)
        self._nothing_of.append((parcel.number, sentence))
        self.refuse(sentence)

    @contextmanager
    def about(self, parcel: Parcel) -> Iterator[None]:
        """A question that is refused, or finds nothing, costs the other parcels nothing."""
        try:
            yield
        except SourceError as error:
            if error.failure not in (SourceFailure.REFUSED, SourceFailure.NOT_FOUND):
                raise
            self.nothing(
                parcel,
                phrase("parcel {number} could not be asked about. {why}", number=parcel.number, why=said_by(error)),
            )

    def unknown(self, parcel: Parcel) -> None:
        """The carrier itself has no record of the number."""
        self._unknown += 1
        self.nothing(parcel, phrase("the carrier has no record of parcel {number}.", number=parcel.number))

    def add(self, parcel: Parcel, trackers: Sequence[Tracker]) -> None:
        """Choose among the trackers of the number. Two that both may be the parcel are both shown to a person."""
        self._asked += 1
        live = [each for each in trackers if each.scans and not self._too_old(parcel, each)]
        if trackers and not any(each.scans for each in trackers):
            self.refuse(
                phrase(
                    "{title}: parcel {number} has not been scanned yet.", title=self.kind.title, number=parcel.number
                )
            )
        for tracker, doubts in _chosen(parcel, live):
            self._take(parcel, tracker, doubts)

    def report(self) -> SourceReport:
        """Items a carrier says it has none of are named only where that holds for every parcel asked about."""
        unavailable: list[str] = []
        if self._unknown and self._unknown == self._asked:
            unavailable += ["tracking_events", CONFIRMATION]
        if self._unsigned and all(self._unsigned) and len(self._unsigned) == self._asked:
            unavailable.append(SIGNATURE)
        return SourceReport(
            tuple(self._items.values()),
            tuple(unavailable),
            tuple(dict.fromkeys(self._refused)),
            tuple(self._nothing_of),
        )

    # ---- one tracker ------------------------------------------------------------------------------------------------

    def _too_old(self, parcel: Parcel, tracker: Tracker) -> bool:
        last = tracker.scans[-1].at
        if last >= parcel.since - _EARLIEST:
            return False
        self.refuse(
            phrase(
                "{title}: the last scan of parcel {number} is of {scanned}, before the order of {ordered}. "
                "Carriers use numbers again; this was an earlier parcel and was left out.",
                title=self.kind.title,
                number=parcel.number,
                scanned=when(last),
                ordered=when(parcel.since),
            )
        )
        return True

    def _take(self, parcel: Parcel, tracker: Tracker, doubts: list[str]) -> None:
        sure = self.wanted.certain and parcel.confidence == "certain" and not doubts
        confidence = "certain" if sure else "likely"
        number = phrase("tracking number {number} of order {ref}", number=parcel.number, ref=parcel.order_ref)
        why = joined([number, *doubts], "; ")
        if tracker.undated:
            self.refuse(
                phrase(
                    "{title}: {count} scan(s) of parcel {number} have no time.",
                    title=self.kind.title,
                    count=tracker.undated,
                    number=parcel.number,
                )
            )
        delivered: Shipment | None = None
        for leg in tracker.legs:
            fact = _shipment(parcel, tracker, leg)
            delivered = fact if fact.delivered_at else delivered
            found = Gathered(
                tracker.data, "application/json", tracker.name, tracker.request, fact, confidence, why,
                self.kind.adapter,
            )  # fmt: skip
            key = "shipment", f"{fact.carrier}/{bare(fact.tracking_number)}"
            if key not in self._items or leg.scans:
                self._items[key] = found
        if delivered is None:
            if tracker.proofs:
                self.refuse(
                    phrase(
                        "{title} has a proof file of parcel {number}, but its record does not say that the "
                        "parcel reached the customer; the file was left out.",
                        title=self.kind.title,
                        number=parcel.number,
                    )
                )
            return
        nobody = not delivered.signed_by and (tracker.signature_required is False or waived(tracker.signed_by))
        self._unsigned.append(nobody)
        for count, proof in enumerate(tracker.proofs, 1):
            # The carrier's letter is called a signature even where it says that none was required.
            item = CONFIRMATION if proof.item == SIGNATURE and nobody else proof.item
            self._file(parcel, delivered, replace(proof, item=item), count, confidence, why)

    def _file(self, parcel: Parcel, fact: Shipment, proof: Proof, count: int, confidence: str, why: str) -> None:
        title = f"{_TITLES[proof.item]}, {fact.carrier} {fact.tracking_number}"
        where = urlsplit(proof.url)
        try:
            data = proof.data or self.http.download(proof.url)
            own = (parcel.number, parcel.order_ref, fact.tracking_number, fact.order_ref)
            clean = clean_upload(data, title, allowed=own)
        except SourceError as error:
            self.refuse(phrase("{title}: {why}", title=title, why=said_by(error)))
            return
        except FileRefused as error:
            self.refuse(phrase("{title}: the file {why}.", title=title, why=clause(error.reason)))
            return
        paper = document(clean, proof.item, title, order_ref=parcel.order_ref, dated=fact.delivered_at)
        ending = {"application/pdf": "pdf", "image/png": "png"}.get(clean.media_type, "jpg")
        name = f"{proof.item}-{fact.tracking_number}-{count}.{ending}"
        request = f"{self.kind.title}: GET {where.netloc}{where.path}" if proof.url else f"{self.kind.title}: {title}"
        self._items["document", paper.sha256] = Gathered(
            clean.data,
            clean.media_type,
            name,
            request,
            paper,
            confidence,
            joined([why, *clean.notes], "; "),
            self.kind.adapter,
        )


def _shipment(parcel: Parcel, tracker: Tracker, leg: Leg) -> Shipment:
    first = leg.part == "first"
    onward = next((each.number for each in tracker.legs if each.part == "last"), None)
    scans, handed = judged(leg.scans, parcel.destination)
    moved = [scan.at for scan in scans if scan.state in _MOVED]
    handed = None if first else handed
    return Shipment(
        order_ref=parcel.order_ref,
        carrier=leg.carrier,
        tracking_number=leg.number,
        shipped_at=moved[0] if moved else None,
        delivered_at=handed.at if handed else None,
        delivered_to=handed.place if handed else None,
        signed_by=signature(tracker.signed_by) if handed else None,
        is_return=tracker.is_return,
        service=tracker.service,
        signature_required=None if first else tracker.signature_required,
        leg=leg.part,
        onward_number=onward if first else None,
        events=tuple(_event(scan, first_leg=first) for scan in scans),
    )


# ---- choosing ------------------------------------------------------------------------------------------------------


def _chosen(parcel: Parcel, trackers: Sequence[Tracker]) -> list[tuple[Tracker, list[str]]]:
    newest: dict[str, Tracker] = {}
    for each in trackers:
        carrier = bare(each.legs[-1].carrier)
        if carrier not in newest or newest[carrier].scans[-1].at < each.scans[-1].at:
            newest[carrier] = each
    doubted = [(each, _doubts(parcel, each)) for each in newest.values()]
    if len(doubted) > 1:
        carriers = listed(sorted(each.legs[-1].carrier for each, _ in doubted))
        doubted = [
            (each, [*doubts, phrase("{carriers} both have a parcel of this number", carriers=carriers)])
            for each, doubts in doubted
        ]
    return doubted


def _doubts(parcel: Parcel, tracker: Tracker) -> list[str]:
    """Why this may be another parcel, in words for the person who decides."""
    doubts: list[str] = []
    _, handed = judged(tracker.legs[-1].scans, parcel.destination)
    if tracker.scans[0].at < parcel.since - _EARLIEST:
        doubts.append(phrase("its first scan, {when}, is older than the order", when=when(tracker.scans[0].at)))
    if all(other_carrier(parcel.carrier, leg.carrier) for leg in tracker.legs):
        doubts.append(
            phrase(
                "the shop names {named}, this record is of {recorded}",
                named=parcel.carrier,
                recorded=tracker.legs[-1].carrier,
            )
        )
    places = (
        (tracker.destination, phrase("it is addressed to {place}, the order goes to {town}")),
        (handed and handed.place, phrase("it was delivered in {place}, the order goes to {town}")),
    )
    for place, words in places:
        if place and parcel.destination and address_agreement(place, parcel.destination) == "different":
            doubts.append(phrase(words, place=shown(place), town=shown(_town(parcel.destination))))
            break
    return doubts


def _town(address: Address) -> Address:
    return address.model_copy(update={"name": None, "line1": None, "line2": None})
