"""One request as the endpoints see it, and the endpoint it is for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import compile_path

from gateways.sandbox.store import JSON
from gateways.sandbox.stripe.shapes import Shape, hash_of
from gateways.sandbox.stripe.world import World
from gateways.sandbox.wire import Answer


@dataclass
class Call:
    host: str
    method: str
    path: str
    pairs: list[tuple[str, Any]]
    request_id: str
    version: str
    api_key: str | None
    idempotency_key: str | None
    now: int = 0
    route: str = ""
    ids: JSON = field(default_factory=dict)
    params: JSON = field(default_factory=dict)
    rights: list[str] = field(default_factory=list)
    upload: tuple[str | None, bytes] | None = None
    replayed: bool = False

    @property
    def id(self) -> str:
        return str(self.ids["id"])


Handler = Callable[[World, Call], JSON | Answer]


class Endpoint:
    """A method and path of Stripe's, the right it needs and the parameters it takes."""

    def __init__(
        self, verb_and_path: str, right: str, handler: Handler, shape: Shape | None = None, host: str = "api"
    ) -> None:
        self.method, _, self.template = verb_and_path.partition(" ")
        self.right, self.handler, self.host = right, handler, host
        self.shape = shape or hash_of()
        self._pattern: re.Pattern[str] = compile_path(self.template)[0]

    def match(self, host: str, method: str, path: str) -> JSON | None:
        found = self._pattern.match(path) if (host, method) == (self.host, self.method) else None
        return found.groupdict() if found else None
