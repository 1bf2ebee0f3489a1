"""Filling page templates: what every page knows, and the words of an error."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from disputes import links
from templates import render
from templates.language import LANGUAGES, instant_words
from web.assets import asset
from web.menu import menu
from web.notes import note_words
from web.packed import html_answer
from web.visit import Visit, Visitor


def when_in(zone: str) -> Callable[[datetime | None], str]:
    """Date, time and zone; a dash where there is no instant."""
    return lambda instant: instant_words(instant, zone)


def _here(request: Request) -> str:
    """Where a change of language leads back to: a page that was got, without what was said on it."""
    return request.url.path if request.method == "GET" else "/"


def bare(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page for somebody who is not at a merchant: sign-in, set-up, errors."""
    known = {
        "links": links,
        "asset": asset,
        "menu": menu,
        "nav": "",
        "languages": LANGUAGES,
        "here_again": _here(request),
        "note": note_words(request.query_params.get("note", "")),
        "visit": None,
        "visitor": None,
    }
    return html_answer(request, render.html(f"web/{template}", **{**known, **context}), status=status)


def page(visit: Visit, template: str, *, status: int = 200, **context: Any) -> Response:
    """A page at a merchant. Times are printed in the merchant's zone by `when`."""
    return bare(
        visit.request,
        template,
        status=status,
        **{
            "visit": visit,
            "visitor": visit.visitor,
            "merchant": visit.merchant,
            "csrf": visit.visitor.csrf,
            "now": visit.now,
            "when": when_in(visit.merchant.zone),
            **context,
        },
    )


def seen_by(visitor: Visitor | None) -> dict[str, Any]:
    return {"visitor": visitor, "csrf": visitor.csrf} if visitor else {}


def back_to(path: str, note: str = "", anchor: str = "") -> Response:
    """After a form: 303, with a note by its name so that no foreign text travels in an address."""
    query = f"{'&' if '?' in path else '?'}note={note}" if note else ""
    return RedirectResponse(f"{path}{query}{'#' + anchor if anchor else ''}", status_code=303)


def problem(
    request: Request, status: int, title: str, happened: str, *, kept: str = "", following: str = "", back: str = "/"
) -> Response:
    """What happened, what was kept, what to do next."""
    return bare(
        request,
        "problem.html",
        status=status,
        title=title,
        happened=happened,
        kept=kept,
        following=following,
        back=back,
    )
