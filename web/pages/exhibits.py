"""The order of the exhibits: one up, one down, all as dragged, or the desk's own again."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links
from disputes.roles import Right
from disputes.store import Stale
from templates.language import say
from web import case_page, case_view, changes
from web.case_packet import moved, order_mark, shown_exhibits
from web.pages.case import BASE, change, note, rebuild
from web.view import back_to
from web.visit import AtMerchant, Invalid, Posted, PostedForm, Writer, needs

router = APIRouter()
_STEPS = {"up": -1, "down": 1}


@router.post(BASE + "/exhibits", dependencies=[needs(Right.WORK)])
def order_exhibits(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """`seen` names the order that was looked at: where it is another by now, nothing is moved."""
    dispute, current = change(visit, session, dispute_id)
    found = case_view.read(session, visit, dispute_id)
    since, quick = changes.last_seq(found), visit.request.headers.get("hx-request") == "true"
    keys = [each.key for each in shown_exhibits(found, found.letter)]
    if form.line("seen", 64) != order_mark(keys):
        if not quick:
            raise Stale(f"the exhibits of {dispute.external_id} were moved meanwhile")
        return case_page.part(found, "exhibits.html", meanwhile=True)
    order, touched = _wanted(form, keys)
    if (order if touched else []) != current.exhibit_order:
        current.exhibit_order = order if touched else []
        session.add(current)
        note(visit, session, dispute, "exhibits_ordered", {"order": current.exhibit_order})
        rebuild(visit, session, dispute, current)
    if not quick:
        return back_to(links.case(visit.merchant.slug, dispute_id), "exhibits_ordered", "exhibits")
    return case_page.follow(case_view.read(session, visit, dispute_id), since, first="exhibits.html")


def _wanted(form: Posted, keys: list[str]) -> tuple[list[str], bool]:
    """The order asked for; False: the desk's own."""
    if form.line("own", 10) == "no":
        return [], False
    dragged = form.all("order")
    if dragged:
        if sorted(dragged) != sorted(keys):
            raise Invalid(say("These are not the exhibits of this case."))
        return dragged, True
    direction, _, key = form.line("move", 200).partition(":")
    if direction not in _STEPS or key not in keys:
        raise Invalid(say("There is no such exhibit in this case any more."))
    return moved(keys, key, _STEPS[direction]), True
