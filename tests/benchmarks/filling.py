"""Many disputes at once, spread as a real desk's are; made by the store's own bulk insert."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

from disputes import store
from disputes.ids import new_id
from disputes.models import Dispute
from disputes.search import search_key, search_text
from scheduler.runtime import Runtime

_NAMES = "Emily Carter,Mehmet Yılmaz,Laura Schmidt,Ayşe Demir,James O'Neil,Sofia Rossi,Kenji Sato,Elif Kaya".split(",")
_REASONS = ("fraudulent", "not_received", "not_as_described", "duplicate", "subscription_canceled", "general")
_CURRENCIES = ("EUR", "USD", "GBP", "JPY")


def fill(
    runtime: Runtime, merchant_id: str, connection_id: str, *, total: int, open_share: float, seed: int = 1
) -> None:
    """`total` disputes; `open_share` of them wait for an answer within the next 30 days."""
    chance = random.Random(seed)
    for start in range(0, total, 5_000):
        rows = [
            _row(runtime, merchant_id, connection_id, chance, number, is_open=chance.random() < open_share)
            for number in range(start, min(start + 5_000, total))
        ]
        with runtime.database.writing() as session:
            store.insert_many(session, rows)


def _row(
    runtime: Runtime, merchant_id: str, connection_id: str, chance: random.Random, number: int, *, is_open: bool
) -> dict[str, Any]:
    now = runtime.clock.now()
    dispute_id, name = new_id("dsp"), chance.choice(_NAMES)
    email = f"customer{chance.randrange(200_000)}@example.org"
    away = timedelta(minutes=chance.randrange(60, 30 * 24 * 60))
    dispute = Dispute(
        id=dispute_id,
        merchant_id=merchant_id,
        connection_id=connection_id,
        gateway=chance.choice(("stripe", "stripe", "paypal", "square")),
        external_id=f"du_bench{seed_hex(number)}",
        search_key=search_key(dispute_id),
        kind="chargeback",
        gateway_status="needs_response" if is_open else chance.choice(("won", "lost", "under_review")),
        raw_status="needs_response",
        raw_reason="fraudulent",
        category=chance.choice(_REASONS),
        amount_minor=chance.randrange(500, 90_000),
        currency=chance.choice(_CURRENCIES),
        opened_at=now - timedelta(days=chance.randrange(1, 300)),
        due_at=now + away if is_open else now - away,
        due_sort=now,
        order_ref=f"LL-{number:07d}",
        customer_name=name,
        customer_email=email,
        search_text=search_text(f"du_bench{seed_hex(number)}", f"LL-{number:07d}", name, email),
        can_submit=is_open,
        can_accept=is_open,
        work_state=chance.choice(("awaiting_approval", "needs_evidence")) if is_open else "filed",
        round_ordinal=1,
        first_seen_at=now,
        changed_at=now,
    )
    store.derive(dispute, now)
    return dispute.model_dump()


def seed_hex(number: int) -> str:
    return f"{number:012x}"
