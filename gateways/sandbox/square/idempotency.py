"""Idempotency keys, which Square takes in the body: the first answer comes again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from gateways.sandbox.square.call import Call
from gateways.sandbox.square.errors import SquareError, conflict
from gateways.sandbox.store import Store
from gateways.sandbox.wire import Answer

KEPT_SECONDS = 24 * 3600  # how long Square keeps one is not public


class Idempotency:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._in_flight: set[str] = set()

    @contextmanager
    def claimed(self, call: Call, now: int) -> Iterator[Answer | None]:
        """The stored answer to replay, or None with the key held until this request is done with."""
        key = call.idempotency_key or ""
        if key in self._in_flight:
            raise conflict()
        self._store.run("DELETE FROM idempotency WHERE at < ?", (now - KEPT_SECONDS,))
        found = self._store.run("SELECT request, answer FROM idempotency WHERE key = ?", (key,))
        if found and found[0][0] != fingerprint(call):
            raise SquareError(
                "IDEMPOTENCY_KEY_REUSED",
                "Different request parameters used for the same idempotency_key.",
                field="idempotency_key",
            )
        self._in_flight.add(key)
        try:
            yield Answer(200, found[0][1].encode(), {"content-type": "application/json"}) if found else None
        finally:
            self._in_flight.discard(key)

    def keep(self, call: Call, answer: Answer) -> None:
        """Only what succeeded; nothing public says that Square replays a refusal or a 500."""
        if call.idempotency_key and answer.status == 200:
            self._store.run(
                "INSERT OR REPLACE INTO idempotency (key, at, request, answer) VALUES (?, ?, ?, ?)",
                (call.idempotency_key, call.now, fingerprint(call), answer.body.decode()),
            )


def fingerprint(call: Call) -> str:
    """What "the same parameters" means; a multipart boundary does not count."""
    files = {
        name: [part.filename, part.content_type, hashlib.sha256(part.content).hexdigest()]
        for name, part in call.parts.items()
        if name != "request"
    }
    said = json.dumps([call.method, call.path, call.body, files], sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()
