"""Gorgias's REST API: customers, tickets, messages. Written from the contract.

Its account: email and key of the user, limit (calls in a window, 40) and window (seconds, 20). A ticket's `trashed_at`
put it into the bin. A customer's `handle` is the account on a social network; a message's `rule` sent it by itself,
`unsent` leaves out when it was sent.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from evidence.sandbox.world import Thing, World

_DEFAULT, _MOST = 30, 100
_CHANNELS = {"instagram": "instagram-direct-message", "facebook": "facebook-messenger", "web": "contact_form"}
_SOCIAL = frozenset({"instagram", "facebook", "whatsapp", "chat"})


def routes(world: World) -> list[BaseRoute]:
    async def customers(request: Request) -> Response:
        email = request.query_params.get("email", "").casefold()
        known = {each["customer"]["id"]: each["customer"] for each in world.tickets}.values()
        found = [each for each in known if not email or email in _addresses(each)]
        return _refused(world, request) or _page(request, [_customer(each) for each in found])

    async def tickets(request: Request) -> Response:
        wanted = request.query_params.get("customer_id")
        found = [each for each in world.tickets if wanted in (None, str(each["customer"]["id"]))]
        found.sort(
            key=lambda each: each["created_at"], reverse=not request.query_params.get("order_by", "").endswith("asc")
        )
        shown = [_ticket(each) for each in found if not each.get("trashed_at") or request.query_params.get("trashed")]
        return _refused(world, request) or _page(request, shown)

    async def ticket(request: Request) -> Response:
        found = next((each for each in world.tickets if each["id"] == request.path_params["id"]), None)
        refused = _refused(world, request)
        if refused or found is None:
            return refused or _error(404, "Ticket not found.")
        return JSONResponse(_ticket(found) | {"messages": [_message(found, each, request) for each in _written(found)]})

    async def messages(request: Request) -> Response:
        wanted = request.query_params.get("ticket_id")
        found = [
            _message(each, message, request)
            for each in world.tickets
            if wanted in (None, str(each["id"]))
            for message in _written(each)
        ]
        return _refused(world, request) or _page(request, found)

    async def file(request: Request) -> Response:
        refused = _refused(world, request)
        found = [
            each for ticket in world.tickets for each in ticket["messages"] if each["id"] == request.path_params["id"]
        ]
        if refused or not found:
            return refused or _error(404, "Attachment not found.")
        each = found[0]["attachments"][request.path_params["place"]]
        return Response(base64.b64decode(each["base64"]), media_type=each["media_type"])

    return [
        Route("/api/customers", customers),
        Route("/api/tickets", tickets),
        Route("/api/tickets/{id:int}", ticket),
        Route("/api/messages", messages),
        Route("/api/attachment/download/{id:int}/{place:int}", file),
    ]


# ---- who asks, how often, how much ---------------------------------------------------------------------------------


def _refused(world: World, request: Request) -> Response | None:
    account = {"email": "mia@lumen.example", "key": "practice"} | world.account("gorgias")
    kind, _, packed = request.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(packed, validate=True).decode()
    except (binascii.Error, ValueError):
        given = ""
    if kind.casefold() != "basic" or given != f"{account['email']}:{account['key']}":
        return _error(401, "The server could not verify that you are authorized to access the URL requested.")
    with world.lock:
        return _too_often(world)


def _too_often(world: World) -> Response | None:
    account, memory = world.account("gorgias"), world.memory("gorgias")
    most, window = account.get("limit", 40), account.get("window", 20)
    now = time.monotonic()
    calls = [each for each in memory.get("calls", []) if now - each < window]
    if len(calls) < most:
        memory["calls"] = [*calls, now]
        return None
    wait = max(1, round(window - (now - calls[0]) + 0.5))
    head = {"retry-after": str(wait), "x-gorgias-account-api-call-limit": f"{most}/{most}"}
    return JSONResponse({"error": {"msg": "Your account has reached its API limit."}}, 429, head)


def _page(request: Request, found: list[Thing]) -> Response:
    size = int(request.query_params.get("limit", _DEFAULT))
    if not 1 <= size <= _MOST:
        return _error(400, "Limit must be between 1 and 100.")
    start = int(request.query_params.get("cursor", 0))
    following = str(start + size) if start + size < len(found) else None
    before = str(max(0, start - size)) if start else None
    return JSONResponse({
        "data": found[start : start + size], "object": "list", "uri": request.url.path,
        "meta": {"next_cursor": following, "prev_cursor": before},
    })  # fmt: skip


def _error(status: int, words: str) -> Response:
    return JSONResponse({"error": {"msg": words}}, status)


# ---- shapes --------------------------------------------------------------------------------------------------------


def _addresses(customer: Thing) -> list[str]:
    return [str(each).casefold() for each in (customer.get("email"), *customer.get("further", ())) if each]


def _customer(customer: Thing) -> Thing:
    first, _, last = (customer["name"] or "").partition(" ")
    return {
        "id": customer["id"], "name": customer["name"], "firstname": first, "lastname": last,
        "email": customer.get("email"),
        "external_id": None, "note": None, "customer": None, "data": None, "meta": None, "integrations": {},
        "channels": list(_channels(customer)),
    }  # fmt: skip


def _channels(customer: Thing) -> Iterator[Thing]:
    known = [("email", each) for each in (customer.get("email"), *customer.get("further", ())) if each]
    known += [("instagram", customer["handle"])] if customer.get("handle") else []
    for number, (kind, address) in enumerate(known):
        somebody = {"id": customer["id"], "name": customer["name"]}
        yield {
            "id": customer["id"] * 10 + number, "type": kind, "address": address, "preferred": number == 0,
            "created_datetime": "2025-02-01T08:00:00+00:00", "updated_datetime": "2025-02-01T08:00:00+00:00",
            "deleted_datetime": None, "user": somebody, "customer": somebody,
        }  # fmt: skip


def _ticket(ticket: Thing) -> Thing:
    number, customer = ticket["id"], _customer(ticket["customer"])
    said = [message["at"] for message in ticket["messages"]]
    return {
        "id": number, "uri": f"/api/tickets/{number}/", "external_id": None, "events": [], "status": ticket["status"],
        "priority": "normal", "channel": _channel(ticket["channel"]), "via": ticket["channel"], "from_agent": False,
        "spam": False, "requester": customer, "customer": customer,
        "assignee_user": {"name": "Mia Agent", "firstname": "Mia", "lastname": "Agent", "id": 1,
                          "email": "mia@lumen.example", "meta": {"name_set_via": "agent"}},
        "assignee_team": None, "assignee_team_id": None, "language": "en", "subject": ticket["subject"], "meta": None,
        "tags": [], "messages": [], "created_datetime": ticket["created_at"], "opened_datetime": None,
        "last_received_message_datetime": None, "last_message_datetime": max(said, default=ticket["updated_at"]),
        "updated_datetime": ticket["updated_at"], "closed_datetime": None,
        "trashed_datetime": ticket.get("trashed_at"), "snooze_datetime": None, "satisfaction_survey": None,
        "reply_options": {"email": {"answerable": True}, "internal-note": {"answerable": True}},
    }  # fmt: skip


def _written(ticket: Thing) -> list[Thing]:
    """What is only being written is on nobody's ticket."""
    return [each for each in ticket["messages"] if not each["draft"]]


def _message(ticket: Thing, message: Thing, request: Request) -> Thing:
    mine = message["from"] == "customer"
    channel = _channel(message["channel"]) if message["public"] else "internal-note"
    social = message["channel"] in _SOCIAL
    customer = _person(ticket["customer"]["id"], ticket["customer"]["name"], None if social else message["email"])
    if not mine:
        customer["email"] = None if social else ticket["customer"].get("email")
    agent = _person(1, message["name"] if not mine else "Mia Agent", "mia@lumen.example" if mine else message["email"])
    handle = ticket["customer"].get("handle") if social else None
    to = [{"address": None if social else each, "name": None} for each in message["to"]]
    sender, receiver = (customer, agent) if mine else (agent, customer)
    place = {"address": handle if social else message["email"], "name": message["name"]}
    page = message["html"] or f"<div>{message['text']}</div>"
    sent = None if message["failed_at"] or message.get("unsent") else message["at"]
    return {
        "id": message["id"], "uri": f"/api/messages/{message['id']}/", "channel": channel, "via": _via(message),
        "message_id": message["message_id"], "external_id": None, "meta": None, "ticket_id": ticket["id"],
        "rule_id": 7 if message.get("rule") else None, "from_agent": not mine, "integration_id": 5,
        "public": message["public"],
        "failed_datetime": message["failed_at"], "sent_datetime": sent, "created_datetime": message["at"],
        "opened_datetime": None, "actions": None, "stripped_signature": None,
        "subject": None if social else ticket["subject"], "body_text": message["text"], "body_html": page,
        "stripped_text": message["text"], "stripped_html": page, "sender": sender, "receiver": receiver,
        "source": {"type": channel, "to": to, "extra": {}, "from": place}
        | ({"bcc": message["bcc"]} if message.get("bcc") else {}),
        "attachments": list(_attachments(message, request)),
    }  # fmt: skip


def _via(message: Thing) -> str:
    return "rule" if message.get("rule") else "email" if message["channel"] == "email" else "api"


def _person(number: int, name: str, email: str | None) -> Thing:
    first, _, last = (name or "").partition(" ")
    return {"id": number, "name": name, "firstname": first, "lastname": last, "email": email,
            "meta": {"name_set_via": "email"}}  # fmt: skip


def _attachments(message: Thing, request: Request) -> Iterator[Any]:
    home = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    for place, each in enumerate(message["attachments"]):
        yield {
            "url": each.get("url", f"{home}/api/attachment/download/{message['id']}/{place}"), "name": each["name"],
            "size": each.get("size", len(base64.b64decode(each["base64"]))), "content_type": each["media_type"],
            "public": True, "extra": None,
        }  # fmt: skip


def _channel(word: str) -> str:
    return _CHANNELS.get(word, word)
