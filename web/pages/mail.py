"""The correspondence of a case whole, and single messages as they were sent."""

from __future__ import annotations

from datetime import UTC

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from disputes import links, store, store_evidence
from disputes.models import EvidenceItem
from disputes.store import NotFound
from evidence.mail.original import Original, Part, original
from evidence.mail.parts import TooMuch
from templates.language import say
from web import case_mail, case_view
from web.pages.case import BASE
from web.security import INERT
from web.view import bare, page
from web.visit import AtMerchant, Reader

router = APIRouter()
_AS_TEXT = 512 * 1024
"""Signs of a record of another kind that are shown; the whole of it can be saved."""


@router.get(BASE + "/messages")
def messages(dispute_id: str, visit: AtMerchant, session: Reader) -> Response:
    """Every message, in full length."""
    case = case_view.read(session, visit, dispute_id)
    return page(
        visit,
        "messages.html",
        nav="queue",
        case=case,
        mail=case_mail.letters_of(case, whole=True),
        here=links.case(visit.merchant.slug, dispute_id),
    )


@router.get(BASE + "/messages/{item_id}/original")
def as_sent(dispute_id: str, item_id: str, visit: AtMerchant) -> Response:
    """The stored message on a page of its own, under a policy by which nothing on it can run or load anything."""
    with visit.runtime.database.reading() as session:
        item = store_evidence.item_of(session, store.dispute_of(session, visit.merchant.id, dispute_id), item_id)
    if item is None or item.fact_type != "message":
        raise NotFound(f"no message {item_id}")
    found = _original(item, visit.runtime.files.get(visit.merchant.id, item.sha256))
    answer = bare(
        visit.request,
        "case/original.html",
        found=found,
        item=item,
        # Sanitised where it was read: the only words of a stranger's that are not escaped.
        trusted=Markup,
        at=item.taken_at.astimezone(UTC),
        here=links.case(visit.merchant.slug, dispute_id),
    )
    answer.headers["content-security-policy"] = INERT
    return answer


def _original(item: EvidenceItem, data: bytes) -> Original:
    if item.media_type != "message/rfc822":
        return Original((), (Part(text=data[: 4 * _AS_TEXT].decode("utf-8", "replace")[:_AS_TEXT]),))
    try:
        return original(data)
    except TooMuch as error:
        return Original((), (Part(text=say("This message %(why)s. Save the file to read it.") % {"why": error}),))
