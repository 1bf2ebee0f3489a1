"""What the parts of the case page are filled with: letters, evidence, notes, neighbours, timeline, who is here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from babel.lists import format_list
from sqlmodel import Session

from disputes import links, store_people, store_work
from disputes.models import CaseNote, Dispute
from disputes.store_neighbours import neighbours
from evidence.uploads import MAX_UPLOAD
from templates.language import locale, say, say_many
from web import case_item, case_mail, case_neighbours, timeline
from web.case_view import Case
from web.security import MAX_FILES
from web.undo import asked_undo
from web.visit import Visit


@dataclass(frozen=True, slots=True)
class NoteLine:
    id: str
    who: str
    at: datetime
    text: str
    mine: bool


@dataclass(frozen=True, slots=True)
class Notes:
    """`web/case/notes.html`: who works on the case, and what people tell each other about it."""

    lines: tuple[NoteLine, ...]
    workers: tuple[tuple[str, str], ...]
    """(person id, name) of everybody it can be given to."""
    assigned_to: str
    """The person's id; empty for nobody."""
    assigned_name: str


def parts_of(session: Session, case: Case, *, shown: str = "") -> dict[str, Any]:
    """Everything the partials under `web/case/` are included with. `shown`: the timeline's side, or all."""
    visit, here = case.visit, links.case(case.visit.merchant.slug, case.dispute.id)
    return {
        "mail": case_mail.letters_of(case),
        "evidence": case_item.items_of(case, here),
        "upload": {"most_files": MAX_FILES, "most_bytes": MAX_UPLOAD},
        "notes": notes_of(session, visit, case.dispute),
        "neighbours": case_neighbours.rows_of(visit, neighbours(session, case.dispute)),
        "told": told(session, case, shown),
        "present": present_words(session, visit, case.dispute.id),
        "undo": asked_undo(visit, case.dispute.id),
        "notes_said": "",
        "notes_undo": None,
    }


def notes_of(session: Session, visit: Visit, dispute: Dispute) -> Notes:
    found = store_work.notes_of(session, dispute.id)
    workers = store_work.workers(session, visit.merchant.id)
    ids = {each.author for each in found} | ({dispute.assigned_to} if dispute.assigned_to else set())
    names = store_people.names_of(session, ids) if ids else {}
    assigned = dispute.assigned_to or ""
    return Notes(
        tuple(_line(visit, each, names) for each in found),
        tuple(workers),
        assigned,
        names.get(assigned, say("somebody who left")) if assigned else "",
    )


def _line(visit: Visit, note: CaseNote, names: dict[str, str]) -> NoteLine:
    who = names.get(note.author) or say("somebody who left")
    return NoteLine(note.id, who, note.at, note.text, note.author == visit.by)


def told(session: Session, case: Case, shown: str) -> timeline.Timeline:
    given = {str(entry.details.get("to")) for entry in case.entries if entry.action == "assigned"}
    names = store_people.names_of(session, given) if given else {}
    return timeline.told(case, shown, names=names, steps=store_work.steps_of(session, case.dispute.id))


def present_words(session: Session, visit: Visit, dispute_id: str) -> str:
    """Who else has the case before them now; empty where nobody has."""
    others = store_work.others_here(session, dispute_id, visit.by, visit.now)
    if not others:
        return ""
    names = format_list([each.name for each in others], locale=locale())
    words = say_many("%(names)s is on this case too.", "%(names)s are on this case too.", len(others))
    return words % {"names": names}
