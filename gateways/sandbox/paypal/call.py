"""One request as the endpoints see it, and the endpoint it is for."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.routing import compile_path

from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON
from gateways.sandbox.wire import Answer


@dataclass
class Part:
    """One part of a multipart body."""

    name: str
    filename: str | None
    content_type: str
    content: bytes


@dataclass
class Call:
    method: str
    path: str
    query: list[tuple[str, str]]
    authorization: str
    content_type: str
    raw: bytes
    request_id: str | None = None
    now: int = 0
    route: str = ""
    ids: JSON = field(default_factory=dict)
    scopes: list[str] = field(default_factory=list)
    body: Any = None
    parts: list[Part] = field(default_factory=list)

    @property
    def id(self) -> str:
        return str(self.ids["id"])

    @property
    def files(self) -> list[Part]:
        return [part for part in self.parts if part.filename is not None]

    def asked(self, name: str) -> str | None:
        """The last value of a query parameter, as servers commonly read one."""
        return next((value for key, value in reversed(self.query) if key == name), None)


Handler = Callable[[World, Call], JSON | Answer]


class Endpoint:
    """A method and path of PayPal's, the scope it needs (none for an open one) and the body it takes.

    `body`: "" for none, "json", "multipart", or "either", where multipart has its JSON in the part `input`."""

    def __init__(self, verb_and_path: str, scope: str, handler: Handler, body: str = "") -> None:
        self.method, _, self.template = verb_and_path.partition(" ")
        self.scope, self.handler, self.body = scope, handler, body
        self._pattern: re.Pattern[str] = compile_path(self.template)[0]

    def match(self, method: str, path: str) -> JSON | None:
        found = self._pattern.match(path) if method == self.method else None
        return found.groupdict() if found else None
