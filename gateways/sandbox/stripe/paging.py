"""Lists: newest first, by cursor, with the filters each kind has."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.store import JSON
from gateways.sandbox.stripe.call import Call, Handler
from gateways.sandbox.stripe.errors import StripeError, missing
from gateways.sandbox.stripe.world import NOUN, World

_COLUMN = {
    "charge": "parent = ?",
    "source": "parent = ?",
    "payment_intent": "payment_intent = ?",
    "type": "label = ?",
    "purpose": "label = ?",
    "currency": "json_extract(body, '$.currency') = ?",
    "customer": "json_extract(body, '$.customer') = ?",
    "email": "json_extract(body, '$.email') = ?",
}
_COMPARE = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
Conditions = list[tuple[str, list[Any]]]


def listing(kind: str, url: str) -> Handler:
    def answer(world: World, call: Call) -> JSON:
        return page(world, kind, url, call.params, filters(call.params))

    return answer


def filters(params: JSON) -> Conditions:
    """The conditions for whatever filters were sent; the words are ours, only the values are the caller's."""
    found: Conditions = [(sql, [params[name]]) for name, sql in _COLUMN.items() if name in params]
    for word, moment in params.get("created", {}).items():
        found.append((f"created {_COMPARE[word]} ?", [moment]))
    return found


def page(world: World, kind: str, url: str, params: JSON, conditions: Conditions) -> JSON:
    after, before = params.get("starting_after"), params.get("ending_before")
    if after and before:
        raise StripeError("You cannot parameterize both starting_after and ending_before.")
    if cursor := after or before:
        sign = "<" if after else ">"
        conditions = [*conditions, (f"(created, seq) {sign} (?, ?)", _cursor(world, kind, str(cursor), bool(after)))]
    limit = params.get("limit", 10)
    where = " AND ".join(sql for sql, _ in conditions) or "1"
    values = [value for _, inner in conditions for value in inner]
    rows = world.store.find(kind, where, values, limit + 1, oldest=bool(before))
    shown = rows[:limit][::-1] if before else rows[:limit]
    # "count" is in no documentation, but recordings of the real thing carry it.
    return {
        "object": "list",
        "count": len(shown),
        "data": [row.body for row in shown],
        "has_more": len(rows) > limit,
        "url": url,
    }


def _cursor(world: World, kind: str, id: str, after: bool) -> list[Any]:
    position = world.store.position(kind, id)
    if position is None:
        raise missing(NOUN.get(kind, kind), id, "starting_after" if after else "ending_before", 400)
    return list(position)
