"""`case_*` and `weight_*`: a prepared case's page among a million others, and what a browser loads of both pages."""

from __future__ import annotations

import contextlib
import random
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from sqlmodel import select

from disputes import links
from disputes.models import Connection, Dispute
from gateways.sandbox.launch import launch
from scheduler.runtime import Runtime
from tests.benchmarks.figure import Figure, lap, percentile
from tests.benchmarks.filing import spec
from web.first_data import DEMO_SLUG
from web.practice import connect
from web.security import PLAIN_COOKIE

ORDERS = ("LL-1001", "LL-1002", "LL-1003", "LL-1005", "LL-1006", "LL-1008")
LIMIT = 150_000
"""Bytes that a page may weigh, all that it loads included."""
SLOWER, BITS_PER_SECOND, LATENCY_MS = 4, 1_600_000, 150
_UNDER_WAY = ("new", "gathering")
_GIVE_UP_SECONDS = 300.0
_ROWS = {
    "round": "dispute_id", "evidence_item": "dispute_id", "item_mark": "dispute_id", "attempt": "dispute_id",
    "audit_entry": "subject", "case_note": "dispute_id",
}  # fmt: skip


@contextlib.contextmanager
def full_cases(runtime: Runtime, merchant_id: str) -> Iterator[str]:
    """A Stripe sandbox with some of the demo's disputes, connected; a serving process will prepare them. Its id."""
    with (
        tempfile.TemporaryDirectory() as folder,
        launch(Path(folder) / "sandbox", gateway="stripe", empty=True) as sandbox,
    ):
        for order in ORDERS:
            sandbox.controls.dispute(**spec("stripe", order))
        yield connect(runtime, merchant_id, {"stripe": sandbox})["stripe"]


def prepared(runtime: Runtime, connection_id: str) -> list[str]:
    """The ids of the cases once all of them are judged; then the connection rests."""
    ends = time.monotonic() + _GIVE_UP_SECONDS
    while True:
        with runtime.database.reading() as session:
            found = session.exec(
                select(Dispute.id, Dispute.work_state).where(Dispute.connection_id == connection_id)
            ).all()
        if len(found) == len(ORDERS) and not any(state in _UNDER_WAY for _, state in found):
            break
        if time.monotonic() > ends:
            raise RuntimeError(f"the cases were not prepared: {sorted(state for _, state in found)[:20]}")
        time.sleep(0.2)
    with runtime.database.writing() as session:
        session.get_one(Connection, connection_id).paused = True
    return [dispute_id for dispute_id, _ in found]


def measured(kind: str, runtime: Runtime, client: httpx.Client, cases: list[str], requests: int, total: int) -> Figure:
    """The page of a case with evidence, letter and packet, beside reading its stored rows bare, in turn."""
    chance = random.Random(7)
    ours, bare, largest = [], [], 0
    for dispute_id in cases:
        client.get(links.case(DEMO_SLUG, dispute_id)).raise_for_status()
    with runtime.database.engine.connect() as connection:
        for _ in range(requests):
            dispute_id = chance.choice(cases)
            bare.append(lap(lambda: _rows(connection, dispute_id)))  # noqa: B023 - called at once
            answers: list[httpx.Response] = []
            ours.append(lap(lambda: answers.append(client.get(links.case(DEMO_SLUG, dispute_id)))))  # noqa: B023
            answers[0].raise_for_status()
            largest = max(largest, len(answers[0].content))
    mine, theirs = percentile(ours, 0.95), percentile(bare, 0.95)
    note = (
        f"p95 of {requests} requests over {len(cases)} prepared cases among {total} disputes, the whole signed-in HTML "
        f"answer (up to {largest // 1000} kB before compression) beside bare SELECTs of the case's rows; medians "
        f"{percentile(ours, 0.5):.1f} and {percentile(bare, 0.5):.1f} ms"
    )
    return Figure(f"case_{kind}", round(mine, 2), round(theirs, 2), round(mine / max(theirs, 0.001), 2), "ms", note)


def _rows(connection: sa.Connection, dispute_id: str) -> None:
    connection.execute(sa.text("SELECT * FROM dispute WHERE id = :id"), {"id": dispute_id}).fetchall()
    for table, column in _ROWS.items():
        connection.execute(sa.text(f"SELECT * FROM {table} WHERE {column} = :id"), {"id": dispute_id}).fetchall()


# ---- what a browser loads ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Loaded:
    """What one first visit took."""

    size: int
    """Bytes on the wire: the page and all it asked for."""
    seconds: float
    """Until everything was there."""
    painted_ms: float
    shift: float
    """Cumulative layout shift."""


def weights(address: str, client: httpx.Client, paths: dict[str, str]) -> list[Figure]:
    """Each page in a Chromium that has cached nothing, its processor and its line slowed down."""
    token = next(cookie.value for cookie in client.cookies.jar if cookie.name == PLAIN_COOKIE)
    figures = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for name, path in paths.items():
            with contextlib.closing(_context(browser, address, str(token))) as context:
                loaded = _load(context, address + path)
            note = (
                f"bytes that a first visit loads, beside the {LIMIT // 1000} kB that a page may weigh; Chromium with a "
                f"{SLOWER} times slower processor, {BITS_PER_SECOND / 1e6:.1f} Mbit/s and {LATENCY_MS} ms: first paint "
                f"{loaded.painted_ms / 1000:.1f} s, all there {loaded.seconds:.1f} s, layout shift {loaded.shift:.3f}"
            )
            figures.append(Figure(f"weight_{name}", loaded.size, LIMIT, round(loaded.size / LIMIT, 2), "bytes", note))
        browser.close()
    return figures


def _context(browser: Browser, address: str, token: str) -> BrowserContext:
    context = browser.new_context()
    context.add_cookies([{"name": PLAIN_COOKIE, "value": token, "url": address}])
    return context


_SHIFT = """() => new Promise(done => {
  let sum = 0
  const add = list => { for (const each of list.getEntries()) if (!each.hadRecentInput) sum += each.value }
  new PerformanceObserver(add).observe({type: 'layout-shift', buffered: true})
  setTimeout(() => done(sum), 1500)
})"""


def _load(context: BrowserContext, url: str) -> Loaded:
    page = context.new_page()
    tools = context.new_cdp_session(page)
    sizes: list[int] = []

    def finished(event: dict[str, Any]) -> None:
        sizes.append(int(event["encodedDataLength"]))

    tools.on("Network.loadingFinished", finished)
    tools.send("Network.enable")
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    line = BITS_PER_SECOND / 8
    tools.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": line, "uploadThroughput": line},
    )
    started = time.perf_counter()
    page.goto(url)
    taken = time.perf_counter() - started
    shift = float(page.evaluate(_SHIFT))
    painted = float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0"))
    return Loaded(sum(sizes), taken, painted, shift)
