"""Intercom (2.15): who asks, contacts and conversations by search, a conversation with its parts, files. Written from
the contract.

Its account: token, app (of `me`), rights ("contacts", "conversations"), limit (calls in a window, 0 is no limit) and
window (seconds of one), page (entries on one page), parts (how many of a conversation are shown). A ticket's `source`
is how it came where the channel does not say it, `delivered_as` who began it. Unless its `opened` is false, a ticket's
first message is the conversation's source. A message's `kind` is its part type, `author` changes what is said of who
wrote it, `redacted` took its words out; `cc` and `bcc` are lists.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from disputes.clock import SystemClock
from evidence.sandbox.world import Thing, World

_VERSION = "2.15"
_SHOWN = 500
_MOST = 150
_MOST_FILTERS = 15
_RIGHTS = ("contacts", "conversations")
_SOURCES = {"chat": "conversation", "phone": "phone_call", "web": "conversation"}


def routes(world: World) -> list[BaseRoute]:
    async def me(request: Request) -> Response:
        app = {"type": "app", "id_code": "lumen1", "name": "Lumen Lamps", "region": "US", "timezone": "UTC",
               "created_at": 1_700_000_000, "identity_verification": False}  # fmt: skip
        shown = {"type": "admin", "id": "1", "email": "mia@lumen.example", "name": "Mia", "email_verified": True}
        return _refused(world, request, None) or JSONResponse(
            shown | {"app": app | world.account("intercom").get("app", {})}
        )

    async def contacts(request: Request) -> Response:
        refused = _refused(world, request, "contacts")
        if refused:
            return refused
        asked = await request.json()
        known = {each["customer"]["id"]: each["customer"] for each in world.tickets}.values()
        found = [_contact(each) for each in known if _fits(_contact(each), asked.get("query", {}))]
        return _page(world, asked, "list", "data", found)

    async def conversations(request: Request) -> Response:
        refused = _refused(world, request, "conversations")
        if refused:
            return refused
        asked = await request.json()
        found = []
        for each in world.tickets:
            searched = {"contact_ids": [str(each["customer"]["id"])], "created_at": _unix(each["created_at"]),
                        "updated_at": _unix(each["updated_at"]), **_opening(each)}  # fmt: skip
            if _fits(searched, asked.get("query", {})):
                shown = _conversation(world, each, request)
                found.append({name: value for name, value in shown.items() if name != "conversation_parts"})
        return _page(world, asked, "conversation.list", "conversations", found)

    async def conversation(request: Request) -> Response:
        refused = _refused(world, request, "conversations")
        found = next((each for each in world.tickets if each["id"] == request.path_params["id"]), None)
        if refused or found is None:
            return refused or _error(404, "not_found", "Resource Not Found")
        return JSONResponse(_conversation(world, found, request))

    async def file(request: Request) -> Response:
        # A signed address elsewhere, which knows no tokens.
        if "authorization" in request.headers or "signature" not in request.query_params:
            return Response("AccessDenied", 403)
        number, place = map(int, request.path_params["token"].split("-"))
        each = next(each for ticket in world.tickets for each in ticket["messages"] if each["id"] == number)
        held = each["attachments"][place]
        return Response(base64.b64decode(held["base64"]), media_type=held["media_type"])

    return [
        Route("/me", me),
        Route("/contacts/search", contacts, methods=["POST"]),
        Route("/conversations/search", conversations, methods=["POST"]),
        Route("/conversations/{id:int}", conversation),
        Route("/files/{token}", file),
    ]


# ---- who asks, how often, how much ---------------------------------------------------------------------------------


def _refused(world: World, request: Request, right: str | None) -> Response | None:
    account = world.account("intercom")
    if request.headers.get("authorization") != f"Bearer {account.get('token', 'practice')}":
        return _error(401, "unauthorized", "Access Token Invalid")
    if request.headers.get("intercom-version") != _VERSION:
        return _error(400, "intercom_version_invalid", "The requested version could not be found")
    if right and right not in account.get("rights", _RIGHTS):
        return _error(403, "api_plan_restricted", "Not authorized to access this resource")
    with world.lock:
        return _too_often(world)


def _too_often(world: World) -> Response | None:
    account, memory = world.account("intercom"), world.memory("intercom")
    most, window = account.get("limit", 0), account.get("window", 10)
    if not most:
        return None
    now = SystemClock().now().timestamp()
    ends, count = memory.get("window", (0.0, 0))
    if now >= ends:
        ends, count = float(int(now) + window), 0
    memory["window"] = (ends, count + 1)
    if count < most:
        return None
    head = {"x-ratelimit-limit": str(most), "x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(ends))}
    return _error(429, "rate_limit_exceeded", "Exceeded rate limit", head)


def _error(status: int, code: str, words: str, head: Thing | None = None) -> Response:
    errors = [{"code": code, "message": words}]
    return JSONResponse({"type": "error.list", "request_id": "practice", "errors": errors}, status, head)


def _page(world: World, asked: Thing, kind: str, name: str, found: list[Thing]) -> Response:
    turned = asked.get("pagination", {})
    size = min(int(turned.get("per_page", 20)), _MOST, world.account("intercom").get("page", _MOST))
    start = int(turned.get("starting_after", 0))
    pages: Thing = {"type": "pages", "page": start // size + 1, "per_page": size, "total_pages": -(-len(found) // size)}
    if start + size < len(found):
        pages["next"] = {"page": start // size + 2, "starting_after": str(start + size)}
    content = {"type": kind, name: found[start : start + size], "total_count": len(found), "pages": pages}
    return JSONResponse(content)


def _fits(thing: Thing, query: Thing) -> bool:
    if query.get("operator") in ("AND", "OR"):
        if len(query["value"]) > _MOST_FILTERS:
            return False
        all_of = all if query["operator"] == "AND" else any
        return all_of(_fits(thing, each) for each in query["value"])
    held, wanted = thing.get(query.get("field", "")), query.get("value")
    match query.get("operator"):
        case "=":
            return wanted in held if isinstance(held, list) else str(held).casefold() == str(wanted).casefold()
        case "~":
            return str(wanted).casefold() in str(held or "").casefold()
        case ">":
            return bool(held is not None and held > wanted)
        case "<":
            return bool(held is not None and held < wanted)
    return False


# ---- shapes --------------------------------------------------------------------------------------------------------


def _contact(customer: Thing) -> Thing:
    return {
        "type": "contact", "id": str(customer["id"]), "external_id": None, "role": "user", "name": customer["name"],
        "email": customer.get("email"), "phone": customer.get("phone"), "created_at": 1_738_396_800,
        "updated_at": 1_738_396_800, "workspace_id": "lumen1", "custom_attributes": {},
    }  # fmt: skip


def _opening(ticket: Thing) -> Thing:
    """What a conversation began with is searched, and no later part of it."""
    first = next(iter(_written(ticket)), None) if ticket.get("opened", True) else None
    return {"source.subject": ticket["subject"], "source.body": _body(first) if first else ""}


def _written(ticket: Thing) -> list[Thing]:
    """What is only being written is in nobody's conversation."""
    return [each for each in ticket["messages"] if not each["draft"]]


def _conversation(world: World, ticket: Thing, request: Request) -> Thing:
    written = _written(ticket)
    first = written[0] if written and ticket.get("opened", True) else None
    parts = [_part(ticket, each, request) for each in written if each is not first]
    plain = request.query_params.get("display_as") == "plaintext"
    source = _source(ticket, first, request)
    for each in (source, *parts) if plain else ():
        each["body"] = re.sub(r"<[^>]+>", "", each["body"])
    customer = ticket["customer"]
    return {
        "type": "conversation", "id": str(ticket["id"]), "created_at": _unix(ticket["created_at"]),
        "updated_at": _unix(ticket["updated_at"]), "waiting_since": None, "snoozed_until": None, "source": source,
        "contacts": {"type": "contact.list",
                     "contacts": [{"type": "contact", "id": str(customer["id"]), "external_id": ""}]},
        "first_contact_reply": None, "admin_assignee_id": 1, "team_assignee_id": 2,
        "open": ticket["status"] != "closed",
        "state": "closed" if ticket["status"] == "closed" else "open", "read": True,
        "tags": {"type": "tag.list", "tags": []}, "priority": "not_priority", "sla_applied": None, "statistics": None,
        "conversation_rating": None, "teammates": None, "title": None, "custom_attributes": {}, "topics": {},
        "ticket": None, "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "ai_agent": None, "ai_agent_participated": False,
        "conversation_parts": {"type": "conversation_part.list", "total_count": len(parts),
                               "conversation_parts": parts[-world.account("intercom").get("parts", _SHOWN) :]},
    }  # fmt: skip


def _source(ticket: Thing, message: Thing | None, request: Request) -> Thing:
    channel = ticket.get("source", _SOURCES.get(ticket["channel"], ticket["channel"]))
    if message is None:
        author = {"type": "admin", "id": "1", "name": "Mia", "email": "mia@lumen.example"}
        return {"type": channel, "id": "0", "delivered_as": "admin_initiated", "subject": "", "body": "",
                "author": author, "attachments": [], "url": None, "redacted": False}  # fmt: skip
    began = "customer_initiated" if message["from"] == "customer" else "admin_initiated"
    return {
        "type": channel, "id": str(message["id"]), "delivered_as": ticket.get("delivered_as", began),
        "subject": f"<p>{ticket['subject']}</p>", "body": _body(message), "author": _author(ticket, message),
        "attachments": list(_attachments(message, request)), "url": None,
        "redacted": message.get("redacted", False),
    } | ({"email_message_metadata": _metadata(ticket, message)} if channel == "email" else {})  # fmt: skip


def _part(ticket: Thing, message: Thing, request: Request) -> Thing:
    mail = _metadata(ticket, message) if message["channel"] == "email" else None
    return {
        "type": "conversation_part", "id": message["id"], "created_at": _unix(message["at"]),
        "part_type": message.get("kind", "comment" if message["public"] else "note"), "body": _body(message),
        "updated_at": _unix(message["at"]), "notified_at": _unix(message["at"]), "assigned_to": None,
        "author": _author(ticket, message), "attachments": list(_attachments(message, request)), "external_id": None,
        "redacted": message.get("redacted", False), "email_message_metadata": mail, "state": "open", "tags": [],
        "event_details": None, "app_package_code": None,
    }  # fmt: skip


def _author(ticket: Thing, message: Thing) -> Thing:
    mine = message["from"] == "customer"
    known = {"type": "user" if mine else "admin", "id": str(ticket["customer"]["id"]) if mine else "1",
             "name": message["name"], "email": message["email"]}  # fmt: skip
    changed: Thing = message.get("author", {})
    return known | changed


def _metadata(ticket: Thing, message: Thing) -> Thing:
    named = [("from", message["email"]), *(("to", each) for each in message["to"])]
    named += [(kind, each) for kind in ("cc", "bcc") for each in message.get(kind, ())]
    headers = [{"type": kind, "name": None, "email_address": address} for kind, address in named]
    # Its Message-IDs stand without their brackets.
    number = (message["message_id"] or "").strip("<>") or None
    return {"message_id": number, "subject": ticket["subject"], "email_address_headers": headers}


def _attachments(message: Thing, request: Request) -> Iterator[Any]:
    # The files lie on another machine; here this one goes by its other name.
    home = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    elsewhere = home.replace("127.0.0.1", "localhost")
    for place, each in enumerate(message["attachments"]):
        address = f"{elsewhere}/files/{message['id']}-{place}?expires=1&signature=abc"
        yield {
            "type": "upload", "name": each["name"], "url": each.get("url", address), "content_type": each["media_type"],
            "filesize": each.get("size", len(base64.b64decode(each["base64"]))), "width": None, "height": None,
        }  # fmt: skip


def _body(message: Thing) -> str:
    if message.get("redacted"):
        return ""
    return str(message["html"] or "".join(f"<p>{line}</p>" for line in message["text"].split("\n") if line))


def _unix(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
