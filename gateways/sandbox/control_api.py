"""/_sandbox/: for tests and the demo, never for the product. It wants a header no browser form can send."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import compile_path
from starlette.types import Receive, Scope, Send

from gateways.sandbox import deliveries
from gateways.sandbox.clock import SandboxClock
from gateways.sandbox.faults import Faults
from gateways.sandbox.ledger import Ledger
from gateways.sandbox.store import JSON, Store

PREFIX = "/_sandbox"
HEADER = "x-sandbox-control"


class ControlRoute:
    def __init__(self, verb_and_path: str, act: Callable[..., JSON]) -> None:
        self.method, _, self.template = verb_and_path.partition(" ")
        self.act = act
        self._pattern = compile_path(self.template)[0]

    def match(self, method: str, path: str) -> dict[str, str] | None:
        found = self._pattern.match(path) if method == self.method else None
        return found.groupdict() if found else None


class ControlApi:
    def __init__(self, store: Store, routes: list[ControlRoute]) -> None:
        self._store, self._routes = store, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        status, body = await self._answer(request)
        await JSONResponse(body, status)(scope, receive, send)

    async def _answer(self, request: Request) -> tuple[int, Any]:
        if request.headers.get(HEADER) != "1":
            return 403, {"error": "the control API needs the header X-Sandbox-Control: 1"}
        path = request.url.path.removeprefix(PREFIX)
        for route in self._routes:
            if (ids := route.match(request.method, path)) is not None:
                break
        else:
            return 404, {"error": f"no control {request.method} {path}"}
        try:
            sent = dict(request.query_params) if request.method == "GET" else json.loads(await request.body() or b"{}")
            with self._store.transaction():
                return 200, route.act(sent, **ids)
        except KeyError as error:
            return 400, {"error": f"{error.args[0]} is missing or unknown"}
        except (ValueError, TypeError) as error:
            return 400, {"error": str(error)}
        except Exception as error:
            if hasattr(error, "body") and hasattr(error, "status"):  # a gateway's own error says it best
                return error.status, error.body()
            raise


def common_routes(
    store: Store, clock: SandboxClock, faults: Faults, ledger: Ledger, tick: Callable[[], int]
) -> list[ControlRoute]:
    """What every gateway's sandbox has: its clock, its log, its faults, its webhooks on their way."""

    def advance(sent: JSON) -> JSON:
        clock.advance(float(sent["advance_seconds"]))
        return {**time({}), "happened": tick()}

    def time(sent: JSON) -> JSON:
        return {"now": clock.unix(), "shift": clock.shift}

    def forget(sent: JSON) -> JSON:
        faults.clear()
        return {"faults": []}

    return [
        ControlRoute("GET /log", lambda sent: {"requests": ledger.requests(sent)}),
        ControlRoute("GET /counts", lambda sent: ledger.counts()),
        ControlRoute("GET /effects/{id}", lambda sent, id: ledger.effects(id)),
        ControlRoute("GET /deliveries", lambda sent: {"deliveries": deliveries.listed(store)}),
        ControlRoute("GET /clock", time),
        ControlRoute("POST /clock", advance),
        ControlRoute("GET /faults", lambda sent: {"faults": faults.waiting()}),
        ControlRoute("POST /faults", faults.add),
        ControlRoute("DELETE /faults", forget),
    ]
