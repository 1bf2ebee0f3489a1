"""`sync`: a first pull of 10,000 disputes from Stripe, beside the SDK's bare pagination and one bare bulk insert."""

from __future__ import annotations

import json
from collections.abc import Iterator

import stripe

from gateways.sandbox.launch import Sandbox
from tests.benchmarks import pulling
from tests.benchmarks.figure import Figure
from tests.benchmarks.pulling import Listed, Row
from web.practice import SANDBOX_KEY

DISPUTES = 10_000


def measure(runs: int) -> list[Figure]:
    note = "SDK pagination and one bare bulk insert"
    return pulling.measure("sync", "stripe", DISPUTES, listing, note=note, runs=runs)


def listing(sandbox: Sandbox) -> Listed:
    client = stripe.StripeClient(SANDBOX_KEY, base_addresses={"api": sandbox.api, "files": sandbox.files})

    def listed() -> Iterator[Row]:
        for dispute in client.v1.disputes.list({"limit": 100}).auto_paging_iter():
            yield dispute.id, json.dumps(dispute.to_dict())

    return listed
