"""The checklist of the first run: on the queue until it is done, and a page of its own to come back to."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store_welcome
from disputes.roles import Right
from templates.language import say
from web import first_run
from web.view import back_to, page
from web.visit import AtMerchant, Invalid, PostedForm, Reader, Writer, needs

router = APIRouter()
BASE = "/m/{slug}/welcome"
_STEPS = ("gateway", "sources", "letterhead", "digest", "second_factor", "answered", first_run.ALL)


@router.get(BASE, dependencies=[needs(Right.SEE)])
def welcome(visit: AtMerchant, session: Reader) -> Response:
    return page(visit, "welcome.html", nav="queue", checklist=first_run.checklist(visit, session))


@router.post(BASE + "/skip", dependencies=[needs(Right.SETTINGS)])
def skip(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    step = form.line("step", 20)
    if step not in _STEPS:
        raise Invalid(say("The checklist has no such step."))
    store_welcome.say_done(session, visit.merchant, step)
    if step == first_run.ALL:
        return back_to(links.queue(visit.merchant.slug), "welcome_over")
    return back_to(links.welcome(visit.merchant.slug))


@router.post(BASE + "/again", dependencies=[needs(Right.SETTINGS)])
def again(visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    store_welcome.take_up(session, visit.merchant)
    return back_to(links.welcome(visit.merchant.slug))
