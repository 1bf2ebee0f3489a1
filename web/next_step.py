"""What a person does now, in one sentence and one button: the first thing the case page says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from disputes import links
from disputes.acts import ANSWERS, GatewayAct
from disputes.deadlines import Window
from disputes.lifecycle import ENDED, GatewayStatus, Kind
from disputes.roles import Right
from evidence.assessment import Verdict
from templates.language import instant_words, say, told
from templates.language import marked as _
from web import words
from web.case_facts import best_missing
from web.case_view import Case


@dataclass(frozen=True, slots=True)
class Step:
    mood: str
    """go, work, wait, stop or done: how it looks."""
    title: str
    words: str = ""
    link: str = ""
    says: str = ""
    """What the button says."""
    key: str = ""
    late: bool = False
    """Its words tell of the deadline already."""

    @property
    def over(self) -> bool:
        """It tells how the case stands; nobody has to do anything."""
        return self.mood == "done"


_OUTCOME = {
    GatewayStatus.WON: (_("Won"), _("The bank decided for you.")),
    GatewayStatus.LOST: (_("Lost"), _("The bank decided for the customer.")),
    GatewayStatus.ACCEPTED: (_("Accepted"), _("The dispute was accepted, so nothing is filed.")),
    GatewayStatus.EXPIRED: (_("Expired"), _("The time to answer ended without an answer.")),
    GatewayStatus.WITHDRAWN: (_("Withdrawn"), _("The customer or the bank took the dispute back.")),
    GatewayStatus.PREVENTED: (_("Prevented"), _("It was settled before it became a dispute.")),
}


def next_step(case: Case) -> Step:
    here = links.case(case.visit.merchant.slug, case.dispute.id)
    return next(each for each in _steps(case, here) if each is not None)


def _steps(case: Case, here: str) -> Iterator[Step | None]:
    """The first that holds is the one."""
    yield _under_way(case, here)
    yield _ended(case, here)
    yield _building(case)
    yield _closed(case)
    yield _held_up(case, here)
    yield _decide(case, here)
    yield Step("work", say("Look at the case"), told(case.current.prepare_note) if case.current else "")


def _under_way(case: Case, here: str) -> Step | None:
    live = case.live
    if live is None:
        return None
    path = f"{here}/attempts/{live.id}"
    if live.state == "unclear":
        return _unclear(case, path)
    if live.state == "scheduled" and live.approved_by == "rule":
        at = instant_words(live.act_at, case.visit.merchant.zone)
        title = say("Your rule files this answer at %(time)s") % {"time": at}
        return Step("wait", title, say("Until then you can look at it and cancel."), path, say("Follow the filing"))
    if live.state in ("scheduled", "submitting"):
        title = say("On its way to %(gateway)s") % {"gateway": case.gateway_title}
        return Step("wait", title, told(live.result), path, say("Follow the filing"))
    if case.dispute.status in _OUTCOME:
        return None
    waits = say("Nothing is left to do: %(gateway)s passes it on, and the bank decides.")
    answered = live.act in ANSWERS
    return Step("done", words.act(live.act).title("filed"), waits % {"gateway": case.gateway_title} if answered else "")


def _unclear(case: Case, path: str) -> Step:
    title = say("Look at %(gateway)s") % {"gateway": case.gateway_title}
    lost = say("The desk cannot tell whether the answer arrived. It never sends it twice by itself.")
    if case.visit.may(Right.FILE):
        return Step("stop", title, lost, path, say("Look at the gateway and say what is there"))
    who = say("Somebody who may file has to look there and say here what they saw.")
    return Step("stop", title, f"{lost} {who}", path, say("See what was tried"))


def _ended(case: Case, here: str) -> Step | None:
    if case.dispute.status in ENDED and _given_up(case):
        meaning = say("It was accepted from here: it counts as lost, and nothing is filed.")
        return Step("done", say("Accepted"), meaning)
    if case.dispute.status in _OUTCOME:
        title, meaning = _OUTCOME[case.dispute.status]
        return Step("done", say(title), say(meaning))
    if case.dispute.answered_elsewhere and not case.handable:
        nothing = say("Nothing of ours was sent or overwritten, and nothing is left to file from here.")
        return Step("done", say("Answered elsewhere"), f"{told(case.dispute.answered_elsewhere)}. {nothing}")
    return None


def _given_up(case: Case) -> bool:
    """The last thing that was done about it was to accept it; some gateways then call it lost."""
    lost = case.dispute.status in (GatewayStatus.LOST, GatewayStatus.ACCEPTED)
    return lost and case.last is not None and (case.last.act, case.last.state) == (GatewayAct.ACCEPT, "filed")


def _building(case: Case) -> Step | None:
    if not case.building:
        return None
    meaning = say("Records are gathered, the case is judged and the packet built.")
    return Step("wait", say("The answer is being built"), meaning)


def _closed(case: Case) -> Step | None:
    if case.act.person or case.handable:
        return None
    if case.dispute.dispute_kind is Kind.ALERT:
        return _warned(case)
    why = " ".join(part for part in (told(case.act.reason), told(case.dispute.capability_reason)) if part)
    return Step("done", say("Nothing can be filed"), why)


def _warned(case: Case) -> Step:
    meaning = say(
        "This is a warning, not a dispute yet, and nothing can be filed. Hold the order back if it is not out. "
        "A refund that you make at %(gateway)s now can keep the dispute away; the desk makes none."
    )
    return Step("work", say("Look at the order"), meaning % {"gateway": case.gateway_title})


def _held_up(case: Case, here: str) -> Step | None:
    if case.reads_first:
        meaning = say("The records contradict each other or the answer. It waits until somebody has read that.")
        return Step("stop", say("Read the contradictions first"), meaning, "#contradictions", say("Read them"))
    if case.holds and not case.by_hand:
        return Step("stop", say("Filing is held up"), " ".join(case.holds))
    return None


def _decide(case: Case, here: str) -> Step | None:
    assessment = case.assessment
    if assessment is None:
        return None
    if assessment.verdict is Verdict.ACCEPT:
        meaning = told(assessment.reasons[0]) if assessment.reasons else ""
        link = f"{here}/accept" if case.dispute.can_accept and not case.by_hand else ""
        if link and not case.visit.may(Right.ACCEPT):
            who = say("Somebody who may accept disputes has to decide that.")
            link, meaning = "", f"{meaning} {who}"
        return Step("stop", say("Consider accepting"), meaning, link, say("Look at accepting …") if link else "")
    if assessment.verdict is Verdict.NEEDS_EVIDENCE:
        return _gather(case)
    if case.handable:
        meaning = say("You file it yourself: save the files and the text, put them in, and mark it as filed here.")
        return _allowed(case, Right.FILE, Step("go", say("Hand the answer over"), meaning, f"{here}/hand-over",
                        say("Hand over …") if case.act.person else say("Mark as filed …"), "a"))  # fmt: skip
    if case.can_be_approved:
        meaning = say("Look through the packet once; then approve it, and the desk files it.")
        says = say("Approve and appeal …") if case.dispute.answer_act == "appeal" else say("Approve and file …")
        step = Step("go", say("Ready: look and approve"), meaning, f"{here}/approve", says, "a")
        if case.act.window is Window.PAST_DUE:
            step = _too_late(case, step)
        return _allowed(case, Right.APPROVE, step)
    return None


def _too_late(case: Case, step: Step) -> Step:
    meaning = say(
        "The deadline has passed. %(gateway)s still takes an answer here, but may refuse or ignore it. "
        "If you want to try, look through the packet and approve it."
    ) % {"gateway": case.gateway_title}
    return replace(step, mood="stop", title=say("Past due: try all the same?"), words=meaning, late=True)


def _gather(case: Case) -> Step:
    best = best_missing(case)
    if best is None or best.gain is None:
        return Step(
            "work", say("More is needed"), say("The reasons stand beside."), "#verdict", say("Read the reasons")
        )
    title = say("Add: %(item)s") % {"item": best.label}
    if best.gain.ready:
        meaning = say("With it the case can be contested: %(points)s points more.") % {"points": best.gain.points}
    elif best.gain.points:
        meaning = say("It helps most: %(points)s points more. Something else is needed too.") % {
            "points": best.gain.points
        }
    else:
        meaning = say("By itself it does not make the case ready; what else is needed stands in the checklist.")
    link = "#add-files" if case.may_edit else ""
    return Step("work", title, meaning, link, say("Add evidence") if link else "")


def _allowed(case: Case, right: Right, step: Step) -> Step:
    """A button that would be refused is not offered."""
    if case.visit.may(right):
        return step
    meaning = say("Your role may look at it. Somebody who may approve answers has to file it.")
    return Step("wait", say("Ready for somebody who may approve"), meaning)
