"""The desk as a web application: routes, the guard around them, and what is said when something goes wrong."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from disputes import links
from disputes.store import NotFound, Stale
from disputes.submission import Refused
from disputes.vault import VaultLocked
from scheduler.runtime import Runtime
from web import api, health, source_webhooks, speech, webhooks
from web.assets import Assets, favicon
from web.pages import (
    acts,
    asked,
    bulk,
    calendar,
    case,
    connections,
    entered,
    entering,
    evidence,
    filing,
    hand_over,
    letter,
    packet,
    queue,
    requests,
    session,
    settings,
    setup,
    sources,
    views,
)
from web.security import BodyTooLarge, Guard, too_large
from web.settings import Settings
from web.speech import Speaks
from web.view import problem
from web.visit import Forbidden, Invalid, SignedOut

_PAGES = (
    session,
    setup,
    queue,
    views,
    bulk,
    case,
    evidence,
    requests,
    asked,
    letter,
    packet,
    filing,
    hand_over,
    acts,
    entering,
    entered,
    connections,
    sources,
    settings,
    calendar,
)


def build_app(runtime: Runtime, settings: Settings) -> FastAPI:
    """The pages over a composed runtime. It neither starts nor stops engine and clock: `web.server` does."""
    app = FastAPI(title="Counterproof", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.runtime, app.state.settings = runtime, settings
    app.add_middleware(Guard, settings=settings)
    app.add_middleware(Speaks)
    app.include_router(health.router)
    app.include_router(source_webhooks.router)
    app.include_router(api.router)
    app.include_router(webhooks.router)
    for module in _PAGES:
        app.include_router(module.router)
    app.include_router(speech.router)
    app.add_api_route("/favicon.ico", favicon, methods=["GET"], include_in_schema=False)
    app.mount("/static", Assets(), name="static")
    _tell_errors(app)
    return app


# ---- errors --------------------------------------------------------------------------------------------------------


def _tell_errors(app: FastAPI) -> None:
    app.add_exception_handler(SignedOut, _signed_out)
    unfit: tuple[type[Exception], ...] = (
        NotFound, HTTPException, RequestValidationError, Forbidden, Invalid, BodyTooLarge,
    )  # fmt: skip
    refused: tuple[type[Exception], ...] = (Refused, Stale, VaultLocked)
    for kind in unfit:
        app.add_exception_handler(kind, _bad_request)
    for kind in refused:
        app.add_exception_handler(kind, _refused)
    app.add_exception_handler(asked.LinkDead, asked.gone)


def _signed_out(request: Request, error: Exception) -> Response:
    if request.headers.get("hx-request"):
        return Response(status_code=200, headers={"HX-Redirect": links.sign_in()})
    return RedirectResponse(links.sign_in(), status_code=303)


def _bad_request(request: Request, error: Exception) -> Response:
    back, nothing = _back(request), "Nothing was changed."
    match error:
        case Forbidden():
            return problem(request, 403, "Not allowed", str(error), back=back)
        case Invalid():
            then = "Go back, correct it and send it again. Your browser's back button keeps what you typed."
            return problem(request, 422, "That cannot be used", str(error), kept=nothing, following=then, back=back)
        case BodyTooLarge():
            return problem(request, 413, "Too large", too_large(request.url.path), back=back)
        case RequestValidationError():
            words = "A part of the address or form is not what this page takes."
            return problem(request, 422, "That cannot be used", words, kept=nothing, back="/")
        case HTTPException(status_code=status) if status not in (404, 405):
            return problem(request, status, "That did not work", str(error.detail), kept=nothing, back=back)
    words = "There is no such page here, or it belongs to somebody else's desk."
    next_step = "Check the address, or go back to your disputes."
    return problem(request, 404, "Not found", words, kept=nothing, following=next_step)


def _refused(request: Request, error: Exception) -> Response:
    back = _back(request)
    if isinstance(error, Stale):
        words = "Somebody, or the desk itself, changed this case at the same moment."
        then = "Look at the case again and repeat what you wanted."
        kept = "Your change was not made."
        return problem(request, 409, "Changed meanwhile", words, kept=kept, following=then, back=back)
    title = "The key file does not fit" if isinstance(error, VaultLocked) else "Not done"
    then, kept = "Look at the case again before you decide.", "Nothing was sent and nothing was changed."
    return problem(request, 409, title, str(error), kept=kept, following=then, back=back)


def _back(request: Request) -> str:
    """The case or page the form stood on."""
    parts = request.url.path.split("/")
    if len(parts) > 4 and parts[1] == "m" and parts[3] == "cases":
        return "/".join(parts[:5])
    if len(parts) > 3 and parts[1] == "m":
        return "/".join(parts[:4])
    return "/"
