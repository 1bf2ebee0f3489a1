"""EasyPost's tracker API (v2): list, create, read. Written from the contract.

Its account: key, user {id, name}, unwatched (numbers of parcels it has no tracker of), per_second (calls of the list a
second; 0 is no limit). A parcel's `watched_since` is when its tracker was made; `status` and `mode` may be set where
the scans alone do not say them. Several parcels may have one number.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import unicodedata
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from disputes.clock import SystemClock, utc
from evidence.sandbox.world import Thing, World

_STATUS = {
    "label": ("pre_transit", "label_created"),
    "in_transit": ("in_transit", "status_update"),
    "out_for_delivery": ("out_for_delivery", "out_for_delivery"),
    "delivered": ("delivered", "arrived_at_destination"),
    "failed": ("failure", "delivery_exception"),
    "returned": ("return_to_sender", "return"),
    "lost": ("failure", "lost"),
    "other": ("available_for_pickup", "arrived_at_pickup_location"),
}


def routes(world: World) -> list[BaseRoute]:
    async def user(request: Request) -> Response:
        refused = _refused(world, request)
        known = {"id": "user_practice", "name": "Practice account"} | world.account("easypost").get("user", {})
        return refused or JSONResponse({"object": "User", "parent_id": None, "email": None, **known})

    async def listed(request: Request) -> Response:
        with world.lock:
            refused = _refused(world, request) or _too_often(world)
            return refused or _page(_watched(world), dict(request.query_params))

    async def created(request: Request) -> Response:
        refused = _refused(world, request)
        if refused:
            return refused
        try:
            wanted = (await request.json()).get("tracker") or {}
        except (ValueError, AttributeError):
            wanted = {}
        with world.lock:
            return _made(world, wanted)

    async def one(request: Request) -> Response:
        refused = _refused(world, request)
        found = [each for each in _watched(world) if each["id"] == request.path_params["id"]]
        if refused or not found:
            return refused or _error(404, "NOT_FOUND", "The requested resource could not be found.")
        return JSONResponse(found[0])

    return [
        Route("/v2/users", user),
        Route("/v2/trackers", listed, methods=["GET"]),
        Route("/v2/trackers", created, methods=["POST"]),
        Route("/v2/trackers/{id}", one),
    ]


def delivery(world: World, number: str, secret: str, *, event: str = "tracker.updated") -> tuple[bytes, dict[str, str]]:
    """A webhook as EasyPost sends it: body and headers."""
    found = next((each for each in _watched(world) if each["tracking_code"] == number), None)
    body = json.dumps(
        {
            "id": f"evt_{_digest(number, event)}", "object": "Event", "mode": "production", "description": event,
            "previous_attributes": {"status": "in_transit"}, "pending_urls": [], "completed_urls": [],
            "created_at": _stamp(SystemClock().now()), "updated_at": _stamp(SystemClock().now()), "status": "pending",
            "result": found or {"object": event.partition(".")[0].capitalize(), "id": "x"},
        }
    ).encode()  # fmt: skip
    key = unicodedata.normalize("NFKD", secret).encode("utf-8")
    signed = hmac.new(key, body, hashlib.sha256).hexdigest()
    return body, {"x-hmac-signature": f"hmac-sha256-hex={signed}", "content-type": "application/json"}


# ---- refusals ------------------------------------------------------------------------------------------------------


def _error(status: int, code: str, message: str, errors: list[Thing] | None = None) -> Response:
    return JSONResponse({"error": {"code": code, "message": message, "errors": errors or []}}, status)


def _refused(world: World, request: Request) -> Response | None:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        user, _, password = base64.b64decode(given).decode().partition(":")
    except ValueError:
        user, password = "", "x"
    if kind.casefold() == "basic" and not password and user == world.account("easypost").get("key", "EZAK-practice"):
        return None
    return _error(401, "APIKEY.INACTIVE", "This api key is no longer active. Please use a different api key.")


def _too_often(world: World) -> Response | None:
    limit, memory = world.account("easypost").get("per_second", 0), world.memory("easypost")
    second = int(time.monotonic())
    count = memory["count"] + 1 if memory.get("second") == second else 1
    memory.update(second=second, count=count)
    if not limit or count <= limit:
        return None
    return _error(429, "RATE_LIMITED", "You have been rate-limited. Retry your request again later.")


# ---- trackers ------------------------------------------------------------------------------------------------------


def _page(trackers: list[Thing], query: dict[str, str]) -> Response:
    for name in ("tracking_code", "carrier"):
        if query.get(name):
            trackers = [each for each in trackers if each[name] == query[name]]
    ids = [each["id"] for each in trackers]
    if query.get("before_id") in ids:
        trackers = trackers[ids.index(query["before_id"]) + 1 :]
    try:
        size = min(100, max(1, int(query.get("page_size", "20"))))
    except ValueError:
        return _error(422, "PARAMETER.INVALID", "Invalid parameter.", [{"field": "page_size", "message": "is invalid"}])
    return JSONResponse({"trackers": trackers[:size], "has_more": len(trackers) > size})


def _made(world: World, wanted: Thing) -> Response:
    number = str(wanted.get("tracking_code") or "").strip()
    if not number:
        field = {"field": "tracking_code", "message": "cannot be blank"}
        return _error(422, "PARAMETER.REQUIRED", "Missing required parameter.", [field])
    for each in _watched(world):
        if each["tracking_code"] == number and wanted.get("carrier") in (None, "", each["carrier"]):
            return JSONResponse(each, 201)
    parcel = next((each for each in world.parcels if each["number"] == number), {})
    carrier = wanted.get("carrier") or parcel.get("carrier")
    if not carrier:
        return _error(422, "TRACKER.CARRIER.UNDETECTABLE", "The carrier of this tracking code could not be detected.")
    now = _stamp(SystemClock().now())
    fresh = {"number": number, "carrier": carrier, "events": [], "watched_since": now}
    world.memory("easypost").setdefault("created", []).append(parcel or fresh)
    # The carrier is asked in the background; the answer knows nothing yet.
    return JSONResponse(_tracker(parcel | fresh, 0), 201)


def _watched(world: World) -> list[Thing]:
    """Newest first."""
    unwatched = world.account("easypost").get("unwatched", ())
    parcels = [each for each in world.parcels if each["number"] not in unwatched]
    parcels += world.memory("easypost").get("created", [])
    made = [_tracker(each, place) for place, each in enumerate(parcels)]
    return sorted(made, key=lambda each: (each["created_at"], each["id"]), reverse=True)


def _tracker(parcel: Thing, place: int) -> Thing:
    events = parcel["events"]
    status, detail = _STATUS[events[-1]["state"]] if events else ("unknown", "unknown")
    since = parcel.get("watched_since") or (events[0]["at"] if events else "2026-01-01T00:00:00+00:00")
    last = events[-1]["at"] if events else since
    destination = parcel.get("destination") or {}
    town = f"{destination['city']} {destination['region']}, {destination['postal_code']}" if destination else None
    number, carrier = parcel["number"], parcel["carrier"].replace(" ", "")
    return {
        "id": f"trk_{_digest(number, carrier, place)}",
        "object": "Tracker",
        "mode": parcel.get("mode", "production"),
        "tracking_code": number,
        "status": parcel.get("status", status),
        "status_detail": detail,
        "created_at": _stamp(datetime.fromisoformat(since)),
        "updated_at": _stamp(datetime.fromisoformat(last)),
        "signed_by": parcel.get("signed_by") if status == "delivered" else None,
        "weight": None,
        "est_delivery_date": _stamp(datetime.fromisoformat(last)),
        "shipment_id": None,
        "carrier": carrier,
        "tracking_details": [_detail(each, carrier) for each in events],
        "fees": [],
        "carrier_detail": {
            "object": "CarrierDetail",
            "service": parcel.get("service"),
            "container_type": None,
            "est_delivery_date_local": None,
            "est_delivery_time_local": None,
            "origin_location": None,
            "origin_tracking_location": None,
            "destination_location": town.upper() if town else None,
            "destination_tracking_location": None,
            "guaranteed_delivery_date": None,
            "alternate_identifier": None,
            "initial_delivery_attempt": None,
        },
        "public_url": f"https://track.easypost.com/{_digest(number)}",
    }


def _detail(event: Thing, carrier: str) -> Thing:
    status, detail = _STATUS[event["state"]]
    names = {"city": "city", "state": "region", "country": "country", "zip": "postal_code"}
    place: dict[str, Any] = {name: event.get(told) or None for name, told in names.items()}
    at = datetime.fromisoformat(event["at"])
    # Without a whole place nobody knows the zone: the carrier's local time is passed on as if it were UTC.
    known = place["city"] and place["zip"] and (place["state"] or place["country"])
    return {
        "object": "TrackingDetail",
        "message": event["text"],
        "description": "",
        "status": status,
        "status_detail": detail,
        "datetime": _stamp(at) if known else at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "source": carrier,
        "carrier_code": "",
        "tracking_location": {"object": "TrackingLocation", **place},
    }


def _stamp(at: datetime) -> str:
    return utc(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def _digest(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:32]
