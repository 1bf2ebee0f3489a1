"""The way of a request: faults, token, scope, body, endpoint, answer, log."""

from __future__ import annotations

import asyncio
import hashlib
import json
from typing import Any

from starlette.types import Receive, Scope, Send

from gateways.sandbox.faults import Fault
from gateways.sandbox.page_cache import PageCache
from gateways.sandbox.paypal import clockwork, ids, tokens
from gateways.sandbox.paypal.call import Call, Endpoint
from gateways.sandbox.paypal.endpoints import ENDPOINTS
from gateways.sandbox.paypal.errors import PayPalError, detail, rate_limited
from gateways.sandbox.paypal.reading import read_body, read_call
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON
from gateways.sandbox.wire import Answer, deliver


class PayPalHost:
    """PayPal's one API host as an ASGI application. There is no idempotency: a request sent twice happens twice."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._pages = PageCache(world.store, _page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = await read_call(scope, receive)
        taken = self._world.faults.take("api", call.method, call.path)
        fault = next((fault for fault in taken if fault.kind != "latency"), None)
        wait = sum(fault.seconds for fault in taken if fault.kind == "latency")
        await asyncio.sleep(wait)
        if fault and fault.at_the_edge:
            answer = Answer.html(fault.status)
        elif fault and fault.kind == "status" and not fault.after:
            answer = self._error(_ordered(fault))
        else:
            answer = self._answered(call)
        if fault and fault.after:
            answer = Answer.html(fault.status) if fault.kind == "html" else answer
            answer = self._error(_ordered(fault)) if fault.kind == "status" else answer
        self._log(call, answer, fault.kind if fault else "latency" if wait else None)
        await deliver(answer, send, fault)

    def _answered(self, call: Call) -> Answer:
        world = self._world
        call.now = world.clock.unix()
        world.timers.run(call.now, lambda at, subject, action: clockwork.act(world, at, subject, action))
        try:
            endpoint = self._prepared(call)
            with world.store.transaction():
                return self._handled(endpoint, call)
        except PayPalError as error:
            return self._error(error)

    def _prepared(self, call: Call) -> Endpoint:
        """Who asks for what, and whether it is well formed."""
        for endpoint in ENDPOINTS:
            if (found := endpoint.match(call.method, call.path)) is not None:
                break
        else:
            raise PayPalError(404)
        call.ids, call.route = found, endpoint.template
        if endpoint.scope:
            call.scopes = tokens.scopes_of(self._world, call.authorization)
            if endpoint.scope not in call.scopes:
                issue = {"issue": "PERMISSION_DENIED", "description": f"The token lacks the scope {endpoint.scope}."}
                raise PayPalError(403, [issue])
        read_body(call, endpoint.body)
        return endpoint

    def _handled(self, endpoint: Endpoint, call: Call) -> Answer:
        cached = call.method == "GET" and endpoint.scope == tokens.READ and bool(self._world.setting("page_cache"))
        if cached and (found := self._pages.get(call)):
            return self._json(200, found)
        result = endpoint.handler(self._world, call)
        if isinstance(result, Answer):
            result.headers.setdefault("Paypal-Debug-Id", ids.debug())
            return result
        body = json.dumps(result, ensure_ascii=False).encode()
        if cached:
            self._pages.keep(call, body)
        return self._json(200, body)

    def _error(self, error: PayPalError) -> Answer:
        body = error.body()
        answer = self._json(error.status, json.dumps(body, ensure_ascii=False).encode())
        answer.headers |= {"Paypal-Debug-Id": body.get("debug_id", ids.debug()), **error.headers}
        return answer

    @staticmethod
    def _json(status: int, body: bytes) -> Answer:
        headers = {"content-type": "application/json", "cache-control": "no-cache", "Paypal-Debug-Id": ids.debug()}
        return Answer(status, body, headers)

    def _log(self, call: Call, answer: Answer, fault: str | None) -> None:
        self._world.ledger.request(
            at=self._world.clock.unix(),
            host="api",
            method=call.method,
            path=call.path,
            route=call.route or call.path,
            key=call.request_id,
            params=summarised(call),
            status=answer.status,
            fault=fault,
        )


def summarised(call: Call) -> JSON:
    """What was sent, without a secret and with files by name, size and hash."""
    params: JSON = dict(call.query)
    if call.body is not None:
        params["body"] = call.body
    if call.files:
        params["files"] = [_described(part.filename, part.content) for part in call.files]
    return params


def _described(name: Any, content: bytes) -> JSON:
    return {"filename": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}


def _ordered(fault: Fault) -> PayPalError:
    if fault.status == 429:
        return rate_limited(fault.seconds)
    if fault.status >= 500 or fault.status in (401, 403, 404, 409, 415):
        return PayPalError(fault.status, name=fault.code or None)
    issue = detail(fault.code or "SANDBOX_REFUSES", "/", "The sandbox was told to refuse this.")
    return PayPalError(fault.status, [issue])


def _page(call: Call) -> str:
    return f"{call.path}?{sorted(call.query)}"
