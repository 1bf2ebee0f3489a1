"""In which language a request is answered: what the person chose, else what the browser asks for."""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie

from fastapi import APIRouter, Request
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from disputes import store_people
from templates.language import LANGUAGES, asked_for, say, speaking
from web.visit import Invalid, Posted, RawForm, runtime_of, visitor_or_none

COOKIE = "language"
_A_YEAR = 365 * 86400

router = APIRouter()


class Speaks:
    """Sets the language before anything is said; endpoints in threads inherit it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        with speaking(_wanted(Headers(scope=scope))):
            await self._app(scope, receive, send)


def _wanted(headers: Headers) -> str:
    try:
        chosen = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        chosen = None
    if chosen is not None and chosen.value in LANGUAGES:
        return chosen.value
    return asked_for(headers.get("accept-language", ""))


def remember(response: Response, request: Request, language: str | None) -> None:
    """So that the next page is in it, before and after signing in."""
    if language in LANGUAGES:
        https = request.url.scheme == "https"
        response.set_cookie(COOKIE, language, max_age=_A_YEAR, path="/", secure=https, httponly=True, samesite="lax")


@router.post("/language")
def choose_language(request: Request, raw: RawForm) -> Response:
    """Nothing but a wish is stored, so that it works before signing in too; forms of other sites are refused before."""
    form = Posted(raw)
    language, back = form.line("language", 8), form.line("back", 500)
    if language not in LANGUAGES:
        raise Invalid(say("The desk does not speak that language."))
    visitor = visitor_or_none(request)
    if visitor is not None:
        with runtime_of(request).database.writing() as session:
            store_people.speak(session, visitor.person.id, language)
    ours = back.startswith("/") and not back.startswith("//") and "\\" not in back
    response = RedirectResponse(back if ours else "/", status_code=303)
    remember(response, request, language)
    return response
