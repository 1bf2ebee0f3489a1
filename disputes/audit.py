"""The audit chain: each entry's hash covers the entry before it, so that a changed or missing one shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from disputes.phrases import Phrase, phrase

START = "0" * 64


def entry_hash(
    *,
    merchant_id: str,
    seq: int,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    details: Mapping[str, Any],
    previous: str,
) -> str:
    """SHA-256 over the entry's canonical JSON; the same on every machine."""
    document = {
        "merchant": merchant_id,
        "seq": seq,
        "at": at.isoformat(timespec="microseconds"),
        "actor": actor,
        "action": action,
        "subject": subject,
        "details": details,
        "previous": previous,
    }
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Examined:
    """What a walk along a chain found. `wrong` is the first thing that does not hold, None where all of it does."""

    entries: int
    head: str
    wrong: Phrase | None
    passed: frozenset[str]
    """Of the heads that were looked for those that the chain went through."""


def examine(entries: Iterable[Mapping[str, Any]], *, looked_for: Collection[str] = ()) -> Examined:
    """Walk along a chain, one entry in memory at a time.

    `entries` are mappings with merchant_id, seq, at (ISO text), actor, action, subject, details, previous and hash.
    """
    previous, number, wanted = START, 0, set(looked_for)
    passed = wanted & {START}
    for entry in entries:
        wrong = _wrong(entry, number + 1, previous)
        if wrong is not None:
            return Examined(number, previous, wrong, frozenset(passed))
        previous, number = str(entry["hash"]), number + 1
        passed |= wanted & {previous}
    return Examined(number, previous, None, frozenset(passed))


def _wrong(entry: Mapping[str, Any], expected: int, previous: str) -> Phrase | None:
    if entry["seq"] != expected:
        return phrase("entry {number} is missing (found {found})", number=expected, found=entry["seq"])
    if entry["previous"] != previous:
        return phrase("entry {number} does not follow the entry before it", number=expected)
    names = ("merchant_id", "seq", "actor", "action", "subject", "details", "previous")
    fields = {name: entry[name] for name in names}
    if entry_hash(at=datetime.fromisoformat(entry["at"]), **fields) != entry["hash"]:
        return phrase("entry {number} was changed after it was written", number=expected)
    return None


def broken_at(entries: Iterable[Mapping[str, Any]], *, head: str | None = None) -> str | None:
    """The first thing wrong with an exported chain, in words; None when it holds and ends at `head`, if one is given.

    A head of an earlier day is one the chain only passed; it holds all the same.
    """
    found = examine(entries, looked_for=[head] if head else ())
    if found.wrong is not None:
        return found.wrong
    if head is not None and head not in found.passed:
        return f"the chain ends at {found.head[:12]} and never passed the head {head[:12]}"
    return None
