"""A small HTTP server of the tests' own: answers what it is told to, and remembers what it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import Message as Headers
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from gateways.paypal.transport import TOKEN, PayPalApi

CLIENT, SECRET = "client-of-the-tests", "s3cret-of-the-tests"
SELLER = "https://uri.paypal.com/services/disputes/read-seller https://uri.paypal.com/services/disputes/update-seller"


@dataclass(frozen=True, slots=True)
class Asked:
    method: str
    path: str
    query: dict[str, str]
    headers: Headers
    body: bytes
    port: int
    """The caller's: the same for two requests over one connection."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def data(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        return b"" if self.body is None else json.dumps(self.body).encode()


Answering = Callable[[Asked], Reply]


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hung up is what some tests are about."""


class Loopback:
    """`on` says what a path answers: one reply, several in their order (the last stays), or a function."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.tokens = 0
        self.accepted: set[str] = set()
        self.public: set[str] = {TOKEN}
        """Paths that ask for no token."""
        self.scope: str | None = SELLER
        self.before_token: Callable[[], object] = lambda: None
        self.before_body: Callable[[BaseHTTPRequestHandler], None] = lambda _handler: None
        self.lost = threading.Event()
        """A request ended before its body did."""
        self._answers: dict[tuple[str, str], Answering] = {}
        self._lock = threading.Lock()
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self.on("POST", TOKEN, self.token)

    def on(self, method: str, path: str, *answers: Reply | Answering) -> None:
        waiting = list(answers)

        def answer(asked: Asked) -> Reply:
            with self._lock:
                now = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            return now if isinstance(now, Reply) else now(asked)

        self._answers[method, path] = answer

    def token(self, _asked: Asked) -> Reply:
        self.before_token()
        with self._lock:
            self.tokens += 1
            made = f"A21AA-token-{self.tokens}"
            self.accepted.add(made)
        body: dict[str, Any] = {"access_token": made, "token_type": "Bearer", "expires_in": 32400}
        return Reply(200, body | ({"scope": self.scope} if self.scope is not None else {}))

    def revoke(self) -> None:
        with self._lock:
            self.accepted.clear()

    def calls(self, path: str | None = None, method: str | None = None) -> list[Asked]:
        """What was asked for, in order; without a path everything but tokens."""
        with self._lock:
            return [
                each
                for each in self.asked
                if (each.path == path if path else each.path != TOKEN) and method in (None, each.method)
            ]

    def _reply(self, asked: Asked) -> Reply:
        with self._lock:
            self.asked.append(asked)
        known = {f"Bearer {each}" for each in self.accepted}
        if asked.path not in self.public and asked.headers.get("Authorization") not in known:
            return Reply(401, {"name": "AUTHENTICATION_FAILURE", "debug_id": "d401"})
        answer = self._answers.get((asked.method, asked.path))
        if answer is None:
            return Reply(404, {"name": "RESOURCE_NOT_FOUND", "message": "does not exist", "debug_id": "d404"})
        return answer(asked)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        here = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 20

            def _answer(self) -> None:
                here.before_body(self)
                wanted = int(self.headers.get("Content-Length") or 0)
                body = self.rfile.read(wanted)
                if len(body) < wanted:
                    here.lost.set()
                    self.close_connection = True
                    return
                target = urlsplit(self.path)
                query = dict(parse_qsl(target.query))
                asked = Asked(self.command, target.path, query, self.headers, body, self.client_address[1])
                reply = here._reply(asked)
                self.send_response_only(reply.status)
                if "Date" not in reply.headers:
                    self.send_header("Date", self.date_time_string())
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(reply.data)))
                self.end_headers()
                self.wfile.write(reply.data)

            do_GET = do_POST = do_PATCH = _answer  # noqa: N815 - the names are http.server's

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler

    def serve(self) -> None:
        self._server.serve_forever(poll_interval=0.05)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@contextmanager
def loopback() -> Iterator[Loopback]:
    server = Loopback()
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.close()
        thread.join()


def api(server: Loopback, *, live: bool = False, timeout: float = 5.0, base: str | None = None) -> PayPalApi:
    return PayPalApi(client_id=CLIENT, secret=SECRET, base=base or server.url, live=live, timeout=timeout)
