"""Reading all disputes, and what changed among them. Shopify keeps no events and no time of the last change."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.shopify_payments.contract import CLOSED, OPEN
from gateways.shopify_payments.errors import unexpected
from gateways.shopify_payments.mapping import identity, instant
from gateways.shopify_payments.questions import DISPUTES, PAGE
from gateways.shopify_payments.wire import Wire

Raw = Mapping[str, Any]

_OLDEST = timedelta(days=180)
"""A dispute that closes was opened at most so long ago; an older one is met by the weekly reading of all pages."""
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_MOST_PAGES = 2_000


def page(wire: Wire, cursor: str | None, query: str | None = None) -> tuple[list[Raw], str | None]:
    """One page, newest first, and the cursor after it."""
    data = wire.ask(DISPUTES, {"first": PAGE, "after": cursor, "query": query})
    try:
        nodes, info = data["disputes"]["nodes"], data["disputes"]["pageInfo"]
        following = info["endCursor"] if info["hasNextPage"] else None
    except (KeyError, TypeError) as error:
        raise unexpected(writing=False) from error
    if not isinstance(nodes, list) or not all(isinstance(each, dict) for each in nodes):
        raise unexpected(writing=False)
    if following is not None and following == cursor:
        raise GatewayError(
            GatewayFailure.MALFORMED,
            phrase("Shopify's list never ends: a page names itself as the next."),
            retryable=True,
        )
    return nodes, following


def opened_since(since: datetime | None) -> str | None:
    return f"initiated_at:>='{since.astimezone(UTC).isoformat(timespec='seconds')}'" if since else None


class Changed:
    """Disputes that may have changed since a cursor ("<newest opened>/<the open ones>"), and the cursor after them.

    Every open one is read whole, each time. Where one of those that were open before is open no more, the lately closed
    ones are read too. A verdict that flips later is told by a webhook or by the weekly reading of all pages. The search
    filter is relied on for narrowing alone: what it brings is judged by what the disputes say of themselves.
    """

    def __init__(self, wire: Wire, cursor: str | None) -> None:
        before, _, open_before = (cursor or "").partition("/")
        since = instant(before)
        self.expired = cursor is not None and since is None
        found = _all(wire, f"({_any(OPEN)})")
        still_open = [raw for raw in found.values() if raw.get("status") not in CLOSED]
        known = [raw for raw in still_open if since is None or (instant(raw.get("initiatedAt")) or since) <= since]
        if since is not None and _fingerprint(known) != open_before:
            found |= _all(wire, f"({_any(CLOSED)}) AND {opened_since(since - _OLDEST)}")
        opened = (instant(raw.get("initiatedAt")) for raw in found.values())
        newest = max((at for at in opened if at is not None), default=_NEVER)
        self.cursor = f"{max(newest, since or _NEVER).isoformat()}/{_fingerprint(still_open)}"
        self.disputes = [] if since is None else list(found.values())


def _any(statuses: Iterable[str]) -> str:
    return " OR ".join(f"status:{status}" for status in statuses)


def _all(wire: Wire, query: str) -> dict[str, Raw]:
    return {_named(raw): raw for raw in _pages(wire, query)}


def _named(raw: Raw) -> str:
    try:
        return identity(raw)
    except (KeyError, ValueError) as error:
        raise unexpected(writing=False) from error


def _pages(wire: Wire, query: str) -> Iterator[Raw]:
    cursor: str | None = None
    for _ in range(_MOST_PAGES):
        found, cursor = page(wire, cursor, query)
        yield from found
        if cursor is None:
            return
    raise GatewayError(GatewayFailure.MALFORMED, phrase("Shopify's list of disputes does not end."), retryable=True)


def _fingerprint(raws: Iterable[Raw]) -> str:
    """Which disputes these are, short enough for a cursor."""
    return hashlib.sha256(" ".join(sorted(_named(raw) for raw in raws)).encode()).hexdigest()[:20]
