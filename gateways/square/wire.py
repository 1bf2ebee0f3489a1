"""Calls to Square through its SDK, and their answers as they were sent.

The SDK makes the request and repeats it; its models are not used. They turn an amount of 1.5 into 1, and making them
costs ten times what the rest of a page does. Its pager is not used either: it ends at the first empty page, though a
cursor says that there are more.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx
from square import Square
from square.core.request_options import RequestOptions

from disputes.database import refuse_inside_writer
from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.square.contract import is_id
from gateways.square.errors import told

Raw = Mapping[str, Any]
Call = Callable[[Square, RequestOptions], object]
PagedCall = Callable[[Square, str | None, RequestOptions], object]

_READ_TRIES_MORE = 1


class _Answered(Exception):
    """The way out of the SDK before it makes its models."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.response = response


def _leave_with(response: httpx.Response) -> None:
    """A success leaves the SDK here; everything else goes on, to be repeated or raised by it."""
    if response.is_success:
        response.read()
        raise _Answered(response)


class Wire:
    """One token at one address. Reads are repeated once by the SDK, writes never."""

    square_time: datetime | None = None
    """Square's own clock, as its last answer told it."""

    def __init__(self, token: str, base: str, timeout: float) -> None:
        # No redirects: a POST would become a GET on the way, and the token would travel along.
        http = httpx.Client(timeout=timeout, follow_redirects=False, event_hooks={"response": [_leave_with]})
        self._sdk = Square(token=token, base_url=base, httpx_client=http, timeout=timeout)
        weakref.finalize(self, http.close)

    def read(self, call: Call, wanted: str) -> Raw:
        """The object under `wanted` in the answer."""
        return self._object(call, wanted, writing=False)

    def read_whole(self, call: Call) -> Raw:
        """An answer that is no object under a name of its own."""
        return self._answer(call, writing=False)

    def write(self, call: Call, wanted: str) -> Raw:
        return self._object(call, wanted, writing=True)

    def tell(self, call: Call) -> Raw:
        """A write whose answer carries nothing (a deletion)."""
        return self._answer(call, writing=True)

    def page(self, call: PagedCall, cursor: str | None, wanted: str) -> tuple[list[Raw], str | None]:
        """One page and the cursor after it. A list with nothing in it has no key at all."""
        raw = self._answer(lambda sdk, options: call(sdk, cursor, options), writing=False)
        with told(writing=False):
            found = raw.get(wanted) or []
            if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
                raise TypeError(wanted)
        following = raw.get("cursor") or None
        if following is not None and following == cursor:
            raise GatewayError(
                GatewayFailure.MALFORMED,
                phrase("Square's list never ends: a page names itself as the next."),
                retryable=True,
            )
        return found, following

    def pages(self, call: PagedCall, wanted: str, *, most: int | None = None) -> Iterator[list[Raw]]:
        """Page after page, empty ones too, until no cursor comes (or `most` were read)."""
        cursor, read = None, 0
        while True:
            found, cursor = self.page(call, cursor, wanted)
            read += 1
            yield found
            if cursor is None or read == most:
                return

    def _object(self, call: Call, wanted: str, *, writing: bool) -> Raw:
        raw = self._answer(call, writing=writing)
        with told(writing=writing):
            found = raw[wanted]
            if not isinstance(found, dict):
                raise TypeError(wanted)
            return found

    def _answer(self, call: Call, *, writing: bool) -> Raw:
        refuse_inside_writer("Square")
        with told(writing=writing):
            response = self._response(call, 0 if writing else _READ_TRIES_MORE)
            raw = response.json()
            if not isinstance(raw, dict):
                raise TypeError("no object")
            self.square_time = _date_of(response)
            return raw

    def _response(self, call: Call, tries_more: int) -> httpx.Response:
        try:
            call(self._sdk, {"max_retries": tries_more})
        except _Answered as answered:
            return answered.response
        raise TypeError("an answer that is neither a success nor an error")


def _date_of(response: httpx.Response) -> datetime | None:
    try:
        return parsedate_to_datetime(response.headers.get("Date", ""))
    except ValueError:
        return None


def checked(value: object, what: str, *, chars: int = 192) -> str:
    """An id that may stand in a path; raises NOT_FOUND before anything is called."""
    if not is_id(value, chars=chars):
        raise GatewayError(
            GatewayFailure.NOT_FOUND,
            phrase("{value} is no id of {what} at Square.", value=repr(str(value)[:60]), what=what),
        )
    return str(value)
