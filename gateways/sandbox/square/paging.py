"""Lists: by an opaque cursor that belongs to its query; an absent one in the answer is the last page."""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

from gateways.sandbox.square.call import Call
from gateways.sandbox.square.errors import SquareError
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row

Conditions = list[tuple[str, list[Any]]]


def page(
    world: World, call: Call, kind: str, conditions: Conditions, *, limit: int | None = None, oldest: bool = False
) -> tuple[list[Row], JSON]:
    """One page of rows, and {"cursor"} if there is another."""
    limit = limit or int(world.setting("page_size"))
    query = {name: value for name, value in call.query.items() if name not in ("cursor", "limit")}
    if given := call.query.get("cursor"):
        sign = ">" if oldest else "<"
        conditions = [*conditions, (f"(created, seq) {sign} (?, ?)", _position(given, call.path, query))]
    where = " AND ".join(sql for sql, _ in conditions) or "1"
    values = [value for _, inner in conditions for value in inner]
    rows = world.store.find(kind, where, values, limit + 1, oldest=oldest)
    shown = rows[:limit]
    if len(rows) <= limit:
        return shown, {}
    position = world.store.position(kind, shown[-1].id)
    return shown, {"cursor": _packed([position, call.path, query])}


def _packed(content: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(content, sort_keys=True).encode()).decode().rstrip("=")


def _position(cursor: str, path: str, query: JSON) -> list[Any]:
    try:
        position, for_path, for_query = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError, TypeError):
        raise SquareError("INVALID_CURSOR", "The cursor is not one of this endpoint's.", field="cursor") from None
    if (for_path, for_query) != (path, json.loads(json.dumps(query))):
        raise SquareError("INVALID_CURSOR", "The cursor belongs to another query.", field="cursor")
    return list(position)
