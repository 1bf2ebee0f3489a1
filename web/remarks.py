"""What the records of a closed case suggest for next time, as the case page says it."""

from __future__ import annotations

from dataclasses import dataclass

from disputes.lifecycle import ENDED
from disputes.outcomes import Answered, CaseFacts, RoundFacts, told_of
from disputes.store_results import tells_answers
from evidence.hindsight import About, Closed, Remark
from evidence.hindsight import remarks as found_by
from templates.language import marked as _
from templates.language import say
from web import outcomes_words, words
from web.case_view import Case


@dataclass(frozen=True, slots=True)
class Said:
    about: str
    text: str
    items: tuple[str, ...] = ()
    """Named under the text."""


TEXT: dict[About, str] = {
    About.GATEWAY_REASON: _("The gateway gave a reason: “%(words)s”. It may be the first thing to answer next time."),
    About.MISSED_READY: _(
        "The deadline passed while an answer lay ready. A rule that files after the hold, or more reminders, may "
        "keep the next one from waiting for a person."
    ),
    About.MISSED_LACKING: _(
        "The deadline passed while this was still missing. A source that brings it by itself may save the next case:"
    ),
    About.MISSED: _(
        "The deadline passed without an answer. If that was meant, accepting such a case early may save work; "
        "otherwise more reminders may help."
    ),
    About.LACKED_REQUIRED: _(
        "The answer went out without what this reason asks for. Having it next time may change the outcome:"
    ),
    About.CONTRADICTED: _("The records contradicted each other. The bank may have seen that too:"),
    About.NO_TIE: _(
        "Nothing in the records tied the cardholder to the order. Authentication at the checkout (3-D Secure), or "
        "delivery to an address the bank confirms, may carry the next answer."
    ),
    About.LACKED_STRONG: _("Not in the answer, and often of weight for this reason. It may be worth keeping:"),
    About.CLOSE: _(
        "The answer was filed %(time)s before the deadline while evidence was missing. Beginning earlier may leave "
        "time to find it."
    ),
    About.DECISIVE: _("The answer held what can settle this reason alone. It is worth having for every such case:"),
    About.HELD: _("The answer that won held this. It may help to have it ready for the next case of this reason:"),
}
_LATE = _(
    "The answer was filed %(time)s after the deadline while evidence was missing. Beginning earlier may leave time to "
    "find it."
)


def remarks(case: Case) -> list[Said]:
    """At most three; empty while the case is open, and where the records suggest nothing."""
    closed = _closed(case)
    return [_said(each) for each in found_by(closed, case.assessment)] if closed else []


def _closed(case: Case) -> Closed | None:
    """None where it is open, or was over before we were asked for anything."""
    dispute, current = case.dispute, case.current
    if dispute.status not in ENDED or current is None:
        return None
    told = told_of(
        CaseFacts(
            status=dispute.gateway_status,
            decided_at=current.outcome_at or case.visit.now,
            answered_elsewhere=dispute.answered_elsewhere is not None,
            told_answers=dispute.submission_count if dispute.gateway in tells_answers() else None,
            contestable=case.assessment is None or case.assessment.verdict.value != "cannot_be_contested",
        ),
        [_facts(case, each.id) for each in case.rounds],
    )[-1]
    return Closed(
        status=dispute.status,
        answered=told.answered,
        reason=current.outcome_reason,
        margin_hours=told.margin_hours,
        was_ready=current.response_sha256 is not None and told.answered is Answered.MISSED,
    )


def _facts(case: Case, round_id: str) -> RoundFacts:
    found = next(each for each in case.rounds if each.id == round_id)
    filed = [
        each for each in case.attempts if each.round_id == round_id and each.lane == "answer" and each.state == "filed"
    ]
    return RoundFacts(
        id=found.id,
        ordinal=found.ordinal,
        kind=found.kind,
        opened_at=found.opened_at,
        due_at=found.due_at,
        answered_at=found.answered_at,
        outcome=found.outcome,
        act=filed[-1].act if filed else None,
        approved_by=filed[-1].approved_by if filed else None,
    )


def _said(each: Remark) -> Said:
    late = each.about is About.CLOSE and each.hours is not None and each.hours < 0
    values = {"words": each.words, "time": outcomes_words.hours(abs(each.hours or 0))}
    titles = each.about is About.CONTRADICTED
    items = tuple(words.told(item) if titles else outcomes_words.evidence(item) for item in each.items)
    return Said(each.about.value, say(_LATE if late else TEXT[each.about]) % values, items)
