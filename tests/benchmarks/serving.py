"""The desk as merchants run it, a process of its own, and a browser's session on it."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx

from disputes import store_people
from disputes.ids import new_id
from disputes.models import Person
from scheduler.runtime import Runtime
from web.first_data import token_hash
from web.security import PLAIN_COOKIE

ROOT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0


@contextlib.contextmanager
def serving(runtime: Runtime) -> Iterator[str]:
    """`counterproof serve` over this runtime's folder and database; its address."""
    port = free_port()
    database = {} if runtime.database.is_sqlite else {"COUNTERPROOF_DATABASE_URL": runtime.database.url}
    command = [sys.executable, "-m", "web", "serve", "--data", str(runtime.data), "--port", str(port)]
    with process(command, f"http://127.0.0.1:{port}", "/health", **database) as address:
        yield address


@contextlib.contextmanager
def process(command: list[str], address: str, path: str, **environment: str) -> Iterator[str]:
    """A server that runs while the block does, ready when `path` answers."""
    path_to_us = {"PYTHONPATH": str(ROOT), **environment}
    child = subprocess.Popen(command, env={**os.environ, **path_to_us}, stdout=subprocess.DEVNULL, cwd=ROOT)
    try:
        _await(child, address + path)
        yield address
    finally:
        child.terminate()
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _await(child: subprocess.Popen[bytes], url: str) -> None:
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends:
        if child.poll() is not None:
            raise RuntimeError(f"the server ended at once with {child.returncode}")
        with contextlib.suppress(httpx.HTTPError):
            if httpx.get(url, timeout=5).status_code < 500:
                return
        time.sleep(0.05)
    raise RuntimeError(f"{url} did not answer within {_START_SECONDS:.0f} s")


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def signed_in(runtime: Runtime, merchant_id: str, address: str) -> httpx.Client:
    """A client with the session of an owner of this merchant."""
    now, token = runtime.clock.now(), secrets.token_urlsafe(32)
    person = Person(
        id=new_id("per"), email=f"{token[:8]}@example.org".lower(), name="Bench", password_hash="-", created_at=now
    )
    with runtime.database.writing() as session:
        session.add(person)
        session.flush()
        store_people.join(session, merchant_id, person.id, "owner")
        store_people.open_session(
            session, person.id, token_hash=token_hash(token), csrf="bench", now=now, expires_at=now + timedelta(days=1)
        )
    as_a_browser = {"sec-fetch-site": "same-origin"}
    return httpx.Client(base_url=address, cookies={PLAIN_COOKIE: token}, headers=as_a_browser, timeout=30)
