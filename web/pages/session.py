"""Signing in and out, the second factor, and the page after it."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import RedirectResponse, Response

from disputes import links, store_people
from templates.language import say
from web import passwords, second_factor, sessions, throttle
from web.passkeys import ways
from web.security import drop_session, sends_in_the_clear
from web.view import back_to, bare
from web.visit import Forbidden, HalfSignedIn, Posted, RawForm, SignedIn, check_token, runtime_of, visitor_or_none

router = APIRouter()


@router.get("/")
def home(request: Request, visitor: SignedIn) -> Response:
    """Straight to the queue; where there are several shops, a choice."""
    if len(visitor.merchants) == 1:
        return RedirectResponse(links.queue(visitor.merchants[0].slug), status_code=303)
    return bare(request, "shops.html", visitor=visitor, csrf=visitor.csrf)


@router.get("/sign-in")
def sign_in_page(request: Request) -> Response:
    if visitor_or_none(request) is not None:
        return RedirectResponse("/", status_code=303)
    with runtime_of(request).database.reading() as session:
        owned = store_people.anybody(session)
    return _form(request, owned=owned)


def _form(request: Request, *, owned: bool = True, email: str = "", wrong: str = "", status: int = 200) -> Response:
    in_the_clear = sends_in_the_clear(request)
    return bare(
        request, "sign_in.html", status=status, in_the_clear=in_the_clear, owned=owned, email=email, wrong=wrong,
        passkeys=ways(request).works,
    )  # fmt: skip


@router.post("/sign-in")
def sign_in(request: Request, raw: RawForm) -> Response:
    if sends_in_the_clear(request):
        raise Forbidden(say("This page came over plain HTTP from another machine, so no password is taken here."))
    form, runtime = Posted(raw), runtime_of(request)
    email, password = form.line("email", 254).casefold(), str(raw.get("password", ""))
    now, tries = runtime.clock.now(), passwords.tries(email, throttle.address_of(request))
    with runtime.database.writing() as session:
        allowed = throttle.take(session, tries, now)
        person = store_people.person_by_email(session, email)
    if not allowed:
        words = say("Too many sign-ins failed. Wait a quarter of an hour, then try again.")
        return _form(request, email=email, wrong=words, status=429)
    fits = passwords.matches(password, person.password_hash if person else None)
    if person is None or not fits:
        return _form(request, email=email, wrong=say("Address and password do not belong together."), status=403)
    half = person.totp_on_at is not None
    with runtime.database.writing() as session:
        throttle.forget(session, tries)
        token = sessions.begin(session, request, person, needs_factor=half)
    return sessions.carry(back_to(links.second_factor() if half else "/"), request, token, person, needs_factor=half)


@router.get("/sign-in/second")
def second_page(request: Request, half: HalfSignedIn) -> Response:
    return _second(request, half[0].csrf)


def _second(request: Request, csrf: str, *, wrong: str = "", status: int = 200) -> Response:
    return bare(request, "sign_in_second.html", status=status, csrf=csrf, wrong=wrong)


@router.post("/sign-in/second")
def show_second(request: Request, half: HalfSignedIn, raw: RawForm) -> Response:
    """A code of the app, or a recovery code; only then is there a session worth the name."""
    row, person = half
    check_token(request, raw, row.csrf)
    runtime, typed = runtime_of(request), Posted(raw).line("code", 40)
    now, tries = runtime.clock.now(), second_factor.tries(person.id, throttle.address_of(request))
    with runtime.database.writing() as session:
        if not throttle.take(session, tries, now):
            words = say("Too many codes were wrong. Wait a quarter of an hour, then try again.")
            return _second(request, row.csrf, wrong=words, status=429)
    with runtime.database.writing() as session:
        if not second_factor.shown(session, runtime.vault, person, typed, now):
            words = say("That is not the code shown now, or it was used already. Wait for the next one and type that.")
            return _second(request, row.csrf, wrong=words, status=403)
        throttle.forget(session, tries)
        token = sessions.begin(session, request, person)
    return sessions.carry(back_to("/"), request, token, person)


@router.post("/sign-out")
def sign_out(request: Request, visitor: SignedIn, raw: RawForm) -> Response:
    check_token(request, raw, visitor.csrf)
    with runtime_of(request).database.writing() as session:
        store_people.end_session(session, visitor.token_hash)
    response = back_to(links.sign_in(), "signed_out")
    drop_session(response, request.url.scheme)
    return response
