"""A forgotten password: a link by mail, and the form behind it. No answer tells whether an address has an account."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from disputes import links, store_access, store_people
from disputes.models import Person
from disputes.signed_token import known_hash
from scheduler import access
from templates.language import say, spoken
from web import passwords, throttle
from web.security import sends_in_the_clear
from web.throttle import Limit
from web.view import back_to, bare, problem
from web.visit import Forbidden, Posted, RawForm, runtime_of, settings_of

router = APIRouter()


@router.get("/forgotten")
def forgotten_page(request: Request) -> Response:
    return _ask_form(request)


def _ask_form(request: Request, *, wrong: str = "", asked: bool = False, status: int = 200) -> Response:
    mails = settings_of(request).smtp_host is not None
    return bare(request, "forgotten.html", status=status, mails=mails, wrong=wrong, asked=asked)


@router.post("/forgotten")
def forgotten(request: Request, raw: RawForm) -> Response:
    """The same answer whoever is asked for, after about the same work."""
    form, runtime = Posted(raw), runtime_of(request)
    email, now = form.line("email", 254).casefold(), runtime.clock.now()
    if settings_of(request).smtp_host is None:
        return _ask_form(request, status=409)
    with runtime.database.writing() as session:
        if not throttle.take(session, _tries(email, throttle.address_of(request)), now):
            words = say("Too many links were asked for. Wait an hour, then try again.")
            return _ask_form(request, wrong=words, status=429)
        person = store_people.person_by_email(session, email)
        if person is not None:
            access.mail_reset(runtime, session, person, spoken())
    return _ask_form(request, asked=True)


def _tries(email: str, address: str) -> tuple[Limit, ...]:
    return Limit(f"reset:{email}", 3, throttle.HOUR), Limit(f"reset from:{address}", 10, throttle.HOUR)


@router.get("/reset/{token}")
def reset_page(token: str, request: Request) -> Response:
    person = _whose(request, token)
    return _form(request, token, person) if person else _over(request)


@router.post("/reset/{token}")
def reset(token: str, request: Request, raw: RawForm) -> Response:
    if sends_in_the_clear(request):
        raise Forbidden(say("This page came over plain HTTP from another machine, so no password is taken here."))
    runtime, password = runtime_of(request), str(raw.get("password", ""))
    person = _whose(request, token)
    if person is None:
        return _over(request)
    why = passwords.weak(password, person.name, person.email)
    if why:
        return _form(request, token, person, wrong=why)
    hashed, now = passwords.hash_password(password), runtime.clock.now()
    token_hash = known_hash(runtime.vault, access.RESET, token) or ""
    with runtime.database.writing() as session:
        if not store_access.use_reset(session, token_hash, now):
            return _over(request)
        store_access.set_password(session, person.id, hashed, now)
    return back_to(links.sign_in(), "password_reset")


def _whose(request: Request, token: str) -> Person | None:
    runtime = runtime_of(request)
    hashed = known_hash(runtime.vault, access.RESET, token)
    if hashed is None:
        return None
    with runtime.database.reading() as session:
        return store_access.reset_of(session, hashed, runtime.clock.now())


def _form(request: Request, token: str, person: Person, *, wrong: str = "") -> Response:
    return bare(
        request, "reset.html", status=422 if wrong else 200, link=links.reset(token), email=person.email, wrong=wrong,
        shortest=passwords.SHORTEST, in_the_clear=sends_in_the_clear(request),
    )  # fmt: skip


def _over(request: Request) -> Response:
    return problem(
        request,
        404,
        say("This link does not work any more"),
        say("A link to a new password works once and for an hour. This one was used or replaced, or has expired."),
        kept=say("Nothing was changed."),
        following=say("Ask for a new one on the sign-in page."),
        back=links.sign_in(),
    )
