"""Many disputes at once, spread as a real desk's are; written past the ORM, the search index made once at the end."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from disputes import store
from disputes.ids import new_id
from disputes.lifecycle import GatewayStatus, Kind, WorkState
from disputes.migrate import migrate
from disputes.models import Dispute
from disputes.models.base import defaults
from disputes.money import Money
from disputes.search import normal_form, search_key
from scheduler.runtime import Runtime

_NAMES = [
    "Emily Carter",
    "Mehmet Yılmaz",
    "Laura Schmidt",
    "Ayşe Demir",
    "James O'Neil",
    "Sofia Rossi",
    "Kenji Sato",
    "Elif Kaya",
]
_NORMAL = {name: normal_form(name) for name in _NAMES}
_REASONS = ("fraudulent", "not_received", "not_as_described", "duplicate", "subscription_canceled", "general")
_CURRENCIES = ("EUR", "USD", "GBP", "JPY")
_CHUNK = 20_000
_CACHE_KIB = 1_000_000
_PADDING = "x" * 600
"""So that a row is about as long as a real one without evidence."""

# What SQLite's search is fed by; `migrate` makes them, and PostgreSQL's index, again.
_FEEDS = ("TRIGGER dispute_search_insert", "INDEX ix_dispute_search_text")


def fill(
    runtime: Runtime, merchant_id: str, connection_id: str, *, total: int, open_share: float, seed: int = 1
) -> None:
    """`total` disputes; `open_share` of them wait for an answer within the next 30 days."""
    chance, now = random.Random(seed), runtime.clock.now()
    plain = {name: _as_text(value) for name, value in defaults(Dispute).items()}
    blank = {**plain, "merchant_id": merchant_id, "connection_id": connection_id, "currency": ""}
    for start in range(0, total, _CHUNK):
        rows = [
            _row(blank, chance, number, seed, now, is_open=chance.random() < open_share)
            for number in range(start, min(start + _CHUNK, total))
        ]
        with runtime.database.writing() as session:
            if runtime.database.is_sqlite:
                # Keys in no order touch pages all over the indexes: they should be in memory while it is filled.
                session.execute(sa.text(f"PRAGMA cache_size = -{_CACHE_KIB}"))
            _write(session.connection(), rows)
            counts = Counter((row["live"], row["view"]) for row in rows)
            for (live, view), number in counts.items():
                store.count_views(session, merchant_id, live, {view: number})


def without_search(runtime: Runtime) -> None:
    """For a large fill: the search index is dropped, or no longer fed, until `with_search`."""
    with runtime.database.writing() as session:
        session.execute(sa.text(f"DROP {_FEEDS[0] if runtime.database.is_sqlite else _FEEDS[1]}"))


def with_search(runtime: Runtime) -> None:
    migrate(runtime.database.url)
    with runtime.database.writing() as session:
        if runtime.database.is_sqlite:
            session.execute(sa.text("INSERT INTO dispute_search(dispute_search) VALUES ('rebuild')"))
        else:
            session.execute(sa.text("ANALYZE dispute"))
    # The filling's connections had settings of their own; what is measured gets new ones.
    runtime.database.engine.dispose()


def _write(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """As the driver takes it fastest; SQLAlchemy's own insert would take longer than making the rows."""
    names = ", ".join(rows[0])
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(rows[0]))
        driver.executemany(f"INSERT INTO dispute ({names}) VALUES ({marks})", _values(rows))
        return
    with driver.cursor() as cursor, cursor.copy(f"COPY dispute ({names}) FROM STDIN") as copy:
        for values in _values(rows):
            copy.write_row(values)


def _values(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[Any, ...]]:
    for row in rows:
        yield tuple(row.values())


def _as_text(value: Any) -> Any:
    """JSON as both drivers take it."""
    return json.dumps(value) if isinstance(value, list | dict) else value


def _stamp(at: datetime) -> str:
    """UTC, as SQLAlchemy writes it into SQLite and as PostgreSQL reads it in a session that is in UTC."""
    return at.isoformat(" ", "microseconds")[:26]


def _row(
    blank: dict[str, Any], chance: random.Random, number: int, seed: int, now: datetime, *, is_open: bool
) -> dict[str, Any]:
    dispute_id, name = new_id("dsp"), chance.choice(_NAMES)
    external_id, order = f"du_bench{seed:02x}{number:010x}", f"LL-{number:07d}"
    email = f"customer{chance.randrange(200_000)}@example.org"
    away = timedelta(seconds=chance.randrange(3600, 30 * 24 * 3600))
    due = now + away if is_open else now - away
    due_text, opened = _stamp(due), _stamp(now - timedelta(days=chance.randrange(31, 300)))
    status = "needs_response" if is_open else chance.choice(("won", "lost", "under_review"))
    work = WorkState(chance.choice(("awaiting_approval", "needs_evidence"))) if is_open else WorkState.FILED
    settlement = Money(chance.randrange(500, 90_000), "EUR") if is_open else None
    follows = store.derived(
        status=GatewayStatus(status), work=work, kind=Kind.CHARGEBACK, can_submit=is_open, answered_elsewhere=None,
        due_at=due, settlement=settlement, now=now,
    )  # fmt: skip
    flag_at = follows["next_flag_at"]
    return blank | {
        "id": dispute_id, "gateway": chance.choice(("stripe", "stripe", "paypal", "square")),
        "external_id": external_id, "search_key": search_key(dispute_id), "kind": "chargeback",
        "gateway_status": status, "raw_status": status, "raw_reason": "fraudulent", "category": chance.choice(_REASONS),
        "amount_minor": chance.randrange(500, 90_000), "currency": chance.choice(_CURRENCIES),
        "opened_at": opened, "due_at": due_text, "due_sort": due_text, "queue_rank": follows["queue_rank"],
        "order_ref": order,
        "customer_name": name, "customer_email": email,
        "search_text": f"{external_id} {order.lower()} {_NORMAL[name]} {email}",
        "can_submit": is_open, "can_accept": is_open, "work_state": work.value, "is_open": follows["is_open"],
        "view": follows["view"], "next_flag_at": flag_at and _stamp(flag_at), "round_ordinal": 1,
        "first_seen_at": opened, "changed_at": opened,
        "raw": f'{{"id": "{external_id}", "object": "dispute", "status": "{status}", "padding": "{_PADDING}"}}',
    }  # fmt: skip
