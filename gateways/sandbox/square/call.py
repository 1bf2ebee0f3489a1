"""One request as the endpoints see it, and the endpoint it is for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.routing import compile_path

from gateways.sandbox.square.shapes import Shape, query_of
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON


@dataclass
class Part:
    """One part of a multipart body; `filename` is None where the sender named none."""

    content: bytes
    content_type: str = ""
    filename: str | None = None


@dataclass
class Call:
    method: str
    path: str
    pairs: list[tuple[str, str]]
    content: bytes
    content_type: str
    version: str | None
    authorization: str | None
    now: int = 0
    route: str = ""
    ids: JSON = field(default_factory=dict)
    query: JSON = field(default_factory=dict)
    body: JSON = field(default_factory=dict)
    parts: dict[str, Part] = field(default_factory=dict)
    rights: list[str] = field(default_factory=list)
    replayed: bool = False

    @property
    def id(self) -> str:
        return str(self.ids["id"])

    @property
    def idempotency_key(self) -> str | None:
        """The key of a body that was read; before that it may be anything."""
        key = self.body.get("idempotency_key") if isinstance(self.body, dict) else None
        return key if isinstance(key, str) else None


Handler = Callable[[World, Call], JSON]
Check = Callable[[World, Call], None]


class Endpoint:
    """A method and path of Square's, the scope it needs and what it takes.

    `multipart` names the part that holds the JSON; without it the body is the JSON, or nothing."""

    def __init__(
        self,
        verb_and_path: str,
        scope: str | None,
        handler: Handler,
        *,
        query: Shape | None = None,
        body: Shape | None = None,
        multipart: str | None = None,
        check: Check | None = None,
    ) -> None:
        self.method, _, self.template = verb_and_path.partition(" ")
        self.scope, self.handler, self.check = scope, handler, check
        self.query, self.body, self.multipart = query or query_of(), body, multipart
        self._pattern: re.Pattern[str] = compile_path(self.template)[0]

    def match(self, method: str, path: str) -> JSON | None:
        found = self._pattern.match(path) if method == self.method else None
        return found.groupdict() if found else None

    def read(self, call: Call) -> None:
        """Raises SquareError for a query or body that is not what the endpoint takes."""
        call.query = self.query(call.pairs, "")
        if self.body:
            call.body = self.body(call.body, "")
