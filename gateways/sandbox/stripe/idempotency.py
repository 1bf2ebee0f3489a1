"""Idempotency keys: the first answer comes again, a 500 too."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager

from gateways.sandbox.store import Store
from gateways.sandbox.stripe.call import Call
from gateways.sandbox.stripe.errors import StripeError
from gateways.sandbox.wire import Answer

KEPT_SECONDS = 24 * 3600


class Idempotency:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._in_flight: set[str] = set()

    @contextmanager
    def claimed(self, call: Call, now: int) -> Iterator[Answer | None]:
        """The stored answer to replay, or None with the key held until this request is done with."""
        key = call.idempotency_key or ""
        if len(key) > 255:
            raise StripeError("Idempotency keys may be at most 255 characters long.", type="idempotency_error")
        if key in self._in_flight:
            raise in_use(key)
        self._store.run("DELETE FROM idempotency WHERE at < ?", (now - KEPT_SECONDS,))
        found = self._store.run("SELECT request, answer FROM idempotency WHERE key = ?", (key,))
        if found and found[0][0] != fingerprint(call):
            raise StripeError(
                "Keys for idempotent requests can only be used with the same parameters they were first used with. "
                f"Try using a key other than '{key}' if you meant to execute a different request.",
                type="idempotency_error",
            )
        self._in_flight.add(key)
        try:
            yield _replay(found[0][1], call) if found else None
        finally:
            self._in_flight.discard(key)

    def keep(self, call: Call, answer: Answer) -> None:
        if call.method != "POST" or not call.idempotency_key:
            return
        stored = {"status": answer.status, "headers": answer.headers, "body": base64.b64encode(answer.body).decode()}
        self._store.run(
            "INSERT OR REPLACE INTO idempotency (key, at, request, answer) VALUES (?, ?, ?, ?)",
            (call.idempotency_key, call.now, fingerprint(call), json.dumps(stored)),
        )


def fingerprint(call: Call) -> str:
    """What "the same parameters" means; a multipart boundary does not count."""
    content = hashlib.sha256(call.upload[1]).hexdigest() if call.upload else ""
    return hashlib.sha256(json.dumps([call.method, call.path, sorted(call.pairs), content]).encode()).hexdigest()


def in_use(key: str) -> StripeError:
    return StripeError(
        "There is currently another in-progress request using this Idempotent Key (that probably means you submitted "
        f"twice, and the other request is still going through): {key}. Please try again later.",
        409,
        code="idempotency_key_in_use",
    )


def _replay(stored: str, call: Call) -> Answer:
    first = json.loads(stored)
    headers = {**first["headers"], "Idempotent-Replayed": "true", "Original-Request": first["headers"]["Request-Id"]}
    return Answer(first["status"], base64.b64decode(first["body"]), {**headers, "Request-Id": call.request_id})
