"""A server that says what a test tells it to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass
class Said:
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[Asked], Said]


class Loopback:
    """`on("GET /v2/disputes", ...)`: a body as JSON, a `Said`, or a function of what was asked. Else 404."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._arrived = threading.Condition()
        self.date: str | None = None
        """The Date header, where it should be another than the true one."""
        self._answers: dict[str, Answer] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"

    def on(self, what: str, answer: Any) -> None:
        if callable(answer):
            self._answers[what] = lambda asked: _said(answer(asked))
        else:
            self._answers[what] = lambda _: _said(answer)

    def count(self, what: str) -> int:
        return sum(f"{one.method} {one.path}" == what for one in self.asked)

    def wait_for(self, enough: Callable[[Asked], bool]) -> Asked:
        """The first request of this kind, when it comes."""
        with self._arrived:
            assert self._arrived.wait_for(lambda: any(map(enough, self.asked)), timeout=10), self.asked
            return next(filter(enough, self.asked))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _answer(self, asked: Asked) -> Said:
        with self._arrived:
            self.asked.append(asked)
            self._arrived.notify_all()
        answer = self._answers.get(f"{asked.method} {asked.path}")
        return answer(asked) if answer else refused(404, "NOT_FOUND", "Resource not found.")

    def _handler(loopback) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler's self is another one
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            wbufsize = 1 << 16  # one packet an answer: two would wait for each other's acknowledgement

            def _serve(self) -> None:
                address = urlsplit(self.path)
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                said = loopback._answer(Asked(self.command, address.path, parse_qs(address.query), headers, body))
                self.send_response(said.status)
                for name, value in {"Content-Type": "application/json", **said.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.body)))
                self.end_headers()
                self.wfile.write(said.body)

            do_GET = do_POST = do_DELETE = _serve  # noqa: N815 - http.server's names

            def date_time_string(self, timestamp: float | None = None) -> str:
                return loopback.date or super().date_time_string(timestamp)  # type: ignore[arg-type]

            def log_message(self, *_: object) -> None:
                pass

        return Handler


def _said(answer: Any) -> Said:
    return answer if isinstance(answer, Said) else Said(body=json.dumps(answer).encode())


def refused(status: int, code: str, detail: str, **headers: str) -> Said:
    errors = [{"category": "INVALID_REQUEST_ERROR", "code": code, "detail": detail}]
    return Said(status, json.dumps({"errors": errors}).encode(), {k.replace("_", "-"): v for k, v in headers.items()})
