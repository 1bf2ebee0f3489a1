"""AfterShip's Tracking API (2026-07): list, create, read, and the files it points at. Written from the contract.

Its account: key, unwatched (numbers of parcels it does not watch), page (trackings on one page), per_second (calls a
second; 10 where nothing is said). A parcel with a `first_mile` is watched under its last number, or under its first
where `watched_as` is "first"; an event's `carrier` says whose scan it is. An event with `local` true is told without
an offset; `subtag` and `status` (of the tracking) may be set where the state alone does not say it. `proof` may be a
list, and each has a `type` of its own.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from disputes.clock import SystemClock, utc
from evidence.sandbox.world import Thing, World

_BASE = "/tracking/2026-07"
_SUBTAGS = {
    "label": ("InfoReceived", "InfoReceived_001", "Info Received"),
    "in_transit": ("InTransit", "InTransit_007", "Departure Scan"),
    "out_for_delivery": ("OutForDelivery", "OutForDelivery_001", "Out for Delivery"),
    "delivered": ("Delivered", "Delivered_001", "Delivered"),
    "failed": ("AttemptFail", "AttemptFail_001", "Failed Attempt"),
    "returned": ("Exception", "Exception_011", "Returned to sender"),
    "lost": ("Exception", "Exception_013", "Shipment lost"),
    "other": ("AvailableForPickup", "AvailableForPickup_001", "Available for pickup"),
}
_MESSAGES = {
    "Delivered_002": "Picked up by the customer",
    "Delivered_003": "Sign by customer",
    "Delivered_004": "Delivered, cash on delivery",
    "Delivered_005": "Delivered to neighbor",
    "Exception_010": "Returning to sender",
}
_COUNTRIES = {"US": "USA", "TR": "TUR", "GB": "GBR", "DE": "DEU", "CN": "CHN", "CA": "CAN", "FR": "FRA", "NL": "NLD"}
_KINDS = {"application/pdf": "pdf", "image/jpeg": "image", "image/png": "image"}


def routes(world: World) -> list[BaseRoute]:
    async def listed(request: Request) -> Response:
        with world.lock:
            return _refused(world, request) or _page(world, request)

    async def created(request: Request) -> Response:
        try:
            wanted = await request.json()
        except ValueError:
            wanted = None
        with world.lock:
            return _refused(world, request) or _made(world, request, wanted)

    async def one(request: Request) -> Response:
        with world.lock:
            refused = _refused(world, request)
            wanted = request.path_params["id"]
            found = [each for each in _watched(world, request) if each["id"] == wanted]
            if refused or not found:
                return refused or _error(world, 404, 4004, "NotFound", "Tracking does not exist.")
            return _answer(world, 200, found[0])

    async def file(request: Request) -> Response:
        return _file(world, request)

    return [
        Route(f"{_BASE}/trackings", listed, methods=["GET"]),
        Route(f"{_BASE}/trackings", created, methods=["POST"]),
        Route(f"{_BASE}/trackings/{{id}}", one),
        Route("/files/{number}/{name}", file),
    ]


def delivery(world: World, number: str, secret: str, *, event: str = "tracking_update") -> tuple[bytes, dict[str, str]]:
    """A webhook as AfterShip sends it: body and headers."""
    found = next(_tracking(world, each, "https://files.example") for each in world.parcels if number in _own(each))
    now = SystemClock().now()
    body = json.dumps(
        {
            "ts": int(now.timestamp()), "event": event, "event_id": "7b2f0f5e-8d7e-4d1c-9a55-0a4b1f3f9b11",
            "is_tracking_first_tag": True, "msg": found,
        }
    ).encode()  # fmt: skip
    signed = base64.b64encode(hmac.new(secret.encode(), body, hashlib.sha256).digest()).decode()
    return body, {"aftership-hmac-sha256": signed, "content-type": "application/json"}


# ---- answers -------------------------------------------------------------------------------------------------------


def _limits(world: World) -> dict[str, str]:
    limit, memory = world.account("aftership").get("per_second", 10), world.memory("aftership")
    now = int(SystemClock().now().timestamp())
    left = max(0, limit - memory.get("count", 0))
    return {"X-RateLimit-Limit": str(limit), "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": str(now + 1)}


def _answer(world: World, status: int, data: Any, meta: Thing | None = None) -> Response:
    return JSONResponse({"meta": meta or {"code": status}, "data": data}, status, _limits(world))


def _error(world: World, status: int, code: int, kind: str, message: str, data: Thing | None = None) -> Response:
    return _answer(world, status, data or {}, {"code": code, "type": kind, "message": message})


def _refused(world: World, request: Request) -> Response | None:
    if request.headers.get("as-api-key") != world.account("aftership").get("key", "asat_practice"):
        return _error(world, 401, 401, "Unauthorized", "The API key is invalid.")
    memory, second = world.memory("aftership"), int(time.monotonic())
    memory.update(second=second, count=memory.get("count", 0) + 1 if memory.get("second") == second else 1)
    if memory["count"] <= world.account("aftership").get("per_second", 10):
        return None
    message = "You have exceeded the API call rate limit. Default limit is 10 requests per second."
    return _error(world, 429, 429, "TooManyRequests", message)


def _page(world: World, request: Request) -> Response:
    query = request.query_params
    found = _watched(world, request)
    if query.get("tracking_numbers"):
        numbers = query["tracking_numbers"].split(",")
        if len(numbers) > 50:
            return _error(world, 400, 4008, "BadRequest", "The value of tracking_numbers is invalid.")
        found = [each for each in found if each["tracking_number"] in numbers]
    if query.get("slug"):
        found = [each for each in found if each["slug"] in query["slug"].split(",")]
    if query.get("keyword"):
        found = [each for each in found if query["keyword"] in (each["tracking_number"], each["order_id"])]
    size = min(int(query.get("limit", "100")), 200, world.account("aftership").get("page", 200))
    try:
        start = int(base64.b64decode(query.get("cursor", "")) or b"0")
    except ValueError:
        return _error(world, 400, 4008, "BadRequest", "The value of cursor is invalid.")
    more = start + size < len(found)
    cursor = base64.b64encode(str(start + size).encode()).decode() if more else None
    pagination = {"total": len(found), "next_cursor": cursor, "has_next_page": more}
    return _answer(world, 200, {"pagination": pagination, "trackings": found[start : start + size]})


def _made(world: World, request: Request, wanted: Any) -> Response:
    if not isinstance(wanted, dict):
        return _error(world, 400, 4001, "BadRequest", "Invalid JSON data.")
    number = str(wanted.get("tracking_number") or "").strip()
    if not number:
        return _error(world, 400, 4007, "BadRequest", "`tracking_number` is required.")
    for each in _watched(world, request):
        if each["tracking_number"] == number and wanted.get("slug") in (None, each["slug"]):
            known = {name: each[name] for name in ("id", "tracking_number", "slug")}
            return _error(world, 400, 4003, "BadRequest", "Tracking already exists.", known)
    parcel = next((each for each in world.parcels if number in _own(each)), None)
    if parcel is None and not wanted.get("slug"):
        message = "Unable to import shipment as we don't recognize the carrier from this tracking number."
        return _error(world, 400, 4012, "BadRequest", message)
    fresh: Thing = {"number": number, "carrier": wanted.get("slug") or (parcel or {}).get("carrier"), "events": []}
    world.memory("aftership").setdefault("created", []).append(parcel or fresh)
    return _answer(world, 201, _tracking(world, (parcel or {}) | fresh | {"proof": None}, _host(request)))


# ---- trackings -----------------------------------------------------------------------------------------------------


def _host(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}/aftership"


def _own(parcel: Thing) -> list[str]:
    return [each["number"] for each in (parcel, parcel.get("first_mile")) if each]


def _watched(world: World, request: Request) -> list[Thing]:
    unwatched = world.account("aftership").get("unwatched", ())
    parcels = [each for each in world.parcels if not set(_own(each)) & set(unwatched)]
    parcels += world.memory("aftership").get("created", [])
    return [_tracking(world, each, _host(request)) for each in parcels]


def _slug(carrier: str) -> str:
    return carrier.casefold().replace(" ", "-")


def _mile(parcel: Thing | None) -> Thing | None:
    if parcel is None:
        return None
    return {
        "tracking_number": parcel["number"], "slug": _slug(parcel["carrier"]), "transit_time": None,
        "courier_tracking_link": None, "courier_redirect_link": None,
    }  # fmt: skip


def _tracking(world: World, parcel: Thing, host: str) -> Thing:
    events, first = parcel["events"], parcel.get("first_mile")
    as_first = bool(first) and parcel.get("watched_as") == "first"
    own = first if as_first and first else parcel
    last = events[-1] if events else None
    tag, subtag, message = _tagged(last) if last else ("Pending", "Pending_001", "Label created")
    to = parcel.get("destination") or {}
    asked = parcel.get("signature_required")
    signature = None if asked is None else "Signature required" if asked else "No signature required"
    return {
        "id": hashlib.sha256(f"{own['number']}/{own['carrier']}".encode()).hexdigest()[:32],
        "created_at": "2026-09-01T10:20:00Z",
        "updated_at": "2026-09-05T00:00:00Z",
        "tracking_number": own["number"],
        "slug": _slug(own["carrier"]),
        "active": False,
        "order_id": None,
        "order_number": None,
        "shipment_type": parcel.get("service"),
        "signed_by": parcel.get("signed_by") if tag == "Delivered" else None,
        "signature_requirement": signature,
        "delivery_location_type": None,
        "destination_country_region": _COUNTRIES.get(to.get("country", "")),
        "destination_state": to.get("region"),
        "destination_city": to.get("city"),
        "destination_postal_code": to.get("postal_code"),
        "courier_destination_country_region": _COUNTRIES.get(to.get("country", "")),
        "return_to_sender": bool(parcel.get("return_to_sender", tag == "Exception" and subtag == "Exception_011")),
        "tag": parcel.get("status", tag),
        "subtag": subtag,
        "subtag_message": message,
        "checkpoints": [_checkpoint(each, parcel) for each in events],
        "proof_of_delivery": _proofs(world, parcel, host) if tag == "Delivered" else [],
        "first_mile": _mile(first) if first and not as_first else None,
        "last_mile": _mile(parcel) if as_first else None,
    }


def _tagged(event: Thing) -> tuple[str, str, str]:
    tag, subtag, message = _SUBTAGS[event["state"]]
    told = event.get("subtag", subtag)
    return tag, told, _MESSAGES.get(told, message)


def _checkpoint(event: Thing, parcel: Thing) -> Thing:
    tag, subtag, message = _tagged(event)
    at = datetime.fromisoformat(event["at"])
    return {
        "created_at": utc(at).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "slug": _slug(event.get("carrier") or parcel["carrier"]),
        "checkpoint_time": at.strftime("%Y-%m-%dT%H:%M:%S") if event.get("local") else at.isoformat(),
        "location": ", ".join(event[each] for each in ("city", "region", "country") if event.get(each)) or None,
        "city": event.get("city"),
        "state": event.get("region"),
        "postal_code": event.get("postal_code"),
        "country_region": _COUNTRIES.get(event.get("country", "")),
        "country_region_name": None,
        "message": event["text"],
        "tag": tag,
        "subtag": subtag,
        "subtag_message": message,
        "raw_tag": None,
        "hash": hashlib.sha256(json.dumps(event, sort_keys=True).encode()).hexdigest()[:32],
    }


# ---- files ---------------------------------------------------------------------------------------------------------


def _proofs(world: World, parcel: Thing, host: str) -> list[Thing]:
    """Addresses made anew with every answer; one that was fetched is used up."""
    found = []
    memory = world.memory("aftership")
    told = parcel.get("proof") or []
    for proof in [told] if isinstance(told, dict) else told:
        memory["files"] = memory.get("files", 0) + 1
        memory.setdefault("open", []).append(str(memory["files"]))
        url = f"{host}/files/{parcel['number']}/{proof['name']}?Expires=1795000000&Signature={memory['files']}"
        found.append({"type": proof.get("type") or _KINDS.get(proof["media_type"], "image"), "url": url})
    return found


def _file(world: World, request: Request) -> Response:
    """Its own store, like a bucket: it knows no key, and a request with one is a leak the tests look for."""
    memory, given = world.memory("aftership"), request.query_params.get("Signature", "")
    with world.lock:
        memory.setdefault("keys_seen", []).extend(request.headers.getlist("as-api-key"))
        if given not in memory.get("open", []):
            return Response("<Error><Code>AccessDenied</Code></Error>", 403, media_type="application/xml")
        memory["open"].remove(given)
    for parcel in world.parcels:
        told = parcel.get("proof") or []
        for proof in [told] if isinstance(told, dict) else told:
            if (parcel["number"], proof["name"]) == (request.path_params["number"], request.path_params["name"]):
                return Response(base64.b64decode(proof["base64"]), media_type=proof["media_type"])
    return Response("<Error><Code>NoSuchKey</Code></Error>", 404, media_type="application/xml")
