"""A desk over a real server, as the page tests drive it. Its engine only takes notes; nothing runs behind the pages."""

from __future__ import annotations

import functools
import hashlib
import hmac
import json
import re
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from sqlmodel import Session, select
from starlette.routing import BaseRoute

from disputes import store_people
from disputes.acts import GatewayAct
from disputes.ids import new_id
from disputes.models import Dispute, Merchant, Person, SetupLink, WebSession
from disputes.response import Response
from evidence.sandbox.launch import Prompt
from scheduler.runtime import Runtime
from tests import builders
from web import passwords
from web.app import build_app
from web.compose import compose
from web.first_data import token_hash
from web.settings import Settings

PASSWORD = "several plain words"
SECRET = "whsec_test_of_the_desk"
PACKET = b"%PDF-1.4 proof"
"""The bytes of every case's packet; they lie in the file store."""


@dataclass
class NotedEngine:
    """Notes what was asked for in the transaction that asked; `broken` makes asking fail."""

    asked: list[tuple[str, str, tuple[str, ...]]] = field(default_factory=list)
    broken: bool = False

    def launch(self, *, polling_seconds: float = 0.2) -> None: ...
    def stop(self) -> None: ...

    def enqueue(self, session: Session, workflow: str, run_id: str, *arguments: str, queue: str = "work") -> None:
        if self.broken:
            raise RuntimeError("the engine's tables are away")
        self.asked.append((workflow, run_id, arguments))

    def forget(self, before: datetime) -> int:
        return 0

    def status(self, run_id: str) -> str | None:
        return None

    def alive(self) -> bool:
        return not self.broken


class Desk:
    def __init__(self, folder: Path, database_url: str | None = None, **settings: Any) -> None:
        self.settings = Settings(
            data=folder / "data", database_url=database_url, smtp_host=None, public_url=None, **settings
        )
        self.runtime: Runtime = compose(self.settings, client_only=True)
        self.runtime.engine.stop()
        self.engine = NotedEngine()
        self.runtime.engine = self.engine
        self.app = build_app(self.runtime, self.settings)
        self.app.router.routes[:] = _routes(self.app)
        self._clients: list[httpx.Client] = []
        config = uvicorn.Config(self.app, host="127.0.0.1", port=0, log_level="error", server_header=False)
        self._server = Prompt(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.01)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"

    def stop(self) -> None:
        for client in self._clients:
            client.close()
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self.runtime.close()

    @property
    def now(self) -> Any:
        return self.runtime.clock.now()

    # ---- people and shops ----------------------------------------------------------------------------------------

    def shop(self, *people: Person, **changes: Any) -> Merchant:
        with self.runtime.database.writing() as session:
            merchant = builders.merchant(session, at=self.now, **changes)
            for person in people:
                store_people.join(session, merchant.id, person.id, "owner")
        return merchant

    def person(self, email: str | None = None) -> Person:
        made = Person(
            id=new_id("per"),
            email=email or f"{new_id('p')}@shop.example",
            name="Ada Moll",
            password_hash=_hashed(PASSWORD),
            created_at=self.now,
        )
        with self.runtime.database.writing() as session:
            session.add(made)
        return made

    def setup_link(self) -> str:
        token = new_id("set")
        with self.runtime.database.writing() as session:
            session.add(
                SetupLink(token_hash=token_hash(token), created_at=self.now, expires_at=self.now + timedelta(days=1))
            )
        return token

    def case(
        self,
        merchant: Merchant,
        *,
        mode: str = "test",
        gateway: str = "stripe",
        by_hand: bool = False,
        fields: Mapping[str, str] | None = None,
        **told: Any,
    ) -> Dispute:
        """An open case of a connection of its own, with an answer to approve (or to hand over)."""
        told = {"external_id": new_id("du"), "live": mode == "live", "due_at": self.now + timedelta(days=9)} | told
        told |= {"gateway": gateway, "opened_at": told.get("opened_at", self.now - timedelta(days=1))}
        with self.runtime.database.writing() as session:
            secret = self.runtime.vault.seal("rk_test_of_the_desk")
            made = builders.connection(
                session, merchant=merchant, at=self.now, secret=secret, mode=mode, gateway=gateway, by_hand=by_hand
            )
            made.webhook_secret = self.runtime.vault.seal(SECRET)
            session.add(made)
            dispute = builders.seen(session, connection=made, at=self.now, **told)
            if dispute.can_submit:
                builders.prepared(session, dispute=dispute, response=_answer(dispute, fields), at=self.now)
        self.runtime.files.put(merchant.id, PACKET)
        return dispute

    # ---- browsers ------------------------------------------------------------------------------------------------

    def browser(self, **more: Any) -> httpx.Client:
        client = httpx.Client(base_url=self.url, timeout=30, **more)
        self._clients.append(client)
        return client

    def signed_in(self, person: Person) -> Browser:
        """A session laid down directly: hashing a password for every test would take longer than the test."""
        token = new_id("token")
        with self.runtime.database.writing() as session:
            store_people.open_session(
                session,
                person.id,
                token_hash=token_hash(token),
                csrf=new_id("csrf"),
                now=self.now,
                expires_at=self.now + timedelta(days=1),
            )
        return Browser(self, self.browser(cookies={"counterproof": token}))

    # ---- webhooks ------------------------------------------------------------------------------------------------

    def webhook(self, connection_id: str, event: dict[str, Any], secret: str = SECRET) -> httpx.Response:
        body, at = json.dumps(event).encode(), int(time.time())
        signed = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"stripe-signature": f"t={at},v1={signed}"}
        return httpx.post(f"{self.url}/webhooks/{connection_id}", content=body, headers=headers, timeout=30)


_hashed = functools.cache(passwords.hash_password)
_known: list[BaseRoute] = []


def _routes(app: FastAPI) -> list[BaseRoute]:
    """Those of this process's first desk: all have the same, and reading their signatures takes longer than a test."""
    if not _known:
        _known.extend(app.router.routes)
    return _known


def _answer(dispute: Dispute, fields: Mapping[str, str] | None) -> Response:
    answer = builders.answer(external_id=dispute.external_id, data=PACKET)
    told = {"gateway": dispute.gateway, "act": GatewayAct(dispute.answer_act)}
    return answer.model_copy(update=told | ({"fields": dict(fields)} if fields else {}))


@dataclass
class Browser:
    """A signed-in client that sends its token with every form."""

    desk: Desk
    client: httpx.Client

    @property
    def csrf(self) -> str:
        with self.desk.runtime.database.reading() as session:
            token = self.client.cookies["counterproof"]
            return session.exec(select(WebSession.csrf).where(WebSession.token_hash == token_hash(token))).one()

    def get(self, path: str, **more: Any) -> httpx.Response:
        return self.client.get(path, **more)

    def post(self, path: str, *, files: Any = None, **form: Any) -> httpx.Response:
        return self.client.post(path, data={"csrf": self.csrf, **form}, files=files)


def words(answer: httpx.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.text).split())
