"""17TRACK's Tracking API v2.4: register, gettrackinfo and getquota. Routes and envelope are the contract's; the shape
of a track is that of the vendor's public pages.

Its account: token, unwatched (numbers that are not registered), quota (what is left of it), per_second (calls a second;
0 is no limit), machines (False: this machine is not on its list). A parcel with a `first_mile` has two providers; an
event's `carrier` says whose scan it is, `local` that the carrier told no zone, `sub_status` what the state alone does
not say. `status` may be set where the scans do not say it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from evidence.sandbox.world import Thing, World

_BASE = "/track/v2.4"
_STAGES = {
    "label": ("InfoReceived", "InfoReceived"),
    "in_transit": ("Departure", "InTransit_Departure"),
    "out_for_delivery": ("OutForDelivery", "OutForDelivery_Other"),
    "delivered": ("Delivered", "Delivered_Other"),
    "failed": (None, "DeliveryFailure_NoBody"),
    "returned": ("Returned", "Exception_Returned"),
    "lost": (None, "Exception_Lost"),
    "other": ("AvailableForPickup", "AvailableForPickup_Other"),
}
_KEYS = {"DHL": 100001, "UPS": 100002, "FedEx": 100003, "USPS": 21051, "China Post": 3011}
Answered = Callable[[list[Any]], Response]


def routes(world: World) -> list[BaseRoute]:
    def route(path: str, answer: Answered) -> Route:
        async def asked(request: Request) -> Response:
            try:
                content = await request.json()
            except ValueError:
                content = None
            with world.lock:
                refused = _refused(world, request)
                if refused is not None:
                    return refused
                if not isinstance(content, list):
                    return _error(-18010013, "Submitted data is invalid.")
                if len(content) > 40:
                    return _error(-18010014, "The number of tracking numbers cannot exceed 40.")
                return answer(content)

        return Route(f"{_BASE}/{path}", asked, methods=["POST"])

    return [
        route("gettrackinfo", lambda content: _info(world, content)),
        route("register", lambda content: _register(world, content)),
        route("getquota", lambda _: _quota(world)),
    ]


def _answer(data: Any, code: int = 0, status: int = 200) -> Response:
    return JSONResponse({"code": code, "data": data}, status)


def _error(code: int, message: str, status: int = 200) -> Response:
    return _answer({"errors": [{"code": code, "message": message}]}, code, status)


def _refused(world: World, request: Request) -> Response | None:
    account, memory = world.account("seventeentrack"), world.memory("seventeentrack")
    if not account.get("machines", True):
        return _error(-18010001, "IP address is not in the whitelist.")
    if request.headers.get("17token") != account.get("token", "17practice"):
        return _error(-18010002, "Access token is invalid.", account.get("key_status", 401))
    second = int(time.monotonic())
    memory.update(second=second, count=memory.get("count", 0) + 1 if memory.get("second") == second else 1)
    limit = account.get("per_second", 0)
    return Response("Too Many Requests", 429) if limit and memory["count"] > limit else None


def _rejected(number: str, code: int, message: str) -> Thing:
    return {"number": number, "error": {"code": code, "message": message}}


def _quota(world: World) -> Response:
    left = world.account("seventeentrack").get("quota", 100)
    return _answer({"quota_total": 100, "quota_used": 100 - left, "quota_remain": left, "today_used": 0})


def _registered(world: World, number: str) -> bool:
    unwatched = number in world.account("seventeentrack").get("unwatched", ())
    known = any(each["number"] == number for each in world.parcels)
    return (known and not unwatched) or number in world.memory("seventeentrack").get("registered", {})


def _register(world: World, content: list[Any]) -> Response:
    account, memory = world.account("seventeentrack"), world.memory("seventeentrack")
    accepted, rejected = [], []
    for each in content:
        number = str(each.get("number") or "")
        parcel = next((one for one in world.parcels if one["number"] == number), None)
        if _registered(world, number):
            said = f"The tracking number '{number}' has been registered, don't need to repeat registration."
            rejected.append(_rejected(number, -18019901, said))
        elif parcel is None:
            said = f"The carrier of the tracking number '{number}' can not be detected."
            rejected.append(_rejected(number, -18019903, said))
        elif account.get("quota", 100) <= 0:
            rejected.append(_rejected(number, -18019908, "The remaining quota {0} is not enough."))
        else:
            account["quota"] = account.get("quota", 100) - 1
            memory.setdefault("registered", {})[number] = "asked"
            accepted.append({"origin": 1, "number": number, "carrier": _key(parcel["carrier"])})
    return _answer({"accepted": accepted, "rejected": rejected})


def _info(world: World, content: list[Any]) -> Response:
    accepted, rejected = [], []
    for each in content:
        number = str(each.get("number") or "")
        asked = world.memory("seventeentrack").get("registered", {})
        if not _registered(world, number):
            said = f"The tracking number '{number}' does not register, please register first."
            rejected.append(_rejected(number, -18019902, said))
        elif asked.get(number) == "asked":
            asked[number] = "known"  # the carriers are asked in the background
            rejected.append(_rejected(number, -18019909, "No tracking information at this time."))
        else:
            accepted += [_track(parcel) for parcel in world.parcels if parcel["number"] == number]
    return _answer({"accepted": accepted, "rejected": rejected})


# ---- a track -------------------------------------------------------------------------------------------------------


def _key(carrier: str) -> int:
    return _KEYS.get(carrier, 190000 + sum(map(ord, carrier)))


def _place(told: Thing) -> Thing:
    names = {"country": "country", "state": "region", "city": "city", "postal_code": "postal_code"}
    place = {name: told.get(world_name) or None for name, world_name in names.items()}
    return {**place, "street": None, "coordinates": {"longitude": None, "latitude": None}}


def _track(parcel: Thing) -> Thing:
    events, first = parcel["events"], parcel.get("first_mile")
    carriers = [each for each in (first and first["carrier"], parcel["carrier"]) if each]
    providers = [
        {
            "provider": {"key": _key(name), "name": name, "alias": name, "tel": None, "homepage": None, "country": ""},
            "service_type": None, "latest_sync_status": "Success", "latest_sync_time": "2026-11-22T09:00:00Z",
            "events_hash": 1, "provider_tips": None,
            "events": [_event(each) for each in reversed(events) if each.get("carrier", parcel["carrier"]) == name],
        }
        for name in carriers
    ]  # fmt: skip
    last = _event(events[-1]) if events else None
    main = str(last["sub_status"]).partition("_")[0] if last else "NotFound"
    return {
        "number": parcel["number"], "carrier": _key(carriers[0]), "param": None, "tag": "",
        "track_info": {
            "shipping_info": {"shipper_address": _place({}),
                              "recipient_address": _place(parcel.get("destination") or {})},
            "latest_status": {"status": parcel.get("status", main), "sub_status": last and last["sub_status"],
                              "sub_status_descr": None},
            "latest_event": last,
            "time_metrics": {"days_after_order": 1, "days_of_transit": 1, "estimated_delivery_date": {}},
            "milestone": [],
            "misc_info": {"service_type": parcel.get("service"), "reference_number": None,
                          "local_number": parcel.get("local_number"),
                          "local_provider": parcel["carrier"] if first else None},
            "tracking": {"providers_hash": 1, "providers": providers},
        },
    }  # fmt: skip


def _event(event: Thing) -> Thing:
    at = datetime.fromisoformat(event["at"])
    stage, finer = _STAGES[event["state"]]
    offset = at.strftime("%z")
    zone = None if event.get("local") else f"{offset[:3]}:{offset[3:]}"
    return {
        "time_iso": at.isoformat(), "time_utc": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "time_raw": {"date": at.strftime("%Y-%m-%d"), "time": at.strftime("%H:%M:%S"), "timezone": zone},
        "description": event["text"], "stage": stage, "sub_status": event.get("sub_status", finer),
        "location": ", ".join(event[each] for each in ("city", "region") if event.get(each)) or None,
        "address": _place(event),
    }  # fmt: skip
