"""Pictures of goods: where each lies at a practice shop, and handing it out. `?v=` names the version, as shops do."""

from __future__ import annotations

import base64
from collections.abc import Callable
from hashlib import sha256

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from evidence.sandbox.world import Thing, World


def address(base: str, picture: str | None) -> str | None:
    """`base`: of the shop; `picture`: its bytes in base64, as the world has them."""
    return f"{base}/files/{_name(picture)}.jpg?v=1" if picture else None


def served(world: World) -> Route:
    return Route("/files/{name}.jpg", _answer(world))


def _answer(world: World) -> Callable[[Request], Response]:
    def answer(request: Request) -> Response:
        for order in world.orders:
            for line in order["lines"]:
                for each in _of(line):
                    if _name(each) == request.path_params["name"]:
                        return Response(base64.b64decode(each), media_type="image/jpeg")
        return Response("Not Found", 404)

    return answer


def _of(line: Thing) -> list[str]:
    return [line[name] for name in ("picture", "variant_picture") if line.get(name)]


def _name(picture: str) -> str:
    return sha256(picture.encode()).hexdigest()[:16]
