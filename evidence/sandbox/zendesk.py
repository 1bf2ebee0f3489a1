"""Zendesk Support (v2): tokens, search, comments, attachments. Written from the contract.

Its account: client_id and client_secret, expires_in (seconds a token is good), me {id, name, role}, staff {name: user
id}, per_minute (calls in a minute, 0 is no limit), gone (ids of tickets that cannot be read). A message's `phone` and
`transcript` make it a call; its `unknown_author` leaves out who wrote.
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from evidence.sandbox.world import Thing, World

_CHANNELS = {"email": "email", "phone": "voice", "instagram": "instagram_dm", "whatsapp": "whatsapp", "web": "web"}
_MOST = 1000
_PAGE = 100
_WORD = re.compile(r'"([^"]*)"|(\S+)')
_DAY = re.compile(r"(created|updated)(>=|<=|>|<|:)(\d{4}-\d{2}-\d{2})")


def routes(world: World) -> list[BaseRoute]:
    async def tokens(request: Request) -> Response:
        try:
            asked = await request.json()
        except ValueError:
            asked = dict(await request.form())
        return _token(world, asked)

    async def me(request: Request) -> Response:
        known = {"id": 1, "name": "Mia Agent", "email": "mia@lumen.example", "role": "agent", "restricted_agent": False}
        return _refused(world, request) or JSONResponse({"user": known | world.account("zendesk").get("me", {})})

    async def search(request: Request) -> Response:
        return _refused(world, request) or _search(world, request)

    async def comments(request: Request) -> Response:
        refused = _refused(world, request)
        number = int(request.path_params["id"])
        found = next((each for each in world.tickets if each["id"] == number), None)
        if refused or found is None or number in world.account("zendesk").get("gone", ()):
            return refused or JSONResponse({"error": "RecordNotFound", "description": "Not found"}, 404)
        return _comments(world, found, request)

    async def attachment(request: Request) -> Response:
        refused = _refused(world, request)
        # The files lie on another machine; here this one goes by its other name.
        elsewhere = _home(request).replace("127.0.0.1", "localhost")
        return refused or RedirectResponse(f"{elsewhere}/files/{request.path_params['token']}", 302)

    async def file(request: Request) -> Response:
        # A signed address elsewhere: it is refused together with a key.
        if "authorization" in request.headers:
            return Response("Only one auth mechanism allowed", 400)
        number, place = map(int, request.path_params["token"].split("-"))
        found = next((each for each in _messages(world) if each["id"] == number), None)
        if found is None:
            return Response("gone", 404)
        each = found["attachments"][place]
        return Response(base64.b64decode(each["base64"]), media_type=each["media_type"])

    return [
        Route("/oauth/tokens", tokens, methods=["POST"]),
        Route("/api/v2/users/me.json", me),
        Route("/api/v2/search.json", search),
        Route("/api/v2/tickets/{id:int}/comments.json", comments),
        Route("/attachments/token/{token}/", attachment),
        Route("/files/{token}", file),
    ]


# ---- who asks ------------------------------------------------------------------------------------------------------


def _token(world: World, asked: Any) -> Response:
    account = world.account("zendesk")
    known = {"client_id": "counterproof", "client_secret": "practice"} | account
    if asked.get("grant_type") != "client_credentials":
        return JSONResponse(
            {"error": "unsupported_grant_type", "error_description": "The grant type is not known."}, 400
        )
    if any(asked.get(name) != known[name] for name in ("client_id", "client_secret")):
        return JSONResponse({"error": "invalid_client", "error_description": "Client authentication failed."}, 401)
    with world.lock:
        given = world.memory("zendesk").setdefault("tokens", {})
        token = f"access-{len(world.memory('zendesk').setdefault('given', []))}"
        world.memory("zendesk")["given"].append(asked.get("scope"))
        lasts = account.get("expires_in", 7200)
        given[token] = time.monotonic() + lasts
    return JSONResponse({
        "access_token": token, "refresh_token": f"refresh-{token}", "token_type": "bearer",
        "scope": asked.get("scope", "read"), "expires_in": lasts, "refresh_token_expires_in": 2_592_000,
    })  # fmt: skip


def _refused(world: World, request: Request) -> Response | None:
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    with world.lock:
        good = world.memory("zendesk").get("tokens", {}).get(token, 0.0)
    if kind.casefold() != "bearer":
        return JSONResponse({"error": "Couldn't authenticate you"}, 401)
    if time.monotonic() >= good:
        words = "The access token provided is expired, revoked, malformed or invalid for other reasons."
        return JSONResponse({"error": "invalid_token", "error_description": words}, 401)
    return _too_often(world)


def _too_often(world: World) -> Response | None:
    most = world.account("zendesk").get("per_minute", 0)
    if not most:
        return None
    with world.lock:
        memory = world.memory("zendesk")
        started, count = memory.get("minute", (0.0, 0))
        now = time.monotonic()
        if now - started >= world.account("zendesk").get("minute", 60):
            started, count = now, 0
        memory["minute"] = (started, count + 1)
        if count < most:
            return None
        wait = max(1, round(world.account("zendesk").get("minute", 60) - (now - started)))
    head = {"retry-after": str(wait), "x-rate-limit": str(most), "x-rate-limit-remaining": "0"}
    words = "Number of allowed API requests per minute exceeded"
    return JSONResponse({"error": "APIRateLimitExceeded", "description": words}, 429, head)


# ---- search --------------------------------------------------------------------------------------------------------


def _search(world: World, request: Request) -> Response:
    asked = request.query_params
    size = min(int(asked.get("per_page", _PAGE)), _PAGE)
    page = int(asked.get("page", 1))
    found = [each for each in world.tickets if _fits(each, asked.get("query", ""))]
    found.sort(key=lambda each: each["created_at"], reverse=asked.get("sort_order", "desc") == "desc")
    if page * size > _MOST:
        words = "Invalid search: Requested response size was greater than Search Response Limits"
        return JSONResponse({"error": "invalid", "description": words}, 422)
    following = None
    if page * size < min(len(found), _MOST):
        following = str(request.url.include_query_params(page=page + 1))
    return JSONResponse({
        "results": [_ticket(each) for each in found[(page - 1) * size : page * size]],
        "count": len(found), "facets": None, "next_page": following, "previous_page": None,
    })  # fmt: skip


def _fits(ticket: Thing, query: str) -> bool:
    said = " ".join([ticket["subject"], *(f"{each['text']} {each['html'] or ''}" for each in ticket["messages"])])
    for found in _WORD.finditer(query):
        phrase, word = found.groups()
        if phrase is not None:
            if phrase.casefold() not in said.casefold():
                return False
        elif word.startswith("requester:"):
            addresses = [ticket["customer"].get("email"), *ticket["customer"].get("further", ())]
            if word.partition(":")[2].casefold() not in [str(each).casefold() for each in addresses]:
                return False
        elif day := _DAY.fullmatch(word):
            if not _in_time(ticket[f"{day[1]}_at"][:10], day[2], day[3]):
                return False
        elif word != "type:ticket" and word.casefold() not in said.casefold():
            return False
    return True


def _in_time(day: str, sign: str, other: str) -> bool:
    return {">": day > other, ">=": day >= other, "<": day < other, "<=": day <= other, ":": day == other}[sign]


def _ticket(ticket: Thing) -> Thing:
    return {
        "id": ticket["id"], "url": f"https://lumen.zendesk.com/api/v2/tickets/{ticket['id']}.json",
        "result_type": "ticket", "subject": ticket["subject"], "raw_subject": ticket["subject"],
        "status": ticket["status"], "requester_id": ticket["customer"]["id"],
        "via": {"channel": _CHANNELS.get(ticket["channel"], ticket["channel"])},
        "created_at": _instant(ticket["created_at"]), "updated_at": _instant(ticket["updated_at"]),
        "is_public": True, "tags": [],
    }  # fmt: skip


# ---- comments ------------------------------------------------------------------------------------------------------


def _comments(world: World, ticket: Thing, request: Request) -> Response:
    asked = request.query_params
    size = min(int(asked.get("page[size]", _PAGE)), _PAGE)
    start = int(asked.get("page[after]", 0))
    # What is only being written is in nobody's comments.
    written = [each for each in ticket["messages"] if not each["draft"]]
    shown = written[start : start + size]
    more = start + size < len(written)
    following = str(request.url.include_query_params(**{"page[after]": str(start + size)})) if more else None
    people = _people(world, ticket)
    content: Thing = {
        "comments": [_comment(world, ticket, each, request) for each in shown],
        "meta": {"has_more": more, "after_cursor": str(start + size), "before_cursor": str(start)},
        "links": {"prev": None, "next": following},
    }
    if "users" in asked.get("include", ""):
        content["users"] = people
    return JSONResponse(content)


def _people(world: World, ticket: Thing) -> list[Thing]:
    customer = ticket["customer"]
    staff = [
        {"id": _staff(world, each), "name": each["name"], "email": each["email"], "phone": None, "role": "agent"}
        for each in ticket["messages"]
        if each["from"] != "customer"
    ]
    known = {"id": customer["id"], "name": customer["name"], "email": customer.get("email"),
             "phone": customer.get("phone"), "role": "end-user"}  # fmt: skip
    return list({each["id"]: each for each in [known, *staff]}.values())


def _staff(world: World, message: Thing) -> int:
    known: dict[str, int] = world.account("zendesk").setdefault("staff", {})
    return known.setdefault(message["name"], 9_000 + len(known))


def _comment(world: World, ticket: Thing, message: Thing, request: Request) -> Thing:
    channel = _CHANNELS.get(message["channel"], message["channel"])
    mine = message["from"] == "customer"
    author = -1 if message.get("unknown_author") else ticket["customer"]["id"] if mine else _staff(world, message)
    origin = {"address": message["email"], "name": message["name"]} if mine and channel == "email" else {}
    text = message["text"]
    html = message["html"] or "".join(f"<p>{line}</p>" for line in text.split("\n"))
    system: Thing = {"client": "Mail", "ip_address": "203.0.113.24", "location": "Austin, TX, United States",
                     "latitude": 30.26, "longitude": -97.74}  # fmt: skip
    if channel == "email" and mine and message["message_id"]:
        system["message_id"] = message["message_id"]
    to = message["to"][0] if message["to"] else None
    found: Thing = {
        "id": message["id"], "type": "VoiceComment" if message.get("transcript") else "Comment", "author_id": author,
        "body": text, "html_body": f'<div class="zd-comment" dir="auto">{html}</div>', "plain_body": text,
        "public": message["public"], "attachments": list(_attachments(message, request)), "audit_id": message["id"] + 1,
        "via": {"channel": channel,
                "source": {"from": origin, "to": {"name": None, "address": to} if to else {}, "rel": None}},
        "created_at": _instant(message["at"]), "metadata": {"system": system, "custom": {}},
    }  # fmt: skip
    if message.get("transcript"):
        found["data"] = {"transcription_text": message["transcript"]}
    return found


def _attachments(message: Thing, request: Request) -> Iterator[Thing]:
    for place, each in enumerate(message["attachments"]):
        token = f"{message['id']}-{place}"
        address = f"{_home(request)}/attachments/token/{token}/?name={each['name']}"
        yield {
            "url": f"{_home(request)}/api/v2/attachments/{token}.json", "id": message["id"] * 100 + place,
            "file_name": each["name"], "content_url": address, "mapped_content_url": address,
            "content_type": each["media_type"], "size": each.get("size", len(base64.b64decode(each["base64"]))),
            "width": None, "height": None, "inline": each.get("inline", False), "deleted": each.get("deleted", False),
            "malware_access_override": False, "thumbnails": [],
            "malware_scan_result": "malware_found" if each.get("malware") else "malware_not_found",
        }  # fmt: skip


def _messages(world: World) -> Iterator[Thing]:
    return (message for ticket in world.tickets for message in ticket["messages"])


def _instant(text: str) -> str:
    return text.replace("+00:00", "Z")


def _home(request: Request) -> str:
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
