"""Reading all disputes, and what changed among them.

Relied on: the `states` filter with one value a request, and cursors. Not relied on, because nothing documents it: any
order, several states in one request, and that a list without a filter holds closed disputes (older pages of Square say
that it does not).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from square import Square
from square.core.request_options import RequestOptions

from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.square.contract import CLOSED_STATES, OPEN_STATES
from gateways.square.mapping import identity, instant, opened_at
from gateways.square.wire import PagedCall, Wire

Raw = Mapping[str, Any]

_OVERLAP = timedelta(minutes=5)
_OLDEST = timedelta(days=180)
"""A case that closes was opened at most so long ago; in a list sorted by age nothing behind it is read."""
_ALL = "ALL"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def by_state(state: str | None) -> PagedCall:
    def listed(sdk: Square, cursor: str | None, options: RequestOptions) -> object:
        return sdk.disputes.list(cursor=cursor, states=state, request_options=options)

    return listed


# ---- everything, page by page --------------------------------------------------------------------------------------


def page_of_all(wire: Wire, cursor: str | None) -> tuple[list[Raw], str | None]:
    """One page and the house's cursor after it: the unfiltered list first, then each closed state.

    Closed disputes are taken from their own lists alone, so that none is counted twice where the first list has them.
    """
    part, _, after = (cursor or f"{_ALL}:").partition(":")
    if part != _ALL and part not in CLOSED_STATES:
        raise GatewayError(
            GatewayFailure.MALFORMED, phrase("This place in Square's list is unknown; start the reading anew.")
        )
    page, following = wire.page(by_state(None if part == _ALL else part), after or None, "disputes")
    if part == _ALL:
        page = [raw for raw in page if raw.get("state") not in CLOSED_STATES]
    if following is not None:
        return page, f"{part}:{following}"
    order = (_ALL, *CLOSED_STATES)
    rest = order[order.index(part) + 1 :]
    return page, f"{rest[0]}:" if rest else None


# ---- what changed --------------------------------------------------------------------------------------------------


class Changed:
    """Disputes that were touched since a cursor ("<newest change seen>/<the open ones>"), and the cursor after them.

    Few requests: one where everything fits on a page. Else the open states are read whole, and the closed ones only
    where a dispute that was open before is open no more. A closed case whose verdict flips later is told by a webhook
    or by the weekly reading of all pages. Time is Square's own `updated_at`: no clock is compared with another.
    """

    def __init__(self, wire: Wire, cursor: str | None) -> None:
        before, _, open_before = (cursor or "").partition("/")
        since = instant(before)
        self.expired = cursor is not None and since is None
        self._seen: dict[str, Raw] = {}
        whole = self._read_open(wire)
        still_open = [raw for raw in self._seen.values() if raw.get("state") not in CLOSED_STATES]
        known = [raw for raw in still_open if since is None or (opened_at(raw) or since) <= since]
        if since is not None and not whole and _fingerprint(known) != open_before:
            for state in CLOSED_STATES:
                self._seen |= _lately_closed(wire, state, since)
        newest = max((at for raw in self._seen.values() if (at := _changed_at(raw))), default=_NEVER)
        self.cursor = f"{max(newest, since or _NEVER).isoformat()}/{_fingerprint(still_open)}"
        self.disputes = [] if since is None else [raw for raw in self._seen.values() if _touched(raw, since)]

    def _read_open(self, wire: Wire) -> bool:
        """Read what is open; True where the one page read holds the closed ones too."""
        first, more = wire.page(by_state(None), None, "disputes")
        self._seen |= {identity(raw): raw for raw in first}
        if more is not None:
            self._seen |= _all_of(wire, OPEN_STATES)
            return False
        return any(raw.get("state") in CLOSED_STATES for raw in first)


def _changed_at(raw: Raw) -> datetime | None:
    return instant(raw.get("updated_at")) or opened_at(raw)


def _touched(raw: Raw, since: datetime) -> bool:
    at = _changed_at(raw)
    return at is None or at >= since - _OVERLAP


def _fingerprint(raws: Iterable[Raw]) -> str:
    """Which disputes these are, short enough for a cursor."""
    return hashlib.sha256(" ".join(sorted(identity(raw) for raw in raws)).encode()).hexdigest()[:20]


def _all_of(wire: Wire, states: Iterable[str]) -> dict[str, Raw]:
    return {identity(raw): raw for state in states for page in wire.pages(by_state(state), "disputes") for raw in page}


def _lately_closed(wire: Wire, state: str, since: datetime) -> dict[str, Raw]:
    """To the end of the list, or to where it is too old, if what was read so far is sorted newest first."""
    found: dict[str, Raw] = {}
    for page in wire.pages(by_state(state), "disputes"):
        found |= {identity(raw): raw for raw in page}
        ages = [opened_at(raw) or since for raw in found.values()]
        if ages and ages == sorted(ages, reverse=True) and ages[-1] < since - _OLDEST:
            break
    return found
