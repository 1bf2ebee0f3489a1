"""Opening a session for somebody who proved who they are; and what browsers call themselves."""

from __future__ import annotations

import secrets
from datetime import timedelta

from fastapi import Request
from sqlmodel import Session
from starlette.responses import Response

from disputes import store_people
from disputes.models import Person
from web import speech
from web.first_data import token_hash
from web.security import session_token, set_session
from web.visit import runtime_of

LASTS = timedelta(days=14)
HALF_LASTS = timedelta(minutes=10)
"""How long the second factor is waited for."""

_BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("Windows", "Windows"), ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"), ("Linux", "Linux"),
)  # fmt: skip


def begin(session: Session, request: Request, person: Person, *, needs_factor: bool = False) -> str:
    """A new token at every step; the one that was there before stops working."""
    token, before, now = secrets.token_urlsafe(32), session_token(request), runtime_of(request).clock.now()
    if before:
        store_people.end_session(session, token_hash(before))
    store_people.open_session(
        session,
        person.id,
        token_hash=token_hash(token),
        csrf=secrets.token_urlsafe(32),
        now=now,
        expires_at=now + (HALF_LASTS if needs_factor else LASTS),
        browser=request.headers.get("user-agent", ""),
        needs_factor=needs_factor,
    )
    return token


def carry(response: Response, request: Request, token: str, person: Person, *, needs_factor: bool = False) -> Response:
    """The answer with the session's cookie, and the language the person chose."""
    lasts = HALF_LASTS if needs_factor else LASTS
    set_session(response, request.url.scheme, token, int(lasts.total_seconds()))
    speech.remember(response, request, person.language)
    return response


def browser_words(user_agent: str) -> tuple[str, str]:
    """Browser and system as people know them, "" for what is not known."""
    browser = next((name for sign, name in _BROWSERS if sign in user_agent), "")
    return browser, next((name for sign, name in _SYSTEMS if sign in user_agent), "")
