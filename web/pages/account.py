"""One's own account: name, language, password, second factor, passkeys, and where one is signed in."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from disputes import links, store_access, store_people
from disputes.models import Person
from disputes.store import NotFound
from templates.language import LANGUAGES, say
from web import passwords, speech, throttle
from web.passkeys import ways
from web.sessions import browser_words
from web.view import back_to, bare, when_in
from web.visit import Invalid, SignedForm, SignedIn, Visitor, runtime_of

router = APIRouter()
BASE = "/account"


@router.get(BASE)
def account(request: Request, visitor: SignedIn) -> Response:
    return shown(request, visitor)


def shown(request: Request, visitor: Visitor, *, status: int = 200, **more: Any) -> Response:
    runtime, me = runtime_of(request), visitor.person
    zone = visitor.merchants[0].zone if visitor.merchants else "UTC"
    with runtime.database.reading() as session:
        sessions = store_people.sessions_of(session, me.id, runtime.clock.now())
        passkeys, codes = store_access.passkeys_of(session, me.id), store_access.codes_left(session, me.id)
    known: dict[str, Any] = {
        "nav": "account",
        "visitor": visitor,
        "csrf": visitor.csrf,
        "me": me,
        "when": when_in(zone),
        "sessions": [(each, *browser_words(each.browser), each.token_hash == visitor.token_hash) for each in sessions],
        "passkeys": passkeys,
        "passkeys_work": ways(request).works,
        "codes_left": codes,
        "shortest": passwords.SHORTEST,
        "wrong": "",
        "at": "",
        **more,
    }
    return bare(request, "account.html", status=status, **known)


@router.post(BASE)
def save(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    name, language = form.line("name", 120), form.line("language", 8)
    if not name:
        return shown(request, visitor, status=422, at="about", wrong=say("Your name is missing."))
    with runtime_of(request).database.writing() as session:
        row = session.get_one(Person, visitor.person.id)
        row.name, row.language = name, language if language in LANGUAGES else row.language
        session.add(row)
    response = back_to(links.account(), "account_saved")
    speech.remember(response, request, language)
    return response


@router.post(BASE + "/password")
def change_password(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    me, runtime = visitor.person, runtime_of(request)
    try:
        ask_password(request, visitor, form.again("before"))
        after = form.again("after")
        why = passwords.weak(after, me.name, me.email)
        if why:
            raise Invalid(why)
    except Invalid as error:
        return shown(request, visitor, status=422, at="password", wrong=str(error))
    hashed = passwords.hash_password(after)
    with runtime.database.writing() as session:
        store_access.set_password(session, me.id, hashed, runtime.clock.now(), keep=visitor.token_hash)
    return back_to(links.account(), "password_changed", "password")


def ask_password(request: Request, visitor: Visitor, password: str) -> None:
    """The present password once more, before a way into the account is changed. Raises Invalid."""
    runtime, tries = runtime_of(request), passwords.own_tries(visitor.person.id)
    with runtime.database.writing() as session:
        if not throttle.take(session, tries, runtime.clock.now()):
            raise Invalid(say("Too many passwords were wrong. Wait a quarter of an hour, then try again."))
    if not passwords.matches(password, visitor.person.password_hash):
        raise Invalid(say("The present password is not right. Nothing was changed."))
    with runtime.database.writing() as session:
        throttle.forget(session, tries)


@router.post(BASE + "/sessions/{starts}/end")
def end_session(starts: str, request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    with runtime_of(request).database.writing() as session:
        if len(starts) < 16 or not store_people.end_one_of(session, visitor.person.id, starts):
            raise NotFound("no such session")
    return back_to(links.account(), "session_ended", "sessions")


@router.post(BASE + "/sessions/end-others")
def end_others(request: Request, visitor: SignedIn, form: SignedForm) -> Response:
    with runtime_of(request).database.writing() as session:
        store_people.end_other_sessions(session, visitor.person.id, visitor.token_hash)
    return back_to(links.account(), "sessions_ended", "sessions")
