"""Answers that a person files: handed over as files and text, and marked as filed with the day and a proof."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session

from disputes import store, submission
from disputes.entered import Entered
from disputes.lifecycle import GatewayStatus
from disputes.models import Attempt, Connection, Dispute, Round
from disputes.phrases import Phrase, joined, phrase
from disputes.roles import Right
from disputes.store_audit import record
from disputes.store_people import demand
from scheduler import entering
from scheduler.runtime import Runtime


def mark_filed(
    runtime: Runtime,
    session: Session,
    dispute: Dispute,
    *,
    response_sha256: str,
    filed_at: datetime,
    proof: tuple[str, str] | None,
    note: str,
    by: str,
) -> Attempt:
    """A person says that the answer with this hash was filed at `filed_at`. `proof`: name and SHA-256 of a stored file.

    What somebody answered at the gateway meanwhile is exactly this, so the case no longer says "answered elsewhere".
    """
    demand(session, dispute.merchant_id, by, Right.FILE)
    now = runtime.clock.now()
    connection = session.get_one(Connection, dispute.connection_id)
    current: Round | None = store.current_round(session, dispute)
    if not connection.by_hand:
        raise submission.Refused(phrase("The desk files at this gateway itself. Approve the answer instead."))
    if current is None:
        raise submission.Refused(phrase("No answer is asked for in this case."))
    if filed_at > now:
        raise submission.Refused(phrase("The day of filing lies in the future."))
    if filed_at < current.opened_at and filed_at < dispute.opened_at:
        raise submission.Refused(phrase("The day of filing lies before the dispute was opened."))
    attempt = submission.open_attempt(
        session,
        dispute,
        current,
        act=dispute.answer_act,
        response_sha256=response_sha256,
        approved_by=by,
        rule_version=None,
        act_at=now,
        now=now,
    )
    submission.begin(session, attempt, now)
    told = {"by_hand": True, "filed_at": filed_at.isoformat(), "note": note}
    if proof is not None:
        told |= {"proof_name": proof[0], "proof_sha256": proof[1]}
    submission.finish(session, attempt, "filed", result=_words(proof, note), read_back=told, now=now)
    current.answered_at = filed_at
    session.add(current)
    details = {"attempt": attempt.id, "proof": proof[1] if proof else None}
    record(session, dispute.merchant_id, at=now, actor=by, action="filed_by_hand", subject=dispute.id, details=details)
    dispute.answered_elsewhere = None
    store.save(session, dispute, now)
    if dispute.gateway == "manual":
        entered = Entered.model_validate(dispute.raw)
        if entered.state is GatewayStatus.NEEDS_RESPONSE:
            under_review = entered.model_copy(update={"state": GatewayStatus.UNDER_REVIEW})
            entering.take(runtime, session, connection, [under_review], by=by)
    return attempt


def _words(proof: tuple[str, str] | None, note: str) -> Phrase:
    shown = phrase("Filed by hand; no proof was kept.")
    if proof:
        shown = phrase("Filed by hand; proof: {name}.", name=proof[0])
    return joined((shown, note.strip())) if note.strip() else shown
