"""The way of a request: faults, token, parameters, idempotency, endpoint, answer, log."""

from __future__ import annotations

import asyncio
import hashlib
import json

from starlette.types import Receive, Scope, Send

from gateways.sandbox.faults import Fault
from gateways.sandbox.page_cache import PageCache
from gateways.sandbox.square import clockwork, tokens
from gateways.sandbox.square.call import Call, Endpoint
from gateways.sandbox.square.endpoints import ENDPOINTS
from gateways.sandbox.square.errors import SquareError, conflict, no_endpoint, rate_limited, server_error
from gateways.sandbox.square.idempotency import Idempotency
from gateways.sandbox.square.reading import CURRENT, check_version, read_call, read_json, read_multipart
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON
from gateways.sandbox.wire import Answer, deliver

LOGGED = 300


class SquareHost:
    """Square's API host as an ASGI application. It runs on the event loop: every answer is a few SQLite reads."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._idempotency, self._pages = Idempotency(world.store), PageCache(world.store, _page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = await read_call(scope, receive)
        taken = self._world.faults.take("api", call.method, call.path)
        fault = next((fault for fault in taken if fault.kind != "latency"), None)
        wait = sum(fault.seconds for fault in taken if fault.kind == "latency")
        if fault and _at_the_edge(fault):
            await asyncio.sleep(wait)
            answer = _error(rate_limited(), call) if fault.kind == "status" else Answer.html(fault.status)
        else:
            answer = await self._answered(call, fault, wait)
        if fault and fault.kind == "html" and fault.after:
            answer = Answer.html(fault.status)
        self._log(call, answer, fault, wait)
        await deliver(answer, send, fault)

    async def _answered(self, call: Call, fault: Fault | None, wait: float) -> Answer:
        try:
            endpoint = self._prepared(call)
        except SquareError as error:
            await asyncio.sleep(wait)
            return _error(error, call)
        if not call.idempotency_key:
            await asyncio.sleep(wait)
            return self._performed(endpoint, call, fault)
        try:
            with self._idempotency.claimed(call, self._world.clock.unix()) as stored:
                await asyncio.sleep(wait)
                call.replayed = stored is not None
                return stored or self._performed(endpoint, call, fault)
        except SquareError as error:
            return _error(error, call)

    def _prepared(self, call: Call) -> Endpoint:
        """Who asks for what, and whether it is well formed; nothing of this is kept under an idempotency key."""
        call.rights = tokens.rights_of(self._world.store, call.authorization)
        check_version(call.version)
        for endpoint in ENDPOINTS:
            if (found := endpoint.match(call.method, call.path)) is not None:
                break
        else:
            raise no_endpoint(call.method, call.path)
        call.ids, call.route = found, endpoint.template
        tokens.require(call.rights, endpoint.scope)
        if endpoint.multipart:
            read_multipart(call, endpoint.multipart)
        elif endpoint.body:
            read_json(call)
        endpoint.read(call)
        if endpoint.check:
            endpoint.check(self._world, call)
        return endpoint

    def _performed(self, endpoint: Endpoint, call: Call, fault: Fault | None) -> Answer:
        world = self._world
        call.now = world.clock.unix()
        clockwork.tick(world)
        broken = fault if fault and fault.kind == "status" else None
        if broken and not broken.after:
            return _error(_status_error(broken), call)
        try:
            with world.store.transaction():
                answer = self._handled(endpoint, call)
                self._idempotency.keep(call, answer)
        except SquareError as error:
            return _error(error, call)
        return _error(_status_error(broken), call) if broken else answer

    def _handled(self, endpoint: Endpoint, call: Call) -> Answer:
        cached = call.method == "GET" and bool(self._world.setting("page_cache"))
        if cached and (found := self._pages.get(call)):
            return _json(200, found, call)
        body = json.dumps(endpoint.handler(self._world, call), ensure_ascii=False).encode()
        if cached:
            self._pages.keep(call, body)
        return _json(200, body, call)

    def _log(self, call: Call, answer: Answer, fault: Fault | None, wait: float) -> None:
        kind = fault.kind if fault else "latency" if wait else None
        self._world.ledger.request(
            at=self._world.clock.unix(),
            host="api",
            method=call.method,
            path=call.path,
            route=call.route or call.path,
            key=call.idempotency_key,
            params=summarised(call),
            status=answer.status,
            fault=kind,
            replayed=call.replayed,
        )


def summarised(call: Call) -> JSON:
    """What was sent, short enough to be kept in a request log; a repeated name is a list."""
    sent: JSON = {}
    for name, value in call.pairs:
        sent[name] = [*sent[name], value] if isinstance(sent.get(name), list) else (
            [sent[name], value] if name in sent else value
        )  # fmt: skip
    if isinstance(call.body, dict):
        sent |= {name: _short(value) for name, value in call.body.items()}
    for name, part in call.parts.items():
        if name != "request":
            digest = hashlib.sha256(part.content).hexdigest()
            sent["file"] = {"filename": part.filename, "size": len(part.content), "sha256": digest}
    return sent


def _short(value: object) -> object:
    if isinstance(value, str) and len(value) > LOGGED:
        return f"{value[:LOGGED]}... ({len(value)} characters)"
    return value


def _at_the_edge(fault: Fault) -> bool:
    """Answered before Square's application saw the request: nothing happened and nothing is kept."""
    if fault.kind == "status":
        return fault.status == 429 and not fault.after
    return fault.at_the_edge


def _status_error(fault: Fault) -> SquareError:
    if fault.status == 409:
        return conflict()
    if fault.status == 429:
        return rate_limited()
    if fault.status >= 500:
        return server_error(fault.status)
    return SquareError(fault.code or "BAD_REQUEST", "The sandbox was told to refuse this.", fault.status)


def _error(error: SquareError, call: Call) -> Answer:
    return _json(error.status, json.dumps(error.body(), ensure_ascii=False).encode(), call)


def _json(status: int, body: bytes, call: Call) -> Answer:
    return Answer(status, body, {"content-type": "application/json", "square-version": call.version or CURRENT})


def _page(call: Call) -> str:
    return f"{call.path}?{call.pairs}{sorted(call.rights)}"
