"""Calls to the Admin API of one shop: GraphQL, and the one REST endpoint that takes files.

Reads are repeated once, writes never, except where the token alone was refused: then nothing had happened yet.
"""

from __future__ import annotations

import json
import threading
import time
import weakref
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from disputes.database import refuse_inside_writer
from disputes.ids import digest
from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.shopify_payments import errors
from gateways.shopify_payments.contract import API_VERSION

Raw = Mapping[str, Any]

_READ_TRIES = 2
_LONGEST_WAIT = 5.0
_DAY = 86_399
_EARLY = 60.0
"""Seconds before its end at which a token is renewed."""
MOST_BYTES = 20_000_000


class Tokens:
    """Access tokens of apps by client credentials, shared by everything in this process that uses the same app."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}

    def valid(self, slot: str) -> str | None:
        with self._lock:
            token, ends = self._known.get(slot, ("", 0.0))
            return token if time.monotonic() < ends - _EARLY else None

    def keep(self, slot: str, token: str, seconds: float) -> None:
        with self._lock:
            self._known[slot] = (token, time.monotonic() + seconds)

    def forget(self, slot: str, token: str) -> None:
        with self._lock:
            if self._known.get(slot, ("", 0.0))[0] == token:
                del self._known[slot]


_TOKENS = Tokens()


class Wire:
    """One shop. `client_id` is empty where `secret` is a token by itself."""

    shopify_time: datetime | None = None
    """Shopify's own clock, as its last answer told it."""

    def __init__(self, base: str, client_id: str, secret: str, timeout: float) -> None:
        self._base, self._client_id, self._secret = base.rstrip("/"), client_id, secret
        self._slot = digest(f"{self._base} {client_id} {secret}".encode())
        # No redirects: the token goes to the shop's own address and nowhere else.
        self._http = httpx.Client(timeout=timeout, follow_redirects=False, trust_env=False)
        weakref.finalize(self, self._http.close)

    # ---- GraphQL ---------------------------------------------------------------------------------------------------

    def ask(self, document: str, variables: Mapping[str, Any] | None = None) -> Raw:
        """`data` of the answer, perhaps with parts missing that this key may not read."""
        for left in reversed(range(_READ_TRIES)):
            try:
                return self._graphql(document, variables or {}, writing=False)
            except GatewayError as error:
                wait = error.retry_after or 0.2
                if not error.retryable or not left or wait > _LONGEST_WAIT:
                    raise
                time.sleep(wait)
        raise AssertionError("the last try returns or raises")

    def change(self, document: str, variables: Mapping[str, Any], wanted: str) -> Raw:
        """The payload of one mutation; its `userErrors` are raised."""
        data = self._graphql(document, variables, writing=True)
        payload = data.get(wanted)
        if not isinstance(payload, dict) or not isinstance(payload.get("userErrors"), list):
            raise errors.unexpected(writing=True)
        if payload["userErrors"]:
            raise errors.refused_by_user_errors(payload["userErrors"])
        return payload

    def _graphql(self, document: str, variables: Mapping[str, Any], *, writing: bool) -> Raw:
        content = {"query": document, "variables": dict(variables)}
        body = self._json("POST", "graphql.json", content, writing=writing)
        data = body.get("data")
        if isinstance(data, dict) and any(value is not None for value in data.values()):
            return data
        if body.get("errors"):
            raise errors.refused_by_errors(body, writing=writing)
        if isinstance(data, dict):
            return data  # null without an error: what was asked for is not there
        raise errors.unexpected(writing=writing)

    # ---- REST ------------------------------------------------------------------------------------------------------

    def post(self, path: str, content: Raw, wanted: str) -> Raw:
        found = self._json("POST", path, content, writing=True).get(wanted)
        if not isinstance(found, dict):
            raise errors.unexpected(writing=True)
        return found

    def delete(self, path: str) -> None:
        self._json("DELETE", path, None, writing=True)

    # ---- one call --------------------------------------------------------------------------------------------------

    def _json(self, method: str, path: str, content: Raw | None, *, writing: bool) -> Raw:
        refuse_inside_writer("Shopify")
        url = f"{self._base}/admin/api/{API_VERSION}/{path}"
        token = self._token()
        response = self._call(method, url, content, token, writing=writing)
        if response.status_code == 401 and self._client_id:
            _TOKENS.forget(self._slot, token)
            response = self._call(method, url, content, self._token(), writing=writing)
        self.shopify_time = _date_of(response)
        body = _read(response)
        if not response.is_success:
            retry_after = response.headers.get("retry-after", "")
            raise errors.refused_by_status(response.status_code, body, retry_after=retry_after, writing=writing)
        if method == "DELETE" and not response.content:
            return {}
        if not isinstance(body, dict):
            raise errors.unreadable(writing=writing)
        return body

    def _call(self, method: str, url: str, content: Raw | None, token: str, *, writing: bool) -> httpx.Response:
        headers = {"X-Shopify-Access-Token": token, "Accept": "application/json"}
        try:
            return self._http.request(method, url, json=content, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise errors.unreachable(writing=writing) from error

    def _token(self) -> str:
        """The static token, or one for the app that is good for a day."""
        if not self._client_id:
            return self._secret
        if (known := _TOKENS.valid(self._slot)) is not None:
            return known
        form = {"grant_type": "client_credentials", "client_id": self._client_id, "client_secret": self._secret}
        try:
            response = self._http.post(f"{self._base}/admin/oauth/access_token", data=form)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise errors.unreachable(writing=False) from error
        body = _read(response)
        if not response.is_success:
            raise errors.refused_token(response.status_code, body)
        token = body.get("access_token") if isinstance(body, dict) else None
        if not isinstance(token, str) or not token:
            raise errors.unreadable(writing=False)
        lasts = body.get("expires_in")
        _TOKENS.keep(self._slot, token, float(lasts) if isinstance(lasts, (int, float)) else _DAY)
        return token


def _read(response: httpx.Response) -> Any:
    """Its JSON, or None where it is none. Numbers with a fraction stay text: money never passes through a float."""
    if len(response.content) > MOST_BYTES:
        return None
    try:
        return json.loads(response.content, parse_float=str)
    except (ValueError, RecursionError):
        return None


def _date_of(response: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", ""))
    except ValueError:
        return None


def not_found(what: str) -> GatewayError:
    return GatewayError(GatewayFailure.NOT_FOUND, phrase("Shopify does not know this {what}.", what=what))
