"""Freshdesk's API v2: tickets, conversations, contacts, and files behind addresses that end. Written from the contract.

Its account: key, agent (of `agents/me`), per_minute (calls in a minute, 0 is no limit) and minute (seconds of one),
ended (how many of the addresses of files it tells first have ended already), gone (ids of tickets that cannot be read),
today (from which the default window is counted back). A customer's `further` addresses are the contact's. A ticket's
`source` and a message's `source`, `incoming`, `failures`, `rule`, `cc` and `bcc` are what Freshdesk says of them.
Unless its `opened` is false, a ticket's first message is the ticket's own words.
"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from disputes.clock import SystemClock
from evidence.sandbox.world import Thing, World

_PAGE, _MOST = 30, 100
_SOURCES = {"email": 1, "web": 2, "phone": 3, "twitter": 5, "facebook": 6, "chat": 7, "whatsapp": 13}
_REPLY, _NOTE = 0, 2
_RECENT = timedelta(days=30)
_GOOD = 300
"""Seconds a file's address is good."""


def routes(world: World) -> list[BaseRoute]:
    async def me(request: Request) -> Response:
        known = {
            "id": 1, "available": True, "occasional": False, "ticket_scope": 1, "type": "support_agent",
            "contact": {"name": "Mia Agent", "email": "mia@lumen.example", "active": True},
        } | world.account("freshdesk").get("agent", {})  # fmt: skip
        return _refused(world, request) or JSONResponse(known)

    async def tickets(request: Request) -> Response:
        refused = _refused(world, request)
        if refused:
            return refused
        found = [each for each in world.tickets if _fits(world, each, request)]
        ascending = request.query_params.get("order_type", "desc") == "asc"
        found.sort(key=lambda each: each["created_at"], reverse=not ascending)
        return _page(request, [_listed(world, each, request) for each in found])

    async def ticket(request: Request) -> Response:
        found = _found(world, request)
        return _refused(world, request) or (JSONResponse(_ticket(world, found, request)) if found else _missing())

    async def conversations(request: Request) -> Response:
        found = _found(world, request)
        refused = _refused(world, request)
        if refused or found is None:
            return refused or _missing()
        later = [each for each in _written(found) if each is not _first(found)]
        return _page(request, [_conversation(world, found, each, request) for each in later])

    async def contacts(request: Request) -> Response:
        email = request.query_params.get("email", "").casefold()
        known = {each["customer"]["id"]: each["customer"] for each in world.tickets}.values()
        shown = [_contact(each) for each in known if email in _addresses(each)]
        return _refused(world, request) or _page(request, shown)

    async def file(request: Request) -> Response:
        # A signed address elsewhere: it is refused together with a key, and after its time.
        if "authorization" in request.headers:
            return Response("<Error><Code>InvalidArgument</Code></Error>", 400)
        if time.monotonic() > float(request.query_params.get("X-Amz-Expires", 0)):
            return Response("<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>", 403)
        number, place = map(int, request.path_params["token"].split("-"))
        each = next(each for ticket in world.tickets for each in ticket["messages"] if each["id"] == number)
        held = each["attachments"][place]
        return Response(base64.b64decode(held["base64"]), media_type=held["media_type"])

    return [
        Route("/api/v2/agents/me", me),
        Route("/api/v2/tickets", tickets),
        Route("/api/v2/tickets/{id:int}", ticket),
        Route("/api/v2/tickets/{id:int}/conversations", conversations),
        Route("/api/v2/contacts", contacts),
        Route("/files/{token}", file),
    ]


# ---- who asks, how often, how much ---------------------------------------------------------------------------------


def _refused(world: World, request: Request) -> Response | None:
    kind, _, packed = request.headers.get("authorization", "").partition(" ")
    try:
        key, _, _ = base64.b64decode(packed, validate=True).decode().partition(":")
    except (binascii.Error, ValueError):
        key = ""
    if kind.casefold() != "basic" or key != world.account("freshdesk").get("key", "practice"):
        words = "You have to be logged in to perform this action."
        return JSONResponse({"code": "invalid_credentials", "message": words}, 401)
    with world.lock:
        return _too_often(world)


def _too_often(world: World) -> Response | None:
    account, memory = world.account("freshdesk"), world.memory("freshdesk")
    most, minute = account.get("per_minute", 0), account.get("minute", 60)
    if not most:
        return None
    now = time.monotonic()
    started, count = memory.get("minute", (now, 0))
    if now - started >= minute:
        started, count = now, 0
    memory["minute"] = (started, count + 1)
    if count < most:
        return None
    wait = max(1, round(minute - (now - started) + 0.5))
    head = {"retry-after": str(wait), "x-ratelimit-total": str(most), "x-ratelimit-remaining": "0"}
    return JSONResponse({"message": "You have exceeded the limit of requests per minute"}, 429, head)


def _page(request: Request, found: list[Thing]) -> Response:
    size, page = int(request.query_params.get("per_page", _PAGE)), int(request.query_params.get("page", 1))
    if not 1 <= size <= _MOST:
        wrong = {"field": "per_page", "message": "It should be a Positive Integer less than or equal to 100",
                 "code": "invalid_value"}  # fmt: skip
        return JSONResponse({"description": "Validation failed", "errors": [wrong]}, 400)
    more = page * size < len(found)
    head = {"link": f'<{request.url.include_query_params(page=page + 1)}>; rel="next"'} if more else {}
    return JSONResponse(found[(page - 1) * size : page * size], 200, head)


def _missing() -> Response:
    return Response(status_code=404)


def _found(world: World, request: Request) -> Thing | None:
    number = request.path_params["id"]
    if number in world.account("freshdesk").get("gone", ()):
        return None
    return next((each for each in world.tickets if each["id"] == number), None)


def _fits(world: World, ticket: Thing, request: Request) -> bool:
    email, since = request.query_params.get("email"), request.query_params.get("updated_since")
    if email is not None and email.casefold() not in _addresses(ticket["customer"]):
        return False
    if since is None:
        set_to = world.account("freshdesk").get("today")
        today = datetime.fromisoformat(set_to) if set_to else SystemClock().now()
        return today - datetime.fromisoformat(ticket["created_at"]) <= _RECENT
    return datetime.fromisoformat(ticket["updated_at"]) >= datetime.fromisoformat(since)


# ---- shapes --------------------------------------------------------------------------------------------------------


def _addresses(customer: Thing) -> list[str]:
    return [str(each).casefold() for each in (customer.get("email"), *customer.get("further", ())) if each]


def _contact(customer: Thing) -> Thing:
    return {
        "id": customer["id"], "name": customer["name"], "email": customer.get("email"), "active": True,
        "phone": customer.get("phone"), "mobile": None, "address": None, "description": None, "language": "en",
        "created_at": "2025-02-01T08:00:00Z", "updated_at": "2025-02-01T08:00:00Z",
    }  # fmt: skip


def _written(ticket: Thing) -> list[Thing]:
    """What is only being written is in nobody's conversations."""
    return [each for each in ticket["messages"] if not each["draft"]]


def _first(ticket: Thing) -> Thing | None:
    written = _written(ticket)
    return written[0] if written and ticket.get("opened", True) else None


def _listed(world: World, ticket: Thing, request: Request) -> Thing:
    asked = request.query_params.get("include", "").split(",")
    whole = _ticket(world, ticket | {"messages": [each | {"attachments": []} for each in ticket["messages"]]}, request)
    hidden = [] if "description" in asked else ["description", "description_text"]
    hidden += [] if "requester" in asked else ["requester"]
    return {name: each for name, each in whole.items() if name not in (*hidden, "attachments")}


def _ticket(world: World, ticket: Thing, request: Request) -> Thing:
    first, customer = _first(ticket), ticket["customer"]
    text = first["text"] if first else ""
    held = list(_attachments(world, first, request)) if first else []
    return {
        "id": ticket["id"], "subject": ticket["subject"], "status": 5, "priority": 1, "type": None, "tags": [],
        "source": ticket.get("source", _SOURCES.get(ticket["channel"], 1)), "spam": False, "deleted": False,
        "requester_id": customer["id"], "responder_id": 1, "group_id": None, "product_id": None, "company_id": None,
        "to_emails": (first or {}).get("to"), "cc_emails": [], "fwd_emails": [], "reply_cc_emails": [],
        "support_email": "help@lumen.example", "description_text": text, "description": _html(first) if first else "",
        "created_at": _instant(first["at"] if first else ticket["created_at"]),
        "updated_at": _instant(ticket["updated_at"]), "due_by": None, "custom_fields": {}, "attachments": held,
        "requester": {"id": customer["id"], "name": customer["name"], "email": customer.get("email"),
                      "mobile": None, "phone": customer.get("phone")},
    }  # fmt: skip


def _conversation(world: World, ticket: Thing, message: Thing, request: Request) -> Thing:
    mine = message["from"] == "customer"
    source = message.get("source", _REPLY if message["public"] else _NOTE)
    known = mine and message["email"] in (None, ticket["customer"].get("email"))
    reply = not mine and source == _REPLY
    return {
        "body": _html(message), "body_text": message["text"], "id": message["id"],
        "incoming": message.get("incoming", mine), "private": not message["public"],
        "user_id": ticket["customer"]["id"] if known else 1 if not mine else 999,
        "support_email": "help@lumen.example" if reply else None, "source": source, "ticket_id": ticket["id"],
        "to_emails": message["to"], "from_email": _from(message) if mine or reply else None,
        "cc_emails": message.get("cc", []), "bcc_emails": message.get("bcc", []),
        "email_failure_count": 1 if message.get("failures") or message["failed_at"] else None,
        "outgoing_failures": None, "auto_response": bool(message.get("rule")), "automation_id": None,
        "created_at": _instant(message["at"]), "updated_at": _instant(message["at"]),
        "attachments": list(_attachments(world, message, request)),
    }  # fmt: skip


def _from(message: Thing) -> str | None:
    return f'"{message["name"]}" <{message["email"]}>' if message["email"] else None


def _html(message: Thing) -> str:
    return message["html"] or "".join(f"<div>{line}</div>" for line in message["text"].split("\n"))


def _attachments(world: World, message: Thing, request: Request) -> Iterator[Any]:
    # The files lie on another machine; here this one goes by its other name.
    home = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    elsewhere = home.replace("127.0.0.1", "localhost")
    for place, each in enumerate(message["attachments"]):
        with world.lock:
            memory = world.memory("freshdesk")
            memory["told"] = memory.get("told", 0) + 1
        ends = time.monotonic() + (_GOOD if memory["told"] > world.account("freshdesk").get("ended", 0) else -1)
        yield {
            "id": message["id"] * 100 + place, "name": each["name"], "content_type": each["media_type"],
            "size": each.get("size", len(base64.b64decode(each["base64"]))),
            "created_at": _instant(message["at"]), "updated_at": _instant(message["at"]),
            "attachment_url": each.get("url", f"{elsewhere}/files/{message['id']}-{place}?X-Amz-Expires={ends}"),
        }  # fmt: skip


def _instant(text: str) -> str:
    return text.replace("+00:00", "Z")
