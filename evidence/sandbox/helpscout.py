"""Help Scout's Inbox API 2.0: tokens, conversations, threads, original mails, attachments. Written from the contract.

Its account: app_id and app_secret, expires_in (seconds a token is good), me (of `users/me`), per_minute (calls in a
minute, 0 is no limit) and minute (seconds of one), page (conversations on one page). A ticket's `kind` is email, chat
or phone, its `state` published, draft or deleted. A message's `thread` is the thread's type, `state` its state where
it is not published, `via` what the source says, `rule` sends it by itself; `cc` and `bcc` are lists. Only what came in
by mail has an original.
"""

from __future__ import annotations

import base64
import re
import time
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from evidence.sandbox.world import Thing, World

_CHATS = ("chat", "beaconchat")
_SHORTENED = 1
"""Threads of a chat that stand in the list of conversations."""
_TERM = re.compile(r'(email|subject|body):"([^"]*)"')
_QUERY = re.compile(rf"\({_TERM.pattern}(?: OR {_TERM.pattern})*\)")
_HAL = "application/hal+json"


def routes(world: World) -> list[BaseRoute]:
    async def tokens(request: Request) -> Response:
        return _token(world, dict(await request.form()))

    async def me(request: Request) -> Response:
        known = {"id": 4, "companyId": 77, "firstName": "Mia", "lastName": "Agent", "email": "mia@lumen.example",
                 "role": "owner", "timezone": "America/New_York", "type": "user"}  # fmt: skip
        return _refused(world, request) or JSONResponse(known | world.account("helpscout").get("me", {}))

    async def conversations(request: Request) -> Response:
        refused = _refused(world, request)
        if refused:
            return refused
        found = [each for each in world.tickets if _fits(each, request)]
        found.sort(key=lambda each: each["created_at"], reverse=request.query_params.get("sortOrder", "desc") == "desc")
        shown = [_conversation(each, request) for each in found]
        return _page(request, "conversations", shown, world.account("helpscout").get("page", 25))

    async def threads(request: Request) -> Response:
        ticket = _found(world, request)
        refused = _refused(world, request)
        if refused or ticket is None:
            return refused or _missing()
        shown = [_thread(ticket, each) for each in reversed(ticket["messages"])]
        return _page(request, "threads", shown, 25)

    async def original(request: Request) -> Response:
        ticket = _found(world, request)
        refused = _refused(world, request)
        number = request.path_params["thread"]
        found = next((each for each in ticket["messages"] if each["id"] == number), None) if ticket else None
        if refused or found is None or _type(found) != "customer" or not found["message_id"]:
            return refused or _missing()
        return JSONResponse({"original": _mail(found)}, media_type=_HAL)

    async def data(request: Request) -> Response:
        ticket = _found(world, request)
        refused = _refused(world, request)
        number, place = divmod(request.path_params["file"], 100)
        found = next((each for each in ticket["messages"] if each["id"] == number), None) if ticket else None
        if refused or found is None:
            return refused or _missing()
        return JSONResponse({"data": found["attachments"][place]["base64"]}, media_type=_HAL)

    async def customer(request: Request) -> Response:
        number = request.path_params["id"]
        known = next((each["customer"] for each in world.tickets if each["customer"]["id"] == number), None)
        refused = _refused(world, request)
        if refused or known is None:
            return refused or _missing()
        emails = [{"id": number * 10 + place, "value": each, "type": "work"}
                  for place, each in enumerate(_addresses(known))]  # fmt: skip
        first, _, last = (known["name"] or "").partition(" ")
        shown = {"id": number, "firstName": first, "lastName": last, "_embedded": {"emails": emails, "phones": []}}
        return JSONResponse(shown, media_type=_HAL)

    return [
        Route("/v2/oauth2/token", tokens, methods=["POST"]),
        Route("/v2/users/me", me),
        Route("/v2/conversations", conversations),
        Route("/v2/conversations/{id:int}/threads", threads),
        Route("/v2/conversations/{id:int}/threads/{thread:int}/original-source", original),
        Route("/v2/conversations/{id:int}/attachments/{file:int}/data", data),
        Route("/v2/customers/{id:int}", customer),
    ]


# ---- who asks, how often, how much ---------------------------------------------------------------------------------


def _token(world: World, asked: Thing) -> Response:
    account: Thing = {"app_id": "counterproof", "app_secret": "practice"} | world.account("helpscout")
    given = (asked.get("grant_type"), asked.get("client_id"), asked.get("client_secret"))
    if given != ("client_credentials", account["app_id"], account["app_secret"]):
        return JSONResponse({"error": "invalid_client", "error_description": "Client authentication failed"}, 401)
    lasts = account.get("expires_in", 172_800)
    with world.lock:
        memory = world.memory("helpscout")
        memory["given"] = memory.get("given", 0) + 1
        token = f"access-{memory['given']}"
        memory.setdefault("tokens", {})[token] = time.monotonic() + lasts
    return JSONResponse({"token_type": "bearer", "access_token": token, "expires_in": lasts})


def _refused(world: World, request: Request) -> Response | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    with world.lock:
        good = world.memory("helpscout").get("tokens", {}).get(token, 0.0)
        if kind.casefold() != "bearer" or time.monotonic() >= good:
            words = "The access token expired or is not known"
            return JSONResponse({"error": "invalid_token", "error_description": words}, 401)
        return _too_often(world)


def _too_often(world: World) -> Response | None:
    account, memory = world.account("helpscout"), world.memory("helpscout")
    most, minute = account.get("per_minute", 0), account.get("minute", 60)
    if not most:
        return None
    now = time.monotonic()
    calls = [each for each in memory.get("calls", []) if now - each < minute]
    if len(calls) < most:
        memory["calls"] = [*calls, now]
        return None
    wait = max(1, round(minute - (now - calls[0]) + 0.5))
    head = {"x-ratelimit-limit-minute": str(most), "x-ratelimit-remaining-minute": "0",
            "x-ratelimit-retry-after": str(wait)}  # fmt: skip
    return JSONResponse({"error": "Throttle limit reached"}, 429, head)


def _page(request: Request, name: str, found: list[Thing], size: int) -> Response:
    """Where there is nothing, there is no `_embedded` either."""
    page = int(request.query_params.get("page", 1))
    shown = found[(page - 1) * size : page * size]
    links = {"self": {"href": str(request.url)}}
    if page * size < len(found):
        links["next"] = {"href": str(request.url.include_query_params(page=page + 1))}
    content: Thing = {
        "page": {"size": size, "totalElements": len(found), "totalPages": -(-len(found) // size), "number": page},
        "_links": links,
    }
    return JSONResponse(content | ({"_embedded": {name: shown}} if shown else {}), media_type=_HAL)


def _missing() -> Response:
    return JSONResponse({"message": "Not Found", "logRef": "practice#1"}, 404, media_type="application/vnd.error+json")


def _found(world: World, request: Request) -> Thing | None:
    return next((each for each in world.tickets if each["id"] == request.path_params["id"]), None)


def _fits(ticket: Thing, request: Request) -> bool:
    asked = request.query_params
    if asked.get("query") and not _searched(ticket, asked["query"]):
        return False
    if asked.get("status", "active") not in ("all", ticket["status"]):
        return False
    since = asked.get("modifiedSince")
    return since is None or _instant(ticket["updated_at"]) >= since


def _searched(ticket: Thing, query: str) -> bool:
    """Any of the terms; notes and what is only being written are searched too."""
    said = " ".join(f"{each['text']} {each['html'] or ''}" for each in ticket["messages"]).casefold()
    held = {"email": _addresses(ticket["customer"]), "subject": ticket["subject"].casefold(), "body": said}
    return bool(_QUERY.fullmatch(query)) and any(value.casefold() in held[name] for name, value in _TERM.findall(query))


# ---- shapes --------------------------------------------------------------------------------------------------------


def _addresses(customer: Thing) -> list[str]:
    return [str(each).casefold() for each in (customer.get("email"), *customer.get("further", ())) if each]


def _conversation(ticket: Thing, request: Request) -> Thing:
    number, customer = ticket["id"], ticket["customer"]
    first, _, last = (customer["name"] or "").partition(" ")
    counted = [each for each in ticket["messages"] if _type(each) != "lineitem" and _state(each) == "published"]
    person = {"id": customer["id"], "type": "customer", "first": first, "last": last, "email": customer.get("email")}
    user = {"id": 4, "first": "Mia", "last": "Agent", "email": "mia@lumen.example"}
    shown: Thing = {
        "id": number, "number": number + 10, "threads": len(counted), "type": ticket.get("kind", "email"),
        "folderId": 9, "status": ticket["status"], "state": ticket.get("state", "published"),
        "subject": ticket["subject"], "preview": "", "mailboxId": 85, "assignee": user,
        "createdBy": person, "createdAt": _instant(ticket["created_at"]), "closedBy": 4,
        "closedAt": _instant(ticket["updated_at"]), "userUpdatedAt": _instant(ticket["created_at"]),
        "customerWaitingSince": {"time": _instant(ticket["updated_at"]), "friendly": "then", "latestReplyFrom": "user"},
        "source": {"type": "email", "via": "customer"}, "tags": [], "cc": [], "bcc": [], "primaryCustomer": person,
        "customFields": [], "_embedded": {"threads": []},
        "_links": {"threads": {"href": f"{request.url}/{number}/threads"}, "self": {"href": f"{request.url}/{number}"}},
    }  # fmt: skip
    if request.query_params.get("embed") == "threads":
        threads = [_thread(ticket, each) for each in reversed(ticket["messages"])]
        chat = any(each["type"] in _CHATS for each in threads)
        shown["_embedded"] = {"threads": threads[:_SHORTENED] if chat else threads}
    return shown


def _type(message: Thing) -> str:
    known = "customer" if message["from"] == "customer" else "message"
    return str(message.get("thread", known if message["public"] else "note"))


def _state(message: Thing) -> str:
    return str(message.get("state", "draft" if message["draft"] else "published"))


def _thread(ticket: Thing, message: Thing) -> Thing:
    mine, customer = message["from"] == "customer", ticket["customer"]
    first, _, last = (message["name"] or "").partition(" ")
    writer = {"id": customer["id"] if mine else 4, "type": "customer" if mine else "user", "first": first,
              "last": last, "email": message["email"]}  # fmt: skip
    name, _, family = (customer["name"] or "").partition(" ")
    files = [_attachment(message, each, place) for place, each in enumerate(message["attachments"])]
    came = message.get("via") or (message["channel"] if mine else "web")
    return {
        "id": message["id"], "type": _type(message), "status": "active", "state": _state(message),
        "action": {"type": "automatic-workflow" if message.get("rule") else "", "text": "", "associatedEntities": {}},
        "body": message["html"] or message["text"].replace("\n", "<br>"),
        "source": {"type": came, "via": "customer" if mine else "user"}, "createdBy": writer,
        "assignedTo": {"id": 4, "type": "user", "first": "Mia", "last": "Agent", "email": "mia@lumen.example"},
        "savedReplyId": 0,
        "customer": {"id": customer["id"], "first": name, "last": family, "photoUrl": "", "email": customer["email"]},
        "to": message["to"], "cc": message.get("cc", []), "bcc": message.get("bcc", []),
        "createdAt": _instant(message["at"]),
        "_embedded": {"attachments": files},
        "_links": {"createdByUser": {"href": "https://api.helpscout.net/v2/users/4"}},
    }  # fmt: skip


def _attachment(message: Thing, held: Thing, place: int) -> Any:
    return {
        "id": message["id"] * 100 + place, "filename": held["name"], "mimeType": held["media_type"], "width": 0,
        "height": 0, "size": held.get("size", len(base64.b64decode(held["base64"]))),
    }  # fmt: skip


def _mail(message: Thing) -> str:
    more = "".join(f"{name}: {value}\r\n" for name, value in message.get("headers", {}).items())
    return (
        f"From: {message['name']} <{message['email']}>\r\nTo: {', '.join(message['to'])}\r\n"
        f"Bcc: boss@lumen.example\r\nMessage-ID: {message['message_id']}\r\n{more}\r\n{message['text']}\r\n"
    )


def _instant(text: str) -> str:
    return text.replace("+00:00", "Z")
