"""Erasing: a customer by a person's wish, closed cases once they were kept long enough. The files go after the rows,
and those of a case erased lately are looked for once more, should a crash have come between."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from disputes import store_due, store_erase, store_erased
from disputes.database import Database
from disputes.erasing import before
from disputes.models import Merchant
from disputes.ports import FileStore
from disputes.roles import Right
from disputes.store_audit import record
from disputes.store_people import demand
from scheduler.forgotten import marks
from scheduler.runtime import Runtime

EVERY = timedelta(days=1)
AT_ONCE = 200
"""Cases erased in one tick; the rest follows at the next ones."""
LOOKED_AFTER = timedelta(days=3)


class StillOpen(Exception):
    """Something of a case of this customer is open: nothing was erased."""


def tick(runtime: Runtime) -> int:
    """Once a day, and at once again while there is more: cases that were kept long enough."""
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        last = store_due.beats(session).get("retention")
        merchants = store_erase.with_retention(session)
    if last is not None and now - last.at < EVERY:
        return 0
    erased = [_of_merchant(runtime, merchant, now) for merchant in merchants]
    if max(erased, default=0) < AT_ONCE:
        with runtime.database.writing() as session:
            store_due.beat(session, "retention", now, f"{sum(erased)} cases")
    return sum(erased)


def would_erase(runtime: Runtime, merchant_id: str, days: int) -> int:
    """How many cases would lose the customer's data now."""
    with runtime.database.reading() as session:
        return store_erase.count_kept_long_enough(session, merchant_id, before(runtime.clock.now(), days))


def _of_merchant(runtime: Runtime, merchant: Merchant, now: datetime) -> int:
    assert merchant.retention_days is not None
    until = before(now, merchant.retention_days)
    _look_after(runtime.database, runtime.files, merchant.id, now)
    with runtime.database.reading() as session:
        due = store_erase.kept_long_enough(session, merchant.id, until, AT_ONCE)
    erased = sum(_case(runtime, merchant.id, dispute_id, by="desk", now=now) for dispute_id in due)
    with runtime.database.writing() as session:
        store_erase.forget_sent(session, merchant.id, until)
    return erased


def _case(runtime: Runtime, merchant_id: str, dispute_id: str, *, by: str, now: datetime) -> bool:
    with runtime.database.reading() as session:
        files = store_erase.files_of_cases(session, merchant_id, [dispute_id])
    with runtime.database.writing() as session:
        if not store_erase.erase_case(session, merchant_id, dispute_id, now):
            return False
        details = {"files": len(files)}
        record(session, merchant_id, at=now, actor=by, action="case_erased", subject=dispute_id, details=details)
    _forget(runtime.files, merchant_id, files)
    return True


def _look_after(database: Database, files: FileStore, merchant_id: str, now: datetime) -> None:
    with database.reading() as session:
        lately = store_erase.erased_since(session, merchant_id, now - LOOKED_AFTER)
        left = store_erase.files_of_cases(session, merchant_id, lately)
    _forget(files, merchant_id, [sha256 for sha256 in left if files.has(merchant_id, sha256)])


def _forget(files: FileStore, merchant_id: str, hashes: Sequence[str]) -> None:
    for sha256 in hashes:
        files.forget(merchant_id, sha256)


def erase_customer(runtime: Runtime, merchant_id: str, who: str, *, by: str) -> store_erase.Held:
    """Everything about the customer with this address (or the sale with this order number); what it was.

    Raises StillOpen, and erases nothing, while a case of theirs is open; Denied for who may not.
    """
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        demand(session, merchant_id, by, Right.ERASE)
        found = store_erase.held(session, merchant_id, who)
        ids = [each.id for each in found.cases]
        files = store_erase.files_of_cases(session, merchant_id, ids, found.records)
    if found.open_cases:
        raise StillOpen
    with runtime.database.writing() as session:
        demand(session, merchant_id, by, Right.ERASE)
        for dispute_id in ids:
            if not store_erase.erase_case(session, merchant_id, dispute_id, now):
                raise StillOpen
        store_erase.erase_rest(session, merchant_id, who, found)
        store_erased.remember(session, merchant_id, marks(runtime.vault, found.keys).values(), now)
        details = {
            "customer": runtime.vault.fingerprint(who.strip().casefold().encode()),
            "cases": len(ids),
            "records": len(found.records),
            "files": len(files),
        }
        record(session, merchant_id, at=now, actor=by, action="customer_erased", subject=merchant_id, details=details)
    _forget(runtime.files, merchant_id, files)
    return found
