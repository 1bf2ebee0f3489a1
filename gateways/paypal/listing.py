"""PayPal's list of disputes, page by page: by its `next` link where it gives one, else by page number.

Numbered pages end at 50, so that one search shows 2,500 disputes at most and is silent about the rest. A window of
update times that holds more is halved before anything of it is read.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from disputes.phrases import phrase
from disputes.ports import GatewayError, GatewayFailure
from gateways.paypal.contract import DISPUTES, rows
from gateways.paypal.mapping import dispute_id
from gateways.paypal.values import rfc3339

log = logging.getLogger("counterproof.paypal")

HISTORY = timedelta(days=180)
PAGE, LAST_PAGE = 50, 50
_MARGIN = timedelta(hours=1)
"""The window is 180 days by PayPal's clock and at its moment, not by ours at ours."""
_SEAM = timedelta(seconds=1)
"""Neighbouring windows share a second: whether PayPal counts their ends is not documented."""

Line = Mapping[str, Any]
Read = Callable[[str, Mapping[str, str]], Any]


@dataclass(frozen=True, slots=True)
class Place:
    """Where the reading stands: a window of update times (newest first, down to `floor`) and a page in it."""

    floor: int
    after: int
    before: int | None = None
    page: int = 1
    first: str = ""
    """First id of the page before: a list that knows no page numbers gives the same page again."""
    following: str = ""
    """The query of PayPal's `next` link; after a "+" only what it adds to our own: cursors lie in a narrow column."""

    def cursor(self) -> str:
        return "|".join(
            [str(self.floor), str(self.after), str(self.before or ""), str(self.page), self.first, self.following]
        )

    @classmethod
    def at(cls, cursor: str) -> Place:
        floor, after, before, page, first, following = cursor.split("|", 5)
        return cls(int(floor), int(after), int(before) if before else None, int(page), first, following)

    @classmethod
    def start(cls, since: datetime | None, now: datetime) -> Place:
        floor = int(max(since or now - HISTORY, now - HISTORY + _MARGIN).timestamp())
        return cls(floor, floor)


def page(read: Read, place: Place, now: datetime, *, trusted: Callable[[str], bool]) -> tuple[list[Line], Place | None]:
    """The lines at this place, and the place after them; None after the last. `trusted` judges a link's host."""
    asked = _query(place, now)
    answer = read(DISPUTES, asked)
    if not isinstance(answer, Mapping):
        raise ValueError("the list is no object")
    lines = rows(answer.get("items"))
    following, more = _next(answer, trusted)
    if following:
        return _readable(lines), replace(place, page=1, first="", following=_shortened(following, place, now))
    if not more and (place.following or len(lines) < PAGE):
        # Whoever came by a link is told by a link that there is more.
        return _readable(lines), _below(place)
    first = str(lines[0].get("dispute_id")) if lines else ""
    if not lines or (place.page > 1 and first == place.first):
        return [], _below(place)
    if place.page == 1 and _too_many(read, place, now, first):
        return page(read, _newer_half(place, now), now, trusted=trusted)
    return _readable(lines), replace(place, page=place.page + 1, first=first, following="")


def _query(place: Place, now: datetime) -> dict[str, str]:
    if place.following and not place.following.startswith("+"):
        return dict(parse_qsl(place.following))
    oldest = now - HISTORY + _MARGIN
    asked = {"page_size": str(PAGE), "update_time_after": rfc3339(max(_instant(place.after), oldest))}
    if place.before is not None:
        asked["update_time_before"] = rfc3339(_instant(place.before))
    if place.page > 1:
        asked["page"] = str(place.page)
    return asked | dict(parse_qsl(place.following.removeprefix("+")))


def _shortened(query: str, place: Place, now: datetime) -> str:
    own, told = _query(replace(place, page=1, following=""), now), dict(parse_qsl(query))
    if not own.items() <= told.items():
        return query
    return "+" + urlencode({name: value for name, value in told.items() if name not in own})


def _next(answer: Mapping[str, Any], trusted: Callable[[str], bool]) -> tuple[str, bool]:
    """The query of the `next` link, and whether there was one at all. Only its query is used, at our own address."""
    for link in rows(answer.get("links")):
        if str(link.get("rel")).lower() != "next":
            continue
        try:
            target = urlsplit(str(link.get("href")))
        except ValueError:
            return "", True
        if (
            target.path.rstrip("/").endswith(DISPUTES)
            and target.query
            and (not target.netloc or trusted(target.netloc))
        ):
            return urlencode(parse_qsl(target.query)), True
        log.warning("PayPal's list names a next page at another place; its pages are counted instead.")
        return "", True
    return "", False


def _too_many(read: Read, place: Place, now: datetime, first: str) -> bool:
    """Whether the last page that can be asked for has anything on it."""
    answer = read(DISPUTES, _query(replace(place, page=LAST_PAGE), now))
    lines = rows(answer.get("items")) if isinstance(answer, Mapping) else []
    return bool(lines) and str(lines[0].get("dispute_id")) != first


def _newer_half(place: Place, now: datetime) -> Place:
    newest = place.before if place.before is not None else int(now.timestamp())
    middle = (place.after + newest) // 2
    if middle <= place.after + 1:
        words = phrase("PayPal lists more disputes of one moment than it shows. Read them in its Resolution Center.")
        raise GatewayError(GatewayFailure.MALFORMED, words)
    return replace(place, after=middle, page=1, first="", following="")


def _below(place: Place) -> Place | None:
    """The next older window; None below the floor."""
    if place.after <= place.floor:
        return None
    before = place.after + int(_SEAM.total_seconds())
    return Place(floor=place.floor, after=place.floor, before=before)


def _readable(lines: list[Line]) -> list[Line]:
    found = [line for line in lines if dispute_id(line) is not None]
    if len(found) < len(lines):
        log.warning("%d of %d lines of PayPal's list name no dispute.", len(lines) - len(found), len(lines))
    return found


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
