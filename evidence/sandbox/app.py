"""One application for every practice system: `/<system>/...` is its API, `/_control/...` orders faults."""

from __future__ import annotations

import asyncio
import importlib
import pkgutil
import re
from dataclasses import asdict, dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.middleware.base import BaseHTTPMiddleware, RequestResponseEndpoint
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Mount, Route

from evidence.sandbox import __path__
from evidence.sandbox.world import Asked, World


def played() -> list[str]:
    """Every module here that has `routes(world)` is a system, under its own name."""
    return [
        name
        for name in sorted(each.name for each in pkgutil.iter_modules(__path__) if not each.name.startswith("_"))
        if hasattr(_module(name), "routes")
    ]


def _module(name: str) -> Any:
    return importlib.import_module(f"evidence.sandbox.{name}")


@dataclass
class Fault:
    """The next `times` requests whose path matches are answered so; `skip` matches pass first."""

    path: str
    status: int = 500
    times: int = 1
    skip: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: str = ""
    seconds: float = 0.0
    """Only late, and then as usual, where `status` is 0."""


class Faults:
    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def take(self, path: str) -> Fault | None:
        for fault in self.waiting:
            if re.search(fault.path, path):
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                self.waiting = [each for each in self.waiting if each.times > 0]
                return fault
        return None


def application(world: World, faults: Faults | None = None) -> Starlette:
    ordered = faults or Faults()
    mounts: list[BaseRoute] = [Mount(f"/{name}", routes=_module(name).routes(world)) for name in played()]
    app = Starlette(routes=[*_control(world, ordered), *mounts])

    async def watch(request: Request, call_next: RequestResponseEndpoint) -> Response:
        path = request.url.path
        if path.startswith("/_control"):
            return await call_next(request)
        fault = ordered.take(path)
        if fault is not None and fault.seconds:
            await asyncio.sleep(fault.seconds)
        if fault is not None and fault.status:
            answer = Response(fault.body, fault.status, fault.headers)
        else:
            answer = await call_next(request)
        with world.lock:
            world.log.append(Asked(request.method, path, dict(request.query_params), answer.status_code))
        return answer

    app.add_middleware(BaseHTTPMiddleware, dispatch=watch)
    return app


def _control(world: World, faults: Faults) -> list[BaseRoute]:
    async def order(request: Request) -> Response:
        wanted: dict[str, Any] = await request.json()
        faults.waiting.append(Fault(**wanted))
        return JSONResponse(wanted)

    async def log(_request: Request) -> Response:
        return JSONResponse([asdict(each) for each in world.log])

    return [Route("/_control/faults", order, methods=["POST"]), Route("/_control/log", log)]
