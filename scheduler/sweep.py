"""What is due, found in columns: flags, filings, digests, polls, mails. After an outage it simply finds more."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

import httpx
from sqlmodel import Session

from disputes import store, store_due, store_sources
from disputes.clock import local_day
from disputes.deadlines import current_flag
from disputes.models import Attempt, Connection, Dispute, Merchant
from scheduler import digest, exporting, mail, notices, reminders, requests, retention
from scheduler.handover import hand_over
from scheduler.prepare import ask_for
from scheduler.runtime import Runtime
from scheduler.sources import POLL
from scheduler.tidy import tidy

log = logging.getLogger("counterproof.sweep")

AT_ONCE = 40
"""Packets started a tick: after a first pull of thousands the urgent ones come first and nobody is flooded."""


def sweep(runtime: Runtime) -> dict[str, int]:
    """One tick. Each part is its own transactions; one part's failure does not keep the others from running."""
    done: dict[str, int] = {}
    for name, part in (
        ("flags", flag_deadlines),
        ("reminders", reminders.remind),
        ("filings", start_filings),
        ("polls", start_polls),
        ("pulls", start_pulls),
        ("preparations", start_preparations),
        ("requests", requests.remind),
        ("digests", start_digests),
        ("mails", mail.send_due),
        ("tidy", tidy),
        ("retention", retention.tick),
        ("exports", exporting.remove_old),
    ):
        try:
            done[name] = part(runtime)
        except Exception:
            log.exception("The sweep's part %s failed and is tried again at the next tick.", name)
    with runtime.database.writing() as session:
        store_due.beat(session, "sweep", runtime.clock.now())
    _ping(runtime)
    return done


def flag_deadlines(runtime: Runtime) -> int:
    """Deadlines that crossed a threshold: the case is flagged, a mail is queued, the next threshold is set."""
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        due = store_due.flags(session, now)
        for dispute in due:
            _flag(runtime, session, dispute, now)
    return len(due)


def _flag(runtime: Runtime, session: Session, dispute: Dispute, now: datetime) -> None:
    merchant = session.get_one(Merchant, dispute.merchant_id)
    cut_off = timedelta(hours=merchant.cut_off_hours)
    name = current_flag(dispute.due_at, now, cut_off)
    changed = name is not None and name != dispute.flag
    dispute.flag = name
    store.save(session, dispute, now, merchant.cut_off_hours)
    act = store.window_of(dispute, now, merchant.cut_off_hours)
    # The same function decides as on the page: no mail for a case without an act, but a missed one is told.
    if changed and name is not None and (act.person or name == "missed"):
        notices.flag(runtime, session, dispute, name)


def start_filings(runtime: Runtime) -> int:
    """Approved answers whose hold is over, and filings whose process vanished."""
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        due: list[Attempt] = store_due.attempts(session, now)
        for attempt in due:
            hand_over(runtime, session, attempt)
    return len(due)


def start_polls(runtime: Runtime) -> int:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        due: list[Connection] = store_due.connections(session, now)
        for connection in due:
            at = connection.next_poll_at or now
            runtime.engine.enqueue(
                session, "sync", f"sync:{connection.id}:{int(at.timestamp())}", connection.id, queue="gateway"
            )
            # Pushed ahead so that one tick starts one run; the run itself sets the real next time.
            connection.next_poll_at = now + timedelta(minutes=5)
            session.add(connection)
    return len(due)


def start_pulls(runtime: Runtime) -> int:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        due = store_sources.due(session, now)
        for source in due:
            at = source.next_poll_at or now
            run_id = f"pull:{source.id}:{int(at.timestamp())}"
            runtime.engine.enqueue(session, "pull_source", run_id, source.id, queue="sources")
            source.next_poll_at = now + POLL
            session.add(source)
    return len(due)


def start_preparations(runtime: Runtime) -> int:
    """Cases that wait for their packet, the most urgent first: new ones, and those whose preparation failed."""
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        waiting = store_due.preparations(session, now, AT_ONCE)
        for row in waiting:
            ask_for(runtime, session, row, fetch=True)
    return len(waiting)


def start_digests(runtime: Runtime) -> int:
    now = runtime.clock.now()
    started = 0
    with runtime.database.writing() as session:
        for merchant in store_due.digests(session, now):
            day = local_day(now, merchant.zone)
            if now < digest.instant_of(day, merchant.digest_hour, merchant.zone):
                # An earlier day's digest was missed and today's hour has not come: wait for it, it names the day.
                merchant.next_digest_at = digest.instant_of(day, merchant.digest_hour, merchant.zone)
            else:
                runtime.engine.enqueue(
                    session,
                    "digest",
                    f"digest:{merchant.id}:{day.isoformat()}",
                    merchant.id,
                    day.isoformat(),
                    queue="mail",
                )
                merchant.next_digest_at = digest.next_after(merchant, day)
                started += 1
            session.add(merchant)
    return started


def _ping(runtime: Runtime) -> None:
    """Tell an outside watchdog that the sweep ran; its failure is nobody's emergency here."""
    if runtime.ping_url is None:
        return
    try:
        httpx.get(runtime.ping_url, timeout=5).raise_for_status()
    except httpx.HTTPError as error:
        log.warning("The ping address did not answer: %s", error)
