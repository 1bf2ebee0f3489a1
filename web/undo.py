"""Taking back what was just done: the note after a form carries a button that does the opposite."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from starlette.responses import RedirectResponse, Response

from disputes import links
from web.visit import Visit

_ID = re.compile(r"[a-z]{3}_[0-9a-f]{6,36}|nobody")
_OPPOSITE = {
    "withdrawn": "evidence/{of}/restore",
    "confirmed": "evidence/{of}/unconfirm",
    "note_deleted": "notes/{of}/restore",
    "assigned": "assign",
}
"""By the note's name: where its opposite is sent to, under the case."""


@dataclass(frozen=True, slots=True)
class Undo:
    """A form of one button."""

    path: str
    fields: dict[str, str] = field(default_factory=dict)


def undo(visit: Visit, dispute_id: str, note: str, of: str) -> Undo | None:
    """What takes back the act of this note, done to the thing (or the person before) `of`; None where nothing does."""
    opposite = _OPPOSITE.get(note)
    if opposite is None or not _ID.fullmatch(of) or not visit.may("work"):
        return None
    path = f"{links.case(visit.merchant.slug, dispute_id)}/{opposite.format(of=of)}"
    return Undo(path, {"person": of} if note == "assigned" else {})


def asked_undo(visit: Visit, dispute_id: str) -> Undo | None:
    """The same for a page that was reached by `back_with_undo`."""
    asked = visit.request.query_params
    return undo(visit, dispute_id, asked.get("note", ""), asked.get("undo", ""))


def back_with_undo(path: str, note: str, of: str, anchor: str = "") -> Response:
    """After a form: 303 with the note by its name and the thing it was done to by its id."""
    return RedirectResponse(f"{path}?note={note}&undo={of}{'#' + anchor if anchor else ''}", status_code=303)
