"""`respond_paypal`: from PayPal's webhook to the provided evidence, beside the same calls made bare and one render."""

from __future__ import annotations

import base64
import functools
import json
from pathlib import Path
from typing import Any
from uuid import uuid4

from disputes.clock import SystemClock
from gateways.paypal.values import rfc3339
from gateways.sandbox.launch import Sandbox
from gateways.sandbox.paypal import certificates, events, webhooks
from gateways.sandbox.paypal.client import PayPalControl
from gateways.sandbox.store import Store
from tests.benchmarks import filing
from tests.benchmarks.bare_filing import Again, Logged
from tests.benchmarks.bare_paypal import bare_api, call
from tests.benchmarks.figure import Figure

_NEVER_HERE = "PAYMENT.CAPTURE.REVERSED"


def measure(runs: int) -> list[Figure]:
    return filing.measure("respond_paypal", PayPalCase, runs)


class PayPalCase(filing.Case):
    gateway, order, payment, effect = "paypal", "LL-2001", "22001010C00000000", "evidence_provided"

    def __init__(self, sandbox: Sandbox, folder: Path) -> None:
        super().__init__(sandbox, folder)
        store = Store(folder / "sandbox.sqlite")
        self._trust = certificates.trust_of(store, SystemClock().now())
        store.close()
        assert isinstance(sandbox.controls, PayPalControl)
        self._cert_url = str(sandbox.controls.trust()["cert_url"])

    def hear(self, url: str) -> str:
        """The webhook's id. It asks for no event that happens here: what is timed is posted by the bench."""
        super().hear(url)
        self._webhook = str(self.sandbox.controls.webhook_endpoint(url, event_types=[_NEVER_HERE])["id"])
        return self._webhook

    def names(self, dispute: dict[str, Any]) -> tuple[str, ...]:
        """With the order's, and the buyer's name for the payment."""
        transaction = dispute["disputed_transactions"][0]
        others = ("seller_transaction_id", "reference_id", "buyer_transaction_id")
        return str(dispute["dispute_id"]), *(str(transaction[name]) for name in others)

    def signed(self, number: int, dispute: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        event = {
            "id": f"WH-RESPOND{number:06d}",
            "event_version": "1.0",
            "resource_type": "dispute",
            "event_type": events.CREATED,
            "resource": dispute,
        }
        body, transmission, time = json.dumps(event).encode(), str(uuid4()), rfc3339(SystemClock().now())
        signature = self._trust.sign(webhooks.signed_string(transmission, time, self._webhook, body))
        return body, {
            "Content-Type": "application/json",
            "PAYPAL-AUTH-ALGO": webhooks.ALGORITHM,
            "PAYPAL-CERT-URL": self._cert_url,
            "PAYPAL-TRANSMISSION-ID": transmission,
            "PAYPAL-TRANSMISSION-SIG": base64.b64encode(signature).decode(),
            "PAYPAL-TRANSMISSION-TIME": time,
        }

    def is_filing(self, row: Logged) -> bool:
        return str(row["path"]).endswith("/provide-evidence")

    def again(self) -> Again:
        return functools.partial(call, bare_api(self.sandbox))
