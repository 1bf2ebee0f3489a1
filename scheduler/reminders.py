"""Reminders: so many hours before a deadline (a setting), once per case and threshold, one mail a merchant and run.

What is due lies in the deadlines themselves; the case remembers for which deadline and how near it was told last.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session

from disputes import links, store, store_digest
from disputes.deadlines import reminder_due
from disputes.ids import digest
from disputes.models import Dispute, Merchant
from scheduler.mail_words import claim, left_words, to_do
from scheduler.runtime import Runtime
from scheduler.sheet import Line, Part, Row, Sheet, lines, post
from templates.language import instant_words, money_words, say, say_many, speaking

LISTED = 60


def remind(runtime: Runtime) -> int:
    """Mail what crossed a threshold since it was last told; how many cases that were."""
    with runtime.database.reading() as session:
        merchants = [merchant.id for merchant in store_digest.reminded(session)]
    return sum(_remind(runtime, merchant_id) for merchant_id in merchants)


def _remind(runtime: Runtime, merchant_id: str) -> int:
    now = runtime.clock.now()
    with runtime.database.reading() as session:
        merchant = session.get_one(Merchant, merchant_id)
        if not _due(session, merchant, now):
            return 0
    with runtime.database.writing() as session:
        told = [
            dispute
            for dispute, hours in _due(session, merchant, now)
            if store_digest.note_reminded(session, dispute, hours)
        ]
        if told:
            _mail(runtime, session, merchant, told, now)
    return len(told)


def _due(session: Session, merchant: Merchant, now: datetime) -> list[tuple[Dispute, int]]:
    until = now + timedelta(hours=max(merchant.reminder_hours))
    found = []
    for dispute in store_digest.to_remind(session, merchant.id, now, until):
        assert dispute.due_at is not None
        before = dispute.reminded_hours if dispute.reminded_due_at == dispute.due_at else None
        hours = reminder_due(dispute.due_at, now, merchant.reminder_hours, told=before)
        if hours is not None and store.window_of(dispute, now, merchant.cut_off_hours).person:
            found.append((dispute, hours))
    return found


def _mail(runtime: Runtime, session: Session, merchant: Merchant, told: list[Dispute], now: datetime) -> None:
    marks = ",".join(sorted(f"{each.id}/{each.due_at}/{now.isoformat()}" for each in told))
    with speaking(merchant.language):
        post(
            session,
            _sheet(runtime, merchant, told, now),
            merchant_id=merchant.id,
            recipients=merchant.digest_recipients,
            kind="reminder",
            dedupe=f"reminder:{merchant.id}:{digest(marks.encode())[:24]}",
            now=now,
        )


def _sheet(runtime: Runtime, merchant: Merchant, told: list[Dispute], now: datetime) -> Sheet:
    first = told[0]
    left = left_words(store.window_of(first, now, merchant.cut_off_hours), now)
    if len(told) == 1:
        names = {"left": left, "what": f"{first.order_ref or first.external_id}, {money_words(first.amount)}"}
        title = say("%(left)s left: %(what)s") % names
    else:
        words = say_many("%(n)s deadline draws near", "%(n)s deadlines draw near", len(told)) % {"n": len(told)}
        title = say("%(deadlines)s, the first in %(left)s") % {"deadlines": words, "left": left}
    rest = len(told) - LISTED
    more = say_many("… and %(n)s more in the queue", "… and %(n)s more in the queue", rest) % {"n": rest}
    queue = runtime.public_url + links.queue(merchant.slug)
    return Sheet(
        subject=f"{merchant.name}: {title}",
        title=title,
        intro=(merchant.name, say("These cases are open and near their deadline.")),
        parts=(
            Part(
                "",
                tuple(_row(runtime, merchant, dispute, now) for dispute in told[:LISTED]),
                link=queue if rest > 0 else "",
                label=more if rest > 0 else "",
            ),
        ),
        link=queue,
        label=say("Open the queue"),
        settings_link=runtime.public_url + links.settings(merchant.slug) + "#mails",
    )


def _row(runtime: Runtime, merchant: Merchant, dispute: Dispute, now: datetime) -> Row:
    left = left_words(store.window_of(dispute, now, merchant.cut_off_hours), now)
    due = say("due %(when)s") % {"when": instant_words(dispute.due_at, merchant.zone)}
    return Row(
        f"{dispute.order_ref or dispute.external_id} · {money_words(dispute.amount)}",
        (
            Line(say("%(due)s, %(left)s left") % {"due": due, "left": left}, urgent=True),
            Line(f"{claim(dispute.category)}: {to_do(store.shown(dispute, now))}"),
            *lines("" if dispute.live else say("sandbox: no real money")),
        ),
        runtime.public_url + links.case(merchant.slug, dispute.id),
    )
