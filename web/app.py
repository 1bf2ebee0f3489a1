"""The desk as a web application: routes, the guard around them, and what is said when something goes wrong."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from disputes import links
from disputes.files import FileMissing
from disputes.phrases import said_by
from disputes.store import NotFound, Stale
from disputes.store_people import Denied
from disputes.submission import Refused
from disputes.vault import VaultLocked
from scheduler.runtime import Runtime
from templates.language import marked as _
from templates.language import say
from web import api, health, source_webhooks, speech, webhooks
from web.assets import Assets, favicon
from web.pages import (
    account,
    acts,
    asked,
    attention,
    audit,
    bulk,
    calendar,
    case,
    connections,
    entered,
    entering,
    evidence,
    exhibits,
    export,
    factor,
    filing,
    hand_over,
    invited,
    letter,
    mail,
    notes,
    outcomes,
    packet,
    passkeys,
    policies,
    previews,
    privacy,
    queue,
    requests,
    reset,
    session,
    settings,
    setup,
    sources,
    team,
    timeline,
    views,
    welcome,
)
from web.security import BodyTooLarge, Guard, too_large
from web.settings import Settings
from web.speech import Speaks
from web.view import problem
from web.visit import NOT_YOURS, Forbidden, Invalid, SignedOut

_PAGES = (
    session,
    setup,
    account,
    factor,
    invited,
    passkeys,
    reset,
    queue,
    welcome,
    views,
    bulk,
    case,
    evidence,
    previews,
    mail,
    notes,
    attention,
    timeline,
    requests,
    asked,
    letter,
    exhibits,
    outcomes,
    packet,
    filing,
    hand_over,
    acts,
    entering,
    entered,
    connections,
    sources,
    team,
    policies,
    privacy,
    export,
    settings,
    audit,
    calendar,
)


def build_app(runtime: Runtime, settings: Settings) -> FastAPI:
    """The pages over a composed runtime. It neither starts nor stops engine and clock: `web.server` does."""
    app = FastAPI(title="Counterproof", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.runtime, app.state.settings = runtime, settings
    app.add_middleware(Guard, settings=settings, tell=_stopped)
    app.add_middleware(Speaks)
    app.include_router(health.router)
    app.include_router(source_webhooks.router)
    app.include_router(api.router)
    app.include_router(webhooks.router)
    for module in _PAGES:
        app.include_router(module.router)
    app.include_router(speech.router)
    app.add_api_route("/favicon.ico", favicon, methods=["GET"], include_in_schema=False)
    # Pages are compressed by themselves (`web.packed`): not for everybody who asks.
    app.mount("/static", GZipMiddleware(Assets(), minimum_size=1000), name="static")
    _tell_errors(app)
    return app


# ---- errors --------------------------------------------------------------------------------------------------------


def _tell_errors(app: FastAPI) -> None:
    app.add_exception_handler(SignedOut, _signed_out)
    unfit: tuple[type[Exception], ...] = (
        NotFound, FileMissing, HTTPException, RequestValidationError, Forbidden, Denied, Invalid, BodyTooLarge,
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
    back, nothing = _back(request), _("Nothing was changed.")
    match error:
        case Denied():
            return problem(request, 403, say("Not allowed"), say(NOT_YOURS), back=back)
        case Forbidden():
            return problem(request, 403, _("Not allowed"), said_by(error), back=back)
        case Invalid():
            then = _("Go back, correct it and send it again. Your browser's back button keeps what you typed.")
            return problem(
                request, 422, _("That cannot be used"), said_by(error), kept=nothing, following=then, back=back
            )
        case FileMissing():
            words = _("The file is not in the file store any more, or it was damaged there.")
            then = _("Restore the desk's files from a backup. The record keeps its hash, by which it is known again.")
            return problem(request, 404, _("The file is not there"), words, kept=nothing, following=then, back=back)
        case BodyTooLarge():
            return problem(request, 413, _("Too large"), too_large(request.url.path), back=back)
        case RequestValidationError():
            words = _("A part of the address or form is not what this page takes.")
            return problem(request, 422, _("That cannot be used"), words, kept=nothing, back="/")
        case HTTPException(status_code=status) if status not in (404, 405):
            return problem(request, status, _("That did not work"), str(error.detail), kept=nothing, back=back)
    words = _("There is no such page here, or it belongs to somebody else's desk.")
    next_step = _("Check the address, or go back to your disputes.")
    return problem(request, 404, _("Not found"), words, kept=nothing, following=next_step)


_STOPPED = {403: _("Not allowed"), 413: _("Too large")}


def _stopped(request: Request, status: int, words: str) -> Response:
    """What was refused, or broke, before or behind every page."""
    return problem(request, status, _STOPPED.get(status, _("That did not work")), words, back=_back(request))


def _refused(request: Request, error: Exception) -> Response:
    back = _back(request)
    if isinstance(error, Stale):
        words = _("Somebody, or the desk itself, changed this case at the same moment.")
        then = _("Look at the case again and repeat what you wanted.")
        kept = _("Your change was not made.")
        return problem(request, 409, _("Changed meanwhile"), words, kept=kept, following=then, back=back)
    title = _("The key file does not fit") if isinstance(error, VaultLocked) else _("Not done")
    then, kept = _("Look at the case again before you decide."), _("Nothing was sent and nothing was changed.")
    return problem(request, 409, title, said_by(error), kept=kept, following=then, back=back)


def _back(request: Request) -> str:
    """The case or page the form stood on."""
    parts = request.url.path.split("/")
    if len(parts) > 4 and parts[1] == "m" and parts[3] == "cases":
        return "/".join(parts[:5])
    if len(parts) > 3 and parts[1] == "m":
        return "/".join(parts[:4])
    return "/"
