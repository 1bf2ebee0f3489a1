"""Shopify writes instants as ISO 8601 text in UTC; the sandbox counts seconds."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from gateways.sandbox.store import JSON

DAY = 86_400


def text(at: int | None) -> str | None:
    """1767225600 is "2026-01-01T00:00:00Z"."""
    return None if at is None else datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def seconds(written: str) -> int:
    """Raises ValueError for what is no ISO 8601 instant with a zone."""
    found = datetime.fromisoformat(written)
    if found.tzinfo is None:
        raise ValueError(f"{written!r} has no zone")
    return int(found.timestamp())


def midnight(at: int) -> int:
    return at - at % DAY


def ago(now: int, days: float) -> int:
    return int(now - days * DAY)


def due_at(due: Any, now: int) -> int | None:
    """{"days": 9} is that day at 23:00 UTC, as due dates there are; {"hours"}, {"seconds"} and {"unix"} are exact; null
    is no due date."""
    match due:
        case None:
            return None
        case {"days": days}:
            return midnight(int(now + days * DAY)) + 23 * 3600
        case {"hours": hours}:
            return int(now + hours * 3600)
        case {"seconds": later}:
            return int(now + later)
        case {"unix": unix}:
            return int(unix)
    raise ValueError(f"no due date: {due!r}; it is null or one of days, hours, seconds, unix")


def row_columns(id: str, created: int, *, parent: str | None = None, label: str | None = None) -> JSON:
    return {"id": id, "created": created, "parent": parent, "label": label}
