"""The audit chain: each entry's hash covers the entry before it, so that a changed or missing one shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

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


def broken_at(entries: Iterable[Mapping[str, Any]], *, head: str | None = None) -> str | None:
    """The first thing wrong with an exported chain, in words; None when it holds.

    `entries` are mappings with merchant_id, seq, at (ISO text), actor, action, subject, details, previous and hash.
    """
    previous, expected = START, 1
    for entry in entries:
        if entry["seq"] != expected:
            return f"entry {expected} is missing (found {entry['seq']})"
        if entry["previous"] != previous:
            return f"entry {expected} does not follow the entry before it"
        fields = {
            name: entry[name] for name in ("merchant_id", "seq", "actor", "action", "subject", "details", "previous")
        }
        if entry_hash(at=datetime.fromisoformat(entry["at"]), **fields) != entry["hash"]:
            return f"entry {expected} was changed after it was written"
        previous, expected = entry["hash"], expected + 1
    if head is not None and head != previous:
        return f"the chain ends at {previous[:12]}, not at the head {head[:12]}"
    return None
