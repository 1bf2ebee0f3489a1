"""Taking an invitation: with an account that is there, or by making one."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter, Request
from sqlalchemy.exc import IntegrityError
from starlette.responses import Response

from disputes import links, store_team
from disputes.ids import new_id
from disputes.models import Invitation, Merchant, Person
from disputes.signed_token import known_hash
from disputes.store_people import Denied
from scheduler.access import INVITED
from templates.language import say, spoken
from web import passwords, role_words
from web.security import sends_in_the_clear
from web.view import back_to, bare, problem
from web.visit import Forbidden, Invalid, Posted, RawForm, runtime_of

router = APIRouter()


class _Gone(Exception):
    """The link is good for nothing (any more)."""


@router.get("/invited/{token}")
def invited_page(token: str, request: Request) -> Response:
    try:
        return _form(request, token, *_opened(request, token))
    except _Gone:
        return _over(request)


@router.post("/invited/{token}")
def take(token: str, request: Request, raw: RawForm) -> Response:
    """Who has an account joins with it and signs in; the link alone signs nobody in."""
    if sends_in_the_clear(request):
        raise Forbidden(say("This page came over plain HTTP from another machine, so no password is taken here."))
    now = runtime_of(request).clock.now()
    try:
        invitation, merchant, person = _opened(request, token)
        try:
            joining = person or _made(Posted(raw), invitation, str(raw.get("password", "")), now)
        except Invalid as error:
            return _form(request, token, invitation, merchant, None, wrong=str(error), typed=Posted(raw))
        with runtime_of(request).database.writing() as session:
            if not store_team.take(session, invitation, joining, now):
                return _over(request)
    except (_Gone, Denied):
        return _over(request)
    except IntegrityError:
        # The same address joined another shop in the same moment: now it has an account.
        return back_to(links.invited(token))
    return back_to(links.sign_in(), "joined")


def _opened(request: Request, token: str) -> tuple[Invitation, Merchant, Person | None]:
    """A made-up token is told by its signature, and never asks the database."""
    runtime = runtime_of(request)
    hashed = known_hash(runtime.vault, INVITED, token)
    if hashed is None:
        raise _Gone
    with runtime.database.reading() as session:
        found = store_team.opened(session, hashed, runtime.clock.now())
    if found is None:
        raise _Gone
    return found


def _made(form: Posted, invitation: Invitation, password: str, now: datetime) -> Person:
    name = form.line("name", 120)
    if not name:
        raise Invalid(say("Your name is missing; what you do is recorded under it."))
    why = passwords.weak(password, name, invitation.email)
    if why:
        raise Invalid(why)
    hashed = passwords.hash_password(password)
    return Person(
        id=new_id("per"), email=invitation.email, name=name, password_hash=hashed, language=spoken(), created_at=now
    )


def _form(
    request: Request,
    token: str,
    invitation: Invitation,
    merchant: Merchant,
    person: Person | None,
    *,
    wrong: str = "",
    typed: Posted | None = None,
) -> Response:
    title, says = next(
        (words for role, words in role_words.ROLES.items() if role == invitation.role), (invitation.role, "")
    )
    return bare(
        request,
        "invited.html",
        status=422 if wrong else 200,
        link=links.invited(token),
        shop=merchant.name,
        email=invitation.email,
        role=say(title),
        role_says=say(says),
        known=person is not None,
        typed_name=typed.again("name") if typed else "",
        shortest=passwords.SHORTEST,
        in_the_clear=sends_in_the_clear(request),
        wrong=wrong,
    )


def _over(request: Request) -> Response:
    return problem(
        request,
        404,
        say("This invitation does not work any more"),
        say("An invitation works once and for seven days. This one was used, withdrawn or replaced, or has expired."),
        kept=say("Nothing was changed."),
        following=say("If you joined already, sign in. Else ask who invited you to send it again."),
        back=links.sign_in(),
    )
