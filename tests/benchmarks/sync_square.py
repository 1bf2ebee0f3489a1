"""`sync_square`: a first pull of 10,000 disputes from Square, beside the SDK's bare pagination and one bulk insert."""

from __future__ import annotations

from collections.abc import Iterator

from gateways.sandbox.launch import Sandbox
from tests.benchmarks import pulling
from tests.benchmarks.bare_square import bare_client
from tests.benchmarks.figure import Figure
from tests.benchmarks.pulling import Listed, Row

DISPUTES = 10_000


def measure(runs: int) -> list[Figure]:
    note = "SDK pagination (one model a dispute, which the adapter does not make) and one bare bulk insert"
    return pulling.measure("sync_square", "square", DISPUTES, listing, note=note, runs=runs)


def listing(sandbox: Sandbox) -> Listed:
    client = bare_client(sandbox)

    def listed() -> Iterator[Row]:
        for dispute in client.disputes.list():
            yield str(dispute.id), dispute.model_dump_json(exclude_unset=True)

    return listed
