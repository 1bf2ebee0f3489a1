"""GET /v2/disputes and its neighbours."""

from __future__ import annotations

from gateways.sandbox.square import events, lifecycle
from gateways.sandbox.square.call import Call
from gateways.sandbox.square.paging import Conditions, page
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON

_OVER = ("INQUIRY_CLOSED", "WON", "LOST")


def list_disputes(world: World, call: Call) -> JSON:
    """Newest first; `states` may be repeated, and no dispute at all leaves the list itself out."""
    wanted: Conditions = []
    if states := call.query.get("states"):
        wanted.append((f"label IN ({', '.join('?' * len(states))})", states))
    elif world.setting("unfiltered") == "open":
        wanted.append(("label NOT IN (?, ?, ?)", list(_OVER)))
    if location := call.query.get("location_id"):
        wanted.append(("json_extract(body, '$.location_id') = ?", [location]))
    rows, more = page(world, call, "dispute", wanted)
    return {"disputes": [events.shown(world, each.body) for each in rows], **more} if rows else {}


def get_dispute(world: World, call: Call) -> JSON:
    return _answer(world, call)


def accept(world: World, call: Call) -> JSON:
    lifecycle.accept(world, world.need("dispute", call.id), call.now)
    return _answer(world, call)


def submit_evidence(world: World, call: Call) -> JSON:
    lifecycle.submit(world, world.need("dispute", call.id), call.now)
    return _answer(world, call)


def _answer(world: World, call: Call) -> JSON:
    return {"dispute": events.shown(world, world.need("dispute", call.id).body)}
