"""`respond_square`: from Square's webhook to the submitted evidence, beside the same calls made bare and one render."""

from __future__ import annotations

import functools
import json
from pathlib import Path
from typing import Any

from gateways.sandbox.launch import Sandbox
from gateways.sandbox.square import subscriptions
from gateways.sandbox.square.world import MERCHANT
from tests.benchmarks import filing
from tests.benchmarks.bare_filing import Again, Logged
from tests.benchmarks.bare_square import bare_client, call
from tests.benchmarks.figure import Figure
from web.practice import SANDBOX_WEBHOOK_SECRET


def measure(runs: int) -> list[Figure]:
    return filing.measure("respond_square", SquareCase, runs)


class SquareCase(filing.Case):
    gateway, order, payment, effect = "square", "LL-3001", "LaleSq01Pay0000000000000000ZY", "submitted"

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        super().__init__(sandbox, folder)
        self._client = bare_client(sandbox)

    def names(self, dispute: dict[str, Any]) -> tuple[str, ...]:
        """With the order's, which only the payment knows."""
        payment_id = str(dispute["disputed_payment"]["payment_id"])
        payment = self._client.payments.get(payment_id).payment
        assert payment is not None
        return str(dispute["id"]), payment_id, str(payment.order_id)

    def signed(self, number: int, dispute: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        event = {
            "merchant_id": MERCHANT,
            "type": "dispute.created",
            "event_id": f"respond-{number:06d}",
            "created_at": dispute["created_at"],
            "data": {"type": "dispute", "id": dispute["id"], "object": {"dispute": dispute}},
        }
        body = json.dumps(event).encode()
        mark = subscriptions.signature("sha256", SANDBOX_WEBHOOK_SECRET, self.url, body)
        return body, {"Content-Type": "application/json", "x-square-hmacsha256-signature": mark}

    def is_filing(self, row: Logged) -> bool:
        return str(row["path"]).endswith("/submit-evidence")

    def again(self) -> Again:
        return functools.partial(call, self._client)
