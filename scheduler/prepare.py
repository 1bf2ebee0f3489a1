"""Preparing one round: gather, assess, write, build, and then hold for a person or for the merchant's rule."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sqlmodel import Session

from disputes import store, store_evidence
from disputes.acts import ANSWERS, GatewayAct, Offered
from disputes.facts import CaseFile
from disputes.ids import new_id
from disputes.knowledge import Limits, packet_limits
from disputes.lifecycle import Kind, WorkState
from disputes.models import Attempt, Connection, Dispute, Merchant, Packet, Round, StoredResponse
from disputes.money import Money
from disputes.phrases import Phrase, joined, phrase, said_by, within
from disputes.ports import Capabilities
from disputes.response import Response, ResponseFile
from disputes.store_audit import record
from disputes.submission import cancel
from evidence.answer import AnswerRefused, packet_context
from evidence.assessment import Assessment, AssessmentSettings, Verdict, assess
from evidence.claim import Claim
from evidence.fields import response_fields
from evidence.letter import LetterEdits, compose
from evidence.once import one_each
from evidence.packet.build import PacketRefused, RenderFailed
from evidence.packet.context import BuiltPacket, Letterhead, PacketContext, PacketLimits, Signatory
from evidence.value import Effort
from evidence.what_if import what_if
from scheduler import notices
from scheduler.engine import workflow
from scheduler.experience import tallies
from scheduler.gather import gather
from scheduler.handover import hand_over
from scheduler.rule import schedule_by_rule
from scheduler.runtime import Runtime, current

STALLED = timedelta(minutes=15)
"""After this long the sweep takes a preparation for lost and starts another."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """What one preparation made, before it is written down."""

    assessment: Assessment
    context: PacketContext | None
    built: BuiltPacket | None
    response: Response | None
    note: Phrase


@workflow("prepare")
def prepare(round_id: str) -> str:
    """Gather and build for a round: its verdict, "stale" or "not prepared: ..."."""
    return run(current(), round_id, fetch=True)


@workflow("rebuild")
def rebuild(round_id: str) -> str:
    """Assess and build again from what is already there, after an upload or an edit."""
    return run(current(), round_id, fetch=False)


def ask_for(runtime: Runtime, session: Session, current_round: Round, *, fetch: bool) -> None:
    """Start a preparation when the session commits; each asking is a run of its own."""
    current_round.prepare_at = runtime.clock.now() + STALLED
    session.add(current_round)
    name = "prepare" if fetch else "rebuild"
    run_id = f"{name}:{current_round.id}:{new_id('run')}"
    runtime.engine.enqueue(session, name, run_id, current_round.id)


def run(runtime: Runtime, round_id: str, *, fetch: bool) -> str:
    opened = _open(runtime, round_id)
    if opened is None:
        return "stale"
    current_round, dispute, connection, merchant = opened
    notes = gather(runtime, dispute, connection, merchant).words() if fetch else current_round.prepare_note
    with runtime.database.reading() as session:
        dispute = store.dispute_of(session, merchant.id, dispute.id)
        items = store_evidence.items_of(session, dispute.id)
        marks = store_evidence.marks_of(session, dispute.id)
        case = one_each(store_evidence.case_file(items, dispute.order_ref))
    claim = claim_of(
        dispute,
        merchant,
        unavailable=frozenset(mark.item for mark in marks if mark.state == "unavailable"),
        waived=frozenset(mark.item for mark in marks if mark.state == "waived"),
        gateway_title=runtime.gateway_for(connection).title,
    )
    now = runtime.clock.now()
    effort = Effort(
        labour=Money(merchant.labour_minor, merchant.labour_currency),
        tallies=tallies(runtime, merchant.id, live=dispute.live),
    )
    prepared = build(runtime, claim, case, merchant, current_round, now, notes, effort)
    return _write_down(runtime, current_round.id, dispute.version, prepared)


def _open(runtime: Runtime, round_id: str) -> tuple[Round, Dispute, Connection, Merchant] | None:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        current_round = session.get(Round, round_id)
        if current_round is None:
            return None
        dispute = store.dispute_of(session, current_round.merchant_id, current_round.dispute_id)
        if dispute.round_ordinal != current_round.ordinal or dispute.work in (
            WorkState.SUBMITTING,
            WorkState.UNCLEAR,
            WorkState.FILED,
        ):
            current_round.prepare_at = None
            session.add(current_round)
            return None
        if dispute.work is WorkState.NEW:
            store.set_work(session, dispute, WorkState.GATHERING, now)
        connection = session.get_one(Connection, dispute.connection_id)
        merchant = session.get_one(Merchant, dispute.merchant_id)
    return current_round, dispute, connection, merchant


def claim_of(
    dispute: Dispute,
    merchant: Merchant,
    *,
    unavailable: frozenset[str],
    waived: frozenset[str],
    gateway_title: str,
) -> Claim:
    return Claim(
        external_id=dispute.external_id,
        gateway=dispute.gateway,
        gateway_title=gateway_title,
        kind=Kind(dispute.kind),
        network=dispute.network,
        reason_code=dispute.reason_code,
        raw_reason=dispute.raw_reason,
        amount=dispute.amount,
        opened_at=dispute.opened_at,
        due_at=dispute.due_at,
        capabilities=Capabilities(
            dispute.can_submit,
            dispute.can_accept,
            dispute.capability_reason,
            offers=tuple(Offered.from_json(each) for each in dispute.offers),
        ),
        requested=tuple(dispute.requested),
        compelling_status=dispute.compelling.get("status"),
        compelling_actions=tuple(dispute.compelling.get("actions", ())),
        answer_act=dispute.answer_act,
        limit_bytes=_told(dispute, "limit_kilobytes", 1000),
        limit_pages=_told(dispute, "limit_pages"),
        product_type=dispute.product_type,  # type: ignore[arg-type]
        default_product_type=merchant.default_product_type,  # type: ignore[arg-type]
        sub_condition=dispute.sub_condition,
        contradictions_read=frozenset(dispute.contradictions_read),
        unavailable=unavailable,
        waived=waived,
    )


def _told(dispute: Dispute, name: str, unit: int = 1) -> int | None:
    """A bank or mediator may say what it takes; a gateway's own limits are known."""
    value = dispute.raw.get(name) if dispute.gateway == "manual" else None
    return int(value) * unit if value else None


def limits_of(claim: Claim) -> Limits:
    """What the packet of this claim may weigh: the gateway's figures, or fewer where the receiver said so."""
    figures = packet_limits(claim.gateway, claim.network)
    total = claim.limit_bytes or figures.total_bytes
    return figures.model_copy(
        update={
            "total_bytes": total,
            "file_bytes": min(total, figures.file_bytes),
            "total_pages": claim.limit_pages or figures.total_pages,
        }
    )


def build(
    runtime: Runtime,
    claim: Claim,
    case: CaseFile,
    merchant: Merchant,
    current_round: Round,
    now: datetime,
    notes: Phrase,
    effort: Effort,
) -> Prepared:
    """Judge, and where the case can be answered at all, write the letter, the packet and the Response."""
    assessment = assess(claim, case, now, settings=AssessmentSettings(zone=merchant.zone, effort=effort))
    if assessment.verdict is Verdict.CANNOT_BE_CONTESTED or not claim.capabilities.submit:
        return Prepared(assessment, None, None, None, notes)
    assessment = assessment.model_copy(update={"gains": what_if(claim, case, assessment)})
    edits = LetterEdits.model_validate(current_round.letter_edits or {})
    letter = compose(claim, case, assessment, edits)
    try:
        written = packet_context(
            claim, case, assessment, letter, letterhead_of(merchant), signatory_of(merchant), now, merchant.zone,
            current_round.exhibit_order,
        )  # fmt: skip
        context = _as_before(runtime, current_round, written.model_copy(update={"page_size": merchant.page_size}))
        fields = response_fields(claim, case, assessment, letter, context)
        built, files = _packet(runtime, merchant, claim, context)
    except (PacketRefused, RenderFailed, AnswerRefused) as error:
        said = said_by(error)
        return Prepared(assessment, None, None, None, joined((notes, said)) if notes else said)
    response = Response(
        gateway=claim.gateway,
        dispute_id=claim.external_id,
        round=current_round.ordinal,
        fields=fields,
        files=files,
        act=GatewayAct(claim.answer_act),
    )
    return Prepared(assessment, context, built, response, notes)


def _as_before(runtime: Runtime, current_round: Round, context: PacketContext) -> PacketContext:
    """Where only the hour of writing changed, the earlier hour stays: same content, same bytes, same approval."""
    with runtime.database.reading() as session:
        earlier = session.get(Packet, current_round.packet_id) if current_round.packet_id else None
    if earlier is None:
        return context
    before = PacketContext.model_validate(earlier.context)
    same = context.model_copy(update={"written_at": before.written_at})
    return same if same == before else context


def letterhead_of(merchant: Merchant) -> Letterhead:
    return Letterhead(
        legal_name=merchant.legal_name or merchant.name,
        address=tuple(merchant.address),
        country=merchant.country or None,
        contact=merchant.contact or None,
        registration=merchant.registration or None,
    )


def signatory_of(merchant: Merchant) -> Signatory | None:
    if not merchant.signatory_name:
        return None
    return Signatory(name=merchant.signatory_name, role=merchant.signatory_role)


def _packet(
    runtime: Runtime, merchant: Merchant, claim: Claim, context: PacketContext
) -> tuple[BuiltPacket, tuple[ResponseFile, ...]]:
    figures = limits_of(claim)
    limits = PacketLimits(
        total_bytes=figures.total_bytes,
        total_pages=figures.total_pages,
        file_bytes=figures.file_bytes,
        source=figures.source,
    )
    wanted = {part.sha256 for exhibit in context.exhibits for part in exhibit.files}
    bytes_by_hash = {sha256: runtime.files.get(merchant.id, sha256) for sha256 in sorted(wanted)}
    with tempfile.TemporaryDirectory(dir=runtime.data) as folder:
        out = Path(folder)
        built = runtime.packets.build(context, bytes_by_hash, limits, out)
        runtime.files.put(merchant.id, (out / "packet.pdf").read_bytes())
        for file in built.files:
            runtime.files.put(merchant.id, (out / file.name).read_bytes())
    files = tuple(
        ResponseFile(slot=file.slot, name=file.name, sha256=file.sha256, size=file.size, pages=file.pages)
        for file in built.files
    )
    return built, files


# ---- writing it down -----------------------------------------------------------------------------------------------


def _write_down(runtime: Runtime, round_id: str, version: int, prepared: Prepared) -> str:
    """One transaction: assessment, packet, Response, state; a changed Response voids an approval that waits."""
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        current_round = session.get_one(Round, round_id)
        dispute = store.dispute_of(session, current_round.merchant_id, current_round.dispute_id)
        if dispute.version != version or dispute.round_ordinal != current_round.ordinal:
            # Somebody changed the case meanwhile (a deadline, an answer elsewhere): prepare on the new facts.
            ask_for(runtime, session, current_round, fetch=False)
            return "stale"
        merchant = session.get_one(Merchant, dispute.merchant_id)
        connection = session.get_one(Connection, dispute.connection_id)
        before = current_round.response_sha256
        _fill(session, current_round, prepared, now)
        live = store.live_attempt(session, current_round.id)
        if (
            live is not None
            and live.act in ANSWERS  # what was accepted stays accepted: it does not rest on the packet
            and live.state == "scheduled"
            and live.response_sha256 != current_round.response_sha256
        ):
            cancel(session, live, by="desk", why=phrase("The answer changed; it needs a new approval."), now=now)
            live = None
        dispute.verdict = prepared.assessment.verdict.value
        details = {
            "round": current_round.id,
            "verdict": dispute.verdict,
            "response": current_round.response_sha256,
            "before": before,
        }
        record(session, merchant.id, at=now, actor="desk", action="prepared", subject=dispute.id, details=details)
        if live is None:
            store.set_work(session, dispute, _work_after(prepared), now, merchant.cut_off_hours)
            decided = schedule_by_rule(session, dispute, current_round, merchant, connection, now)
            if isinstance(decided, Attempt):
                notices.scheduled(runtime, session, dispute, decided)
                if decided.act_at <= now:
                    hand_over(runtime, session, decided)
        else:
            store.save(session, dispute, now, merchant.cut_off_hours)
    return prepared.assessment.verdict.value


def _work_after(prepared: Prepared) -> WorkState:
    if prepared.assessment.verdict is Verdict.NEEDS_EVIDENCE or (
        prepared.response is None and prepared.assessment.verdict is Verdict.FIGHT
    ):
        return WorkState.NEEDS_EVIDENCE
    return WorkState.AWAITING_APPROVAL


def _fill(session: Session, current_round: Round, prepared: Prepared, now: datetime) -> None:
    current_round.assessment = prepared.assessment.model_dump(mode="json")
    current_round.prepared_at, current_round.prepare_at = now, None
    current_round.prepare_note = within(prepared.note, 2000)
    current_round.packet_id, current_round.response_sha256 = None, None
    if prepared.built is not None and prepared.response is not None and prepared.context is not None:
        packet = Packet(
            id=new_id("pkt"),
            merchant_id=current_round.merchant_id,
            round_id=current_round.id,
            sha256=prepared.built.sha256,
            size=prepared.built.size,
            pages=prepared.built.pages,
            files=[file.model_dump(mode="json") for file in prepared.built.files],
            reductions=list(prepared.built.reductions),
            context=prepared.context.model_dump(mode="json"),
            built_at=now,
        )
        session.add(packet)
        session.flush()
        sha256 = prepared.response.sha256
        if session.get(StoredResponse, sha256) is None:
            session.add(
                StoredResponse(
                    sha256=sha256,
                    round_id=current_round.id,
                    packet_id=packet.id,
                    canonical=prepared.response.canonical().decode(),
                    built_at=now,
                )
            )
        current_round.packet_id, current_round.response_sha256 = packet.id, sha256
    session.add(current_round)
    session.flush()
