"""An answer's bytes as they are stored: to the letter where nothing had to be masked, else written anew and masked."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from evidence.redaction import mask

_NEVER = frozenset(
    {"cvv", "cvc", "cvv2", "cvc2", "card_cvc", "card_cvv", "security_code", "track1", "track2", "track_data"}
)
"""Fields whose content is never stored, whatever it is."""


def stored(content: Any, data: bytes, allowed: Iterable[str] = ()) -> bytes:
    """`content` is what `data` says, read. `allowed`: the object's own numbers, which are no card's."""
    masked, hits = _masked(content, frozenset(allowed))
    return dumped(masked) if hits else data


def part(content: Any, allowed: Iterable[str] = ()) -> bytes:
    """One object of a longer answer: written out by itself, masked."""
    return dumped(_masked(content, frozenset(allowed))[0])


def dumped(content: Any) -> bytes:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "replace")


def _masked(content: Any, allowed: frozenset[str]) -> tuple[Any, int]:
    match content:
        case str():
            found = mask(content, allowed)
            return found.text, found.hits
        case bool() | None:
            return content, 0
        case int():
            found = mask(str(content), allowed)
            return (found.text, found.hits) if found.hits else (content, 0)
        case list():
            pairs = [_masked(each, allowed) for each in content]
            return [each for each, _ in pairs], sum(hits for _, hits in pairs)
        case dict():
            kept, hits = {}, 0
            for name, value in content.items():
                if name.casefold() in _NEVER and value not in (None, "", False):
                    hits += 1
                    continue
                kept[name], more = _masked(value, allowed)
                hits += more
            return kept, hits
    return content, 0
