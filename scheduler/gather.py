"""Gathering for one dispute: the gateway's facts about the payment, then the shops that know its order, then carriers,
mailboxes and help desks about what the order named. All of it within one budget of time."""

from __future__ import annotations

import concurrent.futures
import logging
import time
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from disputes import store, store_evidence, store_sources
from disputes.facts import Order, Payment, Shipment, order_reference
from disputes.models import Connection, Dispute, Merchant
from disputes.phrases import Phrase, joined, phrase, said_by
from disputes.ports import DisputeSnapshot, Gateway, GatewayError, Gathered, Source, SourceReport, Wanted
from disputes.search import search_text
from disputes.systems import SourceError
from evidence.redaction import bare
from evidence.sources.asking import doubted, enriched
from evidence.sources.clues import phone_in
from evidence.sources.order_matching import CERTAIN
from scheduler.runtime import Runtime
from scheduler.sources import failure_notes

log = logging.getLogger("counterproof.gather")

AT_ONCE = 8
"""Sources asked at the same time."""


@dataclass(slots=True)
class GatherNotes:
    """What the case should show about the gathering itself."""

    refused: list[Phrase] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def words(self) -> Phrase:
        late = (phrase("{name} did not answer in time and is asked again later.", name=name) for name in self.silent)
        return joined((*self.refused, *late))


def gather(runtime: Runtime, dispute: Dispute, connection: Connection, merchant: Merchant) -> GatherNotes:
    """Ask everybody, store what they bring. A source that fails or is slow never blocks the case."""
    notes = GatherNotes()
    gateway = runtime.gateway_for(connection)
    try:
        snapshot = gateway.dispute(dispute.external_id)
    except GatewayError as error:
        notes.refused.append(said_by(error))
        return notes
    payment = _from_gateway(runtime, dispute, gateway, snapshot, notes)
    wanted = _wanted(dispute, snapshot, payment)
    _note_customer(runtime, dispute, wanted, payment)
    sources = list(runtime.sources_for(merchant))
    until = time.monotonic() + runtime.gather_seconds
    shops = [source for source in sources if source.asks_first]
    found = _ask(runtime, shops, wanted, runtime.gather_seconds / 2, notes)
    wanted = enriched(wanted, [report for _, report in found])
    _note_order(runtime, dispute, wanted)
    found = [(source, doubted(report, wanted)) for source, report in found]
    found += _ask(runtime, _elsewhere(shops, found, wanted), wanted, max(1.0, until - time.monotonic()), notes)
    others = [source for source in sources if not source.asks_first]
    found += _ask(runtime, others, wanted, max(1.0, until - time.monotonic()), notes)
    scanned = _scanned(report for _, report in found)
    for source, report in found:
        _store(runtime, dispute, source.name, source.title, _without_answered(report, scanned), notes)
    return notes


def _elsewhere(shops: list[Source], found: list[tuple[Source, SourceReport]], wanted: Wanted) -> list[Source]:
    """Shops that do not have the disputed order, once it is known for sure: they may have others of the customer."""
    if not wanted.certain:
        return []
    knows = {
        source.name
        for source, report in found
        if any(isinstance(item.fact, Order) and item.confidence == CERTAIN for item in report.items)
    }
    return [each for each in shops if getattr(each, "asks_again", False) and each.name not in knows]


def _scanned(reports: Iterable[SourceReport]) -> set[str]:
    """Tracking numbers of which somebody brought a carrier's scans."""
    parcels = (item.fact for report in reports for item in report.items if isinstance(item.fact, Shipment))
    return {bare(parcel.tracking_number) for parcel in parcels if parcel.events}


def _without_answered(report: SourceReport, scanned: set[str]) -> SourceReport:
    """Of several carriers' systems most know nothing of a parcel; that is no news once one of them does."""
    answered = {sentence for number, sentence in report.nothing_of if bare(number) in scanned}
    return replace(report, refused=tuple(each for each in report.refused if each not in answered))


def _from_gateway(
    runtime: Runtime, dispute: Dispute, gateway: Gateway, snapshot: DisputeSnapshot, notes: GatherNotes
) -> Payment | None:
    """The payment and what else the gateway holds. What it does not give is noted, and the sources are still asked."""
    payment: Payment | None = None
    found: list[Gathered] = []
    try:
        payment, raw = gateway.payment(snapshot)
        request = f"{gateway.title}: payment {payment.payment_id}"
        found.append(Gathered(raw, "application/json", f"{payment.payment_id}.json", request, payment))
        found += gateway.records(snapshot)
    except GatewayError as error:
        notes.refused.append(said_by(error))
    _store(runtime, dispute, gateway.name, gateway.title, SourceReport(tuple(found)), notes)
    return payment


def _wanted(dispute: Dispute, snapshot: DisputeSnapshot, payment: Payment | None) -> Wanted:
    if payment is None:
        return Wanted(
            payment_id=snapshot.payment_id,
            order_ref=dispute.order_ref or snapshot.order_ref,
            customer_email=snapshot.customer_email,
            customer_name=snapshot.customer_name,
            paid_at=None,
            amount=snapshot.amount,
        )
    return Wanted(
        payment_id=snapshot.payment_id,
        order_ref=dispute.order_ref or snapshot.order_ref or order_reference(payment.metadata),
        customer_email=payment.customer_email or snapshot.customer_email,
        customer_name=payment.customer_name or snapshot.customer_name,
        paid_at=payment.paid_at,
        amount=payment.amount,
        payment_ids=tuple(dict.fromkeys(each for each in (snapshot.payment_id, payment.payment_id) if each)),
        metadata=payment.metadata,
        card_last4=payment.card_last4,
        phone=phone_in(payment.metadata),
        shipping=payment.shipping,
    )


def _note_customer(runtime: Runtime, dispute: Dispute, wanted: Wanted, payment: Payment | None) -> None:
    """The dispute object knows less than the charge: order number and customer go to the queue and the search."""
    with runtime.database.writing() as session:
        row = store.dispute_of(session, dispute.merchant_id, dispute.id)
        row.order_ref = wanted.order_ref
        row.customer_name = wanted.customer_name or row.customer_name
        row.customer_email = wanted.customer_email or row.customer_email
        if payment is not None:
            row.card_fingerprint, row.card_last4 = payment.card_fingerprint, payment.card_last4
        row.search_text = search_text(
            row.external_id, row.payment_id, row.order_ref, row.customer_name, row.customer_email
        )
        store.save(session, row, runtime.clock.now())


def _note_order(runtime: Runtime, dispute: Dispute, wanted: Wanted) -> None:
    """A payment that names no order had it found by other signs: without its number an older order of the customer
    would be taken for the disputed one."""
    if not wanted.certain or wanted.order_ref:
        return
    with runtime.database.writing() as session:
        row = store.dispute_of(session, dispute.merchant_id, dispute.id)
        row.order_ref = wanted.orders[0].order_ref
        row.search_text = search_text(
            row.external_id, row.payment_id, row.order_ref, row.customer_name, row.customer_email
        )
        store.save(session, row, runtime.clock.now())


def _ask(
    runtime: Runtime, sources: list[Source], wanted: Wanted, seconds: float, notes: GatherNotes
) -> list[tuple[Source, SourceReport]]:
    if not sources:
        return []
    answers: list[tuple[Source, SourceReport]] = []
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=min(len(sources), AT_ONCE), thread_name_prefix="gather")
    asked = {pool.submit(source.gather, wanted): source for source in sources}
    done, late = concurrent.futures.wait(asked, timeout=seconds)
    for future in sorted(done, key=lambda future: asked[future].name):
        source = asked[future]
        try:
            answers.append((source, future.result()))
            _note(runtime, source, None)
        except SourceError as error:
            notes.refused.append(said_by(error))
            _note(runtime, source, error)
        except Exception:
            log.exception("The source %s failed.", source.name)
            notes.refused.append(phrase("{name} could not be read; nothing of it was used.", name=source.title))
    notes.silent.extend(sorted(asked[future].title for future in late))
    pool.shutdown(wait=False, cancel_futures=True)
    return answers


def _note(runtime: Runtime, source: Source, error: SourceError | None) -> None:
    """How a connected system answered stands on its connection; a source without one (the import folder) has no row."""
    now = runtime.clock.now()
    changes = {"state": "ok", "state_detail": "", "last_asked_at": now} if error is None else failure_notes(error, now)
    with runtime.database.writing() as session:
        store_sources.note_asked(session, source.name, **changes)


def _store(
    runtime: Runtime, dispute: Dispute, source: str, title: str, report: SourceReport, notes: GatherNotes
) -> None:
    """Bytes first, rows after: a row never names bytes that are not there."""
    stored = [(gathered, runtime.files.put(dispute.merchant_id, gathered.data)) for gathered in report.items]
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        for gathered, sha256 in stored:
            store_evidence.upsert(session, dispute, gathered, source=source, source_title=title, sha256=sha256, now=now)
        for item in report.unavailable:
            store_evidence.mark(session, dispute, item, "unavailable", said_by=title, now=now)
    notes.refused.extend(map(Phrase.of, report.refused))
