"""Mails at once: a new case, an outcome, a deadline drawing near, a filing held or ended. Written into the outbox."""

from __future__ import annotations

from collections.abc import Sequence

from sqlmodel import Session

from disputes import links, store_mail
from disputes.acts import ANSWERS, GatewayAct
from disputes.clock import plainly
from disputes.lifecycle import GatewayStatus
from disputes.models import Attempt, Connection, Dispute, Merchant
from disputes.titles import connection_title
from scheduler.runtime import Runtime
from templates import render

_FLAG_WORDS = {
    "7d": "7 days left",
    "72h": "3 days left",
    "24h": "24 hours left",
    "cut_off": "automatic filing has ended, a person can still file",
    "missed": "the deadline has passed",
}

_OUTCOME_WORDS = {
    "won": "won",
    "lost": "lost",
    "accepted": "accepted",
    "expired": "expired",
    "withdrawn": "closed without a chargeback",
    "prevented": "prevented before it became a dispute",
}


def new_case(runtime: Runtime, session: Session, dispute: Dispute) -> None:
    _put(runtime, session, dispute, "new_case", f"new:{dispute.id}:{dispute.round_ordinal}", "New dispute", [])


def outcome(runtime: Runtime, session: Session, dispute: Dispute) -> None:
    words = _OUTCOME_WORDS.get(dispute.gateway_status, dispute.gateway_status)
    if dispute.status is GatewayStatus.NEEDS_RESPONSE and dispute.answer_act == GatewayAct.APPEAL:
        words = "decided against you, and it can be appealed"
    key = f"outcome:{dispute.id}:{dispute.gateway_status}:{dispute.round_ordinal}"
    _put(runtime, session, dispute, "outcome", key, f"Dispute {words}", [])


def flag(runtime: Runtime, session: Session, dispute: Dispute, name: str) -> None:
    words = _FLAG_WORDS[name]
    due = dispute.due_at.isoformat() if dispute.due_at else "none"
    _put(runtime, session, dispute, "flag", f"flag:{dispute.id}:{due}:{name}", f"Deadline: {words}", [])


def scheduled(runtime: Runtime, session: Session, dispute: Dispute, attempt: Attempt) -> None:
    merchant = session.get_one(Merchant, dispute.merchant_id)
    lines = [
        f"Your rule files it at {plainly(attempt.act_at, merchant.zone)}. Until then you can look at it and cancel."
    ]
    _put(runtime, session, dispute, "hold", f"hold:{attempt.id}", "Will be filed", lines)


def held(runtime: Runtime, session: Session, dispute: Dispute, reasons: Sequence[str]) -> None:
    key = f"held:{dispute.id}:{dispute.version}"
    _put(runtime, session, dispute, "hold", key, "Filing stopped, a person must decide", list(reasons))


def elsewhere(runtime: Runtime, session: Session, dispute: Dispute) -> None:
    key = f"elsewhere:{dispute.id}:{dispute.round_ordinal}"
    lines = [f"{dispute.answered_elsewhere}.", "Nothing of ours was sent or overwritten."]
    _put(runtime, session, dispute, "outcome", key, "Answered elsewhere", lines)


def attempt_ended(runtime: Runtime, session: Session, dispute: Dispute, attempt: Attempt) -> None:
    done, not_done = ("Filed", "Not filed") if attempt.act in ANSWERS else ("Done", "Not done")
    title = {"filed": done, "rejected": not_done, "unclear": f"Unclear whether it was {done.lower()}: look there"}
    _put(
        runtime, session, dispute, "hold", f"ended:{attempt.id}:{attempt.state}", title[attempt.state], [attempt.result]
    )


def _put(
    runtime: Runtime, session: Session, dispute: Dispute, kind: str, dedupe: str, title: str, lines: list[str]
) -> None:
    merchant = session.get_one(Merchant, dispute.merchant_id)
    context = {
        "title": title,
        "lines": lines,
        "merchant": merchant,
        "dispute": dispute,
        "gateway": connection_title(session.get_one(Connection, dispute.connection_id)),
        "due": plainly(dispute.due_at, merchant.zone) if dispute.due_at else None,
        "link": runtime.public_url + links.case(merchant.slug, dispute.id),
        "settings_link": runtime.public_url + links.settings(merchant.slug),
    }
    reference = dispute.order_ref or dispute.external_id
    subject = f"{'' if dispute.live else '[sandbox] '}{title}: {reference}, {dispute.amount}"
    for recipient in merchant.digest_recipients:
        store_mail.put(
            session,
            merchant_id=merchant.id,
            kind=kind,
            dedupe=dedupe,
            recipient=recipient,
            subject=_one_line(subject),
            text=render.text("email/notice.txt", **context),
            html=render.html("email/notice.html", **context),
            now=runtime.clock.now(),
            dispute_id=dispute.id,
        )


def _one_line(words: str) -> str:
    """Order numbers come from outside: a line break in one must not become a header."""
    return " ".join(words.split())
