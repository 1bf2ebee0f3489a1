"""Gathering for one dispute: the gateway's facts about the payment, then every source, each within its time."""

from __future__ import annotations

import concurrent.futures
import logging
from dataclasses import dataclass, field

from disputes import store, store_evidence
from disputes.facts import Payment, order_reference
from disputes.models import Connection, Dispute, Merchant
from disputes.ports import DisputeSnapshot, Gateway, GatewayError, Gathered, Source, SourceReport, Wanted
from disputes.search import search_text
from scheduler.runtime import Runtime

log = logging.getLogger("counterproof.gather")


@dataclass(slots=True)
class GatherNotes:
    """What the case should show about the gathering itself."""

    refused: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)

    def words(self) -> str:
        return " ".join(
            [*self.refused, *(f"{name} did not answer in time and is asked again later." for name in self.silent)]
        )


def gather(runtime: Runtime, dispute: Dispute, connection: Connection, merchant: Merchant) -> GatherNotes:
    """Ask everybody, store what they bring. A source that fails or is slow never blocks the case."""
    notes = GatherNotes()
    gateway = runtime.gateway_for(connection)
    try:
        snapshot = gateway.dispute(dispute.external_id)
    except GatewayError as error:
        notes.refused.append(str(error))
        return notes
    payment = _from_gateway(runtime, dispute, gateway, snapshot, notes)
    wanted = _wanted(dispute, snapshot, payment)
    _note_customer(runtime, dispute, wanted)
    sources = list(runtime.sources_for(merchant))
    for source, report in _ask(sources, wanted, runtime.gather_seconds, notes):
        _store(runtime, dispute, source.name, source.title, report, notes)
    return notes


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
        notes.refused.append(str(error))
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
    )


def _note_customer(runtime: Runtime, dispute: Dispute, wanted: Wanted) -> None:
    """The dispute object knows less than the charge: order number and customer go to the queue and the search."""
    with runtime.database.writing() as session:
        row = store.dispute_of(session, dispute.merchant_id, dispute.id)
        row.order_ref = wanted.order_ref
        row.customer_name = wanted.customer_name or row.customer_name
        row.customer_email = wanted.customer_email or row.customer_email
        row.search_text = search_text(
            row.external_id, row.payment_id, row.order_ref, row.customer_name, row.customer_email
        )
        store.save(session, row, runtime.clock.now())


def _ask(
    sources: list[Source], wanted: Wanted, seconds: float, notes: GatherNotes
) -> list[tuple[Source, SourceReport]]:
    answers: list[tuple[Source, SourceReport]] = []
    pool = concurrent.futures.ThreadPoolExecutor(max_workers=max(1, len(sources)), thread_name_prefix="gather")
    asked = {pool.submit(source.gather, wanted): source for source in sources}
    done, late = concurrent.futures.wait(asked, timeout=seconds)
    for future in sorted(done, key=lambda future: asked[future].name):
        try:
            answers.append((asked[future], future.result()))
        except Exception:
            log.exception("The source %s failed.", asked[future].name)
            notes.refused.append(f"{asked[future].title} could not be read; nothing of it was used.")
    notes.silent.extend(sorted(asked[future].title for future in late))
    pool.shutdown(wait=False, cancel_futures=True)
    return answers


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
    notes.refused.extend(report.refused)
