"""`sync_paypal`: a first pull of 2,000 disputes from PayPal, beside the same calls made bare and one bulk insert.

PayPal's list is short on facts, so that both sides read every page and then every dispute in full. The details are
serialised beforehand; a list page is made anew on both sides, because the window it names begins 180 days ago.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode, urlsplit

from disputes.clock import SystemClock
from gateways.paypal.values import rfc3339
from gateways.sandbox.launch import Sandbox
from tests.benchmarks import pulling
from tests.benchmarks.bare_paypal import bare_api
from tests.benchmarks.figure import Figure
from tests.benchmarks.pulling import Listed, Row

DISPUTES = 2_000
_PATH = "/v1/customer/disputes"
_WINDOW = timedelta(days=180) - timedelta(hours=1)


def measure(runs: int) -> list[Figure]:
    note = (
        "the same pages and one detail call a dispute by the SDK's Api.get, one after the other on a connection each "
        "as it makes them (the adapter reads four at once and keeps connections for a page), and one bare bulk insert"
    )
    return pulling.measure("sync_paypal", "paypal", DISPUTES, listing, note=note, runs=runs)


def listing(sandbox: Sandbox) -> Listed:
    api = bare_api(sandbox)

    def listed() -> Iterator[Row]:
        query = {"page_size": "50", "update_time_after": rfc3339(SystemClock().now() - _WINDOW)}
        following: str | None = f"{_PATH}?{urlencode(query)}"
        while following is not None:
            page = api.get(following)
            for line in page["items"]:
                detail = api.get(f"{_PATH}/{line['dispute_id']}")
                yield detail["dispute_id"], json.dumps(detail)
            following = _after(page["links"])

    return listed


def _after(links: list[dict[str, str]]) -> str | None:
    found = next((urlsplit(link["href"]) for link in links if link["rel"] == "next"), None)
    return f"{found.path}?{found.query}" if found else None
