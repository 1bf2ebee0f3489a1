"""The way of a request: faults, key, parameters, idempotency, endpoint, answer, log."""

from __future__ import annotations

import asyncio
import hashlib
import json

from starlette.types import Receive, Scope, Send

from gateways.sandbox.faults import Fault
from gateways.sandbox.page_cache import PageCache
from gateways.sandbox.store import JSON
from gateways.sandbox.stripe import clockwork, keys
from gateways.sandbox.stripe.call import Call, Endpoint
from gateways.sandbox.stripe.endpoints import ENDPOINTS
from gateways.sandbox.stripe.errors import StripeError, lock_timeout, rate_limited, server_error, unrecognized_url
from gateways.sandbox.stripe.expand import expanded
from gateways.sandbox.stripe.form import nested, summary
from gateways.sandbox.stripe.idempotency import Idempotency, in_use
from gateways.sandbox.stripe.reading import read_call
from gateways.sandbox.stripe.versions import at
from gateways.sandbox.stripe.world import ACCOUNT, Cause, World
from gateways.sandbox.wire import Answer, deliver


class StripeHost:
    """One host of Stripe's as an ASGI application. It runs on the event loop: every answer is a few SQLite reads."""

    def __init__(self, world: World, host: str, idempotency: Idempotency) -> None:
        self._world, self._host, self._idempotency = world, host, idempotency
        self._pages = PageCache(world.store, _page)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        call = await read_call(scope, receive, self._host)
        taken = self._world.faults.take(self._host, call.method, call.path)
        fault = next((fault for fault in taken if fault.kind != "latency"), None)
        wait = sum(fault.seconds for fault in taken if fault.kind == "latency")
        if fault and _at_the_edge(fault):
            await asyncio.sleep(wait)
            answer = self._error(rate_limited(), call) if fault.kind == "status" else Answer.html(fault.status)
        else:
            answer = await self._answered(call, fault, wait)
        if fault and fault.kind == "html" and fault.after:
            answer = Answer.html(fault.status)
        self._log(call, answer, fault, wait)
        await deliver(answer, send, fault)

    async def _answered(self, call: Call, fault: Fault | None, wait: float) -> Answer:
        try:
            endpoint = self._prepared(call)
        except StripeError as error:
            await asyncio.sleep(wait)
            return self._error(error, call)
        if call.method != "POST" or not call.idempotency_key:
            await asyncio.sleep(wait)
            return self._performed(endpoint, call, fault)
        try:
            with self._idempotency.claimed(call, self._world.clock.unix()) as stored:
                await asyncio.sleep(wait)
                call.replayed = stored is not None
                return stored or self._performed(endpoint, call, fault)
        except StripeError as error:
            return self._error(error, call)

    def _prepared(self, call: Call) -> Endpoint:
        """Who asks for what, and whether it is well formed; nothing of this is kept under an idempotency key."""
        rights = keys.rights_of(self._world.store, call.api_key)
        for endpoint in ENDPOINTS:
            if (found := endpoint.match(self._host, call.method, call.path)) is not None:
                break
        else:
            raise unrecognized_url(call.method, call.path)
        call.ids, call.route, call.rights = found, endpoint.template, rights
        keys.require(rights, endpoint.right, call.api_key or "", ACCOUNT)
        call.params = endpoint.shape(nested(call.pairs), "")
        return endpoint

    def _performed(self, endpoint: Endpoint, call: Call, fault: Fault | None) -> Answer:
        world = self._world
        call.now = world.clock.unix()
        world.timers.run(call.now, lambda at, subject, action: clockwork.act(world, at, subject, action))
        broken = fault if fault and fault.kind == "status" else None
        if broken and not broken.after:
            return self._kept(_status_error(broken), call)
        world.cause = Cause(call.request_id, call.idempotency_key)
        try:
            with world.store.transaction():
                answer = self._handled(endpoint, call)
                if broken:
                    answer = self._error(_status_error(broken), call)
                self._idempotency.keep(call, answer)
                return answer
        except StripeError as error:
            return self._kept(error, call)
        finally:
            world.cause = Cause()

    def _handled(self, endpoint: Endpoint, call: Call) -> Answer:
        cached = call.method == "GET" and bool(self._world.setting("page_cache"))
        if cached and (found := self._pages.get(call)):
            return self._json(200, found, call)
        result = endpoint.handler(self._world, call)
        if isinstance(result, Answer):
            result.headers |= _headers(call)
            return result
        body = json.dumps(at(expanded(self._world, call, result), call.version), ensure_ascii=False).encode()
        if cached:
            self._pages.keep(call, body)
        return self._json(200, body, call)

    def _kept(self, error: StripeError, call: Call) -> Answer:
        answer = self._error(error, call)
        if error.kept:
            self._idempotency.keep(call, answer)
        return answer

    def _error(self, error: StripeError, call: Call) -> Answer:
        answer = self._json(error.status, json.dumps(error.body(), ensure_ascii=False, indent=2).encode(), call)
        answer.headers |= error.headers
        return answer

    def _json(self, status: int, body: bytes, call: Call) -> Answer:
        return Answer(status, body, {"content-type": "application/json", **_headers(call)})

    def _log(self, call: Call, answer: Answer, fault: Fault | None, wait: float) -> None:
        kind = fault.kind if fault else "latency" if wait else None
        self._world.ledger.request(
            at=self._world.clock.unix(),
            host=self._host,
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
    try:
        params: JSON = summary(nested(call.pairs))
    except StripeError:
        params = {"unreadable": True}
    if call.upload:
        filename, content = call.upload
        params["file"] = {"filename": filename, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return params


def _at_the_edge(fault: Fault) -> bool:
    """Answered before Stripe's application saw the request: nothing happened and nothing is kept."""
    if fault.kind == "status":
        return fault.status == 429 and fault.code != "lock_timeout" and not fault.after
    return fault.at_the_edge


def _status_error(fault: Fault) -> StripeError:
    if fault.code == "lock_timeout":
        return lock_timeout()
    if fault.status == 409:
        return in_use("another")
    if fault.status >= 500:
        return server_error(fault.status)
    return StripeError("The sandbox was told to refuse this.", fault.status, code=fault.code or None)


def _headers(call: Call) -> dict[str, str]:
    headers = {"Request-Id": call.request_id, "Stripe-Version": call.version}
    if call.idempotency_key:
        headers["Idempotency-Key"] = call.idempotency_key
    return headers


def _page(call: Call) -> str:
    return f"{call.path}?{sorted(call.pairs)}@{call.version}{sorted(call.rights)}"
