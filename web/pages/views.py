"""Saving a way of looking at the queue, and taking it away again."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from disputes import store_views
from disputes.roles import Right
from disputes.store_views import TooMany
from templates.language import say
from web import queue_view
from web.view import back_to
from web.visit import AtMerchant, Invalid, PostedForm, Writer, allow, needs

router = APIRouter()
BASE = "/m/{slug}/views"


@router.post(BASE, dependencies=[needs(Right.WORK)])
def save(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    """Under a name, for oneself or, where settings are one's business, for everybody."""
    chosen = queue_view.from_query(visit.merchant.slug, {name: form.line(name, 200) for name in queue_view.NAMES})
    name = form.line("name", 60)
    if not name:
        raise Invalid(say("Give the view a name."))
    shared = form.ticked("shared")
    if shared:
        allow(visit, Right.SETTINGS)
    owner = None if shared else visit.by
    try:
        store_views.save_view(session, visit.merchant.id, owner, name, chosen.kept, now=visit.now)
    except TooMany as error:
        raise Invalid(
            say("There are %(n)s saved views already. Take one away first.") % {"n": store_views.MOST}
        ) from error
    return back_to(chosen.path(), "view_saved")


@router.post(BASE + "/{view_id}/remove", dependencies=[needs(Right.WORK)])
def remove(view_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    view = store_views.view_of(session, visit.merchant.id, visit.by, view_id)
    if view.person_id is None:
        allow(visit, Right.SETTINGS)
    chosen = queue_view.from_query(visit.merchant.slug, view.wanted)
    store_views.remove_view(session, view)
    return back_to(chosen.path(), "view_removed")
