"""The timeline of a case by itself: for a script that filters it; without one the case page does."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import RedirectResponse, Response

from disputes import links
from web import case_view
from web.case_parts import told
from web.pages.case import BASE
from web.timeline import SIDES
from web.view import page
from web.visit import AtMerchant, Reader

router = APIRouter()


@router.get(BASE + "/timeline")
def filtered(dispute_id: str, visit: AtMerchant, session: Reader, show: str = "") -> Response:
    here = links.case(visit.merchant.slug, dispute_id)
    show = show if show in SIDES else ""
    if not visit.request.headers.get("hx-request"):
        return RedirectResponse(f"{here}?show={show}#timeline", status_code=303)
    case = case_view.read(session, visit, dispute_id)
    return page(visit, "case/timeline.html", here=here, told=told(session, case, show), case=case)
