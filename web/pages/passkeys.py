"""Adding, naming and removing passkeys, and signing in by one. Browsers need JavaScript for it (js/passkey.js)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from disputes import links, store_access
from disputes.models import Person
from templates.language import say
from web import passkeys, sessions, throttle
from web.pages.account import ask_password, shown
from web.sessions import browser_words
from web.view import back_to
from web.visit import Forbidden, Invalid, Posted, RawForm, SignedForm, SignedIn, runtime_of

router = APIRouter()
BASE = "/account/passkeys"
_LONGEST = 20_000


# ---- one's own -----------------------------------------------------------------------------------------------------


@router.post(BASE + "/options")
def options(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    """What the browser is to make; asked for with the password, because a passkey outlives this session."""
    try:
        ask_password(request, visitor, form.again("present"))
        _must_work(request)
    except Invalid as error:
        return _told(str(error), 422)
    with runtime_of(request).database.reading() as session:
        known = list(store_access.passkeys_of(session, visitor.person.id))
    return passkeys.ask_new(request, visitor.person, known)


@router.post(BASE)
def add(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    browser, system = browser_words(request.headers.get("user-agent", ""))
    named = form.line("name", 120) or " ".join(each for each in (browser, system) if each)
    try:
        with runtime_of(request).database.writing() as session:
            person = session.get_one(Person, visitor.person.id)
            passkeys.add(session, request, person, form.text("credential", _LONGEST), named)
    except Invalid as error:
        return _told(str(error), 422)
    return JSONResponse({"to": f"{links.account()}?note=passkey_added#passkeys"})


@router.post(BASE + "/{passkey_id}/rename")
def rename(passkey_id: str, request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    name = form.line("name", 120)
    if not name:
        return shown(request, visitor, status=422, at="passkeys", wrong=say("The passkey needs a name."))
    with runtime_of(request).database.writing() as session:
        found = store_access.passkey_of(session, visitor.person.id, passkey_id)
        found.name = name
        session.add(found)
    return back_to(links.account(), "passkey_renamed", "passkeys")


@router.post(BASE + "/{passkey_id}/remove")
def remove(passkey_id: str, request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    runtime = runtime_of(request)
    with runtime.database.writing() as session:
        found = store_access.passkey_of(session, visitor.person.id, passkey_id)
        store_access.remove_passkey(session, found, runtime.clock.now())
    return back_to(links.account(), "passkey_removed", "passkeys")


# ---- signing in ----------------------------------------------------------------------------------------------------


@router.post("/sign-in/passkey/options")
def sign_in_options(request: Request) -> Response:
    """Nothing is asked of the database: strangers may call this."""
    try:
        _must_work(request)
    except Invalid as error:
        return _told(str(error), 422)
    return passkeys.ask_known(request)


@router.post("/sign-in/passkey")
def sign_in(request: Request, raw: RawForm) -> Response:
    """The device asked for finger, face or PIN: that is two factors, so no code is asked for."""
    runtime, tries = runtime_of(request), passkeys.tries(throttle.address_of(request))
    with runtime.database.writing() as session:
        if not throttle.take(session, tries, runtime.clock.now()):
            return _told(say("Too many sign-ins failed. Wait a quarter of an hour, then try again."), 429)
    try:
        with runtime.database.writing() as session:
            person = passkeys.whose(session, request, Posted(raw).text("credential", _LONGEST))
            if person is None:
                raise Forbidden(say("This passkey is not known here, or was removed. Sign in with your password."))
            throttle.forget(session, tries)
            token = sessions.begin(session, request, person)
    except (Invalid, Forbidden) as error:
        return _told(str(error), 403)
    return sessions.carry(JSONResponse({"to": "/"}), request, token, person)


def _must_work(request: Request) -> None:
    if not passkeys.ways(request).works:
        raise Invalid(
            say("Passkeys need a name and https: open the desk by its public address, or as localhost on this machine.")
        )


def _told(words: str, status: int) -> Response:
    return JSONResponse({"wrong": words}, status_code=status)
