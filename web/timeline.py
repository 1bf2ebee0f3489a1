"""What happened in a case, in the order of time: the sale, the dispute, and what the desk and its people did."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel import dates

from disputes.clock import local_day
from disputes.models import Attempt, AuditEntry, EvidenceRequest, JournalStep
from disputes.money import Money
from templates.language import instant_words, locale, money_words, say
from templates.language import marked as _
from templates.language import told as said
from web import words
from web.case_view import Case
from web.timeline_records import Moment, moments

__all__ = ["SIDES", "Moment", "Timeline", "timeline", "told"]

SIDES = {
    "order": _("Order"),
    "payment": _("Payment"),
    "shipping": _("Shipping"),
    "messages": _("Messages"),
    "dispute": _("Dispute"),
    "desk": _("Your desk"),
}


@dataclass(frozen=True, slots=True)
class Timeline:
    days: tuple[tuple[date, tuple[tuple[str, Moment], ...]], ...]
    """By day in the merchant's zone, oldest first; each moment with its hour there."""
    sides: dict[str, tuple[str, int]]
    """Side -> its words and how many moments it has, those that have any."""
    shown: str
    """The side that is shown alone; empty for all."""
    total: int


def told(case: Case, shown: str, *, names: Mapping[str, str], steps: Sequence[JournalStep] = ()) -> Timeline:
    """`names`: of people that audit entries name besides their actors. An unknown side shows all."""
    every = timeline(case, names=names, steps=steps)
    numbers = {side: sum(moment.side == side for moment in every) for side in SIDES}
    shown = shown if numbers.get(shown) else ""
    zone = case.visit.merchant.zone
    days: dict[date, list[tuple[str, Moment]]] = {}
    for moment in every:
        if shown in ("", moment.side):
            hour = dates.format_time(moment.at.astimezone(ZoneInfo(zone)), "HH:mm", locale=locale())
            days.setdefault(local_day(moment.at, zone), []).append((hour, moment))
    return Timeline(
        tuple((day, tuple(found)) for day, found in days.items()),
        {side: (say(title), numbers[side]) for side, title in SIDES.items() if numbers[side]},
        shown,
        len(every),
    )


def timeline(case: Case, *, names: Mapping[str, str] | None = None, steps: Sequence[JournalStep] = ()) -> list[Moment]:
    names = names or {}
    found = [*moments(case), *_gateway(case), *_desk(case, names), *_steps(case, steps), *_asked(case)]
    return sorted(found, key=lambda moment: moment.at)


# ---- the dispute ---------------------------------------------------------------------------------------------------


_LEDGER = {
    "withdrawal": _("Money withdrawn"),
    "reversal": _("Money returned"),
    "fee": _("Fee"),
    "fee_returned": _("Fee returned"),
}


def _gateway(case: Case) -> Iterator[Moment]:
    yield Moment(case.dispute.opened_at, "dispute", say("Dispute opened"), money_words(case.dispute.amount))
    for each in case.rounds:
        if each.ordinal > 1:
            what = say("Round %(number)s opened") % {"number": each.ordinal}
            yield Moment(each.opened_at, "dispute", what, words.plain(each.kind))
        if each.outcome and each.outcome_at:
            what = say("Outcome: %(outcome)s") % {"outcome": words.status(each.outcome)}
            yield Moment(each.outcome_at, "dispute", what, words.told(each.outcome_reason))
    for line in case.ledger:
        known = _LEDGER.get(line.kind)
        amount = money_words(Money(line.minor, line.currency))
        yield Moment(line.at, "payment", say(known) if known else words.plain(line.kind), amount)


def _steps(case: Case, steps: Sequence[JournalStep]) -> Iterator[Moment]:
    """Writes to the gateway before the last one; that one is told by its attempt's end."""
    for step in steps:
        kind, _colon, slot = step.name.partition(":")
        if step.ended_at is None or step.state != "done" or kind not in ("upload", "stage"):
            continue
        what = say("File sent to the gateway") if kind == "upload" else say("Answer staged at the gateway")
        yield Moment(step.ended_at, "desk", what, words.plain(slot))
    for attempt in case.attempts:
        if attempt.read_back and attempt.ended_at and not attempt.read_back.get("by_hand"):
            yield Moment(attempt.ended_at, "desk", say("Read back from the gateway"), words.act(attempt.act).name)


# ---- the desk and its people ---------------------------------------------------------------------------------------


_DONE = {
    "approved": _("Approved"),
    "cancelled": _("Filing cancelled"),
    "filed_by_hand": _("Filed by hand"),
    "unclear_settled": _("Looked up at the gateway"),
    "prepared": _("Judged and packet built"),
    "uploaded": _("Evidence added"),
    "withdrawn": _("Evidence taken out"),
    "restored": _("Evidence put back"),
    "confirmed": _("Evidence confirmed"),
    "unconfirmed": _("Confirmation taken back"),
    "words_given": _("Caption or translation saved"),
    "letter_edited": _("Letter edited"),
    "exhibits_ordered": _("Exhibits put in order"),
    "claim_said": _("Claim or product said"),
    "waived": _("Item waived"),
    "unwaived": _("Item wanted again"),
    "contradictions_read": _("Contradictions read"),
    "entered": _("Entered by hand"),
    "page_read": _("Web page read"),
    "noted": _("Note written"),
    "note_deleted": _("Note deleted"),
    "note_restored": _("Note brought back"),
    "assigned": _("Assigned"),
    "evidence_received": _("An answer came in"),
    "evidence_declined": _("They have no such document"),
}
_TOLD_ELSEWHERE = frozenset({"evidence_asked", "evidence_ask_cancelled", "evidence_ask_expired"})
"""By the requests themselves, with the names."""


def _desk(case: Case, names: Mapping[str, str]) -> Iterator[Moment]:
    attempts = {attempt.id: attempt for attempt in case.attempts}
    items = {item.id: item.name or said(item.source_title) for item in case.items}
    for entry in case.entries:
        attempt = attempts.get(str(entry.details.get("attempt", "")))
        # Of an answer that was filed by hand only that is told: its other entries are of the same moment.
        by_hand = attempt is not None and attempt.read_back.get("by_hand") and entry.action != "filed_by_hand"
        if by_hand or entry.action in _TOLD_ELSEWHERE:
            continue
        about = items.get(str(entry.details.get("item", "")), "")
        yield Moment(entry.at, "desk", _what(entry, attempt, names), _detail(case, entry, attempt, about))


def _what(entry: AuditEntry, attempt: Attempt | None, names: Mapping[str, str]) -> str:
    """Which act it was is said wherever it was not the answer."""
    if attempt is not None and entry.action.startswith("attempt_"):
        return words.act(attempt.act).title(entry.action.removeprefix("attempt_"))
    if entry.action == "assigned":
        to = entry.details.get("to")
        known = names.get(str(to), "") or say("somebody who left")
        return say("Assigned to %(name)s") % {"name": known} if to else say("Assigned to nobody")
    known_act = _DONE.get(entry.action)
    done = say(known_act) if known_act else words.plain(entry.action)
    beside = attempt is not None and attempt.act != "submit"
    if attempt is None or not beside:
        return done
    return say("%(act)s: %(done)s") % {"act": words.act(attempt.act).name, "done": done}


def _detail(case: Case, entry: AuditEntry, attempt: Attempt | None, about: str) -> str:
    hashed = entry.details.get("response")
    asked = {each.id: each.recipient_name or each.recipient for each in case.requests}
    filed_at = attempt.read_back.get("filed_at") if attempt and entry.action == "filed_by_hand" else None
    parts = [
        about,
        say("by %(name)s") % {"name": asked.get(entry.actor) or case.who(entry.actor)},
        say("answer %(hash)s") % {"hash": hashed[:10]} if isinstance(hashed, str) else "",
        instant_words(datetime.fromisoformat(filed_at), case.visit.merchant.zone) if filed_at else "",
    ]
    return " · ".join(part for part in parts if part)


_ENDS = {
    "cancelled": _("Question withdrawn"),
    "expired": _("No answer came in time"),
}


def _asked(case: Case) -> Iterator[Moment]:
    """What somebody outside was asked, and what became of it. Answers are told by the audit's entry."""
    for each in case.requests:
        who = each.recipient_name or each.recipient
        yield Moment(each.asked_at, "desk", say("Asked %(name)s for a document") % {"name": who}, _asker(case, each))
        if each.opened_at:
            yield Moment(each.opened_at, "desk", say("%(name)s opened the link") % {"name": who})
        if each.ended_at and each.state in _ENDS:
            yield Moment(each.ended_at, "desk", say(_ENDS[each.state]), who)


def _asker(case: Case, asked: EvidenceRequest) -> str:
    return say("by %(name)s") % {"name": case.who(asked.asked_by)}
