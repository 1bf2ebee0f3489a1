"""How systems hand out long lists. Each pager yields whole answers; what lies in them is the adapter's business."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from disputes.phrases import phrase
from disputes.systems import SourceError, SourceFailure
from evidence.systems.http import Answer, Http
from evidence.systems.mapping import at

MAX_PAGES = 10_000
Query = Mapping[str, str | int]


def numbered(
    http: Http, path: str, params: Query, *, size: int, first: int = 1, page: str = "page"
) -> Iterator[Answer]:
    """?page=1, 2, 3 ... until a page holds fewer than `size` entries (the answer is a list, or an object of one)."""
    for number in range(first, first + MAX_PAGES):
        answer = http.get(path, {**params, page: number})
        yield answer
        if answer.status == 204 or _entries(answer) < size:
            return
    raise _endless(path)


def linked(http: Http, path: str, params: Query) -> Iterator[Answer]:
    """By the Link header's rel="next", which is a whole address with its own query."""
    return _following(http, path, params, lambda answer: _rel_next(answer.headers.get("link", "")))


def pointed(http: Http, path: str, params: Query, next_at: str, *, more_at: str | None = None) -> Iterator[Answer]:
    """By an address in the body: "links.next", "_links.next.href". `more_at`: a flag that says there is more."""

    def found(answer: Answer) -> str | None:
        if more_at is not None and not at(answer.json, more_at):
            return None
        address = at(answer.json, next_at)
        return address if isinstance(address, str) else None

    return _following(http, path, params, found)


def cursored(http: Http, path: str, params: Query, cursor_at: str, *, name: str = "cursor") -> Iterator[Answer]:
    """By a cursor in the body that goes into the next question's query."""
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        answer = http.get(path, {**params, name: cursor} if cursor else params)
        yield answer
        before, cursor = cursor, at(answer.json, cursor_at)
        if not cursor:
            return
        if cursor == before:
            break
    raise _endless(path)


def _following(http: Http, path: str, params: Query, next_of: Callable[[Answer], str | None]) -> Iterator[Answer]:
    answer = http.get(path, params)
    seen: set[str] = set()
    while True:
        yield answer
        address = next_of(answer)
        if not address:
            return
        if address in seen or len(seen) >= MAX_PAGES:
            raise _endless(path)
        seen.add(address)
        answer = http.get(address)


def _rel_next(header: str) -> str | None:
    for part in header.split(","):
        if re.search(r';\s*rel="?next"?', part) and (found := re.search(r"<([^<>]+)>", part)):
            return found.group(1)
    return None


def _entries(answer: Answer) -> int:
    content: Any = answer.json
    if isinstance(content, dict):
        content = next((value for value in content.values() if isinstance(value, list)), [])
    return len(content) if isinstance(content, list) else 0


def _endless(path: str) -> SourceError:
    return SourceError(
        SourceFailure.MALFORMED,
        phrase("The list {path} does not come to an end; it was left after a while.", path=path),
    )
