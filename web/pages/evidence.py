"""Evidence of a case: adding files, taking them out, confirming likely matches, captions and translations."""

from __future__ import annotations

from urllib.parse import quote

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.responses import Response

from disputes import links, store, store_evidence
from disputes.facts import CaseFile
from disputes.files import FileMissing
from disputes.knowledge import evidence_items
from disputes.models import Dispute, EvidenceItem
from disputes.ports import Gathered
from disputes.store import NotFound
from disputes.store_audit import record
from evidence.packet.errors import FileRefused
from evidence.uploads import Telling, read_capped, read_uploads
from web.pages.case import BASE, change, rebuild
from web.view import back_to
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Visit, Writer

router = APIRouter()
SOURCE, TITLE = "upload", "Merchant's own file"


@router.post(BASE + "/evidence")
def upload(dispute_id: str, visit: AtMerchant, form: PostedForm) -> Response:
    """Read and clean, then store the bytes, then the rows: three short steps, nothing half done."""
    item = form.line("item", 60)
    if item not in evidence_items():
        raise Invalid("Choose what the files show.")
    files = form.files("files")
    if not files:
        raise Invalid("No file was chosen.")
    with visit.runtime.database.reading() as session:
        dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
        case = store_evidence.case_file(store_evidence.items_of(session, dispute.id), dispute.order_ref)
    numbers = {each.order_ref for each in case.orders} | {each.tracking_number for each in case.shipments}
    telling = _telling(visit, dispute, case, form)
    gathered = [each for file in files for each in _gathered(visit, dispute, numbers, file, item, telling)]
    stored = [(each, visit.runtime.files.put(dispute.merchant_id, each.data)) for each in gathered]
    caption = form.line("caption", 1000) or None
    with visit.runtime.database.writing() as session:
        dispute, current = change(visit, session, dispute_id)
        for each, sha256 in stored:
            row = store_evidence.upsert(
                session, dispute, each, source=SOURCE, source_title=TITLE, sha256=sha256, now=visit.now
            )
            row.caption, row.withdrawn_at = caption or row.caption, None
            session.add(row)
            _note(visit, session, dispute, "uploaded", row)
        rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "uploaded", "evidence")


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
    try:
        data = read_capped(file.file, name)
        return read_uploads(
            data,
            name,
            item=item,
            zone=visit.merchant.zone,
            own=visit.merchant.own_addresses,
            now=visit.now,
            telling=telling,
            order_ref=dispute.order_ref,
            allowed=numbers,
        )
    except FileRefused as error:
        said = str(error).rstrip(".")
        raise Invalid(f"{said}. Nothing was stored, of the other files neither.") from error


@router.get(BASE + "/evidence/{item_id}/file")
def download(dispute_id: str, item_id: str, visit: AtMerchant, session: Reader) -> Response:
    item = _item(session, store.dispute_of(session, visit.merchant.id, dispute_id), item_id)
    try:
        data = visit.runtime.files.get(visit.merchant.id, item.sha256)
    except FileMissing as error:
        raise NotFound(str(error)) from error
    return attachment(data, item.media_type, item.name or item.id)


def attachment(data: bytes, media_type: str, name: str) -> Response:
    """Never shown in the browser: foreign bytes are only ever saved."""
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in name)[:120] or "file"
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name[:120], safe='')}"
    headers = {"content-disposition": disposition, "content-security-policy": "sandbox"}
    return Response(data, media_type=media_type, headers=headers)


@router.post(BASE + "/evidence/{item_id}/withdraw")
def withdraw(dispute_id: str, item_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, current = change(visit, session, dispute_id)
    item = _item(session, dispute, item_id)
    item.withdrawn_at = visit.now
    session.add(item)
    _note(visit, session, dispute, "withdrawn", item)
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "withdrawn", "evidence")


@router.post(BASE + "/evidence/{item_id}/confirm")
def confirm(dispute_id: str, item_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """A likely match becomes evidence once a person says that it belongs here."""
    dispute, current = change(visit, session, dispute_id)
    item = _item(session, dispute, item_id)
    item.confirmed_by = visit.by
    session.add(item)
    _note(visit, session, dispute, "confirmed", item)
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "confirmed", "evidence")


@router.post(BASE + "/evidence/{item_id}/words")
def say(dispute_id: str, item_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Caption and translation, the merchant's own words and marked as theirs."""
    dispute, current = change(visit, session, dispute_id)
    item = _item(session, dispute, item_id)
    item.caption = form.line("caption", 1000) or None
    translation = form.text("translation", 20_000) or None
    if translation != item.translation:
        item.translation, item.translated_by = translation, visit.by if translation else None
    session.add(item)
    _note(visit, session, dispute, "words_given", item)
    rebuild(visit, session, dispute, current)
    return back_to(links.case(visit.merchant.slug, dispute_id), "words_saved", "evidence")


def _item(session: Reader, dispute: Dispute, item_id: str) -> EvidenceItem:
    item = store_evidence.item_of(session, dispute, item_id)
    if item is None:
        raise NotFound(f"no evidence item {item_id}")
    return item


def _note(visit: Visit, session: Writer, dispute: Dispute, action: str, item: EvidenceItem) -> None:
    details = {"item": item.id, "sha256": item.sha256}
    record(session, visit.merchant.id, at=visit.now, actor=visit.by, action=action, subject=dispute.id, details=details)
