"""Filing one approved answer: upload, stage, look, submit once, look again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from disputes import guardrails, store, store_evidence, submission, sync
from disputes.ids import new_id
from disputes.lifecycle import GatewayStatus
from disputes.models import Attempt, Connection, Dispute, Installation, Merchant, Round, StoredResponse
from disputes.ports import DisputeSnapshot, Gateway, GatewayError, ReadBack
from disputes.response import Response, ResponseFile
from disputes.submission import WriteClass
from scheduler import notices, prepare
from scheduler.engine import workflow
from scheduler.handover import hand_over
from scheduler.journalled import Done, Outcome, Rejected, Unclear, Wait, Write, perform
from scheduler.rule import rule_facts
from scheduler.runtime import Runtime, current

FILING_OFF = "Filing is off here: this looks like a restored or copied database. Nothing is sent."


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
        outcome = _accept(filing) if filing.attempt.act == "accept" else _submit(filing)
        if isinstance(outcome, Done):
            return _filed(filing)
    except GatewayError as error:
        # A read that failed is tried again; what was sent already is never called "not filed" because of it.
        later = runtime.clock.now() + timedelta(seconds=60)
        final = not error.retryable and not _sent(filing)
        outcome = Rejected(str(error)) if final else Wait(later, str(error))
    return _conclude(filing, outcome)


# ---- claiming ------------------------------------------------------------------------------------------------------


def _claim(runtime: Runtime, attempt_id: str) -> Filing | None:
    """Take the attempt, deciding again what the sweep only guessed; None when there is nothing to do."""
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        attempt = session.get(Attempt, attempt_id)
        if attempt is None or attempt.state not in ("scheduled", "submitting"):
            return None
        dispute = store.dispute_of(session, attempt.merchant_id, attempt.dispute_id)
        connection = session.get_one(Connection, attempt.connection_id)
        if attempt.state == "submitting" and not session.get_one(Installation, 1).filing_on:
            submission.postpone(session, attempt, now + timedelta(minutes=10), FILING_OFF)
            return None
        if attempt.state == "scheduled":
            reasons = _reasons_not_to(session, attempt, dispute, connection, now)
            if reasons:
                submission.cancel(session, attempt, by="guardrails", why=" ".join(reasons), now=now)
                notices.held(runtime, session, dispute, reasons)
                return None
            if not submission.begin(session, attempt, now):
                return None
        stored = session.get(StoredResponse, attempt.response_sha256) if attempt.response_sha256 else None
    response = Response.model_validate_json(stored.canonical) if stored else None
    gateway = runtime.gateway_for(connection)
    return Filing(runtime, f"{runtime.owner}:{new_id('run')}", attempt, dispute, connection, gateway, response)


def _reasons_not_to(session: Any, attempt: Attempt, dispute: Dispute, connection: Connection, now: Any) -> list[str]:
    merchant = session.get_one(Merchant, attempt.merchant_id)
    installation = session.get_one(Installation, 1)
    current_round = store.current_round(session, dispute)
    if current_round is None or current_round.id != attempt.round_id:
        return ["The case has moved on to a new round since this was approved."]
    if attempt.act == "submit" and current_round.response_sha256 != attempt.response_sha256:
        return ["The answer was changed after it was approved."]
    if attempt.approved_by == "rule":
        return guardrails.holds(rule_facts(session, dispute, current_round, merchant, connection, now))
    act = store.window_of(dispute, now, merchant.cut_off_hours)
    paused = merchant.filing_paused or connection.paused
    if attempt.act == "accept":
        holds = guardrails.installation_holds(filing_on=installation.filing_on, paused=paused)
        return holds if dispute.can_accept else [*holds, "The gateway no longer offers to accept this case."]
    return guardrails.person_holds(act, filing_on=installation.filing_on, paused=paused)


# ---- submit --------------------------------------------------------------------------------------------------------


def _submit(filing: Filing) -> Outcome:
    assert filing.response is not None
    if (stopped := _look_first(filing)) is not None:
        return stopped
    file_ids: dict[str, str] = {}
    for file in filing.response.files:
        outcome = perform(filing.runtime, filing.attempt, _upload(filing, file), filing.owner)
        if not isinstance(outcome, Done):
            return outcome
        file_ids[file.slot] = str(outcome.answer["file_id"])
    outcome = perform(filing.runtime, filing.attempt, _stage(filing, file_ids), filing.owner)
    if not isinstance(outcome, Done):
        return outcome
    if not _sent(filing):
        back = filing.gateway.read_back(filing.dispute.external_id)
        wrong = differences(filing.response, back)
        if wrong:
            return Rejected(
                f"What lies at the gateway is not what was approved: {'; '.join(wrong[:5])}. Nothing was submitted."
            )
    return perform(filing.runtime, filing.attempt, _submit_write(filing), filing.owner)


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
    refunds_changed = _refunds_changed(filing, snapshot)
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        connection = session.get_one(Connection, filing.connection.id)
        _take_in(runtime, session, connection, snapshot)
        dispute = store.dispute_of(session, filing.attempt.merchant_id, filing.dispute.id)
        merchant = session.get_one(Merchant, dispute.merchant_id)
        act = store.window_of(dispute, now, merchant.cut_off_hours)
        current_round = store.current_round(session, dispute)
        stopped = merchant.filing_paused or connection.paused
    if stopped:
        return Rejected("Filing is paused for this merchant or connection. Nothing was submitted.")
    if dispute.answered_elsewhere:
        return Rejected(f"{dispute.answered_elsewhere}. Nothing of ours was sent.")
    if current_round is None or current_round.id != filing.attempt.round_id:
        return Rejected("The gateway opened a new round; this answer belonged to the earlier one.")
    allowed = act.machine if filing.attempt.approved_by == "rule" else act.person
    if not allowed:
        return Rejected(act.reason)
    if refunds_changed:
        filing.facts_changed = True
        return Rejected(
            "The refunds of this payment are not those the answer was written on. Nothing was submitted; the case is "
            "prepared again and needs a new approval."
        )
    return None


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


def _upload(filing: Filing, file: ResponseFile) -> Write:
    def send(key: str) -> Mapping[str, Any]:
        data = filing.runtime.files.get(filing.attempt.merchant_id, file.sha256)
        return {"file_id": filing.gateway.upload(file, data, key=key).file_id}

    def seen(_before: Mapping[str, Any]) -> Mapping[str, Any] | None:
        found = filing.gateway.uploaded(file)
        return {"file_id": found.file_id} if found else None

    return Write(f"upload:{file.slot}", WriteClass.NATIVE_KEY, lambda: {"sha256": file.sha256}, send, seen)


def _stage(filing: Filing, file_ids: Mapping[str, str]) -> Write:
    response = filing.response
    assert response is not None
    with filing.runtime.database.reading() as session:
        wrote, _ = sync.our_writes(session, filing.dispute.id, filing.attempt.round_id)
    writes = {**response.fields, **file_ids}
    # An empty value clears only what the journal says that we wrote.
    clear = tuple(sorted(set(wrote) - set(writes)))

    def before() -> dict[str, Any]:
        return {"writes": {**dict.fromkeys(clear, ""), **writes}}

    def send(key: str) -> Mapping[str, Any]:
        filing.gateway.stage(response, file_ids, key=key, clear=clear)
        return {"staged": len(writes)}

    def seen(_before: Mapping[str, Any]) -> Mapping[str, Any] | None:
        back = filing.gateway.read_back(filing.dispute.external_id)
        return None if differences(response, back) else {"staged": len(writes)}

    return Write("stage", WriteClass.NATIVE_KEY, before, send, seen)


def _submit_write(filing: Filing) -> Write:
    external_id = filing.dispute.external_id

    def before() -> dict[str, Any]:
        back = filing.gateway.read_back(external_id)
        return {"submission_count": back.submission_count, "status": back.raw_status}

    def send(key: str) -> Mapping[str, Any]:
        filing.gateway.submit(external_id, key=key)
        return {"sent": True}

    def seen(earlier: Mapping[str, Any]) -> Mapping[str, Any] | None:
        back = filing.gateway.read_back(external_id)
        return {"sent": True, "read_back": True} if back.submission_count > earlier["submission_count"] else None

    return Write("submit", WriteClass.STATE_GUARDS, before, send, seen)


def _accept(filing: Filing) -> Outcome:
    external_id = filing.dispute.external_id

    def before() -> dict[str, Any]:
        return {"status": filing.gateway.read_back(external_id).raw_status}

    def send(key: str) -> Mapping[str, Any]:
        filing.gateway.accept(external_id, key=key)
        return {"sent": True}

    def seen(earlier: Mapping[str, Any]) -> Mapping[str, Any] | None:
        back = filing.gateway.read_back(external_id)
        return {"sent": True} if back.raw_status != earlier["status"] else None

    return perform(filing.runtime, filing.attempt, Write("accept", WriteClass.NONE, before, send, seen), filing.owner)


def differences(response: Response, back: ReadBack) -> list[str]:
    """Where the gateway does not hold what was approved: fields by value, files by the name that carries their hash."""
    wrong = [name for name, value in sorted(response.fields.items()) if back.fields.get(name) != value]
    for file in response.files:
        there = back.files.get(file.slot)
        if there is None or there.name != file.name or there.size != file.size:
            wrong.append(f"file {file.name}")
    return wrong


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
    if filing.attempt.act == "submit" and back.status is GatewayStatus.NEEDS_RESPONSE:
        return _ended(
            filing, "unclear", "The gateway took the answer but still asks for one. Look there.", snapshot, shown
        )
    if filing.response is not None and (wrong := differences(filing.response, back)):
        words = f"The gateway holds an answer, but not the one that was approved: {'; '.join(wrong[:5])}. Look there."
        return _ended(filing, "unclear", words, snapshot, shown)
    words = (
        "Accepted at the gateway." if filing.attempt.act == "accept" else f"Filed; the gateway says {back.raw_status}."
    )
    return _ended(filing, "filed", words, snapshot, shown)


def _ended(
    filing: Filing, state: str, words: str, snapshot: DisputeSnapshot | None, read_back: dict[str, Any] | None = None
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
    runtime: Runtime, session: Any, dispute: Dispute, *, act: str, response_sha256: str | None, by: str
) -> Attempt:
    """A person approves: the attempt is opened and handed to the engine in the same transaction."""
    now = runtime.clock.now()
    merchant = session.get_one(Merchant, dispute.merchant_id)
    connection = session.get_one(Connection, dispute.connection_id)
    current_round: Round | None = store.current_round(session, dispute)
    if current_round is None:
        raise submission.Refused("The gateway asks for no answer in this case.")
    installation = session.get_one(Installation, 1)
    paused = merchant.filing_paused or connection.paused
    if act == "accept":
        holds = guardrails.installation_holds(filing_on=installation.filing_on, paused=paused)
        if not dispute.can_accept:
            holds.append("The gateway does not offer to accept this case.")
    else:
        window = store.window_of(dispute, now, merchant.cut_off_hours)
        holds = guardrails.person_holds(window, filing_on=installation.filing_on, paused=paused)
    if holds:
        raise submission.Refused(*holds)
    attempt = submission.open_attempt(
        session,
        dispute,
        current_round,
        act=act,
        response_sha256=response_sha256 if act == "submit" else None,
        approved_by=by,
        rule_version=None,
        act_at=now,
        now=now,
    )
    hand_over(runtime, session, attempt)
    return attempt
