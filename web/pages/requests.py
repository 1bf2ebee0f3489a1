"""Asking somebody outside for a missing document, and withdrawing the question, on the case."""

from __future__ import annotations

from datetime import time

from fastapi import APIRouter
from starlette.responses import Response

from disputes import links, store, store_requests, store_work
from disputes.phrases import phrase
from disputes.requests import TooLate
from disputes.roles import Right
from scheduler import requests
from scheduler.requests import ROLES, Question
from templates import asking
from templates.language import say, say_many
from web.pages.case import BASE, change
from web.pages.letterhead import email_address
from web.pages.moments import moment
from web.view import back_to
from web.visit import AtMerchant, Invalid, PostedForm, Visit, Writer, needs

router = APIRouter()
_END_OF_DAY = time(23, 59)


@router.post(BASE + "/ask", dependencies=[needs(Right.WORK)])
def ask(dispute_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute, _ = change(visit, session, dispute_id)
    try:
        requests.ask(visit.runtime, session, dispute, _question(form, visit), by=visit.by)
    except TooLate as error:
        hours = visit.merchant.cut_off_hours
        words = say_many(
            "Nobody was asked: too little time is left for an answer. It ends %(n)s hour before the case's deadline.",
            "Nobody was asked: too little time is left for an answer. It ends %(n)s hours before the case's deadline.",
            hours,
        )
        raise Invalid(words % {"n": hours}) from error
    return back_to(links.case(visit.merchant.slug, dispute_id), "asked", "asked")


def _question(form: PostedForm, visit: Visit) -> Question:
    item, role, language = form.line("item", 60), form.line("role", 20), form.line("language", 5)
    if item not in asking.askable():
        raise Invalid(say("Choose what is needed."))
    if role not in ROLES or language not in asking.languages():
        raise Invalid(say("Choose who is asked, and in which language."))
    return Question(
        item=item,
        recipient=email_address(form.line("recipient", 254)),
        recipient_name=form.line("recipient_name", 120),
        role=role,
        language=language,
        words=form.text("words", 1000),
        until=moment(form, "until", phrase("By when"), visit.merchant.zone, at=_END_OF_DAY),
    )


@router.post(BASE + "/ask/{request_id}/cancel", dependencies=[needs(Right.WORK)])
def cancel(dispute_id: str, request_id: str, visit: AtMerchant, form: PostedForm, session: Writer) -> Response:
    dispute = store.dispute_of(session, visit.merchant.id, dispute_id)
    asked = next((each for each in store_requests.of_case(session, dispute.id) if each.id == request_id), None)
    if asked is None or not requests.cancel(visit.runtime, session, asked, by=visit.by):
        raise Invalid(say("This question is over already: it was answered, withdrawn, or its time is over."))
    store_work.acted(session, dispute, visit.by, visit.now)
    return back_to(links.case(visit.merchant.slug, dispute_id), "ask_cancelled", "asked")
