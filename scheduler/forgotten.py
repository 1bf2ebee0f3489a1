"""What a source tells of a customer who was erased: left where it is, and not kept here again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from disputes import store_erased
from disputes.systems import Kept, Key, KeyKind
from disputes.vault import Vault
from scheduler.runtime import Runtime

_OF_PEOPLE = frozenset({KeyKind.EMAIL, KeyKind.ORDER})


def marks(vault: Vault, keys: Iterable[Key]) -> dict[Key, str]:
    """The mark of each key that names a customer or a sale of theirs."""
    return {key: vault.fingerprint(f"{key.kind}:{key.value}".encode()) for key in keys if key.kind in _OF_PEOPLE}


def without_erased(runtime: Runtime, merchant_id: str, records: Sequence[Kept]) -> list[Kept]:
    """The records that may be kept: not those of an erased customer from before the erasing, or of no known time."""
    with runtime.database.reading() as session:
        if not store_erased.any_erased(session, merchant_id):
            return list(records)
        named = marks(runtime.vault, {key for kept in records for key in kept.keys})
        since = store_erased.erased(session, merchant_id, set(named.values()))
    return [kept for kept in records if not any(_erased(kept, since.get(named.get(key, ""))) for key in kept.keys)]


def _erased(kept: Kept, erased_at: datetime | None) -> bool:
    return erased_at is not None and (kept.at is None or kept.at <= erased_at)
