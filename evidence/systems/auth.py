"""How a system is told who asks: Basic and header keys are httpx's own; this is the kind whose tokens expire."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Mapping

import httpx

from disputes.phrases import phrase
from disputes.systems import SourceError, SourceFailure

Renewed = Callable[[str, str], str]
"""The refresh token given, the one that came for it -> the one to be used; given twice it asks which is in force."""
_REFRESH = "refresh_token"
_EARLY = 60.0
"""Seconds before its end at which a token is renewed."""


class HeaderKey(httpx.Auth):
    """A key in a header of the system's own: X-Shopify-Access-Token, as-api-key."""

    def __init__(self, header: str, value: str) -> None:
        self._header, self._value = header, value

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers[self._header] = self._value
        yield request


class ClientCredentials(httpx.Auth):
    """OAuth 2 client credentials: a token is fetched when it is first needed, kept until shortly before it expires, and
    fetched once more when the system refuses it in between. The grant may be a refresh token too.

    Tokens are shared by everything in the process that uses the same client at the same address.
    """

    requires_response_body = True

    def __init__(
        self,
        title: str,
        token_url: str,
        form: Mapping[str, str],
        *,
        header: str = "Authorization",
        prefix: str = "Bearer ",
        lasts: float = 3600.0,
        as_json: bool = False,
        renewed: Renewed = lambda _given, fresh: fresh,
    ) -> None:
        """`form`: what is posted to get a token. `lasts`: seconds where the answer names none. `renewed`: is told of a
        refresh token that came in place of the one given, and says which one is to be used from now on."""
        self._title, self._url, self._form = title, token_url, dict(form)
        self._header, self._prefix, self._lasts, self._as_json = header, prefix, lasts, as_json
        self._renewed = renewed

    @property
    def _slot(self) -> Slot:
        return self._url, tuple(sorted(self._form.items())), self._header

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        token = _TOKENS.valid(self._slot)
        if token is None:
            token = self._taken((yield self._ask()))
        request.headers[self._header] = self._prefix + token
        response = yield request
        if response.status_code == 401:
            _TOKENS.forget(self._slot, token)
            request.headers[self._header] = self._prefix + self._taken((yield self._ask()))
            yield request

    def token(self, client: httpx.Client, *, refused: str | None = None) -> str:
        """For protocols that are not HTTP: a token that is good, or a new one where it is the `refused` one."""
        # One after the other: some systems give out a refresh token once, and refuse whoever comes second with it.
        with _TOKENS.turn(self._slot):
            if refused is not None:
                _TOKENS.forget(self._slot, refused)
            if token := _TOKENS.valid(self._slot):
                return token
            try:
                return self._taken(client.send(self._ask()))
            except SourceError as error:
                if error.failure is not SourceFailure.CREDENTIALS or not self._replaced():
                    raise
                return _TOKENS.valid(self._slot) or self._taken(client.send(self._ask()))

    def _replaced(self) -> bool:
        """Another process may have used the refresh token up, and kept the one that came for it."""
        given = self._form.get(_REFRESH)
        if not given or (current := self._renewed(given, given)) == given:
            return False
        self._form[_REFRESH] = current
        return True

    def _ask(self) -> httpx.Request:
        if self._as_json:
            return httpx.Request("POST", self._url, json=self._form)
        return httpx.Request("POST", self._url, data=self._form)

    def _taken(self, response: httpx.Response) -> str:
        if response.status_code == 429:
            raise SourceError(
                SourceFailure.RATE_LIMITED, phrase("{title} asks to be called less often.", title=self._title)
            )
        if response.status_code >= 500:
            raise SourceError(SourceFailure.UNAVAILABLE, phrase("{title} gives out no token now.", title=self._title))
        try:
            content = response.json()
            token = content["access_token"] if response.status_code < 300 else ""
            lasts = float(content.get("expires_in") or self._lasts)
        except (ValueError, KeyError, TypeError, AttributeError):
            token, lasts = "", 0.0
        if not isinstance(token, str) or not token:
            raise SourceError(
                SourceFailure.CREDENTIALS,
                phrase("{title} refuses the client id and secret. Connect it again.", title=self._title),
            )
        _TOKENS.keep(self._slot, token, lasts)
        fresh, given = content.get(_REFRESH), self._form.get(_REFRESH)
        if given and isinstance(fresh, str) and fresh and fresh != given:
            self._form[_REFRESH] = self._renewed(given, fresh)
            # Whoever is opened with the new one needs no other token.
            _TOKENS.keep(self._slot, token, lasts)
        return token


Slot = tuple[str, tuple[tuple[str, str], ...], str]


class _Tokens:
    """Tokens of this process; in memory only."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._turns: dict[Slot, threading.Lock] = {}
        self._kept: dict[Slot, tuple[str, float]] = {}

    def valid(self, slot: Slot) -> str | None:
        with self._lock:
            token, until = self._kept.get(slot, ("", 0.0))
            return token if token and time.monotonic() < until else None

    def turn(self, slot: Slot) -> threading.Lock:
        with self._lock:
            return self._turns.setdefault(slot, threading.Lock())

    def keep(self, slot: Slot, token: str, lasts: float) -> None:
        with self._lock:
            self._kept[slot] = token, time.monotonic() + max(0.0, lasts - _EARLY)

    def forget(self, slot: Slot, token: str) -> None:
        with self._lock:
            if self._kept.get(slot, ("", 0.0))[0] == token:
                del self._kept[slot]


_TOKENS = _Tokens()
