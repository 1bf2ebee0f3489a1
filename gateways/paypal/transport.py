"""`paypalrestsdk.Api` hardened: the one file that speaks HTTP with PayPal's API.

What is kept of it: basic_auth, user agent, join of addresses, status -> exception. What is not: it recurses on a
permanent 401, swallows 400, leaks headers into the token request, knows no time-out, no threads and no multipart, and
logs credentials in its sandbox mode. Its module-global `configure` and its WebhookEvent are never used.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from http.cookiejar import DefaultCookiePolicy
from typing import Any, TypeVar
from urllib.parse import quote, urlencode, urlsplit

import paypalrestsdk
import requests
from paypalrestsdk import exceptions

from disputes.clock import Clock, SystemClock

log = logging.getLogger("counterproof.paypal")

TOKEN = "/v1/oauth2/token"  # noqa: S105
FilePart = tuple[str, bytes, str]
"""Name, bytes, media type."""

_PAUSES = (0.3, 1.0)
_PATIENCE = 10.0
"""Seconds a read waits when PayPal asks for a pause; a longer one is the caller's to keep."""


class NotSent(Exception):
    """Nothing of the request itself arrived: no token, no connection, or it was cut before its end.

    `__cause__` says why. A write that ends so has no effect.
    """


class PayPalApi(paypalrestsdk.Api):  # type: ignore[misc]
    """One application at one address, safe under threads. `timeout` bounds connecting, sending and each wait."""

    def __init__(
        self, *, client_id: str, secret: str, base: str, live: bool, timeout: float, clock: Clock | None = None
    ) -> None:
        base = base.rstrip("/")
        super().__init__(
            mode="live" if live else "sandbox",
            endpoint=base,
            token_endpoint=base,
            client_id=client_id,
            client_secret=secret,
        )
        self.token_hash: dict[str, Any] | None = None
        self.clock_skew_seconds = 0.0
        self._timeout = timeout
        self._clock = clock or SystemClock()
        self._sessions = threading.local()
        self._token_lock = threading.Lock()
        self._token_ends = 0.0

    # ---- what the adapter calls ----------------------------------------------------------------------------------

    def read(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """GET, repeated where that can help: connection, 5xx, a short pause that PayPal asks for."""
        address = f"{self.endpoint}{path}" + (f"?{urlencode(params, quote_via=quote)}" if params else "")
        for pause in _PAUSES:
            try:
                return self.request(address, "GET")
            except (NotSent, requests.RequestException, exceptions.ConnectionError) as error:
                wait = _worth_another(error, pause)
                if wait is None:
                    raise
                time.sleep(wait)
        return self.request(address, "GET")

    def write(
        self, path: str, *, key: str, body: Mapping[str, Any], files: Sequence[FilePart] | None = None
    ) -> Mapping[str, Any]:
        """POST once, as JSON, or as multipart where `files` is given (may be empty): part "input", then file1, file2.

        Every byte has left within the time-out or the connection is cut; then, and only then, NotSent is raised.
        """
        headers = {"PayPal-Request-Id": key}
        ends = time.monotonic() + self._timeout
        if files is None:
            return _object(self._authorised(f"{self.endpoint}{path}", "POST", headers, ends=ends, json=body))
        document = json.dumps(body).encode()
        parts: list[tuple[str, tuple[str | None, bytes, str]]] = [("input", (None, document, "application/json"))]
        parts += [(f"file{number}", each) for number, each in enumerate(files, start=1)]
        return _object(self._authorised(f"{self.endpoint}{path}", "POST", headers, ends=ends, files=parts))

    def ask(self, path: str, document: bytes) -> Mapping[str, Any]:
        """POST a question that changes nothing; the bytes go out as they are."""
        headers = {"Content-Type": "application/json"}
        return _object(self._authorised(f"{self.endpoint}{path}", "POST", headers, data=document))

    def present(self) -> datetime:
        """PayPal's own present, as its last answer dated itself."""
        return self._clock.now() - timedelta(seconds=self.clock_skew_seconds)

    def scopes(self, *, fresh: bool = False) -> frozenset[str] | None:
        """The rights that PayPal told with the token; None where it told none. `fresh` asks for a new token."""
        if fresh:
            with self._token_lock:
                self.token_hash = None
        told = self.get_token_hash().get("scope")
        return frozenset(told.split()) if isinstance(told, str) else None

    # ---- the SDK's own methods, put right ------------------------------------------------------------------------

    def request(
        self,
        url: str,
        method: str,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        refresh_token: None = None,
    ) -> Any:
        """The one road of the SDK's get, post, put, patch and delete; no body where none was given."""
        payload = {} if body is None else {"json": body}
        return self._authorised(url, method, headers or {}, **payload)

    def get_token_hash(
        self, authorization_code: None = None, refresh_token: None = None, headers: object = None
    ) -> dict[str, Any]:
        """The application's token, fetched by one thread while the others wait; a caller's headers stay out of it."""
        if authorization_code is not None or refresh_token is not None:
            raise NotImplementedError("only the application's own credentials are used here")
        with self._token_lock:
            if self.token_hash is None or time.monotonic() >= self._token_ends:
                self.token_hash = None
                self.token_hash = self._new_token()
            return self.token_hash

    def http_call(self, url: str, method: str, **kwargs: Any) -> Any:
        """One exchange. With `ends` (monotonic seconds) on a connection of its own that is cut when time is up."""
        ends = kwargs.pop("ends", None)
        if ends is None:
            response = self._exchange(self._session(), requests.Request(method, url, **kwargs), None)
        else:
            # A kept connection may be dead on the other side, and then nobody could say whether the write arrived.
            with _fresh_session() as session:
                response = self._exchange(session, requests.Request(method, url, **kwargs), ends)
        self._note(response)
        log.debug("%s %s: %d, debug id %s", method, urlsplit(url).path, response.status_code, _debug_id(response))
        return self.handle_response(response, response.content.decode("utf-8", "replace"))

    def handle_response(self, response: requests.Response, content: str) -> Any:
        """The answer, its numbers with decimal places kept as text; or the SDK's exception for the status."""
        if 300 <= response.status_code < 400:
            raise exceptions.Redirection(response, content)
        if 200 <= response.status_code < 300:
            return json.loads(content, parse_float=str) if content else {}
        return super().handle_response(response, content)

    # ---- inside --------------------------------------------------------------------------------------------------

    def _authorised(self, url: str, method: str, headers: Mapping[str, str], **payload: Any) -> Any:
        """With a token; after a 401 once more with a new one, for a refused request had no effect."""
        token = self.get_token_hash()
        for last in (False, True):
            sent = {"Accept": "application/json", "User-Agent": self.user_agent, **headers}
            try:
                return self.http_call(url, method, headers=sent, auth=_Authorization(_bearer(token)), **payload)
            except exceptions.UnauthorizedAccess:
                if last:
                    raise
                token = self._renewed(token)
        raise AssertionError("unreachable")

    def _renewed(self, refused: dict[str, Any]) -> dict[str, Any]:
        """Another token than the refused one: whoever comes first fetches it."""
        with self._token_lock:
            if self.token_hash is refused:
                self.token_hash = None
        return self.get_token_hash()

    def _new_token(self) -> dict[str, Any]:
        asked = time.monotonic()
        headers = {"Accept": "application/json", "User-Agent": self.user_agent}
        try:
            token = self.http_call(
                f"{self.token_endpoint}{TOKEN}",
                "POST",
                data={"grant_type": "client_credentials"},
                headers=headers,
                auth=_Authorization(f"Basic {self.basic_auth()}"),
                ends=asked + self._timeout,
            )
            _bearer(token)
        except NotSent:
            raise
        except Exception as error:
            raise NotSent("no token") from error
        lives = _seconds(token.get("expires_in"))
        # A minute early, for clocks and journeys; a very short life is used by half.
        self._token_ends = asked + max(lives - 60, lives / 2)
        return dict(token)

    def _session(self) -> requests.Session:
        """One a thread: requests does not promise that a session may be shared."""
        if not hasattr(self._sessions, "own"):
            self._sessions.own = _fresh_session()
        session: requests.Session = self._sessions.own
        return session

    def _exchange(self, session: requests.Session, request: requests.Request, ends: float | None) -> requests.Response:
        prepared = session.prepare_request(request)
        sending: _Cut | None = None
        if ends is not None and prepared.body:
            body: Any = prepared.body
            sending = _Cut(body.encode() if isinstance(body, str) else body, ends)
            prepared.body = sending
        settings = session.merge_environment_settings(prepared.url or "", {}, None, None, None)
        try:
            return session.send(prepared, timeout=self._timeout, allow_redirects=False, **settings)
        except requests.RequestException as error:
            if sending is not None and not sending.whole:
                raise NotSent("not sent") from error
            raise

    def _note(self, response: requests.Response) -> None:
        """By how much this machine's clock is ahead of PayPal's, as its last answer dates itself."""
        try:
            told = parsedate_to_datetime(response.headers["Date"])
            self.clock_skew_seconds = (self._clock.now() - told).total_seconds()
        except (KeyError, ValueError, TypeError):
            return


class _Authorization(requests.auth.AuthBase):
    """As an object of requests: a plain header would give way to whatever a .netrc on this machine says."""

    def __init__(self, value: str) -> None:
        self._value = value

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = self._value
        return request


class _Cut:
    """A body that stops in the middle when its time is up, so that no write can arrive after its time."""

    def __init__(self, data: bytes, ends: float) -> None:
        self._data, self._ends, self._at = data, ends, 0

    @property
    def whole(self) -> bool:
        return self._at >= len(self._data)

    def __len__(self) -> int:
        return len(self._data)

    def read(self, size: int = -1) -> bytes:
        if time.monotonic() >= self._ends and not self.whole:
            raise TimeoutError("sending took too long")
        piece = self._data[self._at :] if size < 0 else self._data[self._at : self._at + size]
        self._at += len(piece)
        return piece


def _fresh_session() -> requests.Session:
    session = requests.Session()
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    return session


def _worth_another(error: Exception, pause: float) -> float | None:
    """How long to wait before the same read is tried again; None where that is pointless."""
    cause = error.__cause__ if isinstance(error, NotSent) else error
    if isinstance(cause, requests.RequestException | exceptions.ServerError):
        return pause
    if isinstance(cause, exceptions.ClientError) and status_of(cause) == 429:
        asked = retry_after(cause)
        return pause if asked is None else asked if asked <= _PATIENCE else None
    return None


def status_of(error: exceptions.ConnectionError) -> int:
    return int(getattr(error.response, "status_code", 0))


def retry_after(error: exceptions.ConnectionError) -> float | None:
    """Seconds that PayPal asks to wait, from a number or a date; None where it says nothing readable."""
    told = str(error.response.headers.get("Retry-After", ""))
    if told.isdigit():
        return float(told)
    try:
        when, now = parsedate_to_datetime(told), parsedate_to_datetime(error.response.headers["Date"])
        return max(0.0, (when - now).total_seconds())
    except (KeyError, ValueError, TypeError):
        return None


def _bearer(token: Any) -> str:
    if not isinstance(token, Mapping) or not isinstance(token.get("access_token"), str):
        raise ValueError("no access token")
    return f"Bearer {token['access_token']}"


def _seconds(value: Any) -> float:
    return float(value) if isinstance(value, int) and value > 0 else 60.0


def _object(answer: Any) -> Mapping[str, Any]:
    if not isinstance(answer, Mapping):
        raise ValueError("the answer is no object")
    return answer


def _debug_id(response: requests.Response) -> str:
    return response.headers.get("PayPal-Debug-Id", "-")


# ---- one for all ---------------------------------------------------------------------------------------------------

Kept = TypeVar("Kept")
_shared: dict[tuple[str, ...], Any] = {}
_shared_lock = threading.Lock()
_MOST = 200


def shared(make: Callable[[], Kept], *parts: object) -> Kept:
    """The process's one for these credentials and this address: adapters come and go, the token stays."""
    key = tuple(hashlib.sha256(str(each).encode()).hexdigest() for each in parts)
    with _shared_lock:
        if key not in _shared:
            if len(_shared) >= _MOST:
                _shared.pop(next(iter(_shared)))
            _shared[key] = make()
        found: Kept = _shared[key]
        return found
