"""What holds for every answer and every request: headers, body sizes, where a form may come from, cookies."""

from __future__ import annotations

import ipaddress
import logging
import re
from collections.abc import Callable
from http.cookies import SimpleCookie
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from templates.language import marked as _
from templates.language import say
from web.settings import Settings

log = logging.getLogger("counterproof.web")

CSP = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)

INERT = "; ".join(
    (
        "sandbox",
        "default-src 'none'",
        "img-src data:",
        "style-src 'unsafe-inline'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
"""For foreign bytes: nothing in them runs, loads or sends, should a browser show them. The one policy an answer may
have instead of the common one."""

_ALWAYS = {
    "content-security-policy": CSP,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "x-frame-options": "DENY",
}

MAX_UPLOAD = 20 * 2**20
MAX_FILES = 10
MAX_TABLE = 4 * 2**20
MAX_POLICY = 5 * 2**20
_WEBHOOK_BODY = 2**20
_FORM_BODY = 2**20
_UPLOADS = (
    (re.compile(r"/m/[^/]+/cases/[^/]+/evidence"), MAX_FILES, MAX_UPLOAD),
    (re.compile(r"/asked/[^/]+"), MAX_FILES, MAX_UPLOAD),
    (re.compile(r"/m/[^/]+/cases/[^/]+/hand-over"), 1, MAX_UPLOAD),
    (re.compile(r"/m/[^/]+/by-hand/table"), 1, MAX_TABLE),
    (re.compile(r"/m/[^/]+/policies"), 1, MAX_POLICY),
)
"""Addresses that take files: how many, and of how many bytes each."""
_UNSAFE = frozenset({"POST", "PUT", "PATCH", "DELETE"})

_FOREIGN = _("Another site sent this form, so it was refused. Nothing was changed. Open the desk itself and try again.")
_BROKEN = _(
    "Something went wrong inside the desk. What you sent was not saved, and nothing was filed by it. Try again."
)

PLAIN_COOKIE = "counterproof"
HOST_COOKIE = "__Host-counterproof"


# ---- cookies -------------------------------------------------------------------------------------------------------


def cookie_name(scheme: str) -> str:
    return HOST_COOKIE if scheme == "https" else PLAIN_COOKIE


def set_session(response: Response, scheme: str, token: str, seconds: int) -> None:
    response.set_cookie(
        cookie_name(scheme), token, max_age=seconds, path="/", secure=scheme == "https", httponly=True, samesite="lax"
    )


def drop_session(response: Response, scheme: str) -> None:
    response.delete_cookie(cookie_name(scheme), path="/", secure=scheme == "https", httponly=True, samesite="lax")


def session_token(request: Request) -> str | None:
    return request.cookies.get(cookie_name(request.url.scheme))


# ---- where from ----------------------------------------------------------------------------------------------------


def is_loopback(host: str | None) -> bool:
    if host is None:
        return False
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def sends_in_the_clear(request: Request) -> bool:
    """Plain HTTP to another machine: a password would cross the network unprotected, and the session with it."""
    return request.url.scheme != "https" and not is_loopback(request.url.hostname)


def foreign_origin(headers: Headers, scheme: str, public_url: str | None) -> bool:
    """Whether a browser says that another site sent this. Other clients say nothing; the token decides."""
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site is not None and site not in ("same-origin", "none"):
        return True
    # Under `no-referrer` browsers send "Origin: null" with a form of the page's own; then Sec-Fetch-Site speaks alone.
    if origin is None or (origin == "null" and site == "same-origin"):
        return False
    ours = {f"{scheme}://{headers.get('host', '')}"}
    if public_url:
        parts = urlsplit(public_url)
        ours.add(f"{parts.scheme}://{parts.netloc}")
    return origin not in ours


class BodyTooLarge(Exception):
    """More bytes than this address takes."""


class Guard:
    """Outermost: bounds every body, refuses forms that another site sends, puts the headers on every answer."""

    def __init__(self, app: ASGIApp, settings: Settings, tell: Callable[[Request, int, str], Response]) -> None:
        self._app, self._tell = app, tell
        self._public_url = settings.public_url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        guarded = _WithHeaders(scope, send)
        limit = _limit(scope["method"], path, headers)
        if int(headers.get("content-length") or 0) > limit:
            await self._refusal(scope, 413, too_large(path))(scope, receive, guarded)
            return
        webhook = path.startswith("/webhooks/")
        if scope["method"] in _UNSAFE and not webhook and foreign_origin(headers, scope["scheme"], self._public_url):
            await self._refusal(scope, 403, say(_FOREIGN))(scope, receive, guarded)
            return
        try:
            await self._app(scope, _bounded(receive, limit), guarded)
        except Exception:
            log.exception("%s %s failed.", scope["method"], path)
            if guarded.started:
                raise
            await self._refusal(scope, 500, say(_BROKEN))(scope, receive, guarded)

    def _refusal(self, scope: Scope, status: int, words: str) -> Response:
        """A page for who reads pages, a line for machines."""
        if "text/html" in Headers(scope=scope).get("accept", ""):
            return self._tell(Request(scope), status, words)
        return PlainTextResponse(words + "\n", status_code=status)


class _WithHeaders:
    """The answer's way out."""

    def __init__(self, scope: Scope, send: Send) -> None:
        self._https, self._send = scope["scheme"] == "https", send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            found = MutableHeaders(scope=message)
            inert = found.get("content-security-policy") == INERT
            for name, value in _ALWAYS.items():
                found[name] = value
            if inert:
                found["content-security-policy"] = INERT
            found.setdefault("cache-control", "no-store")
            if self._https:
                found["strict-transport-security"] = "max-age=31536000"
        await self._send(message)


def _limit(method: str, path: str, headers: Headers) -> int:
    if path.startswith("/webhooks/"):
        return _WEBHOOK_BODY
    if method == "POST" and (taken := _takes(path)) is not None and (_has_session(headers) or _by_link(path)):
        files, size = taken
        return files * size + _FORM_BODY
    return _FORM_BODY


def _takes(path: str) -> tuple[int, int] | None:
    return next(((files, size) for pattern, files, size in _UPLOADS if pattern.fullmatch(path)), None)


def _by_link(path: str) -> bool:
    """Somebody outside who was asked has no session: the page reads their form only once the link is known to live."""
    return path.startswith("/asked/")


def _has_session(headers: Headers) -> bool:
    """Strangers get no room for uploads at all."""
    cookies: SimpleCookie = SimpleCookie(headers.get("cookie", ""))
    return HOST_COOKIE in cookies or PLAIN_COOKIE in cookies


def _bounded(receive: Receive, limit: int) -> Receive:
    seen = 0

    async def bounded() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        if seen > limit:
            raise BodyTooLarge
        return message

    return bounded


def too_large(path: str) -> str:
    if (taken := _takes(path)) is not None:
        files, size = taken
        if files == 1:
            one = say(
                "That is too much for one upload: at most one file of %(mb)s MB. Nothing was stored. "
                "Go back, make the file smaller."
            )
            return one % {"mb": size // 2**20}
        several = say(
            "That is too much for one upload: at most %(files)s files of %(mb)s MB each. Nothing was stored. "
            "Go back, make the files smaller or send them in several uploads."
        )
        return several % {"files": files, "mb": size // 2**20}
    return say("That is more than this address takes. Nothing was stored.")
