"""Shippo's tracks: one parcel of one carrier at a time. Written from the contract and Shippo's published models.

Its account: token, per_second (calls a second; 0 is no limit). A parcel's `token` is Shippo's name of its carrier where
that is not the carrier's own in small letters; `status` says what no scan says; an event's `substatus` is its finer
code.
"""

from __future__ import annotations

import hashlib
import time
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from disputes.clock import utc
from evidence.sandbox.world import Thing, World

_STATUS = {
    "label": ("PRE_TRANSIT", "information_received"),
    "in_transit": ("TRANSIT", "package_departed"),
    "out_for_delivery": ("TRANSIT", "out_for_delivery"),
    "delivered": ("DELIVERED", "delivered"),
    "failed": ("FAILURE", "package_undeliverable"),
    "returned": ("RETURNED", "return_to_sender"),
    "lost": ("FAILURE", "package_lost"),
    "other": ("UNKNOWN", "other"),
}


def routes(world: World) -> list[BaseRoute]:
    def one(request: Request) -> Response:
        with world.lock:
            refused = _refused(world, request)
            if refused is not None:
                return refused
            carrier, number = request.path_params["carrier"], request.path_params["number"]
            if carrier == "shippo":
                return JSONResponse(_nothing(carrier, number))
            known = {_token(each) for each in world.parcels} | {"ups", "usps", "fedex"}
            if carrier not in known:
                return JSONResponse({"carrier": [f"Invalid carrier token: {carrier}."]}, 400)
            found = [each for each in world.parcels if each["number"] == number and _token(each) == carrier]
            return JSONResponse(_track(found[0]) if found else _nothing(carrier, number))

    return [Route("/tracks/{carrier}/{number}", one)]


def _refused(world: World, request: Request) -> Response | None:
    account, memory = world.account("shippo"), world.memory("shippo")
    if request.headers.get("authorization") != f"ShippoToken {account.get('token', 'shippo_live_practice')}":
        return JSONResponse({"detail": "Invalid token"}, 401)
    second = int(time.monotonic())
    memory.update(second=second, count=memory.get("count", 0) + 1 if memory.get("second") == second else 1)
    limit = account.get("per_second", 0)
    return JSONResponse({"detail": "Request was throttled."}, 429) if limit and memory["count"] > limit else None


def _token(parcel: Thing) -> str:
    return str(parcel.get("token") or parcel["carrier"].casefold().replace(" ", "_"))


def _nothing(carrier: str, number: str) -> Thing:
    return {
        "messages": [], "carrier": carrier, "tracking_number": number, "address_from": None, "address_to": None,
        "eta": None, "original_eta": None, "servicelevel": {"token": None, "name": None}, "metadata": "",
        "tracking_status": None, "tracking_history": [], "transaction": None,
    }  # fmt: skip


def _track(parcel: Thing) -> Thing:
    history = [_scan(each) for each in parcel["events"]]
    last: Any = history[-1] if history else None
    if parcel.get("status"):
        blank = {"at": "2026-09-01T10:20:00+00:00", "state": "other", "text": ""}
        last = _scan(blank) | {"status": parcel["status"]}
    return _nothing(_token(parcel), parcel["number"]) | {
        "address_to": _place(parcel.get("destination") or {}),
        "servicelevel": {"token": None, "name": parcel.get("service")},
        "tracking_status": last, "tracking_history": history,
    }  # fmt: skip


def _place(told: Thing) -> Thing:
    names = {"city": "city", "state": "region", "zip": "postal_code", "country": "country"}
    return {name: told.get(world_name) or "" for name, world_name in names.items()}


def _scan(event: Thing) -> Thing:
    status, finer = _STATUS[event["state"]]
    moment = utc(datetime.fromisoformat(event["at"])).strftime("%Y-%m-%dT%H:%M:%SZ")
    code = event.get("substatus", finer)
    return {
        "object_id": hashlib.sha256(repr(sorted(event.items())).encode()).hexdigest()[:32], "object_created": moment,
        "object_updated": moment, "status": status, "status_details": event["text"], "status_date": moment,
        "substatus": {"code": code, "text": code.replace("_", " ").capitalize(), "action_required": False},
        "location": _place(event) if event.get("city") or event.get("country") else None,
    }  # fmt: skip
