"""The least an endpoint must do: check Stripe's signature and insert one row. `python -m tests.benchmarks.bare_endpoint
<database file> <port> <secret>`."""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import time

import stripe
import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route


def build(path: str, secret: str) -> Starlette:
    local = threading.local()

    def store(body: bytes, signature: str) -> None:
        stripe.WebhookSignature.verify_header(body.decode(), signature, secret, 300)
        event = json.loads(body)
        if not hasattr(local, "connection"):
            local.connection = _open(path)
        with local.connection:
            local.connection.execute(
                "INSERT OR IGNORE INTO event VALUES (?, ?, ?)", (event["id"], time.time(), body.decode())
            )

    async def receive(request: Request) -> JSONResponse:
        body = await request.body()
        await run_in_threadpool(store, body, request.headers.get("stripe-signature", ""))
        return JSONResponse({"message": "Stored."})

    async def health(_request: Request) -> JSONResponse:
        return JSONResponse({})

    return Starlette(routes=[Route("/hook", receive, methods=["POST"]), Route("/health", health)])


def _open(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=30)
    for line in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=NORMAL"):
        connection.execute(line)
    connection.execute("CREATE TABLE IF NOT EXISTS event (id TEXT PRIMARY KEY, at REAL NOT NULL, body TEXT NOT NULL)")
    return connection


if __name__ == "__main__":
    uvicorn.run(build(sys.argv[1], sys.argv[3]), port=int(sys.argv[2]), log_level="warning")
