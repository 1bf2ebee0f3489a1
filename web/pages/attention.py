"""How long a case is before somebody, and who else is on it now: asked by the page while it is in sight."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import PlainTextResponse, Response

from disputes import store, store_work
from disputes.roles import Right
from web.case_parts import present_words
from web.pages.case import BASE
from web.visit import AtMerchant, PostedForm, Writer, needs

router = APIRouter()


@router.post(BASE + "/seen", dependencies=[needs(Right.SEE)])
def seen(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Counts the seconds since the last ping; the answer says in words who else is here, or nothing."""
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    store_work.ping(session, dispute, visit.by, visit.now)
    return PlainTextResponse(present_words(session, visit, dispute.id))
