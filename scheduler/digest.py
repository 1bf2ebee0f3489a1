"""The daily digest: due by a column, once a merchant and local day, late or missed days said."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from disputes import links, store, store_audit, store_digest, store_mail, store_sources
from disputes.clock import local_day, plainly, utc
from disputes.deadlines import Act
from disputes.ids import new_id
from disputes.lifecycle import Shown, WorkState
from disputes.models import Connection, Digest, Dispute, Merchant, SourceConnection
from disputes.store_digest import Stake
from disputes.titles import gateway_title
from scheduler.engine import workflow
from scheduler.runtime import Runtime, current
from templates import render

LATE = timedelta(hours=1)
LISTED = 40
"""Cases named in one digest; how many more there are is said."""
SILENT = timedelta(hours=6)


@dataclass(frozen=True, slots=True)
class Line:
    """One case as the digest names it."""

    reference: str
    amount: str
    reason: str
    due: str
    left: str
    state: Shown
    link: str
    live: bool
    note: str = ""


def instant_of(day: date, hour: int, zone: str) -> datetime:
    """The merchant's local hour on that day. An hour that DST skips or doubles gives one instant."""
    return utc(datetime.combine(day, time(hour), ZoneInfo(zone)))


def next_after(merchant: Merchant, day: date) -> datetime:
    return instant_of(day + timedelta(days=1), merchant.digest_hour, merchant.zone)


def plan_first(merchant: Merchant, now: datetime) -> datetime:
    """The next digest hour from now on."""
    today = local_day(now, merchant.zone)
    at = instant_of(today, merchant.digest_hour, merchant.zone)
    return at if at > now else next_after(merchant, today)


@workflow("digest")
def build_digest(merchant_id: str, day: str) -> str:
    """Build the digest of a local day into the outbox: "built" or "built before"."""
    return run(current(), merchant_id, date.fromisoformat(day))


def run(runtime: Runtime, merchant_id: str, day: date) -> str:
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        merchant = session.get_one(Merchant, merchant_id)
        last = store_digest.last_digest(session, merchant_id)
        if last is not None and last.day >= day:
            return "built before"
        due_at = instant_of(day, merchant.digest_hour, merchant.zone)
        digest = Digest(
            id=new_id("dig"),
            merchant_id=merchant_id,
            day=day,
            due_at=due_at,
            built_at=now,
            late=now - due_at > LATE,
            missed_days=[d.isoformat() for d in store_digest.missed_between(last.day if last else None, day)],
            audit_head=store_audit.head_of(session, merchant_id),
        )
        session.add(digest)
        merchant.next_digest_at = next_after(merchant, day)
        session.add(merchant)
        context = contents(runtime, session, merchant, digest, since=last.built_at if last else now - timedelta(days=1))
        send(runtime, session, merchant, context, dedupe=f"digest:{merchant_id}:{day.isoformat()}")
    return "built"


def send(runtime: Runtime, session: Session, merchant: Merchant, context: dict[str, object], *, dedupe: str) -> None:
    for recipient in merchant.digest_recipients:
        store_mail.put(
            session,
            merchant_id=merchant.id,
            kind="digest",
            dedupe=dedupe,
            recipient=recipient,
            subject=str(context["subject"]),
            text=render.text("email/digest.txt", **context),
            html=render.html("email/digest.html", **context),
            now=runtime.clock.now(),
        )


def contents(
    runtime: Runtime, session: Session, merchant: Merchant, digest: Digest, *, since: datetime
) -> dict[str, object]:
    """Everything the two templates print; both print all of it."""
    now = runtime.clock.now()
    due = store_digest.next_due(session, merchant.id, LISTED + 1)
    counts = {
        state: store_digest.waiting(session, merchant.id, state)
        for state in (WorkState.NEEDS_EVIDENCE, WorkState.AWAITING_APPROVAL, WorkState.SCHEDULED, WorkState.UNCLEAR)
    }
    stakes = store_digest.at_stake(session, merchant.id)
    silent = store_digest.silent_connections(session, merchant.id, now - SILENT)
    urgent = sum(1 for dispute in due if dispute.due_at and dispute.due_at - now <= timedelta(hours=72))
    return {
        "subject": f"{merchant.name}: {_headline(urgent, counts)}",
        "merchant": merchant,
        "day": f"{digest.day:%d.%m.%Y}",
        "late": digest.late,
        "written": plainly(now, merchant.zone),
        "missed_days": digest.missed_days,
        "due": [_line(runtime, merchant, dispute, now) for dispute in due[:LISTED]],
        "more_due": len(due) > LISTED,
        "counts": {state.value: number for state, number in counts.items()},
        "filed": [
            _line(runtime, merchant, dispute, now, note=attempt.result)
            for attempt, dispute in store_digest.filed_since(session, merchant.id, since, LISTED)
        ],
        "decided": [
            _line(runtime, merchant, dispute, now, note=closed.outcome or "")
            for closed, dispute in store_digest.decided_since(session, merchant.id, since, LISTED)
        ],
        "stakes": [_stake(stake) for stake in stakes],
        "silent": [_silent(connection, merchant) for connection in silent],
        "failing": [_failing(source) for source in store_sources.failing(session, merchant.id)],
        "sources_link": runtime.public_url + links.sources(merchant.slug),
        "queue_link": runtime.public_url + links.queue(merchant.slug),
        "connections_link": runtime.public_url + links.connections(merchant.slug),
        "settings_link": runtime.public_url + links.settings(merchant.slug),
        "audit_head": digest.audit_head,
        "mail_trouble": store_mail.failed_count(session, merchant.id),
    }


def _headline(urgent: int, counts: dict[WorkState, int]) -> str:
    parts = []
    if counts[WorkState.UNCLEAR]:
        parts.append(f"{counts[WorkState.UNCLEAR]} unclear, look there")
    parts.append(f"{urgent} due within 3 days" if urgent else "nothing due within 3 days")
    if counts[WorkState.AWAITING_APPROVAL]:
        parts.append(f"{counts[WorkState.AWAITING_APPROVAL]} to approve")
    return ", ".join(parts)


def _line(runtime: Runtime, merchant: Merchant, dispute: Dispute, now: datetime, note: str = "") -> Line:
    act = store.window_of(dispute, now, merchant.cut_off_hours)
    return Line(
        reference=dispute.order_ref or dispute.external_id,
        amount=str(dispute.amount),
        reason=dispute.category.replace("_", " "),
        due=plainly(dispute.due_at, merchant.zone) if dispute.due_at else "",
        left=left_words(act, now),
        state=store.shown(dispute, now),
        link=runtime.public_url + links.case(merchant.slug, dispute.id),
        live=dispute.live,
        note=note,
    )


def left_words(act: Act, now: datetime) -> str:
    """Time left as people read it, for mail and page alike; empty where there is nothing to count down."""
    left = act.left(now)
    if left is None:
        return ""
    hours = int(left.total_seconds() // 3600)
    if hours >= 72:
        return f"{hours // 24} days"
    return f"{hours} h" if hours else f"{int(left.total_seconds() // 60)} min"


def _stake(stake: Stake) -> str:
    where = "" if stake.live else " (sandbox)"
    return f"{stake.amount} in {stake.cases} open {'case' if stake.cases == 1 else 'cases'}{where}"


def _failing(source: SourceConnection) -> str:
    return f"{source.account_name or source.system}: {source.state_detail or source.state.replace('_', ' ')}"


def _silent(connection: Connection, merchant: Merchant) -> str:
    when = f"last read {plainly(connection.last_read_at, merchant.zone)}" if connection.last_read_at else "never read"
    why = f": {connection.state_detail}" if connection.state_detail else ""
    return f"{gateway_title(connection.gateway)} {connection.account_name or connection.account_id}, {when}{why}"
