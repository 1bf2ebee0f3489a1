"""`respond`: from Stripe's webhook to the filed answer, beside the same gateway calls made bare and one bare render."""

from __future__ import annotations

import io
from typing import Any

import stripe

from tests.benchmarks import filing
from tests.benchmarks.bare_filing import Again, Logged, stand_in
from tests.benchmarks.figure import Figure
from tests.benchmarks.webhook import signed
from web.practice import SANDBOX_KEY


def measure(runs: int) -> list[Figure]:
    return filing.measure("respond", StripeCase, runs)


class StripeCase(filing.Case):
    gateway, order, payment, effect = "stripe", "LL-1001", "ch_3Lale010000000000000000", "submitted"

    def names(self, dispute: dict[str, Any]) -> tuple[str, ...]:
        return str(dispute["id"]), str(dispute["charge"])

    def signed(self, number: int, dispute: dict[str, Any]) -> tuple[bytes, dict[str, str]]:
        return signed(f"evt_respond{number:06d}", str(dispute["id"]), "charge.dispute.created")

    def is_filing(self, row: Logged) -> bool:
        return bool(row["params"].get("submit") == "true")

    def again(self) -> Again:
        sandbox = self.sandbox
        client = stripe.StripeClient(SANDBOX_KEY, base_addresses={"api": sandbox.api, "files": sandbox.files})

        def call(row: Logged) -> None:
            if row["method"] == "POST" and row["path"] == "/v1/files":
                stream = io.BytesIO(stand_in(row["params"]["file"]["size"]))
                stream.name = row["params"]["file"]["filename"]
                client.v1.files.create({"purpose": "dispute_evidence", "file": stream})
                return
            answer = client.raw_request(row["method"].lower(), row["path"], **row["params"])
            client.deserialize(answer, api_mode="V1")

        return call
