"""Evidence of a case: adding files, taking them out, confirming likely matches, captions and translations."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter, Request
from starlette.datastructures import UploadFile
from starlette.responses import JSONResponse, Response

from disputes import links, store, store_evidence
from disputes.facts import CaseFile
from disputes.knowledge import evidence_items
from disputes.models import Dispute, EvidenceItem
from disputes.phrases import phrase, said_by
from disputes.ports import Gathered
from disputes.roles import Right
from disputes.store import NotFound
from disputes.store_audit import record, take_turn
from evidence.packet.errors import FileRefused
from evidence.uploads import Telling, read_capped, read_uploads
from templates.language import say, say_many, told
from web.case_item import SMALL, picture_of
from web.pages.case import BASE, change, rebuild
from web.security import INERT
from web.undo import back_with_undo
from web.view import back_to
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Visit, Writer, needs

router = APIRouter()
SOURCE, TITLE = "upload", phrase("Merchant's own file")
_WORK = [needs(Right.WORK)]


@router.post(BASE + "/evidence", dependencies=_WORK)
def upload(dispute_id: str, request: Request, visit: AtMerchant, form: PostedForm) -> Response:
    """Files of one form: all of them, or none and why. A script sends each file by itself and asks for JSON."""
    by_script = "application/json" in request.headers.get("accept", "")
    try:
        rows = _upload(visit, dispute_id, form)
    except Invalid as error:
        if by_script:
            return JSONResponse({"refused": told(said_by(error))}, status_code=422)
        raise
    here = links.case(visit.merchant.slug, dispute_id)
    if not by_script:
        return back_to(here, "uploaded", "evidence")
    words = say_many("Stored: it is on the case.", "Stored: %(n)s pieces are on the case.", len(rows))
    picture = next((found for row in rows if (found := picture_of(row, here, SMALL))), "")
    return JSONResponse({"stored": [row.id for row in rows], "words": words % {"n": len(rows)}, "picture": picture})


def _upload(visit: Visit, dispute_id: str, form: PostedForm) -> list[EvidenceItem]:
    """Read and clean, then store the bytes, then the rows: three short steps, nothing half done."""
    item = form.line("item", 60)
    if item not in evidence_items():
        raise Invalid(say("Choose what the files show."))
    files = form.files("files")
    if not files:
        raise Invalid(say("No file was chosen."))
    with visit.runtime.database.reading() as session:
        dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
        case = store_evidence.case_file(store_evidence.items_of(session, dispute.id), dispute.order_ref)
    numbers = {each.order_ref for each in case.orders} | {each.tracking_number for each in case.shipments}
    gathered = _all_gathered(visit, dispute, numbers, files, item, _telling(visit, dispute, case, form))
    stored = [(each, visit.runtime.files.put(dispute.merchant_id, each.data)) for each in gathered]
    caption = form.line("caption", 1000) or None
    rows = []
    with visit.runtime.database.writing() as session:
        take_turn(session, visit.merchant.id)
        dispute, current = change(visit, session, dispute_id)
        for each, sha256 in stored:
            row = store_evidence.upsert(
                session, dispute, each, source=SOURCE, source_title=TITLE, sha256=sha256, now=visit.now
            )
            row.caption, row.withdrawn_at = caption or row.caption, None
            session.add(row)
            _note(visit, session, dispute, "uploaded", row)
            rows.append(row)
        rebuild(visit, session, dispute, current)
    return rows


def _all_gathered(
    visit: Visit, dispute: Dispute, numbers: set[str], files: list[UploadFile], item: str, telling: Telling
) -> list[Gathered]:
    """Every file of the form; where some are refused, each of those is named with its reason and nothing is kept."""
    found: list[Gathered] = []
    refused: list[str] = []
    for file in files:
        try:
            found += _gathered(visit, dispute, numbers, file, item, telling)
        except FileRefused as error:
            refused.append(told(said_by(error)).rstrip("."))
    if refused:
        kept = say("Nothing was stored.") if len(files) == 1 else say("Nothing was stored, of the other files neither.")
        raise Invalid(" ".join([*(f"{each}." for each in refused), kept]))
    return found


def _telling(visit: Visit, dispute: Dispute, case: CaseFile, form: PostedForm) -> Telling:
    """What the form says about an exported conversation: whose name is the shop's, and which number is the day."""
    order = form.line("date_order", 20)
    placed = [each.placed_at for each in case.orders] or ([case.payment.paid_at] if case.payment else [])
    return Telling(
        own_names=(visit.merchant.name, form.line("chat_name", 100)),
        dates="day_first" if order == "day_first" else "month_first" if order == "month_first" else None,
        customer=dispute.customer_name,
        placed_at=min(placed, default=None),
    )


def _gathered(
    visit: Visit, dispute: Dispute, numbers: set[str], file: UploadFile, item: str, telling: Telling
) -> tuple[Gathered, ...]:
    name = file.filename or ""
    return read_uploads(
        read_capped(file.file, name),
        name,
        item=item,
        zone=visit.merchant.zone,
        own=visit.merchant.own_addresses,
        now=visit.now,
        telling=telling,
        order_ref=dispute.order_ref,
        allowed=numbers,
    )


@router.get(BASE + "/evidence/{item_id}/file")
def download(dispute_id: str, item_id: str, visit: AtMerchant, session: Reader) -> Response:
    item = _item(session, store.dispute_of(session, visit.merchant.id, dispute_id), item_id)
    data = visit.runtime.files.get(visit.merchant.id, item.sha256)
    return attachment(data, item.media_type, item.name or item.id)


def attachment(data: bytes, media_type: str, name: str) -> Response:
    """Never shown in the browser: foreign bytes are only ever saved."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)[:120] or "file"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:120], safe='')}"
    headers = {"content-disposition": disposition, "content-security-policy": INERT}
    return Response(data, media_type=media_type, headers=headers)


@router.post(BASE + "/evidence/{item_id}/withdraw", dependencies=_WORK)
def withdraw(dispute_id: str, item_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    item = _item(session, dispute, item_id)
    item.withdrawn_at = visit.now
    session.add(item)
    _note(visit, session, dispute, "withdrawn", item)
    rebuild(visit, session, dispute, current)
    return back_with_undo(links.case(visit.merchant.slug, dispute_id), "withdrawn", item.id, "evidence")


@router.post(BASE + "/evidence/{item_id}/restore", dependencies=_WORK)
def restore(dispute_id: str, item_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Put back what was taken out."""
    dispute, current = change(visit, session, dispute_id)
    item = _item(session, dispute, item_id)
    item.withdrawn_at = None
    session.add(item)
    _note(visit, session, dispute, "restored", item)
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "restored", f"e-{item.id}")


@router.post(BASE + "/evidence/{item_id}/confirm", dependencies=_WORK)
def confirm(dispute_id: str, item_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """A likely match becomes evidence once a person says that it belongs here."""
    dispute, current = change(visit, session, dispute_id)
    item = _item(session, dispute, item_id)
    item.confirmed_by = visit.by
    session.add(item)
    _note(visit, session, dispute, "confirmed", item)
    rebuild(visit, session, dispute, current)
    return back_with_undo(links.case(visit.merchant.slug, dispute_id), "confirmed", item.id, f"e-{item.id}")


@router.post(BASE + "/evidence/{item_id}/unconfirm", dependencies=_WORK)
def unconfirm(dispute_id: str, item_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Take a confirmation back: what the source is sure of itself stays evidence."""
    dispute, current = change(visit, session, dispute_id)
    item = _item(session, dispute, item_id)
    item.confirmed_by = None
    session.add(item)
    _note(visit, session, dispute, "unconfirmed", item)
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "unconfirmed", f"e-{item.id}")


@router.post(BASE + "/evidence/{item_id}/words", dependencies=_WORK)
def give_words(dispute_id: str, item_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Caption and translation, the merchant's own words and marked as theirs."""
    dispute, current = change(visit, session, dispute_id)
    item = _item(session, dispute, item_id)
    if "caption" in form.names():
        item.caption = form.line("caption", 1000) or None
    translation = form.text("translation", 20_000) or None
    if translation != item.translation:
        item.translation, item.translated_by = translation, visit.by if translation else None
    session.add(item)
    _note(visit, session, dispute, "words_given", item)
    rebuild(visit, session, dispute, current)
    anchor = f"m-{item.id}" if item.fact_type == "message" else f"e-{item.id}"
    return back_to(links.case(visit.merchant.slug, dispute_id), "words_saved", anchor)


def _item(session: Reader, dispute: Dispute, item_id: str) -> EvidenceItem:
    item = store_evidence.item_of(session, dispute, item_id)
    if item is None:
        raise NotFound(f"no evidence item {item_id}")
    return item


def _note(visit: Visit, session: Writer, dispute: Dispute, action: str, item: EvidenceItem) -> None:
    details = {"item": item.id, "sha256": item.sha256}
    record(session, visit.merchant.id, at=visit.now, actor=visit.by, action=action, subject=dispute.id, details=details)
