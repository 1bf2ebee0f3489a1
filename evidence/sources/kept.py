"""Orders and policies that were pulled out of a shop and kept: found again by their keys when a dispute comes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from disputes.facts import Document, Message, Order, Policy, Record, Return, Shipment
from disputes.files import FileMissing
from disputes.phrases import joined, phrase
from disputes.ports import AnyFactModel, Gathered, SourceReport, Wanted
from disputes.systems import Key, KeyKind
from evidence.sources.asking import one_sale
from evidence.sources.clues import contact_keys, identity_keys
from evidence.sources.keys import keys_of
from evidence.sources.order_matching import CERTAIN, LIKELY, OrderMatch, further_elsewhere, matched
from evidence.sources.policies import PolicyRecord, in_force


@dataclass(frozen=True, slots=True)
class KeptRecord:
    """One kept object: an order with its parcels, returns and pictures of its goods, the order first; or a policy."""

    facts: list[Record]
    sha256: str
    name: str
    media_type: str
    request: str
    at: datetime | None
    """When the order was placed."""


@dataclass(slots=True)
class KeptSource:
    """What one connected shop told in its pulls; asks nobody. Safe from any thread if its functions are."""

    name: str
    title: str
    adapter: str
    """What read it, with its version: "woocommerce/1"."""
    lookup: Callable[[tuple[Key, ...]], list[KeptRecord]]
    """Every kept order with any of these keys."""
    policies: Callable[[], list[KeptRecord]]
    file: Callable[[str], bytes]
    """Stored bytes by their SHA-256. Raises FileMissing."""
    zone: str
    """The merchant's: which day an order was placed on."""
    asks_first: bool = True
    asks_again: bool = True
    """Once the disputed order is known for sure, for what the same customer ordered here."""

    def gather(self, wanted: Wanted) -> SourceReport:
        if wanted.certain and wanted.orders:
            return self._elsewhere(wanted, wanted.orders[0])
        records = self._found(identity_keys(wanted), contact_keys(wanted))
        matches = _matched(records, wanted)
        mine = next((match.order for match in matches if match.confidence == CERTAIN), None)
        if mine is not None:
            theirs = tuple(key for key in keys_of(mine) if key.kind in (KeyKind.EMAIL, KeyKind.ACCOUNT))
            records = _once([*records, *self._found(theirs)])
            matches = _matched(records, wanted)
        refused: list[str] = []
        items = [
            item
            for match in matches
            for record in records
            if record.facts[0] is match.order
            for item in self._of_order(record, match, refused)
        ]
        items += self._policies(matches, wanted, refused)
        disputed = [match for match in matches if not match.further]
        guest = bool(disputed) and all(each.confidence == CERTAIN and not each.order.account_id for each in disputed)
        return SourceReport(tuple(items), ("customer_account_id",) if guest else (), tuple(refused))

    def _elsewhere(self, wanted: Wanted, disputed: Order) -> SourceReport:
        theirs = tuple(key for key in keys_of(disputed) if key.kind is KeyKind.EMAIL)
        records = self._found(theirs)
        orders = [fact for record in records for fact in record.facts[:1] if isinstance(fact, Order)]
        refused: list[str] = []
        items = [
            item
            for match in further_elsewhere(orders, disputed, wanted)
            if not one_sale(match.order, disputed)
            for record in records
            if record.facts[0] is match.order
            for item in self._of_order(record, match, refused)
        ]
        return SourceReport(tuple(items), (), tuple(refused))

    def _found(self, *keys: tuple[Key, ...]) -> list[KeptRecord]:
        """Each group of keys is asked for by itself, so that many hits for one do not crowd out another's."""
        hits = [record for group in keys if group for record in self.lookup(group)]
        return _once(record for record in hits if record.facts and isinstance(record.facts[0], Order))

    def _of_order(self, record: KeptRecord, found: OrderMatch, refused: list[str]) -> Iterable[Gathered]:
        data = self._bytes(record, refused)
        if data is None:
            return
        for fact in record.facts:
            if isinstance(fact, Order):
                yield self._item(record, data, fact, found.why, found)
            elif isinstance(fact, Shipment | Return):
                back = isinstance(fact, Return) or fact.is_return
                ref = found.order.order_ref
                why = phrase("return of order {ref}", ref=ref) if back else phrase("parcel of order {ref}", ref=ref)
                yield self._item(record, data, fact, why, found)
            elif isinstance(fact, Message) and not found.further:
                why = phrase("written in the shop at order {ref}", ref=found.order.order_ref)
                yield self._item(record, data, fact, why, found)
            elif isinstance(fact, Document) and not found.further:
                yield from self._picture(record, fact, found, refused)

    def _picture(self, record: KeptRecord, fact: Document, found: OrderMatch, refused: list[str]) -> Iterable[Gathered]:
        """Its bytes are kept by themselves, because many orders show the same one."""
        data = self._bytes(record, refused, fact.sha256, fact.title)
        if data is None:
            return
        why = phrase("goods of order {ref}", ref=found.order.order_ref)
        yield Gathered(
            data,
            fact.media_type,
            f"{fact.title}.{'png' if fact.media_type == 'image/png' else 'jpg'}",
            f"{record.request}, picture of the goods",
            fact,
            LIKELY if fact.doubt else found.confidence,
            joined((why, fact.doubt), "; ") if fact.doubt else why,
            self.adapter,
        )

    def _item(
        self, record: KeptRecord, data: bytes, fact: AnyFactModel, why: str, found: OrderMatch | None = None
    ) -> Gathered:
        confidence, further = (found.confidence, found.further) if found else (CERTAIN, False)
        return Gathered(
            data, record.media_type, record.name, record.request, fact, confidence, why, self.adapter, further
        )

    def _policies(self, matches: Sequence[OrderMatch], wanted: Wanted, refused: list[str]) -> Iterable[Gathered]:
        order = next((match.order for match in matches if not match.further), None)
        started = order.placed_at if order else wanted.paid_at
        if started is None:
            return
        day = started.astimezone(ZoneInfo(self.zone)).date()
        types = [line.product_type for line in order.lines if line.product_type] if order else []
        kept = {record.sha256 + record.name: record for record in self.policies()}
        known = [
            PolicyRecord(fact, b"", key, series=fact.title)
            for key, record in kept.items()
            for fact in record.facts
            if isinstance(fact, Policy)
        ]
        for chosen in in_force(known, day, types):
            record = kept[chosen.name]
            data = self._bytes(record, refused)
            if data is not None:
                why = phrase("in force on {day}, the day of the order", day=day.isoformat())
                yield self._item(record, data, chosen.policy, why)

    def _bytes(self, record: KeptRecord, refused: list[str], sha256: str = "", name: str = "") -> bytes | None:
        try:
            return self.file(sha256 or record.sha256)
        except FileMissing:
            refused.append(
                phrase(
                    "{title}: the stored file of {name} is missing or was changed; it was left out.",
                    title=self.title,
                    name=name or record.name,
                )
            )
            return None


def _matched(records: Sequence[KeptRecord], wanted: Wanted) -> list[OrderMatch]:
    orders = [fact for record in records for fact in record.facts[:1] if isinstance(fact, Order)]
    parcels = [fact for record in records for fact in record.facts if isinstance(fact, Shipment)]
    return matched(orders, wanted, parcels=parcels)


def _once(records: Iterable[KeptRecord]) -> list[KeptRecord]:
    """One record may be found by several keys."""
    return list({(record.sha256, record.name, record.request): record for record in records}.values())
