"""`queue_*`, `search_*` and `case_*`: pages at a million disputes, over HTTP, beside the bare SQL of the same."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

import httpx
import sqlalchemy as sa
from sqlmodel import col, select

from disputes import links, store_queue, store_search
from disputes.models import Dispute
from disputes.search import normal_form
from scheduler.runtime import Runtime
from tests import postgres
from tests.benchmarks import case
from tests.benchmarks.desk import add_connection, add_merchant, desk
from tests.benchmarks.figure import Figure, lap, percentile
from tests.benchmarks.filling import fill, with_search, without_search
from tests.benchmarks.serving import serving, signed_in
from web.first_data import DEMO_SLUG, demo_merchant

TOTAL = 1_000_000
REQUESTS = 1_000
SEARCHES = 300
OTHERS = 8
SLUG = DEMO_SLUG
_COLUMNS = ", ".join(store_queue._SHOWN_COLUMNS)


@dataclass(frozen=True, slots=True)
class Ask:
    """One question, as a page's address and as the SQL behind it."""

    address: str
    sql: str
    values: dict[str, Any]


def measure(
    runs: int, *, total: int = TOTAL, requests: int = REQUESTS, searches: int = SEARCHES, postgresql: bool = True
) -> list[Figure]:
    """One database a kind, made once; every request is another one, so that nothing could be remembered."""
    figures = _on("sqlite", None, total, requests, searches)
    if postgresql:
        with postgres.cluster() as cluster, cluster.database() as url:
            figures += _on("postgresql", url, total, requests, searches)
    return figures


def _on(kind: str, url: str | None, total: int, requests: int, searches: int) -> list[Figure]:
    with (
        _filled(url, total) as (runtime, merchant_id),
        case.full_cases(runtime, merchant_id) as connection_id,
        serving(runtime) as address,
        signed_in(runtime, merchant_id, address) as client,
    ):
        cases = case.prepared(runtime, connection_id)
        chance = random.Random(7)
        client.get(links.queue(SLUG)).raise_for_status()
        pages = _figure(f"queue_{kind}", runtime, client, _pages(runtime, merchant_id, chance, requests), total)
        found = _figure(f"search_{kind}", runtime, client, _searches(runtime, merchant_id, chance, searches), total)
        one = case.measured(kind, runtime, client, cases, searches, total)
        seen = {"queue": links.queue(SLUG), "case": links.case(SLUG, cases[0])}
        return [pages, found, one, *(case.weights(address, client, seen) if kind == "sqlite" else ())]


@contextlib.contextmanager
def _filled(url: str | None, total: int) -> Iterator[tuple[Runtime, str]]:
    """One merchant with 60 % of all, 7 % of it open; the rest belongs to others."""
    with desk(database_url=url) as runtime:
        without_search(runtime)
        merchant_id = demo_merchant(runtime)
        # Of another gateway than the one whose full cases come later: there is one practice account of each.
        connection_id = add_connection(runtime, merchant_id, None, gateway="paypal", polled=False)
        fill(runtime, merchant_id, connection_id, total=total * 6 // 10, open_share=0.07)
        for number in range(OTHERS):
            other = add_merchant(runtime, f"other{number}")
            connection_id = add_connection(runtime, other, None, polled=False)
            fill(runtime, other, connection_id, total=total * 4 // 10 // OTHERS, open_share=0.07, seed=number + 2)
        with_search(runtime)
        yield runtime, merchant_id


def _figure(name: str, runtime: Runtime, client: httpx.Client, asks: list[Ask], total: int) -> Figure:
    ours, bare = [], []
    with runtime.database.engine.connect() as connection:
        connection.execute(sa.text("SELECT 1"))
        for ask in asks:
            bare.append(lap(_asked(connection, ask)))
            ours.append(lap(_fetch(client, ask.address)))
    mine, theirs = percentile(ours, 0.99), percentile(bare, 0.99)
    note = (
        f"p99 of {len(asks)} different requests, one client, {total} disputes, the whole signed-in HTML answer of a "
        f"serving process beside the bare SQL in turn; p95 {percentile(ours, 0.95):.1f} "
        f"and {percentile(bare, 0.95):.1f} ms, medians {percentile(ours, 0.5):.1f} and {percentile(bare, 0.5):.1f} ms"
    )
    return Figure(name, round(mine, 2), round(theirs, 2), round(mine / max(theirs, 0.001), 2), "ms", note)


def _asked(connection: sa.Connection, ask: Ask) -> Callable[[], object]:
    return lambda: connection.execute(sa.text(ask.sql), ask.values).fetchall()


def _fetch(client: httpx.Client, address: str) -> Callable[[], None]:
    def fetch() -> None:
        answer = client.get(address)
        if answer.status_code != 200 or "<h1>Disputes" not in answer.text:
            raise RuntimeError(f"{address} answered {answer.status_code}")

    return fetch


# ---- what is asked -------------------------------------------------------------------------------------------------

_PAGE = f"SELECT {_COLUMNS} FROM dispute WHERE merchant_id = :m AND live = :live AND is_open"
_ORDER = f" ORDER BY due_sort, queue_rank, id LIMIT {store_queue.PAGE + 1}"


def _pages(runtime: Runtime, merchant_id: str, chance: random.Random, number: int) -> list[Ask]:
    """60 % first pages, 20 % pages somewhere in the middle, 20 % first pages of one gateway."""
    base, told = links.queue(SLUG), {"m": merchant_id, "live": False}
    with runtime.database.reading() as session:
        query = select(Dispute.due_sort, Dispute.queue_rank, Dispute.id).where(
            Dispute.merchant_id == merchant_id, store_queue.OPEN
        )
        keys = session.exec(query.order_by(col(Dispute.due_sort))).all()
    keys = keys[: max(1, len(keys) - store_queue.PAGE)]
    asks = []
    for at in range(number):
        share = chance.random()
        if share < 0.6:
            asks.append(Ask(f"{base}?n={at}", _PAGE + _ORDER, told))
        elif share < 0.8:
            asks.append(_middle(base, told, *chance.choice(keys)))
        else:
            gateway = chance.choice(("stripe", "paypal", "square"))
            sql = f"{_PAGE} AND gateway = :gateway{_ORDER}"
            asks.append(Ask(f"{base}?gateway={gateway}&n={at}", sql, told | {"gateway": gateway}))
    return asks


def _middle(base: str, told: dict[str, Any], due: datetime, rank: str, dispute_id: str) -> Ask:
    after = quote(f"{due.isoformat()}~{rank}~{dispute_id}")
    sql = f"{_PAGE} AND (due_sort, queue_rank, id) > (:due, :rank, :id){_ORDER}"
    values = {"due": due.replace(tzinfo=None), "rank": rank, "id": dispute_id}
    return Ask(f"{base}?view=open&after={after}", sql, told | values)


def _searches(runtime: Runtime, merchant_id: str, chance: random.Random, number: int) -> list[Ask]:
    """Parts of addresses, of order numbers and names that many have: rare and common words in turn."""
    asks = []
    sqlite = runtime.database.is_sqlite
    with runtime.database.reading() as session:
        some = session.exec(select(Dispute.order_ref).where(Dispute.merchant_id == merchant_id).limit(2_000)).all()
    for at in range(number):
        word = (f"customer{chance.randrange(200_000)}", str(chance.choice(some)), "yılmaz", "Ayşe Demir")[at % 4]
        asks.append(_search(word, merchant_id, at, sqlite=sqlite))
    return asks


def _search(word: str, merchant_id: str, number: int, *, sqlite: bool) -> Ask:
    words, values = normal_form(word), {"m": merchant_id, "most": store_search.CANDIDATES}
    if sqlite:
        found = (
            "SELECT dispute.id FROM (SELECT rowid AS hit FROM dispute_search WHERE dispute_search MATCH :words "
            "LIMIT 20000) CROSS JOIN dispute ON dispute.search_key = hit WHERE dispute.merchant_id = :m LIMIT :most"
        )
        values["words"] = f'"{words}"'
    else:
        found = "SELECT id FROM dispute WHERE merchant_id = :m AND search_text LIKE :words LIMIT :most"
        values["words"] = f"%{words}%"
    sql = f"SELECT {_COLUMNS} FROM dispute WHERE id IN ({found}){_ORDER}"
    return Ask(f"{links.queue(SLUG)}?q={quote(word)}&n={number}", sql, values)
