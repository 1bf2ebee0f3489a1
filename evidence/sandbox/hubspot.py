"""HubSpot: contact search, and the conversations inbox (v3): threads, messages, channels, files. Written from the
contract.

Its account: token, portal (number), rights (those the token has), per_window (calls in a window, 0 is no limit) and
window (milliseconds of one), page (entries on one page). A customer's `further` addresses are the contact's. A
message's `kind` is its type where it is no message, `truncated` is what is shown of it, `actor`, `delivered` (type and
value) and `direction` are who writes, `failed` says that it was not sent; `cc` and `bcc` are lists. A ticket's
`archived` and `channel_id` are the thread's.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from evidence.sandbox.world import Thing, World

_INBOX = "/conversations/v3/conversations"
_RIGHTS = ("conversations.read", "crm.objects.contacts.read")
_CHANNELS = {"chat": "1000", "facebook": "1001", "email": "1002", "web": "1003", "whatsapp": "1007", "phone": "1008"}
_NAMES = {"1000": "LIVE_CHAT", "1001": "FB_MESSENGER", "1002": "EMAIL", "1003": "FORM", "1007": "WHATSAPP",
          "1008": "CALLING"}  # fmt: skip


def routes(world: World) -> list[BaseRoute]:
    async def details(request: Request) -> Response:
        number = world.account("hubspot").get("portal", 6_140_7)
        shown = {"portalId": number, "accountType": "STANDARD", "timeZone": "US/Eastern", "companyCurrency": "USD",
                 "additionalCurrencies": [], "utcOffset": "-05:00", "uiDomain": "app.hubspot.com"}  # fmt: skip
        return _refused(world, request, None) or JSONResponse(shown)

    async def search(request: Request) -> Response:
        refused = _refused(world, request, "crm.objects.contacts.read")
        if refused:
            return refused
        asked = await request.json()
        known = {each["customer"]["id"]: each["customer"] for each in world.tickets}.values()
        shown = [_contact(each, asked.get("properties", ())) for each in known if _fits(each, asked)]
        return JSONResponse({"total": len(shown), "results": shown})

    async def threads(request: Request) -> Response:
        refused = _refused(world, request, "conversations.read") or _senseless(request)
        if refused:
            return refused
        asked = request.query_params
        found = [_thread(each) for each in world.tickets]
        contact, state = asked.get("associatedContactId"), asked.get("threadStatus")
        found = [each for each in found if contact in (None, each["associatedContactId"])]
        found = [each for each in found if state in (None, each["status"]) and not each["archived"]]
        found.sort(key=lambda each: int(each["id"]), reverse=asked.get("sort") == "-id")
        return _page(world, request, found)

    async def messages(request: Request) -> Response:
        refused = _refused(world, request, "conversations.read")
        found = next((each for each in world.tickets if each["id"] == request.path_params["id"]), None)
        if refused or found is None:
            return refused or _error(404, "OBJECT_NOT_FOUND", "Thread not found")
        # What is only being written is in nobody's thread.
        said = [_message(found, each, request) for each in found["messages"] if not each["draft"]]
        said.sort(key=lambda each: str(each["createdAt"]), reverse=not request.query_params.get("sort"))
        return _page(world, request, said)

    async def original(request: Request) -> Response:
        refused = _refused(world, request, "conversations.read")
        wanted = request.path_params["message"]
        found = next(
            (each for ticket in world.tickets for each in ticket["messages"] if str(each["id"]) == wanted), None
        )
        if refused or found is None:
            return refused or _error(404, "OBJECT_NOT_FOUND", "Message not found")
        return JSONResponse({"id": wanted, "text": found["text"], "richText": _html(found)})

    async def channels(request: Request) -> Response:
        shown = [{"id": number, "name": name} for number, name in _NAMES.items()]
        return _refused(world, request, "conversations.read") or _page(world, request, shown)

    async def file(request: Request) -> Response:
        # Files lie on a machine of their own, which knows no tokens.
        if "authorization" in request.headers:
            return Response("bad request", 400)
        number, place, _ = request.path_params["token"].split("-", 2)
        each = next(each for ticket in world.tickets for each in ticket["messages"] if each["id"] == int(number))
        held = each["attachments"][int(place)]
        return Response(base64.b64decode(held["base64"]), media_type=held["media_type"])

    return [
        Route("/account-info/v3/details", details),
        Route("/crm/v3/objects/contacts/search", search, methods=["POST"]),
        Route(f"{_INBOX}/threads", threads),
        Route(f"{_INBOX}/threads/{{id:int}}/messages", messages),
        Route(f"{_INBOX}/threads/{{id:int}}/messages/{{message}}/original-content", original),
        Route(f"{_INBOX}/channels", channels),
        Route("/files/{token}", file),
    ]


# ---- who asks, how often, how much ---------------------------------------------------------------------------------


def _refused(world: World, request: Request, right: str | None) -> Response | None:
    account = world.account("hubspot")
    if request.headers.get("authorization") != f"Bearer {account.get('token', 'pat-practice')}":
        words = "Authentication credentials not found. This API supports OAuth 2.0 authentication."
        return _error(401, "INVALID_AUTHENTICATION", words)
    if right and right not in account.get("rights", _RIGHTS):
        words = "This app hasn't been granted all required scopes to make this call."
        return _error(403, "MISSING_SCOPES", words)
    with world.lock:
        return _too_often(world)


def _too_often(world: World) -> Response | None:
    account, memory = world.account("hubspot"), world.memory("hubspot")
    most, window = account.get("per_window", 0), account.get("window", 10_000)
    if not most:
        return None
    now = time.monotonic()
    calls = [each for each in memory.get("calls", []) if (now - each) * 1000 < window]
    if len(calls) < most:
        memory["calls"] = [*calls, now]
        return None
    head = {"x-hubspot-ratelimit-interval-milliseconds": str(window), "x-hubspot-ratelimit-max": str(most),
            "x-hubspot-ratelimit-remaining": "0"}  # fmt: skip
    words = "You have reached your ten_secondly_rolling limit."
    content = {"status": "error", "message": words, "errorType": "RATE_LIMIT", "policyName": "TEN_SECONDLY_ROLLING"}
    return JSONResponse(content, 429, head)


def _senseless(request: Request) -> Response | None:
    asked = request.query_params
    if "associatedContactId" in asked and asked.get("threadStatus") not in ("OPEN", "CLOSED"):
        return _error(400, "VALIDATION_ERROR", "threadStatus is required when filtering by associatedContactId")
    if "associatedContactId" in asked and "inboxId" in asked:
        return _error(400, "VALIDATION_ERROR", "associatedContactId cannot be used with inboxId")
    return None


def _page(world: World, request: Request, found: list[Thing]) -> Response:
    size = min(int(request.query_params.get("limit", 100)), world.account("hubspot").get("page", 100))
    start = int(request.query_params.get("after", 0))
    content: Thing = {"results": found[start : start + size]}
    if start + size < len(found):
        link = str(request.url.include_query_params(after=start + size))
        content["paging"] = {"next": {"after": str(start + size), "link": link}}
    return JSONResponse(content)


def _error(status: int, category: str, words: str) -> Response:
    content = {"status": "error", "message": words, "correlationId": "00000000-practice", "category": category}
    return JSONResponse(content, status)


# ---- shapes --------------------------------------------------------------------------------------------------------


def _addresses(customer: Thing) -> list[str]:
    return [str(each).casefold() for each in (customer.get("email"), *customer.get("further", ())) if each]


def _fits(customer: Thing, asked: Thing) -> bool:
    """Filters of one group are all to fit, of the groups one."""
    main = str(customer.get("email") or "").casefold()
    further = [each.casefold() for each in customer.get("further", ())]
    known = {("email", "EQ"): [main], ("hs_additional_emails", "CONTAINS_TOKEN"): further}
    return any(
        all(
            str(each.get("value")).casefold() in known.get((each.get("propertyName"), each.get("operator")), ())
            for each in group["filters"]
        )
        for group in asked.get("filterGroups", ())
    )


def _contact(customer: Thing, properties: Any) -> Thing:
    first, _, last = (customer["name"] or "").partition(" ")
    known = {"email": customer.get("email"), "firstname": first, "lastname": last, "phone": customer.get("phone"),
             "mobilephone": None, "hs_additional_emails": ";".join(customer.get("further", ())) or None}  # fmt: skip
    return {
        "id": str(customer["id"]), "properties": {name: known.get(name) for name in properties}, "archived": False,
        "createdAt": "2025-02-01T08:00:00.000Z", "updatedAt": "2025-02-01T08:00:00.000Z",
    }  # fmt: skip


def _thread(ticket: Thing) -> Thing:
    said = [each["at"] for each in ticket["messages"]]
    latest = _instant(max(said, default=ticket["created_at"]))
    return {
        "id": str(ticket["id"]), "createdAt": _instant(ticket["created_at"]), "inboxId": "3", "spam": False,
        "closedAt": _instant(ticket["updated_at"]) if ticket["status"] == "closed" else None,
        "status": "CLOSED" if ticket["status"] == "closed" else "OPEN", "assignedTo": "A-1",
        "associatedContactId": str(ticket["customer"]["id"]), "archived": ticket.get("archived", False),
        "originalChannelId": ticket.get("channel_id", _CHANNELS.get(ticket["channel"], "9999")),
        "originalChannelAccountId": "5", "latestMessageTimestamp": latest, "latestMessageSentTimestamp": latest,
        "latestMessageReceivedTimestamp": latest,
    }  # fmt: skip


def _message(ticket: Thing, message: Thing, request: Request) -> Thing:
    mine = message["from"] == "customer"
    kind = message.get("kind", "MESSAGE" if message["public"] else "COMMENT")
    actor = message.get("actor") or (_visitor(ticket, message) if mine else "A-1")
    sender: Thing = {"actorId": actor, "name": message["name"], "senderField": "FROM"}
    sender["deliveryIdentifier"] = message.get("delivered") or _delivered(message["email"])
    shown: Thing = {
        "type": kind, "id": str(message["id"]), "conversationsThreadId": str(ticket["id"]),
        "createdAt": _instant(message["at"]), "updatedAt": _instant(message["at"]), "createdBy": actor,
        "client": {"clientType": "HUBSPOT"}, "archived": False, "senders": [sender],
        "recipients": list(_recipients(message)), "text": message["text"], "richText": _html(message),
        "attachments": list(_attachments(message, request)),
    }  # fmt: skip
    if kind not in ("MESSAGE", "COMMENT"):
        return {name: shown[name] for name in ("type", "id", "conversationsThreadId", "createdAt", "createdBy")}
    if kind == "COMMENT":
        return shown
    truncated = message.get("truncated")
    if truncated is not None:
        shown |= {"text": truncated, "richText": f"<p>{truncated}</p>"}
    failed = message.get("failed") or message["failed_at"]
    return shown | {
        "subject": ticket["subject"], "truncationStatus": "NOT_TRUNCATED" if truncated is None else "TRUNCATED",
        "inReplyToId": None, "direction": message.get("direction", "INCOMING" if mine else "OUTGOING"),
        "status": {"statusType": "FAILED" if failed else "RECEIVED" if mine else "SENT"}
        | ({"failureDetails": {"errorMessage": "Mailbox not found", "errorMessageTokens": {}}} if failed else {}),
        "channelId": _CHANNELS.get(message["channel"], message["channel"]), "channelAccountId": "5",
    }  # fmt: skip


def _visitor(ticket: Thing, message: Thing) -> str:
    if message["channel"] == "email" and message["email"] not in _addresses(ticket["customer"]):
        return f"E-{message['email']}"
    return f"V-{ticket['customer']['id']}"


def _delivered(address: str | None) -> Thing | None:
    return {"type": "HS_EMAIL_ADDRESS", "value": address} if address else None


def _recipients(message: Thing) -> Iterator[Thing]:
    fields = (("TO", message["to"]), ("CC", message.get("cc", ())), ("BCC", message.get("bcc", ())))
    for field, addresses in fields:
        for each in addresses:
            yield {
                "actorId": f"E-{each}",
                "name": None,
                "recipientField": field,
                "deliveryIdentifier": _delivered(each),
            }


def _attachments(message: Thing, request: Request) -> Iterator[Thing]:
    home = f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '')}"
    for place, each in enumerate(message["attachments"]):
        address = f"{home}/files/{message['id']}-{place}-{each['name']}"
        kind = "IMAGE" if each["media_type"].startswith("image/") else "OTHER"
        yield {"type": each.get("type", "FILE"), "fileId": str(message["id"] * 100 + place), "fileUsageType": kind,
               "name": each["name"], "url": each.get("url", address)}  # fmt: skip


def _html(message: Thing) -> str:
    return str(message["html"] or "".join(f"<p>{line}</p>" for line in message["text"].split("\n")))


def _instant(text: str) -> str:
    return text.replace("+00:00", "Z")
