"""Editing the letter: leave a sentence out, put own words in its place, add a paragraph, take that back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import HTMLResponse, Response

from disputes import links
from disputes.models import Dispute, Round
from disputes.roles import Right
from evidence.editing import ADDED, Clash, Said, Wish, merge, undone
from evidence.letter import LetterEdits, unfinished
from templates.language import say
from web import case_page, case_view, changes
from web.pages.case import BASE, change, note, rebuild
from web.view import back_to
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Visit, Writer, needs

router = APIRouter()
_LONGEST = 4000


@router.post(BASE + "/letter", dependencies=[needs(Right.WORK)])
def save_letter(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Every sentence carries what its form had seen of it; one that changed meanwhile is shown, not overwritten."""
    dispute, current = change(visit, session, dispute_id)
    since = changes.last_seq(case_view.read(session, visit, dispute_id))
    try:
        wishes = read_wishes(form)
    except Invalid as error:
        if not _quick(visit):
            raise
        return _status(visit, session, dispute_id, wrong=str(error))
    now = LetterEdits.model_validate(current.letter_edits or {})
    merged, clashes = merge(now, wishes)
    if clashes:
        return _both(visit, session, dispute_id, wishes, clashes)
    if merged != now:
        current.letter_edits = merged.model_dump(mode="json")
        _noted(visit, session, dispute, current, merged)
        rebuild(visit, session, dispute, current)
    if not _quick(visit):
        return back_to(links.case(visit.merchant.slug, dispute_id), "letter_saved", "letter")
    found = case_view.read(session, visit, dispute_id)
    return case_page.follow(found, since, first="letter_saved.html", shown=[each.id for each in wishes])


@router.post(BASE + "/letter/undo", dependencies=[needs(Right.WORK)])
def undo(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """The last change of the letter taken back, if it is still the one that was looked at."""
    dispute, current = change(visit, session, dispute_id)
    since = changes.last_seq(case_view.read(session, visit, dispute_id))
    now = LetterEdits.model_validate(current.letter_edits or {})
    if form.line("version", 64) != now.version:
        return _both(visit, session, dispute_id, (), ())
    before = undone(now)
    current.letter_edits = before.model_dump(mode="json")
    _noted(visit, session, dispute, current, before)
    rebuild(visit, session, dispute, current)
    if not _quick(visit):
        return back_to(links.case(visit.merchant.slug, dispute_id), "letter_saved", "letter")
    return case_page.follow(case_view.read(session, visit, dispute_id), since, first="letter.html")


def read_wishes(form: Posted) -> list[Wish]:
    """`seen:<id>` names every sentence the form showed and how it stood, `keep:<id>` the ticked ones, `own:<id>` own
    words. A form that does not say what it saw has seen the letter as the desk writes it."""
    shown = [name.removeprefix("seen:") for name in form.names() if name.startswith("seen:")]
    wishes = [
        Wish(id=id, seen=form.line(f"seen:{id}", 64), said=Said(kept=form.ticked(f"keep:{id}"), own=own))
        for id in shown
        if id != ADDED
        for own in [form.text(f"own:{id}", _LONGEST)]
    ]
    if ADDED in form.names():
        own = form.text(ADDED, _LONGEST)
        wishes.append(Wish(id=ADDED, seen=form.line(f"seen:{ADDED}", 64) or Said().mark, said=Said(own=own)))
    for wish in wishes:
        if (left := unfinished(wish.said.own)) is not None:
            words = say("A placeholder is left in your words: “%(mark)s”. Fill it in or take it out.")
            raise Invalid(words % {"mark": left})
    return wishes


def _quick(visit: Visit) -> bool:
    """Asked by a part of the page that stays where it is."""
    return visit.request.headers.get("hx-request") == "true"


def _both(
    visit: Visit, session: Writer, dispute_id: str, wishes: list[Wish] | tuple[()], clashes: tuple[Clash, ...]
) -> Response:
    """What was typed and what stands, beside each other; nothing was changed.

    To a part of the page it is an answer like any other, so that no browser logs it as a failure.
    """
    found = case_view.read(session, visit, dispute_id)
    if not _quick(visit):
        return case_page.show(session, found, wishes=wishes, clashes=clashes, status=409)
    answer = case_page.part(found, "letter.html", **case_page.letter_again(found, wishes, clashes))
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#letter-part", "outerHTML"
    return answer


def _status(visit: Visit, session: Writer, dispute_id: str, *, wrong: str) -> HTMLResponse:
    found = case_view.read(session, visit, dispute_id)
    return case_page.part(found, "letter_status.html", wrong=wrong)


def _noted(visit: Visit, session: Writer, dispute: Dispute, current: Round, edits: LetterEdits) -> None:
    session.add(current)
    told: dict[str, object] = {
        "dropped": len(edits.dropped), "replaced": len(edits.replaced), "added": len(edits.added),
    }  # fmt: skip
    note(visit, session, dispute, "letter_edited", told)
