"""An answer on its way out, whole or broken as a fault orders."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from starlette.types import Send

from gateways.sandbox.faults import Fault

HTML = b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body><h1>502 Bad Gateway</h1></body>\r\n</html>\r\n"


@dataclass
class Answer:
    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    def html(cls, status: int = 502) -> Answer:
        return cls(status, HTML, {"content-type": "text/html"})


async def deliver(answer: Answer, send: Send, fault: Fault | None = None) -> None:
    """Send the answer; a fault may hold it back, cut it off in the middle or lose the connection."""
    match fault.kind if fault else None:
        case "drop_before" | "drop_after":
            await hang_up(send)
        case "hang":
            await asyncio.sleep((fault.seconds if fault else 0) or 3600)
            await hang_up(send)
        case "truncate":
            await _head(answer, send)
            await send({"type": "http.response.body", "body": answer.body[: len(answer.body) // 2], "more_body": True})
            await asyncio.sleep(0.02)  # otherwise the abort takes the half that was to arrive with it
            await hang_up(send)
        case _:
            await _head(answer, send)
            await send({"type": "http.response.body", "body": answer.body})


async def hang_up(send: Send) -> None:
    """Lose the connection. ASGI has no word for it, so this reaches for uvicorn's transport behind `send`."""
    cycle: Any = getattr(send, "__self__", None)
    if cycle is None or not hasattr(cycle, "transport"):
        raise RuntimeError("a connection can only be lost under uvicorn, with nothing wrapped around it")
    cycle.disconnected = True
    cycle.response_complete = True
    cycle.transport.abort()


async def _head(answer: Answer, send: Send) -> None:
    headers = {"content-length": str(len(answer.body)), **answer.headers}
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": answer.status, "headers": raw})
