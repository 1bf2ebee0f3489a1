"""Square writes instants as RFC 3339 text; the sandbox counts seconds."""

from __future__ import annotations

from datetime import UTC, datetime

DAY = 86_400


def text(at: int) -> str:
    """1767225600 is "2026-01-01T00:00:00.000Z"."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def seconds(written: str) -> int:
    """Raises ValueError for what is no RFC 3339 instant with a zone."""
    found = datetime.fromisoformat(written)
    if found.tzinfo is None:
        raise ValueError(f"{written!r} has no zone")
    return int(found.timestamp())


def day(at: int) -> str:
    """The calendar day in UTC: "2026-01-01"."""
    return text(at)[:10]


def midnight(at: int) -> int:
    """When that day began, in UTC."""
    return at - at % DAY
