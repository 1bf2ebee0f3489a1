"""Asking somebody outside for a document: mailed with a link, reminded, received once, ended at the cut-off."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session

from disputes import links, store, store_evidence, store_mail, store_requests
from disputes.clock import plainly
from disputes.facts import CaseFile
from disputes.ids import digest, new_id
from disputes.models import Dispute, EvidenceRequest, Merchant
from disputes.ports import Gathered
from disputes.requests import last_moment, next_act
from disputes.store_audit import record
from scheduler.runtime import Runtime
from templates import asking, render

SOURCE = "asked"
ROLES = {"supplier": "Supplier", "warehouse": "Warehouse", "carrier": "Carrier", "colleague": "Colleague"}


@dataclass(frozen=True, slots=True)
class Question:
    """What a person wants to know of whom. `until`: their wish; the case's cut-off may end it earlier."""

    item: str
    recipient: str
    recipient_name: str
    role: str
    language: str
    words: str
    until: datetime


def token_hash(token: str) -> str:
    return digest(token.encode())


def ask(runtime: Runtime, session: Session, dispute: Dispute, question: Question, *, by: str) -> EvidenceRequest:
    """Write the request down and queue its mail. Raises TooLate where no fair time is left."""
    now = runtime.clock.now()
    merchant = session.get_one(Merchant, dispute.merchant_id)
    end = last_moment(dispute.due_at, timedelta(hours=merchant.cut_off_hours), question.until, now)
    token = secrets.token_urlsafe(32)
    asked = EvidenceRequest(
        id=new_id("req"),
        merchant_id=merchant.id,
        dispute_id=dispute.id,
        item=question.item,
        recipient=question.recipient,
        recipient_name=question.recipient_name,
        role=question.role,
        language=question.language,
        words=question.words,
        token=runtime.vault.seal(token),
        token_hash=token_hash(token),
        due_at=end,
        next_act_at=next_act(now, end, 0),
        asked_by=by,
        asked_at=now,
    )
    session.add(asked)
    session.flush()
    _mail(runtime, session, asked, token, dispute)
    _note(session, asked, by, "evidence_asked", now)
    return asked


def cancel(runtime: Runtime, session: Session, asked: EvidenceRequest, *, by: str) -> bool:
    now = runtime.clock.now()
    if not store_requests.end(session, asked.id, "cancelled", now):
        return False
    _note(session, asked, by, "evidence_ask_cancelled", now)
    return True


def remind(runtime: Runtime) -> int:
    """Reminders at half and at a quarter of the time left, and the end. A moved deadline ends it earlier."""
    now = runtime.clock.now()
    with runtime.database.writing() as session:
        due = store_requests.due(session, now)
        for asked in due:
            dispute = store.dispute_of(session, asked.merchant_id, asked.dispute_id)
            if now >= _end(session, asked, dispute) or not dispute.is_open:
                store_requests.end(session, asked.id, "expired", now)
                _note(session, asked, "desk", "evidence_ask_expired", now)
                continue
            asked.reminders += 1
            asked.next_act_at = next_act(asked.asked_at, asked.due_at, asked.reminders)
            session.add(asked)
            _mail(runtime, session, asked, runtime.vault.open(asked.token), dispute)
    return len(due)


def _end(session: Session, asked: EvidenceRequest, dispute: Dispute) -> datetime:
    merchant = session.get_one(Merchant, asked.merchant_id)
    if dispute.due_at is None:
        return asked.due_at
    return min(asked.due_at, dispute.due_at - timedelta(hours=merchant.cut_off_hours))


def opened(runtime: Runtime, session: Session, token: str) -> tuple[EvidenceRequest, Dispute, Merchant] | None:
    """The request behind a link while it may be answered; None once it is answered, withdrawn or too late."""
    asked = store_requests.by_token(session, token_hash(token))
    if asked is None or asked.state != store_requests.ASKED:
        return None
    dispute = store.dispute_of(session, asked.merchant_id, asked.dispute_id)
    if runtime.clock.now() >= _end(session, asked, dispute) or not dispute.is_open:
        return None
    return asked, dispute, session.get_one(Merchant, asked.merchant_id)


def receive(
    runtime: Runtime,
    session: Session,
    asked: EvidenceRequest,
    dispute: Dispute,
    files: Sequence[tuple[Gathered, str]],
    *,
    note: str,
) -> bool:
    """Lay the (cleaned and stored) files on the case, each waiting for a person's yes; False when the link was used in
    the same moment by somebody else."""
    now = runtime.clock.now()
    if not store_requests.end(session, asked.id, "answered" if files else "declined", now, answer=note):
        return False
    for gathered, sha256 in files:
        store_evidence.upsert(
            session, dispute, gathered, source=SOURCE, source_title=sender(asked), sha256=sha256, now=now
        )
    _note(session, asked, asked.id, "evidence_received" if files else "evidence_declined", now)
    return True


def sender(asked: EvidenceRequest) -> str:
    """Who sent it, as case and packet name the source."""
    return f"{ROLES.get(asked.role, asked.role)}: {asked.recipient_name or asked.recipient}"[:120]


def about(case: CaseFile, order_ref: str | None, language: str) -> list[str]:
    """What the question is about in numbers somebody outside knows; nothing of the customer."""
    w = asking.words(language)
    lines = [w["order"].format(order=order_ref)] if order_ref else []
    if case.order:
        numbers = dict.fromkeys(line.supplier_order for line in case.order.lines if line.supplier_order)
        lines += [w["supplier_order"].format(number=number) for number in numbers]
    lines += [
        w["parcel"].format(number=each.tracking_number, carrier=each.carrier)
        for each in case.shipments
        if not each.is_return
    ]
    return lines[:6]


def _mail(runtime: Runtime, session: Session, asked: EvidenceRequest, token: str, dispute: Dispute) -> None:
    merchant = session.get_one(Merchant, asked.merchant_id)
    w = asking.words(asked.language)
    case = store_evidence.case_file(store_evidence.items_of(session, dispute.id), dispute.order_ref)
    lines = about(case, dispute.order_ref, asked.language) or [dispute.external_id]
    subject = w["reminder_subject" if asked.reminders else "subject"]
    name = asked.recipient_name
    title = " ".join(subject.format(shop=merchant.name, reference=lines[0]).split())
    context = {
        "title": title,
        "greeting": w["greeting"].format(name=name) if name else w["greeting_unnamed"],
        "w": w,
        "needed": w["items"][asked.item],
        "said": asked.words,
        "about": lines,
        "by": plainly(asked.due_at, merchant.zone),
        "link": runtime.public_url + links.asked(token),
        "merchant": merchant,
        "language": asked.language,
    }
    store_mail.put(
        session,
        merchant_id=merchant.id,
        kind="asked",
        dedupe=f"asked:{asked.id}:{asked.reminders}",
        recipient=asked.recipient,
        subject=title,
        text=render.text("email/asked.txt", **context),
        html=render.html("email/asked.html", **context),
        now=runtime.clock.now(),
        dispute_id=dispute.id,
    )


def _note(session: Session, asked: EvidenceRequest, by: str, action: str, now: datetime) -> None:
    details = {"request": asked.id, "item": asked.item}
    record(session, asked.merchant_id, at=now, actor=by, action=action, subject=asked.dispute_id, details=details)
