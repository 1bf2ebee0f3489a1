"""Example Bank and Example Ledger as small servers: what a plug-in's author writes beside the adapter."""

from __future__ import annotations

import base64
import copy
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

KEY, READER = "example-key-of-the-desk", "example-key-that-reads"
NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
Answer = tuple[int, Any]


@dataclass
class Fault:
    kind: str
    times: int
    skip: int = 0
    status: int = 500
    body: str = "<html>502</html>"
    headers: Mapping[str, str] = field(default_factory=dict)


class Server:
    """One HTTP server on loopback. `answer(method, path, query, content, headers)` is the system itself."""

    def __init__(self) -> None:
        self.lock, self.faults, self._asked = threading.RLock(), list[Fault](), 0
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self.address = f"http://127.0.0.1:{self._server.server_address[1]}"

    def answer(self, method: str, path: str, query: dict[str, str], content: Any, headers: Any) -> Answer:
        raise NotImplementedError

    def requests(self) -> int:
        return self._asked

    def clear_faults(self) -> None:
        self.faults.clear()

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def _fault(self) -> Fault | None:
        for fault in self.faults:
            if fault.skip:
                fault.skip -= 1
                return None
            fault.times -= 1
            self.faults = [each for each in self.faults if each.times > 0]
            return fault
        return None

    def _handler(server) -> type[BaseHTTPRequestHandler]:  # noqa: N805 - the handler's self is another one
        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                parts = urlsplit(self.path)
                query = {name: values[0] for name, values in parse_qs(parts.query).items()}
                sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                with server.lock:
                    server._asked += 1
                    fault = server._fault()
                    kind = fault.kind if fault else ""
                    status, told = 0, None
                    if kind in ("", "truncate", "drop_after"):
                        content = json.loads(sent or b"{}")
                        status, told = server.answer(self.command, parts.path, query, content, self.headers)
                if kind in ("drop_before", "drop_after"):
                    self.close_connection = True
                elif fault is not None and kind in ("status", "html"):
                    self._send(fault.status, fault.body.encode(), fault.headers)
                else:
                    self._send(status, json.dumps(told).encode(), {}, cut=kind == "truncate")

            do_GET = do_POST = do_PUT = _serve  # noqa: N815 - http.server's names

            def _send(self, status: int, content: bytes, headers: Mapping[str, str], *, cut: bool = False) -> None:
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) // 2] if cut else content)

            def log_message(self, *_: object) -> None:
                pass

        return Handler


class Bank(Server):
    """`tests.contract.practice.Practice`, too."""

    def __init__(self) -> None:
        super().__init__()
        self.cases: dict[str, dict[str, Any]] = {}
        self.sent: dict[str, int] = {}
        self.addresses = {"api": self.address}

    def open_dispute(self) -> str:
        id = f"C{1000 + len(self.cases)}"
        opened, paid = datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) - timedelta(days=20)
        self.cases[id] = {
            "id": id, "status": "open", "reason": "not_received", "amount": "189.00", "currency": "EUR",
            "opened": opened.isoformat(), "due": (opened + timedelta(days=9)).isoformat(), "payment": f"P-{id}",
            "paid": paid.isoformat(), "order": "LL-1001", "refunds": [], "draft": None,
        }  # fmt: skip
        return id

    def effects(self) -> Any:
        return copy.deepcopy(({id: case["draft"] for id, case in self.cases.items()}, self.sent))

    def submissions(self, external_id: str) -> int:
        return self.sent.get(external_id, 0)

    def fault(self, kind: str, *, times: int, **details: Any) -> None:
        self.faults.append(Fault(kind, times, **details))

    def answer(self, method: str, path: str, query: dict[str, str], content: Any, headers: Any) -> Answer:
        key = str(headers.get("Authorization")).removeprefix("Bearer ")
        if key not in (KEY, READER):
            return 401, {"error": "unknown key"}
        if path == "/account":
            rights = ["read", "file"] if key == KEY else ["read"]
            return 200, {"id": "A1", "name": "Lale Living", "currency": "EUR", "rights": rights}
        if path == "/cases":
            return 200, self._page(query)
        id, _, act = path.removeprefix("/cases/").partition("/")
        case = self.cases.get(id)
        if case is None:
            return 404, {"error": "no such case"}
        return (200, case) if method == "GET" else self._written(case, act, content, key)

    def _page(self, query: dict[str, str]) -> Any:
        newest_first = sorted(self.cases.values(), key=lambda case: case["id"], reverse=True)
        since, after = query.get("since", ""), query.get("after", "")
        found = [each for each in newest_first if each["opened"] >= since and (not after or each["id"] < after)]
        return {"cases": found[:2], "next": found[1]["id"] if len(found) > 2 else None}

    def _written(self, case: dict[str, Any], act: str, content: Any, key: str) -> Answer:
        if key != KEY:
            return 403, {"error": "this key may not file"}
        if case["status"] != "open":
            return 409, {"error": "an answer is in already"}
        if act == "draft":
            file = content["file"]
            size = len(base64.b64decode(file["base64"])) if file else 0
            case["draft"] = {"text": content["text"], "file": file and {"name": file["name"], "size": size}}
        else:
            case["status"] = "reviewing"
            self.sent[case["id"]] = self.sent.get(case["id"], 0) + 1
        return 200, {}


class Ledger(Server):
    """`tests.contract.source_contract.Practice`, too."""

    def __init__(self, card: str) -> None:
        super().__init__()
        self.orders = [self._order(number, card) for number in range(1, 6)]

    def _order(self, number: int, card: str) -> dict[str, Any]:
        at = (NOW - timedelta(days=30 - number)).isoformat()
        return {
            "number": f"LL-100{number}", "placed_at": at, "changed_at": at, "currency": "EUR", "total": "189.00",
            "customer": {"name": "Emily Carter", "email": "emily.carter@example.com"},
            "note": f"Charge {card}, please" if number == 1 else None,
            "lines": [{"title": "Walnut desk lamp", "quantity": 1}],
        }  # fmt: skip

    def content(self) -> Any:
        return copy.deepcopy(self.orders)

    def fault(self, *, status: int, times: int, body: str = "", headers: Mapping[str, str] | None = None) -> None:
        self.faults.append(Fault("status", times, status=status, body=body, headers=dict(headers or {})))

    def answer(self, method: str, path: str, query: dict[str, str], content: Any, headers: Any) -> Answer:
        if headers.get("X-Ledger-Key") != KEY:
            return 401, {"error": "unknown key"}
        if path == "/me":
            return 200, {"id": 7, "name": "Lale Living"}
        after = datetime.fromisoformat(query["changed_after"])
        found = [each for each in self.orders if datetime.fromisoformat(each["changed_at"]) >= after]
        start = (int(query["page"]) - 1) * 2
        return 200, {"orders": found[start : start + 2], "more": len(found) > start + 2}


Serve = Callable[[], Server]
