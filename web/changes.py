"""What other people did to a case since this page was made: said on the page, never worked into what is being typed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from templates.language import marked as _
from templates.language import say
from web.case_view import Case

_DONE = {
    "letter_edited": _("%(name)s edited the letter."),
    "exhibits_ordered": _("%(name)s changed the order of the exhibits."),
    "uploaded": _("%(name)s added evidence."),
    "withdrawn": _("%(name)s took evidence out."),
    "restored": _("%(name)s put evidence back."),
    "confirmed": _("%(name)s said that an item belongs here."),
    "words_given": _("%(name)s wrote a caption or translation."),
    "claim_said": _("%(name)s said what is claimed or what was sold."),
    "waived": _("%(name)s decided to go without an item."),
    "unwaived": _("%(name)s wants an item again."),
    "contradictions_read": _("%(name)s read the contradictions."),
    "approved": _("%(name)s approved the answer."),
    "cancelled": _("%(name)s cancelled the filing."),
    "filed_by_hand": _("%(name)s marked the answer as filed."),
    "unclear_settled": _("%(name)s looked at the gateway and said what is there."),
    "assigned": _("%(name)s gave the case to somebody."),
    "noted": _("%(name)s wrote a note."),
}
_AFTERWARDS = 5
"""Changes named one by one."""


@dataclass(frozen=True, slots=True)
class Changed:
    at: datetime
    words: str


def last_seq(case: Case) -> int:
    """How far this page has seen the record of the case."""
    return case.entries[-1].seq if case.entries else 0


def by_others(case: Case, since: int) -> list[Changed]:
    """The newest last. What the desk, the gateway or the visitor did is not among them."""
    mine = {case.visit.by, "desk", "sync", "rule"}
    found = [each for each in case.entries if each.seq > since and each.actor not in mine]
    words = say("%(name)s changed this case.")
    return [
        Changed(each.at, (say(_DONE[each.action]) if each.action in _DONE else words) % {"name": case.who(each.actor)})
        for each in found[-_AFTERWARDS:]
    ]
