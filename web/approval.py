"""Why an answer cannot be approved now, in words; the transaction that approves decides again."""

from __future__ import annotations

from disputes.roles import Right
from templates.language import marked as _
from templates.language import say, told
from web.case_view import Case

READ_FIRST = _("The records contradict each other or the answer. Read that on the case page first.")


def why_not(case: Case) -> list[str]:
    """Empty where this person may approve it."""
    found = list(case.holds)
    if case.live is not None:
        found.append(say("This case is already being filed, or was filed."))
    elif not case.act.person:
        found.append(told(case.act.reason))
    elif case.building:
        found.append(say("The packet is being built again. It can be approved once that is done."))
    elif case.response is None:
        found.append(say("There is no packet to file yet."))
    if case.reads_first:
        found.append(say(READ_FIRST))
    if not case.visit.may(Right.APPROVE):
        found.append(say("Your role may look at it. Somebody who may approve answers has to file it."))
    return found
