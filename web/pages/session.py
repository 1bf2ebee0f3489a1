"""Signing in and out, and the page after it."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.datastructures import FormData
from starlette.responses import RedirectResponse, Response

from disputes import links, store_people
from web import passwords
from web.first_data import token_hash
from web.security import drop_session, sends_in_the_clear, session_token, set_session
from web.view import back_to, bare
from web.visit import Forbidden, Posted, SignedIn, check_token, read_form, runtime_of, visitor_or_none

router = APIRouter()
LASTS = timedelta(days=14)

RawForm = Annotated[FormData, Depends(read_form)]


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
    return bare(request, "sign_in.html", in_the_clear=sends_in_the_clear(request), owned=owned, email="", wrong="")


@router.post("/sign-in")
def sign_in(request: Request, raw: RawForm) -> Response:
    if sends_in_the_clear(request):
        raise Forbidden("This page came over plain HTTP from another machine, so no password is taken here.")
    form, runtime = Posted(raw), runtime_of(request)
    email, password = form.line("email", 254).casefold(), str(raw.get("password", ""))
    address, now = request.client.host if request.client else "unknown", runtime.clock.now()
    with runtime.database.writing() as session:
        allowed = passwords.note_or_refuse(session, email, address, now)
        person = store_people.person_by_email(session, email)
    if not allowed:
        words = "Too many sign-ins failed. Wait a quarter of an hour, then try again."
        return bare(request, "sign_in.html", status=429, in_the_clear=False, owned=True, email=email, wrong=words)
    fits = len(password) <= passwords.LONGEST and passwords.matches(password, person.password_hash if person else None)
    if person is None or not fits:
        words = "Address and password do not belong together."
        return bare(request, "sign_in.html", status=403, in_the_clear=False, owned=True, email=email, wrong=words)
    return _begin(request, person.id, email, address)


def _begin(request: Request, person_id: str, email: str, address: str) -> Response:
    """A new token at every sign-in; one that was there before stops working."""
    runtime, token, before = runtime_of(request), secrets.token_urlsafe(32), session_token(request)
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        if before:
            store_people.end_session(session, token_hash(before))
        for subject in passwords.subjects(email, address).values():
            store_people.clear_tries(session, subject)
        store_people.open_session(
            session,
            person_id,
            token_hash=token_hash(token),
            csrf=secrets.token_urlsafe(32),
            now=now,
            expires_at=now + LASTS,
        )
    response = back_to("/")
    set_session(response, request.url.scheme, token, int(LASTS.total_seconds()))
    return response


@router.post("/sign-out")
def sign_out(request: Request, visitor: SignedIn, raw: RawForm) -> Response:
    check_token(request, raw, visitor.csrf)
    with runtime_of(request).database.writing() as session:
        store_people.end_session(session, visitor.token_hash)
    response = back_to(links.sign_in(), "signed_out")
    drop_session(response, request.url.scheme)
    return response
