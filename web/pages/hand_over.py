"""Where the desk cannot file: the answer as files, text and a checklist, and marking it as filed."""

from __future__ import annotations

import io
from collections.abc import Callable

from fastapi import APIRouter
from sqlmodel import Session
from starlette.responses import Response as Answer

from disputes import links, store, store_case, store_work
from disputes.acts import ANSWERS
from disputes.knowledge import text_limits
from disputes.phrases import phrase, said_by
from disputes.response import Response
from disputes.roles import Right
from disputes.store import NotFound
from disputes.submission import Refused
from evidence.packet.clean import clean_upload
from evidence.packet.errors import FileRefused
from evidence.packet.images import sniff
from evidence.uploads import read_capped, shown_name
from scheduler import by_hand
from templates.language import say, told
from web import case_view, handed, words
from web.approval import READ_FIRST
from web.case_view import Case
from web.pages.case import BASE
from web.pages.evidence import attachment
from web.pages.moments import day_and_hour, moment
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Reader, Visit, needs

router = APIRouter()
_PROOFS = frozenset({"application/pdf", "image/jpeg", "image/png"})
_NOTE = 600


@router.get(BASE + "/hand-over")
def hand_over(dispute_id: str, visit: AtMerchant, session: Reader) -> Answer:
    return _page(case_view.read(session, visit, dispute_id))


def _page(case: Case, *, wrong: str = "", typed: Callable[[str], str] | None = None, status: int = 200) -> Answer:
    visit, gateway = case.visit, case.dispute.gateway
    day, hour = day_and_hour(visit.now, visit.merchant.zone)
    texts = None if case.manual else text_limits(gateway)
    return page(
        visit,
        "hand_over.html",
        status=status,
        nav="queue",
        case=case,
        head=case_view.headline(case),
        here=links.case(visit.merchant.slug, case.dispute.id),
        response=case.response if case.handable else None,
        version=case.response.sha256 if case.response else "",
        limits=case.limits,
        text_limit=texts.of if texts else None,
        place=told(words.PLACE.get(gateway, words.PLACE["manual"])),
        field_name=words.field_name,
        why_not=_why_not(case),
        wrong=wrong,
        typed=typed or {"filed_day": day, "filed_time": hour}.get,
    )


def _why_not(case: Case) -> list[str]:
    found = []
    if not case.by_hand:
        found.append(say("The desk files at this gateway itself. Approve the answer instead."))
    elif case.live is not None:
        found.append(say("The answer of this round is marked as filed."))
    elif case.building:
        found.append(say("The packet is being built again. It is handed over once that is done."))
    elif case.response is None:
        found.append(say("There is no packet to hand over yet. The case page says what is missing."))
    if case.reads_first:
        found.append(say(READ_FIRST))
    return found


# ---- what is handed over -------------------------------------------------------------------------------------------


def _version(session: Session, visit: Visit, dispute_id: str, sha256: str) -> tuple[Case, Response]:
    """The answer with this hash, if it is one of this case: the one that stands, or one that was filed."""
    case = case_view.read(session, visit, dispute_id)
    filed = (each.response_sha256 for each in case.attempts if each.act in ANSWERS)
    for response in (case.response, *(store_case.response_of(session, each) for each in filed)):
        if response is not None and response.sha256 == sha256:
            return case, response
    raise NotFound(f"no answer {sha256[:10]}")


@router.get(BASE + "/hand-over/{sha256}/files/{number}")
def file(dispute_id: str, sha256: str, number: int, visit: AtMerchant, session: Reader) -> Answer:
    _, response = _version(session, visit, dispute_id, sha256)
    if not 1 <= number <= len(response.files):
        raise NotFound(f"no file {number}")
    found = response.files[number - 1]
    return attachment(_bytes(visit, found.sha256), found.media_type, found.name)


@router.get(BASE + "/hand-over/{sha256}/all.zip")
def everything(dispute_id: str, sha256: str, visit: AtMerchant, session: Reader) -> Answer:
    """Every file, every text and the checklist in one; the same answer gives the same bytes."""
    case, response = _version(session, visit, dispute_id, sha256)
    out = io.BytesIO()
    handed.pack(out, case, response, lambda wanted: _bytes(visit, wanted))
    return attachment(out.getvalue(), "application/zip", f"{case.dispute.external_id}-{sha256[:10]}.zip")


def _bytes(visit: Visit, sha256: str) -> bytes:
    return visit.runtime.files.get(visit.merchant.id, sha256)


# ---- marking as filed ----------------------------------------------------------------------------------------------


@router.post(BASE + "/hand-over", dependencies=[needs(Right.FILE)])
def mark_filed(dispute_id: str, visit: AtMerchant, form: PostedForm) -> Answer:
    """Proof cleaned and stored first, then the rows; a refusal shows the form again and keeps what was typed."""
    with visit.runtime.database.reading() as session:
        store.dispute_of(session, visit.merchant.id, dispute_id)
    try:
        attempt_id = _mark(visit, dispute_id, form)
    except (Invalid, Refused) as error:
        with visit.runtime.database.reading() as session:
            case = case_view.read(session, visit, dispute_id)
            status = 422 if isinstance(error, Invalid) else 409
            return _page(case, wrong=told(said_by(error)), typed=form.again, status=status)
    path = f"{links.case(visit.merchant.slug, dispute_id)}/attempts/{attempt_id}"
    return back_to(path, "marked_filed")


def _mark(visit: Visit, dispute_id: str, form: Posted) -> str:
    filed_at = moment(form, "filed", phrase("When it was filed"), visit.merchant.zone)
    note, shown = form.line("note", _NOTE), form.line("response", 64)
    if not form.ticked("done"):
        raise Invalid(phrase("Tick that the answer was filed."))
    proof = _proof(visit, form)
    with visit.runtime.database.writing() as session:
        dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
        if case_view.read(session, visit, dispute_id).reads_first:
            raise Refused(phrase(READ_FIRST))
        attempt = by_hand.mark_filed(
            visit.runtime, session, dispute,
            response_sha256=shown, filed_at=filed_at, proof=proof, note=note, by=visit.by,
        )  # fmt: skip
        store_work.acted(session, dispute, visit.by, visit.now)
        return attempt.id


def _proof(visit: Visit, form: Posted) -> tuple[str, str] | None:
    """Name and SHA-256 of the cleaned proof; None where none was laid on."""
    given = form.files("proof")
    if not given:
        return None
    if len(given) > 1:
        raise Invalid(say("One file proves the filing; put several pictures into one PDF."))
    name = shown_name(given[0].filename or "")
    try:
        data = read_capped(given[0].file, name)
        if data and sniff(data) not in _PROOFS:
            raise FileRefused(name, "is no PDF, JPEG or PNG file")
        clean = clean_upload(data, name)
    except FileRefused as error:
        refusal = say("%(why)s. Nothing was stored and nothing was marked.")
        raise Invalid(refusal % {"why": error}) from error
    return name, visit.runtime.files.put(visit.merchant.id, clean.data)


@router.get(BASE + "/attempts/{attempt_id}/proof")
def proof(dispute_id: str, attempt_id: str, visit: AtMerchant, session: Reader) -> Answer:
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    attempt = store_case.attempt_of(session, dispute, attempt_id)
    name, sha256 = attempt.read_back.get("proof_name"), attempt.read_back.get("proof_sha256")
    if not name or not sha256:
        raise NotFound("no proof was kept")
    data = _bytes(visit, sha256)
    return attachment(data, sniff(data) or "application/octet-stream", name)
