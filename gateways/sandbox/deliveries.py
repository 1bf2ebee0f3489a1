"""Webhooks on their way: queued in the store, sent by a thread, again if need be, spoiled as faults order."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from typing import Protocol

import httpx

from gateways.sandbox.clock import SandboxClock
from gateways.sandbox.faults import Faults
from gateways.sandbox.store import JSON, Store

log = logging.getLogger(__name__)

RETRY_AFTER_SECONDS = (0.3, 1.0, 3.0, 10.0, 60.0)
SWAP_SECONDS = 0.25


@dataclass
class Parcel:
    url: str
    content: bytes
    headers: dict[str, str]


class Postman(Protocol):
    def pack(self, event: str, endpoint: str) -> Parcel | None:
        """The signed request for one delivery; None when the event or the endpoint is gone."""

    def delivered(self, event: str) -> None:
        """The endpoint said 2xx; called inside a transaction."""


def enqueue(store: Store, clock: SandboxClock, faults: Faults, event: str, endpoint: str) -> None:
    """Queue one delivery; faults may drop it, hold it back, let the next overtake it, or double it."""
    due, state, copies = clock.real(), "waiting", 1
    if faults.take_webhook("webhook_drop"):
        state = "dropped"
    if delay := faults.take_webhook("webhook_delay"):
        due += delay.seconds
    if faults.take_webhook("webhook_reorder"):
        due += SWAP_SECONDS
    if faults.take_webhook("webhook_double"):
        copies = 2
    for _ in range(copies):
        store.run(
            "INSERT INTO delivery (event, endpoint, due, state) VALUES (?, ?, ?, ?)", (event, endpoint, due, state)
        )


def forget(store: Store, endpoint: str) -> None:
    store.run("DELETE FROM delivery WHERE endpoint = ?", (endpoint,))


def listed(store: Store) -> list[JSON]:
    columns = ("event", "endpoint", "tries", "state", "note")
    rows = store.run("SELECT event, endpoint, tries, state, note FROM delivery ORDER BY seq")
    return [dict(zip(columns, row, strict=True)) for row in rows]


class Deliveries(threading.Thread):
    """Sends what is due, forever; a receiver that does not answer 2xx gets it again a few times."""

    def __init__(self, store: Store, clock: SandboxClock, postman: Postman) -> None:
        super().__init__(name="webhooks", daemon=True)
        self._store, self._clock, self._postman = store, clock, postman
        self._ended = threading.Event()

    def run(self) -> None:
        with httpx.Client(timeout=10, trust_env=False) as client:
            while not self._ended.wait(0.05):
                try:
                    self._send_due(client)
                except Exception:
                    log.exception("webhook delivery failed inside the sandbox")

    def end(self) -> None:
        self._ended.set()
        self.join(timeout=2)

    def _send_due(self, client: httpx.Client) -> None:
        due = self._store.run(
            "SELECT seq, event, endpoint, tries FROM delivery WHERE state = 'waiting' AND due <= ?"
            " ORDER BY due, seq LIMIT 50",
            (self._clock.real(),),
        )
        for seq, event, endpoint, tries in due:
            if self._ended.is_set():
                return
            self._settle(seq, event, tries, self._post(client, event, endpoint))

    def _post(self, client: httpx.Client, event: str, endpoint: str) -> str | None:
        """Why it was not delivered, or None when it was."""
        parcel = self._postman.pack(event, endpoint)
        if parcel is None:
            return None
        try:
            answer = client.post(parcel.url, content=parcel.content, headers=parcel.headers)
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
        return None if answer.is_success else f"HTTP {answer.status_code}"

    def _settle(self, seq: int, event: str, tries: int, problem: str | None) -> None:
        store = self._store
        if problem is None:
            store.run("UPDATE delivery SET state = 'delivered', tries = tries + 1, note = NULL WHERE seq = ?", (seq,))
            with store.transaction():
                self._postman.delivered(event)
            return
        state = "waiting" if tries < len(RETRY_AFTER_SECONDS) else "given up"
        again = self._clock.real() + RETRY_AFTER_SECONDS[min(tries, len(RETRY_AFTER_SECONDS) - 1)]
        store.run(
            "UPDATE delivery SET state = ?, tries = tries + 1, due = ?, note = ? WHERE seq = ?",
            (state, again, problem, seq),
        )
