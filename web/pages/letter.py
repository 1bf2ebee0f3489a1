"""Editing the letter: leave a sentence out, put own words in its place, add a paragraph."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links
from disputes.store_audit import record
from evidence.letter import LetterEdits, unfinished
from web.pages.case import BASE, change, rebuild
from web.view import back_to
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Writer

router = APIRouter()
_LONGEST = 4000


@router.post(BASE + "/letter")
def save_letter(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    edits = read_edits(form)
    dispute, current = change(visit, session, dispute_id)
    current.letter_edits = edits.model_dump(mode="json")
    session.add(current)
    record(
        session,
        visit.merchant.id,
        at=visit.now,
        actor=visit.by,
        action="letter_edited",
        subject=dispute.id,
        details={"dropped": len(edits.dropped), "replaced": len(edits.replaced), "added": len(edits.added)},
    )
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "letter_saved", "letter")


def read_edits(form: Posted) -> LetterEdits:
    """`seen:<id>` names every sentence the form showed, `keep:<id>` the ticked ones, `own:<id>` own words."""
    shown = [name.removeprefix("seen:") for name in form.names() if name.startswith("seen:")]
    dropped = frozenset(name for name in shown if not form.ticked(f"keep:{name}"))
    replaced = {name: own for name in shown if (own := form.text(f"own:{name}", _LONGEST))}
    added = tuple(part.strip() for part in form.text("added", _LONGEST).split("\n\n") if part.strip())
    for text in (*replaced.values(), *added):
        if (left := unfinished(text)) is not None:
            raise Invalid(f"A placeholder is left in your words: “{left}”. Fill it in or take it out.")
    return LetterEdits(dropped=dropped, replaced=replaced, added=added)
