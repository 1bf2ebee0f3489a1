"""Notes on a case, and who works on it. A script gets the part of the page that changed, a form the whole case."""

from __future__ import annotations

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response

from disputes import links, store, store_work
from disputes.models import Dispute
from disputes.roles import Right
from evidence.redaction import mask
from templates.language import say
from web.case_parts import notes_of
from web.notes import note_words
from web.pages.case import BASE
from web.undo import back_with_undo, undo
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, PostedForm, Visit, Writer, needs

router = APIRouter()
_WORK = [needs(Right.WORK)]
NOBODY, ME = "nobody", "me"


@router.post(BASE + "/notes", dependencies=_WORK)
def write(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    text = form.text("text", 4000)
    if not text:
        raise Invalid(say("The note is empty. Write something into it."))
    own = [each for each in (dispute.order_ref, dispute.payment_id, dispute.external_id) if each]
    store_work.add_note(session, dispute, mask(text, own).text, by=visit.by, now=visit.now)
    return _answer(visit, session, dispute, "noted")


@router.post(BASE + "/notes/{note_id}/delete", dependencies=_WORK)
def delete(dispute_id: str, note_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    store_work.delete_note(session, dispute, note_id, by=visit.by, now=visit.now)
    return _answer(visit, session, dispute, "note_deleted", note_id)


@router.post(BASE + "/notes/{note_id}/restore", dependencies=_WORK)
def restore(dispute_id: str, note_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    store_work.restore_note(session, dispute, note_id, by=visit.by, now=visit.now)
    return _answer(visit, session, dispute, "note_restored")


@router.post(BASE + "/assign", dependencies=_WORK)
def assign(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """To a member by id, to "me", or to "nobody"."""
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    given = form.line("person", 40)
    if not given:
        raise Invalid(say("Choose who works on the case."))
    person = None if given == NOBODY else visit.by if given == ME else given
    before = store_work.assign(session, visit.merchant.id, [dispute.id], person, by=visit.by, now=visit.now)
    session.refresh(dispute)
    if dispute.id not in before:
        return _answer(visit, session, dispute, "assigned_already")
    return _answer(visit, session, dispute, "assigned", before[dispute.id] or NOBODY)


def _answer(visit: Visit, session: Session, dispute: Dispute, note: str, of: str = "") -> Response:
    """`of`: the thing it was done to, or who had the case before: what taking it back needs."""
    store_work.acted(session, dispute, visit.by, visit.now)
    here = links.case(visit.merchant.slug, dispute.id)
    if not visit.request.headers.get("hx-request"):
        return back_with_undo(here, note, of, "notes") if of else back_to(here, note, "notes")
    session.flush()
    return page(
        visit,
        "case/notes.html",
        here=here,
        dispute=dispute,
        notes=notes_of(session, visit, dispute),
        notes_said=note_words(note),
        notes_undo=undo(visit, dispute.id, note, of),
    )
