"""The way of a request: faults, token, endpoint, answer, log."""

from __future__ import annotations

import asyncio
import hashlib
import json
import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from gateways.sandbox.faults import Fault
from gateways.sandbox.shopify_payments import graph, lifecycle, rest, tokens
from gateways.sandbox.shopify_payments.world import World
from gateways.sandbox.store import JSON
from gateways.sandbox.wire import Answer, deliver

LOGGED = 300
_API = re.compile(r"/admin/api/(?P<version>[0-9]{4}-[0-9]{2}|unstable)/(?P<rest>.+)")
_UPLOADS = re.compile(r"shopify_payments/disputes/(?P<id>[0-9]+)/dispute_file_uploads(?:/(?P<file>[0-9]+))?\.json")
_REFUSED = {"errors": "[API] Invalid API key or access token (unrecognized login or wrong password)"}
_FORBIDDEN = {"errors": "[API] This action requires merchant approval for the scope the endpoint needs."}


@dataclass
class Call:
    method: str
    path: str
    content: bytes
    token: str | None
    route: str = ""
    sent: JSON = field(default_factory=dict)


class ShopifyHost:
    """One shop's own host as an ASGI application. It runs on the event loop: an answer is a few SQLite reads."""

    def __init__(self, world: World) -> None:
        self._world = world

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        token = request.headers.get("x-shopify-access-token")
        call = Call(request.method, request.url.path, await request.body(), token)
        taken = self._world.faults.take("api", call.method, call.path)
        fault = next((fault for fault in taken if fault.kind != "latency"), None)
        await asyncio.sleep(sum(fault.seconds for fault in taken if fault.kind == "latency"))
        if fault and _at_the_edge(fault):
            answer = _ordered(fault) if fault.kind == "status" else Answer.html(fault.status)
        else:
            answer = self._performed(call, fault)
        if fault and fault.kind == "html" and fault.after:
            answer = Answer.html(fault.status)
        self._log(call, answer, fault.kind if fault else "latency" if taken else None)
        await deliver(answer, send, fault)

    def _performed(self, call: Call, fault: Fault | None) -> Answer:
        lifecycle.tick(self._world)
        broken = fault if fault and fault.kind == "status" else None
        if broken and not broken.after:
            return _ordered(broken)
        with self._world.store.transaction():
            answer = self._answered(call)
        return _ordered(broken) if broken else answer

    def _answered(self, call: Call) -> Answer:
        if call.method == "POST" and call.path == "/admin/oauth/access_token":
            return self._token(call)
        found = _API.fullmatch(call.path)
        rights = tokens.rights_of(self._world, call.token)
        if rights is None:
            return _json(_REFUSED, 401)
        if found is None:
            return _json({"errors": "Not Found"}, 404)
        try:
            call.sent = json.loads(call.content or b"{}")
        except ValueError:
            return _json({"errors": {"json": "could not be read"}}, 400)
        if call.method == "POST" and found["rest"] == "graphql.json":
            call.route = "graphql"
            return _json(graph.answer(self._world, call.sent, rights))
        return self._rest(call, found["rest"], rights)

    def _rest(self, call: Call, path: str, rights: frozenset[str]) -> Answer:
        found = _UPLOADS.fullmatch(path)
        if found is None or (call.method, found["file"] is None) not in (("POST", True), ("DELETE", False)):
            return _json({"errors": "Not Found"}, 404)
        call.route = "dispute_file_uploads"
        if rest.SCOPE not in rights:
            return _json(_FORBIDDEN, 403)
        now = self._world.clock.unix()
        try:
            if call.method == "DELETE":
                return _json(rest.delete(self._world, found["id"], found["file"], now))
            return _json(rest.create(self._world, found["id"], call.sent, now))
        except rest.RestRefused as refused:
            return _json(refused.body(), refused.status)

    def _token(self, call: Call) -> Answer:
        form = {name: values[0] for name, values in parse_qs(call.content.decode()).items()}
        call.route, call.sent = "access_token", {"client_id": form.get("client_id")}
        given = tokens.granted(self._world, form)
        return _json(given) if given else _json({"error": "invalid_client"}, 400)

    def _log(self, call: Call, answer: Answer, fault: str | None) -> None:
        self._world.ledger.request(
            at=self._world.clock.unix(),
            host="api",
            method=call.method,
            path=call.path,
            route=call.route or call.path,
            key=None,
            params=summarised(call),
            status=answer.status,
            fault=fault,
        )


def summarised(call: Call) -> JSON:
    """What was sent, short enough to be kept in a request log: the operation's name, its variables, a file's hash."""
    sent = dict(call.sent) if isinstance(call.sent, dict) else {}
    if "query" in sent:
        found = re.search(r"(query|mutation)\s+(\w+)", str(sent.pop("query")))
        return {"operation": found.group(2) if found else "", "kind": found.group(1) if found else "query", **sent}
    if isinstance(upload := sent.get("dispute_file_upload"), dict):
        data = str(upload.get("data") or "")
        digest = hashlib.sha256(data.encode()).hexdigest()
        return {**{name: value for name, value in upload.items() if name != "data"}, "base64_sha256": digest}
    return {name: str(value)[:LOGGED] for name, value in sent.items()}


def _at_the_edge(fault: Fault) -> bool:
    """Answered before the application saw the request: nothing happened."""
    if fault.kind == "status":
        return not fault.after and (fault.status == 429 or fault.code == "THROTTLED")
    return fault.at_the_edge


def _ordered(fault: Fault) -> Answer:
    """status 200 with code THROTTLED or INTERNAL_SERVER_ERROR: an error inside a success, as GraphQL has it."""
    if fault.status == 200:
        return _json(graph.throttled() if fault.code == "THROTTLED" else graph.own_fault())
    if fault.status == 429:
        answer = _json({"errors": "Exceeded 2 calls per second for api client."}, 429)
        return Answer(answer.status, answer.body, {**answer.headers, "retry-after": "1.0"})
    return _json({"errors": fault.code or "The sandbox was told to refuse this."}, fault.status)


def _json(body: JSON, status: int = 200) -> Answer:
    return Answer(status, json.dumps(body, ensure_ascii=False).encode(), {"content-type": "application/json"})
