"""What a gateway said, applied to the store: one page, one transaction, nothing guessed and nothing half done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, col, select

from disputes import store, store_results
from disputes.acts import CLOSING
from disputes.deadlines import current_flag
from disputes.erasing import OF_CUSTOMER
from disputes.ids import new_id
from disputes.knowledge.reasons import reason_for
from disputes.ledger import settled
from disputes.lifecycle import ENDED, GatewayStatus, Kind, WorkState
from disputes.models import Attempt, Connection, Dispute, JournalStep, LedgerEntry, Round
from disputes.models.base import defaults
from disputes.money import Money
from disputes.phrases import Phrase, phrase
from disputes.ports import DisputeSnapshot
from disputes.search import search_key, search_text
from disputes.store_audit import record, take_turn

_BLANK_DISPUTE, _BLANK_ROUND = defaults(Dispute), defaults(Round)


@dataclass(slots=True)
class Applied:
    """What one page changed, as dispute ids; the caller starts the work that follows from it."""

    seen: int = 0
    new: list[str] = field(default_factory=list)
    opened: list[str] = field(default_factory=list)
    """Rounds (ids) that now wait for an answer."""
    ended: list[str] = field(default_factory=list)
    moved: list[str] = field(default_factory=list)
    """Their deadline moved."""
    elsewhere: list[str] = field(default_factory=list)

    def add(self, other: Applied) -> None:
        self.seen += other.seen
        for name in ("new", "opened", "ended", "moved", "elsewhere"):
            getattr(self, name).extend(getattr(other, name))


def apply_page(
    session: Session,
    connection: Connection,
    snapshots: Sequence[DisputeSnapshot],
    now: datetime,
    *,
    first_pull: bool = False,
) -> Applied:
    """Upsert a page of disputes, open rounds where an answer is asked for, note outcomes and ledger lines."""
    applied = Applied(seen=len(snapshots))
    take_turn(session, connection.merchant_id)
    known = store.by_external_ids(session, connection.id, [snapshot.external_id for snapshot in snapshots])
    was_over = _over(known.values())
    fresh: list[dict[str, Any]] = []
    rounds: list[dict[str, Any]] = []
    ledger: list[dict[str, Any]] = []
    for snapshot in snapshots:
        dispute = known.get(snapshot.external_id)
        if dispute is None:
            row, opened = _new(connection, snapshot, now, first_pull=first_pull)
            fresh.append(row)
            applied.new.append(row["id"])
            if opened:
                rounds.append(opened)
                applied.opened.append(opened["id"])
            ledger += _ledger_rows(connection.id, row["id"], snapshot)
        else:
            _changed(session, connection, dispute, snapshot, now, applied)
            ledger += _new_ledger_rows(session, connection.id, dispute.id, snapshot)
    store.insert_many(session, fresh)
    store.insert_rows(session, Round, rounds)
    store.insert_rows(session, LedgerEntry, ledger)
    # What came of a case is noted where it ended, was opened again, or was booked after its end.
    over, booked = _over(known.values()), {line["dispute_id"] for line in ledger}
    over_at_once = {row["id"] for row in fresh if row["gateway_status"] in ENDED and not row["history"]}
    changed = (over ^ was_over) | (over & (booked | set(applied.ended))) | over_at_once
    store_results.keep(session, connection.merchant_id, changed, now)
    _audit(session, connection, applied, now)
    return applied


def _over(disputes: Iterable[Dispute]) -> set[str]:
    return {each.id for each in disputes if each.status in ENDED}


def _audit(session: Session, connection: Connection, applied: Applied, now: datetime) -> None:
    changed = {
        name: getattr(applied, name) for name in ("opened", "ended", "moved", "elsewhere") if getattr(applied, name)
    }
    if applied.new or changed:
        details = {"new": len(applied.new), **{name: len(ids) for name, ids in changed.items()}}
        record(
            session,
            connection.merchant_id,
            at=now,
            actor="sync",
            action="page_read",
            subject=connection.id,
            details=details,
        )


# ---- a dispute seen for the first time -----------------------------------------------------------------------------


def _new(
    connection: Connection, snapshot: DisputeSnapshot, now: datetime, *, first_pull: bool
) -> tuple[dict[str, Any], dict[str, Any] | None]:
    dispute_id = new_id("dsp")
    asks = _asks(snapshot)
    elsewhere = None
    if not asks and snapshot.status is GatewayStatus.UNDER_REVIEW and snapshot.submission_count > 0:
        elsewhere = phrase("Answered before Counterproof knew of it")
    elif asks and (foreign := foreign_answer(snapshot, wrote={}, unexplained=False)):
        elsewhere = foreign
    follows = store.derived(
        status=snapshot.status,
        work=WorkState.NEW,
        kind=snapshot.kind,
        can_submit=snapshot.capabilities.submit,
        answered_elsewhere=elsewhere,
        due_at=snapshot.due_at,
        settlement=_settlement(snapshot),
        now=now,
    )
    row = {
        **_BLANK_DISPUTE,
        **_told(snapshot),
        **follows,
        "id": dispute_id,
        "merchant_id": connection.merchant_id,
        "connection_id": connection.id,
        "gateway": connection.gateway,
        "external_id": snapshot.external_id,
        "search_key": search_key(dispute_id),
        "history": first_pull and snapshot.status in ENDED,
        "answered_elsewhere": elsewhere,
        "round_ordinal": 1 if asks else 0,
        "first_seen_at": now,
        "changed_at": now,
    }
    return row, _round_row(dispute_id, connection.merchant_id, snapshot, 1, now) if asks else None


def _asks(snapshot: DisputeSnapshot) -> bool:
    return snapshot.status is GatewayStatus.NEEDS_RESPONSE and snapshot.kind is not Kind.ALERT


def _settlement(snapshot: DisputeSnapshot) -> Money | None:
    return settled(snapshot.settlement, ((each.kind, each.amount) for each in snapshot.movements))


def _told(snapshot: DisputeSnapshot) -> dict[str, Any]:
    """The columns that only sync writes."""
    reason = reason_for(
        snapshot.network, snapshot.reason_code, gateway=snapshot.gateway, raw_reason=snapshot.raw_reason
    )
    settlement = _settlement(snapshot)
    return {
        "live": snapshot.live,
        "kind": snapshot.kind.value,
        "gateway_status": snapshot.status.value,
        "raw_status": snapshot.raw_status,
        "raw_reason": snapshot.raw_reason,
        "network": snapshot.network,
        "reason_code": snapshot.reason_code,
        "category": reason.category,
        "amount_minor": snapshot.amount.minor,
        "currency": snapshot.amount.currency,
        "settlement_minor": settlement.minor if settlement else None,
        "settlement_currency": settlement.currency if settlement else None,
        "opened_at": snapshot.opened_at,
        "due_at": snapshot.due_at,
        "payment_id": snapshot.payment_id,
        "order_ref": snapshot.order_ref,
        "customer_name": snapshot.customer_name,
        "customer_email": snapshot.customer_email,
        "search_text": search_text(
            snapshot.external_id,
            snapshot.payment_id,
            snapshot.order_ref,
            snapshot.customer_name,
            snapshot.customer_email,
        ),
        "can_submit": snapshot.capabilities.submit,
        "can_accept": snapshot.capabilities.accept,
        "smart_filing": snapshot.capabilities.smart_filing,
        "answer_act": snapshot.capabilities.answer_act.value,
        "offers": [offered.as_json() for offered in snapshot.capabilities.offers],
        "requested": list(snapshot.requested),
        "compelling": dict(snapshot.compelling),
        "capability_reason": snapshot.capabilities.reason,
        "submission_count": snapshot.submission_count,
        "submission_method": snapshot.submission_method,
        "unknown": list(snapshot.unknown),
        "raw": dict(snapshot.raw),
    }


def _round_row(
    dispute_id: str, merchant_id: str, snapshot: DisputeSnapshot, ordinal: int, now: datetime
) -> dict[str, Any]:
    return {
        **_BLANK_ROUND,
        "id": new_id("rnd"),
        "dispute_id": dispute_id,
        "merchant_id": merchant_id,
        "ordinal": ordinal,
        "kind": snapshot.kind.value,
        "facts": snapshot.round_facts,
        "due_at": snapshot.due_at,
        "opened_at": now,
        "prepare_at": now,
    }


# ---- a dispute that we know ----------------------------------------------------------------------------------------


def _changed(
    session: Session,
    connection: Connection,
    dispute: Dispute,
    snapshot: DisputeSnapshot,
    now: datetime,
    applied: Applied,
) -> None:
    if snapshot.unread:
        _unread(session, dispute, snapshot, now)
        return
    told = _told(snapshot)
    for name in ("order_ref", "customer_name", "customer_email"):
        # Gathering may know more than the gateway's dispute object does; what it found is kept.
        told[name] = told[name] or getattr(dispute, name)
    if told["settlement_minor"] is None:
        # A list's line does not tell the money that an earlier reading told.
        told["settlement_minor"], told["settlement_currency"] = dispute.settlement_minor, dispute.settlement_currency
    told["search_text"] = search_text(
        dispute.external_id, told["payment_id"], told["order_ref"], told["customer_name"], told["customer_email"]
    )
    if dispute.erased_at is not None and _asks(snapshot):
        dispute.erased_at = None  # it is asked about again, and cannot be answered without knowing whom
    elif dispute.erased_at is not None:
        told |= {name: getattr(dispute, name) for name in OF_CUSTOMER if name in told}
    due_before, status_before = dispute.due_at, dispute.status
    differs = [name for name, value in told.items() if getattr(dispute, name) != value]
    for name in differs:
        setattr(dispute, name, told[name])
    if _opens_round(session, dispute, snapshot, status_before):
        if snapshot.previous_outcome is not None:
            _note_outcome(session, store.current_round(session, dispute), snapshot.previous_outcome, snapshot, now)
            applied.ended.append(dispute.id)
        dispute.round_ordinal += 1
        dispute.work_state, dispute.answered_elsewhere = WorkState.NEW, None
        dispute.verdict, dispute.contradictions_read = None, []
        opened = Round(**_round_row(dispute.id, dispute.merchant_id, snapshot, dispute.round_ordinal, now))
        session.add(opened)
        applied.opened.append(opened.id)
        differs.append("round")
    elif (elsewhere := _answered_elsewhere(session, dispute, snapshot)) != dispute.answered_elsewhere:
        dispute.answered_elsewhere = elsewhere
        differs.append("answered_elsewhere")
        if elsewhere:
            applied.elsewhere.append(dispute.id)
    if not differs:
        return
    current = store.current_round(session, dispute)
    if current is not None and snapshot.due_at != due_before and _asks(snapshot):
        current.due_at = snapshot.due_at
        # What is told about a deadline is told again for a new one.
        dispute.flag = current_flag(snapshot.due_at, now)
        applied.moved.append(dispute.id)
    if snapshot.status is not status_before and snapshot.status in ENDED:
        _note_outcome(session, current, snapshot.status, snapshot, now)
        applied.ended.append(dispute.id)
    elif status_before in ENDED and snapshot.status not in ENDED and current is not None:
        # No status is final: what was decided is open again, and what we filed lies there still.
        current.outcome, current.outcome_at, current.outcome_reason = None, None, ""
        session.add(current)
    store.save(session, dispute, now)


def _unread(session: Session, dispute: Dispute, snapshot: DisputeSnapshot, now: datetime) -> None:
    """A known case whose details the gateway could not show just now: nothing of it is forgotten."""
    due_at = snapshot.due_at or dispute.due_at
    if dispute.unknown != list(snapshot.unknown) or dispute.due_at != due_at:
        dispute.unknown, dispute.due_at = [Phrase.of(each) for each in snapshot.unknown], due_at
        store.save(session, dispute, now)


def _note_outcome(
    session: Session, current: Round | None, status: GatewayStatus, snapshot: DisputeSnapshot, now: datetime
) -> None:
    if current is not None:
        current.outcome, current.outcome_at = status.value, now
        current.outcome_reason = snapshot.outcome_reason[:500]
        session.add(current)


def _opens_round(session: Session, dispute: Dispute, snapshot: DisputeSnapshot, before: GatewayStatus) -> bool:
    if not _asks(snapshot):
        return False
    current = store.current_round(session, dispute)
    if current is None:
        return True
    later = bool(snapshot.due_at and current.due_at and snapshot.due_at > current.due_at)
    if current.facts == snapshot.round_facts:
        # An answer that the gateway's facts do not show, and a new date to answer by: it asks again.
        return current.answered_at is not None and later
    # Our own submission raises the count without asking anew; only a new kind, or a question after an answer, does.
    asks_again = before not in (GatewayStatus.NEEDS_RESPONSE, GatewayStatus.UNKNOWN)
    return current.kind != snapshot.kind.value or current.answered_at is not None or asks_again


def _answered_elsewhere(session: Session, dispute: Dispute, snapshot: DisputeSnapshot) -> Phrase | None:
    current = store.current_round(session, dispute)
    if current is None:
        # It was answered or over before we knew of it: there is no round of ours that somebody could have taken.
        return dispute.answered_elsewhere
    wrote, submitted = our_writes(session, dispute.id, current.id)
    answered = current.facts != snapshot.round_facts
    found = foreign_answer(snapshot, wrote=wrote, unexplained=answered and not submitted)
    # Once the case is under review the staged fields say nothing new: keep what was known.
    if found is None and snapshot.status is not GatewayStatus.NEEDS_RESPONSE:
        return dispute.answered_elsewhere
    return found


def our_writes(session: Session, dispute_id: str, round_id: str) -> tuple[dict[str, str], int]:
    """What our journal says we wrote: staged fields (field -> value), and how often we answered this round or may have.

    What was staged for an earlier round still lies at the gateway, so all rounds count there.
    """
    rows = session.exec(
        select(JournalStep, Attempt.round_id)
        .join(Attempt, col(Attempt.id) == col(JournalStep.attempt_id))
        .where(Attempt.dispute_id == dispute_id, col(JournalStep.state) != "planned")
        .order_by(col(JournalStep.intent_at))
    ).all()
    wrote: dict[str, str] = {}
    for step, _ in rows:
        if step.name == "stage":
            wrote |= step.pre_image.get("writes", {})
    ours = (step for step, where in rows if where == round_id and step.name in CLOSING)
    sent = sum(1 for step in ours if step.state != "rejected")
    return wrote, sent or int(_filed_by_hand(session, round_id))


def _filed_by_hand(session: Session, round_id: str) -> bool:
    """A person filed it at the gateway and said so: there is an attempt without a journal."""
    found = session.exec(
        select(Attempt.id).where(Attempt.round_id == round_id, Attempt.state == "filed", col(Attempt.act).in_(CLOSING))
    ).first()
    return found is not None


def foreign_answer(snapshot: DisputeSnapshot, *, wrote: dict[str, str], unexplained: bool) -> Phrase | None:
    """Who answered if not us, in words; None when nothing but our own writes and the gateway's prefill lies there.

    `unexplained`: the gateway's count rose in this round and our journal did not do it. An answer of an earlier round
    is counted by the gateway too, and says nothing about this one.
    """
    earlier = snapshot.submission_count > 0 and not unexplained and snapshot.status is GatewayStatus.NEEDS_RESPONSE
    if snapshot.submission_method == "smart_disputes" and not earlier:
        return phrase("The gateway filed its own answer (Smart Disputes)")
    if unexplained and snapshot.submission_count > 0:
        return phrase("Somebody answered at the gateway itself (its dashboard or another service)")
    if snapshot.status is not GatewayStatus.NEEDS_RESPONSE:
        return None
    foreign = sorted(name for name, value in snapshot.staged.items() if wrote.get(name) != value)
    # Fields that the gateway fills by itself are foreign only where they replaced a value of ours.
    foreign += sorted(name for name, value in snapshot.prefilled.items() if wrote.get(name) not in (None, "", value))
    if foreign:
        return phrase("Somebody prepared evidence at the gateway itself: {fields}", fields=", ".join(foreign[:4]))
    return None


# ---- ledger --------------------------------------------------------------------------------------------------------


def _ledger_rows(connection_id: str, dispute_id: str, snapshot: DisputeSnapshot) -> list[dict[str, Any]]:
    return [
        {
            "id": new_id("led"),
            "connection_id": connection_id,
            "dispute_id": dispute_id,
            "movement_id": line.movement_id,
            "kind": line.kind,
            "minor": line.amount.minor,
            "currency": line.amount.currency,
            "at": line.at,
        }
        for line in snapshot.movements
    ]


def _new_ledger_rows(
    session: Session, connection_id: str, dispute_id: str, snapshot: DisputeSnapshot
) -> list[dict[str, Any]]:
    if not snapshot.movements:
        return []
    known = set(session.exec(select(LedgerEntry.movement_id).where(LedgerEntry.dispute_id == dispute_id)))
    rows = _ledger_rows(connection_id, dispute_id, snapshot)
    return [row for row in rows if row["movement_id"] not in known]


# ---- whose turn it is ----------------------------------------------------------------------------------------------

LEASE = timedelta(minutes=10)


def claim(session: Session, connection_id: str, owner: str, now: datetime) -> bool:
    """Take the connection for one sync; False when another one is at it. Two never run at once."""
    table = Connection.__table__  # type: ignore[attr-defined]
    taken = session.execute(
        sa.update(table)
        .where(
            table.c.id == connection_id,
            sa.or_(table.c.sync_until.is_(None), table.c.sync_until < now, table.c.sync_owner == owner),
        )
        .values(sync_owner=owner, sync_until=now + LEASE)
    )
    return bool(taken.rowcount == 1)  # type: ignore[attr-defined]


def release(session: Session, connection_id: str, owner: str) -> None:
    table = Connection.__table__  # type: ignore[attr-defined]
    session.execute(
        sa.update(table)
        .where(table.c.id == connection_id, table.c.sync_owner == owner)
        .values(sync_until=None, sync_owner=None)
    )
