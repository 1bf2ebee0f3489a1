"""One case, read in one go and put into the words and rows its page prints."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pydantic import ValidationError
from sqlmodel import Session

from disputes import store, store_audit, store_case, store_evidence, store_people, store_requests
from disputes.acts import ANSWER_LANE, SIDE_LANE
from disputes.deadlines import Act, Window
from disputes.facts import CaseFile
from disputes.knowledge import Limits
from disputes.lifecycle import Shown, WorkState
from disputes.models import (
    Attempt,
    AuditEntry,
    Connection,
    Dispute,
    EvidenceItem,
    EvidenceRequest,
    Installation,
    ItemMark,
    LedgerEntry,
    Packet,
    Round,
)
from disputes.response import Response
from disputes.roles import Right
from disputes.titles import connection_title
from evidence.assessment import Assessment
from evidence.claim import Claim
from evidence.letter import Letter, LetterEdits, compose
from evidence.once import one_each
from scheduler.digest import left_words
from scheduler.prepare import claim_of, limits_of
from templates.language import marked as _
from templates.language import say
from web import words
from web.visit import Visit

_MAY_EDIT = frozenset(
    {WorkState.NEW, WorkState.GATHERING, WorkState.NEEDS_EVIDENCE, WorkState.AWAITING_APPROVAL, WorkState.SCHEDULED}
)

_MACHINES = {"rule": _("your rule"), "desk": _("the desk"), "sync": _("the gateway")}


@dataclass(frozen=True, slots=True)
class Case:
    """Everything its page shows, read in one snapshot."""

    visit: Visit
    dispute: Dispute
    connection: Connection
    rounds: Sequence[Round]
    current: Round | None
    attempts: Sequence[Attempt]
    items: Sequence[EvidenceItem]
    marks: Sequence[ItemMark]
    packet: Packet | None
    response: Response | None
    entries: Sequence[AuditEntry]
    ledger: Sequence[LedgerEntry]
    names: dict[str, str]
    assessment: Assessment | None
    file: CaseFile
    requests: Sequence[EvidenceRequest]
    filing_on: bool
    before: Packet | None = None
    """The packet that stood before the change that is being worked in."""
    filed_response: Response | None = None
    """What the newest answer that left carried."""

    @property
    def gateway_title(self) -> str:
        return connection_title(self.connection)

    @property
    def act(self) -> Act:
        return store.window_of(self.dispute, self.visit.now, self.visit.merchant.cut_off_hours)

    @property
    def shown(self) -> Shown:
        return store.shown(self.dispute, self.visit.now)

    @property
    def live(self) -> Attempt | None:
        """The attempt of this round that is under way or has filed."""
        return self._live(ANSWER_LANE)

    @property
    def beside(self) -> Attempt | None:
        """An act beside the answer (a message, an offer) that is under way or unclear."""
        return self._live(SIDE_LANE)

    def _live(self, lane: str) -> Attempt | None:
        ours = (each for each in self.attempts if self.current and each.round_id == self.current.id)
        return next((each for each in ours if each.lane == lane and each.is_live), None)

    @property
    def last(self) -> Attempt | None:
        """The last try at answering or accepting; what stood beside it is told apart."""
        ours = [each for each in self.attempts if each.lane == ANSWER_LANE]
        return ours[-1] if ours else None

    @property
    def by_hand(self) -> bool:
        """The desk cannot file here: the answer is handed over, and marked as filed."""
        return self.connection.by_hand

    @property
    def manual(self) -> bool:
        """There is no API at all; what the processor says is entered by a person."""
        return self.connection.gateway == "manual"

    @property
    def editable(self) -> bool:
        return editable(self.dispute, self.current)

    @property
    def may_edit(self) -> bool:
        """It can still be changed to some end, and whoever looks may change it."""
        return self.editable and self.asked and self.visit.may(Right.WORK)

    @property
    def asked(self) -> bool:
        """The gateway takes an answer, or somebody files it by hand."""
        return self.act.person or self.handable

    @property
    def idle(self) -> bool:
        """There is no verdict, letter or packet to speak of: nothing was ever asked here, or it was erased."""
        nothing = not self.asked and not self.attempts and self.packet is None
        return nothing or self.dispute.erased_at is not None

    @property
    def building(self) -> bool:
        """Nothing that stands may be approved yet: records are gathered, or an edit is being worked in."""
        return self.current is not None and self.current.prepared_at is None and self.editable and self.act.person

    @property
    def moving(self) -> bool:
        """Something is under way that the page should notice when it ends."""
        soon = self.visit.now + timedelta(minutes=2)
        under_way = any(
            each is not None and each.state in ("scheduled", "submitting") and each.act_at <= soon
            for each in (self.live, self.beside)
        )
        return self.building or under_way or self.dispute.work is WorkState.SUBMITTING

    @property
    def state_mark(self) -> str:
        """Changes whenever the page would show something else."""
        prepared = self.current.prepared_at.timestamp() if self.current and self.current.prepared_at else 0
        return f"{self.dispute.version}.{prepared:.6f}.{'-'.join(each.state for each in self.attempts[-3:])}"

    @property
    def reads_first(self) -> bool:
        """Contradictions that a person has to read before the answer may go out."""
        blocking = self.assessment.blocking if self.assessment else ()
        return any(found.id not in self.dispute.contradictions_read for found in blocking)

    @property
    def holds(self) -> list[str]:
        """What stops filing for the whole installation, shop or connection now."""
        found = []
        if not self.filing_on:
            found.append(say("Filing is off here: this looks like a restored or copied database (settings)."))
        if self.visit.merchant.filing_paused:
            found.append(say("Filing is stopped for this shop (settings)."))
        if self.connection.paused:
            found.append(say("This connection is paused (connections)."))
        return found

    @property
    def can_be_approved(self) -> bool:
        """By somebody who may."""
        return self.answerable and not self.by_hand and self.act.person and not self.holds

    @property
    def approvable(self) -> bool:
        return self.can_be_approved and self.visit.may(Right.APPROVE)

    @property
    def handable(self) -> bool:
        """The answer can be handed over as files and text. Nothing is sent by it, so no stop switch holds it back."""
        return self.answerable and self.by_hand

    @property
    def answerable(self) -> bool:
        return bool(
            self.response and self.current and self.current.response_sha256 and not self.building and not self.live
            and not self.reads_first
        )  # fmt: skip

    @property
    def edits(self) -> LetterEdits:
        return LetterEdits.model_validate(self.current.letter_edits or {}) if self.current else LetterEdits()

    @property
    def untranslated(self) -> set[str]:
        """Ids of messages the bank cannot read yet."""
        foreign = self.assessment.needs_translation if self.assessment else ()
        return {each.message_id for each in foreign if each.message_id}

    @property
    def claim(self) -> Claim:
        return claim_of(
            self.dispute,
            self.visit.merchant,
            unavailable=frozenset(mark.item for mark in self.marks if mark.state == "unavailable"),
            waived=frozenset(mark.item for mark in self.marks if mark.state == "waived"),
            gateway_title=self.gateway_title,
        )

    @property
    def limits(self) -> Limits:
        """What the gateway takes, or the receiver where it says less."""
        return limits_of(self.claim)

    @property
    def letter(self) -> Letter | None:
        if self.assessment is None or self.current is None:
            return None
        return compose(self.claim, self.file, self.assessment, self.edits)

    def who(self, actor: str) -> str:
        return self.names.get(actor) or (say(_MACHINES[actor]) if actor in _MACHINES else actor)


def editable(dispute: Dispute, current: Round | None) -> bool:
    return current is not None and dispute.work in _MAY_EDIT


def read(session: Session, visit: Visit, dispute_id: str) -> Case:
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    current = store.current_round(session, dispute)
    items = store_evidence.items_of(session, dispute.id)
    entries = list(store_audit.entries_of(session, visit.merchant.id, dispute.id))
    attempts = store.attempts_of(session, dispute.id)
    actors = {entry.actor for entry in entries} | {attempt.approved_by for attempt in attempts}
    return Case(
        visit=visit,
        dispute=dispute,
        connection=store_case.connection_of(session, visit.merchant.id, dispute.connection_id),
        rounds=store.rounds_of(session, dispute.id),
        current=current,
        attempts=attempts,
        items=items,
        marks=store_evidence.marks_of(session, dispute.id),
        packet=store_case.packet_of(session, current),
        before=store_case.packet_before(session, current),
        filed_response=store_case.response_of(session, _last_filed(attempts)),
        response=store_case.response_of(session, current.response_sha256 if current else None),
        entries=entries,
        ledger=store_case.ledger_of(session, dispute.id),
        names=store_people.names_of(session, actors),
        assessment=_assessment(current),
        file=one_each(store_evidence.case_file(items, dispute.order_ref)),
        requests=store_requests.of_case(session, dispute.id),
        filing_on=session.get_one(Installation, 1).filing_on,
    )


def _last_filed(attempts: Sequence[Attempt]) -> str | None:
    ours = [each for each in attempts if each.state == "filed" and each.lane == ANSWER_LANE]
    return ours[-1].response_sha256 if ours else None


def _assessment(current: Round | None) -> Assessment | None:
    """The judgement as stored; one of an older version of the desk is shown again after the next preparation."""
    try:
        return Assessment.model_validate(current.assessment) if current and current.assessment else None
    except ValidationError:
        return None


def headline(case: Case) -> dict[str, Any]:
    """Status, deadline and time left; no countdown where there is nothing to file."""
    act, now, dispute = case.act, case.visit.now, case.dispute
    due = dispute.due_at if act.person else None
    return {
        "status": case.shown.value,
        "status_words": words.status(case.shown.value, by_hand=case.by_hand),
        "due": due,
        "left": left_words(act, now),
        "urgent": act.until is not None and act.until - now < timedelta(days=3),
        "machine_until": act.machine_until if act.machine and not case.by_hand else None,
        "late": act.reason if act.window in (Window.PAST_CUT_OFF, Window.PAST_DUE, Window.NONE_KNOWN) else "",
    }
