"""Carrying out one approved act: look, the gateway's own plan of writes, look again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlmodel import Session

from disputes import guardrails, store, store_evidence, submission, sync
from disputes.acts import ANSWERS, GatewayAct
from disputes.comparison import differences
from disputes.ids import new_id
from disputes.lifecycle import GatewayStatus
from disputes.models import Attempt, Connection, Dispute, Installation, Merchant, Round, StoredResponse
from disputes.phrases import Phrase, joined, phrase, said_by
from disputes.ports import Approved, DisputeSnapshot, Gateway, GatewayError, Stopped
from disputes.response import Response
from disputes.roles import Right
from disputes.store_people import demand
from scheduler import notices, prepare
from scheduler.engine import workflow
from scheduler.handover import hand_over
from scheduler.journalled import Done, Outcome, Rejected, Unclear, Wait, perform
from scheduler.rule import rule_facts
from scheduler.runtime import Runtime, current

BY_HAND = phrase(
    "The desk cannot file here: the connection may only read, or there is no API. Download the files and the text, "
    "file them yourself, and then mark the case as filed."
)
FILING_OFF = phrase("Filing is off here: this looks like a restored or copied database. Nothing is sent.")


@dataclass(slots=True)
class Filing:
    """One run over one attempt."""

    runtime: Runtime
    owner: str
    attempt: Attempt
    dispute: Dispute
    connection: Connection
    gateway: Gateway
    response: Response | None
    facts_changed: bool = False
    """What the answer rests on changed at the gateway: a new preparation is asked for."""


@workflow("respond")
def respond(attempt_id: str) -> str:
    """Bring an attempt as far as it goes now: "filed", "rejected", "unclear", "waiting" or "gone"."""
    return run(current(), attempt_id)


def run(runtime: Runtime, attempt_id: str) -> str:
    filing = _claim(runtime, attempt_id)
    if filing is None:
        return "gone"
    try:
        outcome = _carry_out(filing)
        if isinstance(outcome, Done):
            return _filed(filing)
    except GatewayError as error:
        # A read that failed is tried again; what was sent already is never called "not filed" because of it.
        later = runtime.clock.now() + timedelta(seconds=60)
        final = not error.retryable and not _sent(filing)
        outcome = Rejected(said_by(error)) if final else Wait(later, said_by(error))
    return _conclude(filing, outcome)


# ---- claiming ------------------------------------------------------------------------------------------------------


def _claim(runtime: Runtime, attempt_id: str) -> Filing | None:
    """Take the attempt, deciding again what the sweep only guessed; None when there is nothing to do."""
    now = runtime.clock.now()
    # Before the row: another process may raise both in between, and the file must never seem to be ahead.
    known = runtime.mark.read()
    with runtime.database.writing() as session:
        attempt = session.get(Attempt, attempt_id)
        if attempt is None or attempt.state not in ("scheduled", "submitting"):
            return None
        dispute = store.dispute_of(session, attempt.merchant_id, attempt.dispute_id)
        connection = session.get_one(Connection, attempt.connection_id)
        installation = session.get_one(Installation, 1)
        if installation.filing_on and known is not None and installation.writes < known.writes:
            installation.filing_on = False
            session.add(installation)
        if attempt.state == "submitting" and not installation.filing_on:
            submission.postpone(session, attempt, now + timedelta(minutes=10), FILING_OFF)
            return None
        if attempt.state == "scheduled":
            reasons = _reasons_not_to(session, attempt, dispute, connection, now)
            if reasons:
                submission.cancel(session, attempt, by="guardrails", why=joined(reasons), now=now)
                notices.held(runtime, session, dispute, reasons)
                return None
            if not submission.begin(session, attempt, now):
                return None
        stored = session.get(StoredResponse, attempt.response_sha256) if attempt.response_sha256 else None
    response = Response.model_validate_json(stored.canonical) if stored else None
    gateway = runtime.gateway_for(connection)
    return Filing(runtime, f"{runtime.owner}:{new_id('run')}", attempt, dispute, connection, gateway, response)


def _reasons_not_to(session: Any, attempt: Attempt, dispute: Dispute, connection: Connection, now: Any) -> list[Phrase]:
    merchant = session.get_one(Merchant, attempt.merchant_id)
    installation = session.get_one(Installation, 1)
    current_round = store.current_round(session, dispute)
    if current_round is None or current_round.id != attempt.round_id:
        return [phrase("The case has moved on to a new round since this was approved.")]
    if attempt.act in ANSWERS and current_round.response_sha256 != attempt.response_sha256:
        return [phrase("The answer was changed after it was approved.")]
    if attempt.approved_by == "rule":
        return guardrails.holds(rule_facts(session, dispute, current_round, merchant, connection, now))
    act = store.window_of(dispute, now, merchant.cut_off_hours)
    if connection.by_hand:
        return [BY_HAND]
    paused = merchant.filing_paused or connection.paused
    if attempt.act not in ANSWERS:
        holds = guardrails.installation_holds(filing_on=installation.filing_on, paused=paused)
        return [*holds, *offered_holds(dispute, attempt.act)]
    return guardrails.person_holds(act, filing_on=installation.filing_on, paused=paused)


# ---- carrying it out -----------------------------------------------------------------------------------------------


def _carry_out(filing: Filing) -> Outcome:
    """The gateway's own plan, one journalled write after the other."""
    if filing.response is not None and filing.response.act != filing.attempt.act:
        return Rejected(
            phrase("The gateway takes another kind of answer now than what was approved. Nothing was sent.")
        )
    if (stopped := _look_first(filing)) is not None:
        return stopped
    plan = filing.gateway.plan(_approved(filing))
    outcome: Outcome = Rejected(phrase("The gateway has no such act. Nothing was sent."))
    try:
        write = next(plan)
        while True:
            outcome = perform(filing.runtime, filing.attempt, write, filing.owner)
            if not isinstance(outcome, Done):
                return outcome
            write = plan.send(outcome.answer)
    except StopIteration:
        return outcome
    except Stopped as error:
        return Rejected(said_by(error))
    finally:
        plan.close()


def _approved(filing: Filing) -> Approved:
    merchant_id = filing.attempt.merchant_id
    with filing.runtime.database.reading() as session:
        wrote, _ = sync.our_writes(session, filing.dispute.id, filing.attempt.round_id)
        answers = submission.answers(session, filing.dispute.id)
    return Approved(
        external_id=filing.dispute.external_id,
        act=GatewayAct(filing.attempt.act),
        response=filing.response,
        bytes_of=lambda file: filing.runtime.files.get(merchant_id, file.sha256),
        sent=_sent(filing),
        wrote=wrote,
        answers=answers,
    )


def _sent(filing: Filing) -> bool:
    """Whether the one write that cannot be taken back was, or may have been, sent."""
    with filing.runtime.database.reading() as session:
        step = submission.last_try(session, filing.attempt.id, filing.attempt.act)
    return step is not None and (step.state != "planned" or step.tries > 1)


def _look_first(filing: Filing) -> Outcome | None:
    """Read the case anew before the first write, and take in what changed; a foreign answer stops us."""
    runtime = filing.runtime
    if _sent(filing):
        return None
    snapshot = filing.gateway.dispute(filing.dispute.external_id)
    answers = filing.attempt.act in ANSWERS
    refunds_changed = answers and _refunds_changed(filing, snapshot)
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        connection = session.get_one(Connection, filing.connection.id)
        _take_in(runtime, session, connection, snapshot)
        dispute = store.dispute_of(session, filing.attempt.merchant_id, filing.dispute.id)
        reasons = _reasons_to_stop(session, filing.attempt, dispute, connection, now)
    if reasons:
        return Rejected(reasons[0])
    if refunds_changed:
        filing.facts_changed = True
        return Rejected(
            phrase(
                "The refunds of this payment are not those the answer was written on. Nothing was submitted; the case "
                "is prepared again and needs a new approval."
            )
        )
    return None


def _reasons_to_stop(
    session: Session, attempt: Attempt, dispute: Dispute, connection: Connection, now: datetime
) -> list[Phrase]:
    """What the gateway said just now against going on, the gravest first."""
    merchant = session.get_one(Merchant, dispute.merchant_id)
    if merchant.filing_paused or connection.paused:
        return [phrase("Filing is paused for this merchant or connection. Nothing was submitted.")]
    current_round = store.current_round(session, dispute)
    if current_round is None or current_round.id != attempt.round_id:
        return [
            phrase("The gateway opened a new round; what was approved belonged to the earlier one. Nothing was sent.")
        ]
    if attempt.act not in ANSWERS:
        return offered_holds(dispute, attempt.act)
    if dispute.answered_elsewhere:
        return [phrase("{what}. Nothing of ours was sent.", what=dispute.answered_elsewhere)]
    act = store.window_of(dispute, now, merchant.cut_off_hours)
    allowed = act.machine if attempt.approved_by == "rule" else act.person
    return [] if allowed else [act.reason]


def offered_holds(dispute: Dispute, act: str) -> list[Phrase]:
    """Legal acts only: what the gateway does not offer now is not sent."""
    offered = {each["act"] for each in dispute.offers} | ({GatewayAct.ACCEPT.value} if dispute.can_accept else set())
    told = phrase("The gateway does not offer this for the case now ({act}).", act=words_of(act))
    return [] if act in offered else [told]


def words_of(act: str) -> str:
    return act.replace("_", " ")


def _refunds_changed(filing: Filing, snapshot: DisputeSnapshot) -> bool:
    """Whether money went back since the answer was written: it must not say otherwise to the bank."""
    if snapshot.payment_id is None:
        return False
    payment, _ = filing.gateway.payment(snapshot)
    with filing.runtime.database.reading() as session:
        case = store_evidence.case_file(store_evidence.items_of(session, filing.dispute.id), None)
    known = case.payment.refunds if case.payment is not None else ()
    return {(one.refund_id, one.amount, one.status) for one in payment.refunds} != {
        (one.refund_id, one.amount, one.status) for one in known
    }


def _take_in(runtime: Runtime, session: Any, connection: Connection, snapshot: DisputeSnapshot) -> None:
    """What the gateway says now, with the work that follows from it: a new round is prepared like any other."""
    applied = sync.apply_page(session, connection, [snapshot], runtime.clock.now())
    for round_id in applied.opened:
        prepare.ask_for(runtime, session, session.get_one(Round, round_id), fetch=True)


_DONE = {
    GatewayAct.ACCEPT: phrase("Accepted at the gateway"),
    GatewayAct.MESSAGE: phrase("The message was sent"),
    GatewayAct.OFFER: phrase("The offer was made"),
    GatewayAct.ESCALATE: phrase("The case was escalated"),
    GatewayAct.ACKNOWLEDGE_RETURN: phrase("The return was acknowledged"),
    GatewayAct.SUPPORTING_INFO: phrase("The information was sent"),
}


# ---- the end of a run ----------------------------------------------------------------------------------------------


def _conclude(filing: Filing, outcome: Outcome) -> str:
    runtime = filing.runtime
    match outcome:
        case Wait():
            with runtime.database.writing() as session:
                submission.postpone(session, filing.attempt, outcome.until, outcome.words)
            return "waiting"
        case Done():
            return _filed(filing)
        case Rejected():
            return _ended(filing, "rejected", outcome.words, None)
        case Unclear():
            return _ended(filing, "unclear", outcome.words, None)


def _filed(filing: Filing) -> str:
    """The answer is in; the case says so only after the gateway said so itself."""
    external_id = filing.dispute.external_id
    back = filing.gateway.read_back(external_id)
    snapshot = filing.gateway.dispute(external_id)
    shown = {
        "status": back.raw_status,
        "submission_count": back.submission_count,
        "fields": dict(back.fields),
        "files": {slot: file.name for slot, file in back.files.items()},
    }
    answers = filing.attempt.act in ANSWERS
    if answers and back.status is GatewayStatus.NEEDS_RESPONSE:
        words = phrase("The gateway took the answer but still asks for one. Look there.")
        return _ended(filing, "unclear", words, snapshot, shown)
    if answers and filing.response is not None and (wrong := differences(filing.response, back)):
        words = phrase(
            "The gateway holds an answer, but not the one that was approved: {differences}. Look there.",
            differences=joined(wrong[:5], "; "),
        )
        return _ended(filing, "unclear", words, snapshot, shown)
    done = _DONE.get(GatewayAct(filing.attempt.act), phrase("Filed"))
    words = phrase("{done}; the gateway says {status}.", done=done, status=back.raw_status)
    return _ended(filing, "filed", words, snapshot, shown)


def _ended(
    filing: Filing, state: str, words: Phrase, snapshot: DisputeSnapshot | None, read_back: dict[str, Any] | None = None
) -> str:
    runtime, now = filing.runtime, filing.runtime.clock.now()
    with runtime.database.writing() as session:
        attempt = session.get_one(Attempt, filing.attempt.id)
        if snapshot is not None:
            connection = session.get_one(Connection, filing.connection.id)
            _take_in(runtime, session, connection, snapshot)
        submission.finish(session, attempt, state, result=words, read_back=read_back, now=now)
        dispute = store.dispute_of(session, attempt.merchant_id, attempt.dispute_id)
        notices.attempt_ended(runtime, session, dispute, attempt)
        if filing.facts_changed:
            prepare.ask_for(runtime, session, session.get_one(Round, attempt.round_id), fetch=True)
    # The words may name what the gateway said about a customer; the engine's tables get the tag alone.
    return state


def approve(
    runtime: Runtime, session: Session, dispute: Dispute, *, act: str, response_sha256: str | None, by: str
) -> Attempt:
    """A person approves: the attempt is opened and handed to the engine in the same transaction. Raises Denied."""
    demand(session, dispute.merchant_id, by, Right.APPROVE if act in ANSWERS else Right.ACCEPT)
    now = runtime.clock.now()
    merchant = session.get_one(Merchant, dispute.merchant_id)
    connection = session.get_one(Connection, dispute.connection_id)
    current_round: Round | None = store.current_round(session, dispute)
    if current_round is None:
        raise submission.Refused(phrase("The gateway asks for no answer in this case."))
    if connection.by_hand:
        raise submission.Refused(BY_HAND)
    filing_on = session.get_one(Installation, 1).filing_on
    paused = merchant.filing_paused or connection.paused
    if act in ANSWERS:
        window = store.window_of(dispute, now, merchant.cut_off_hours)
        holds = guardrails.person_holds(window, filing_on=filing_on, paused=paused)
    else:
        holds = guardrails.installation_holds(filing_on=filing_on, paused=paused)
        holds += offered_holds(dispute, act)
    if holds:
        raise submission.Refused(*holds)
    attempt = submission.open_attempt(
        session,
        dispute,
        current_round,
        act=act,
        response_sha256=response_sha256,
        approved_by=by,
        rule_version=None,
        act_at=now,
        now=now,
    )
    hand_over(runtime, session, attempt)
    return attempt
