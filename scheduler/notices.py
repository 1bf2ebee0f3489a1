"""Mails at once: a new case, an outcome, a deadline that passed, a filing held or ended. Written into the outbox."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlmodel import Session

from disputes import links
from disputes.acts import ANSWERS, GatewayAct
from disputes.lifecycle import GatewayStatus
from disputes.models import Attempt, Connection, Dispute, Merchant
from disputes.titles import connection_title
from scheduler.mail_words import claim, sentence
from scheduler.runtime import Runtime
from scheduler.sheet import Part, Row, Sheet, lines, post
from templates.language import instant_words, money_words, say, speaking
from templates.language import marked as _

TOLD_FLAGS = {
    "cut_off": _("Deadline: automatic filing has ended, a person can still file"),
    "missed": _("Deadline: the deadline has passed"),
}
"""Of the thresholds of a deadline these are mailed by themselves; what comes before is a reminder."""

_OUTCOMES = {
    "won": _("Dispute won"),
    "lost": _("Dispute lost"),
    "accepted": _("Dispute accepted"),
    "expired": _("Dispute expired without an answer"),
    "withdrawn": _("Dispute closed without a chargeback"),
    "prevented": _("Dispute prevented"),
}
_APPEALABLE = _("Dispute decided against you, and it can be appealed")

_ENDED = {
    ("filed", True): _("Filed"),
    ("filed", False): _("Done"),
    ("rejected", True): _("Not filed"),
    ("rejected", False): _("Not done"),
    ("unclear", True): _("Unclear whether it was filed: look there"),
    ("unclear", False): _("Unclear whether it was done: look there"),
}
"""(state, it was an answer) -> title."""


def new_case(runtime: Runtime, session: Session, dispute: Dispute) -> None:
    _put(runtime, session, dispute, "new_case", f"new:{dispute.id}:{dispute.round_ordinal}", _("New dispute"))


def outcome(runtime: Runtime, session: Session, dispute: Dispute) -> None:
    title = _OUTCOMES.get(dispute.gateway_status, _("The gateway reports another status"))
    if dispute.status is GatewayStatus.NEEDS_RESPONSE and dispute.answer_act == GatewayAct.APPEAL:
        title = _APPEALABLE
    key = f"outcome:{dispute.id}:{dispute.gateway_status}:{dispute.round_ordinal}"
    _put(runtime, session, dispute, "outcome", key, title)


def flag(runtime: Runtime, session: Session, dispute: Dispute, name: str) -> None:
    """A threshold that is told by itself; the others are told by reminders."""
    if name in TOLD_FLAGS:
        due = dispute.due_at.isoformat() if dispute.due_at else "none"
        _put(runtime, session, dispute, "flag", f"flag:{dispute.id}:{due}:{name}", TOLD_FLAGS[name])


def scheduled(runtime: Runtime, session: Session, dispute: Dispute, attempt: Attempt) -> None:
    merchant = session.get_one(Merchant, dispute.merchant_id)
    with speaking(merchant.language):
        when = instant_words(attempt.act_at, merchant.zone)
        words = say("Your rule files it at %(when)s. Until then you can look at it and cancel.") % {"when": when}
    _put(runtime, session, dispute, "hold", f"hold:{attempt.id}", _("Will be filed"), [words])


def held(runtime: Runtime, session: Session, dispute: Dispute, reasons: Sequence[str]) -> None:
    key = f"held:{dispute.id}:{dispute.version}"
    _put(runtime, session, dispute, "hold", key, _("Filing stopped, a person must decide"), reasons)


def elsewhere(runtime: Runtime, session: Session, dispute: Dispute) -> None:
    key = f"elsewhere:{dispute.id}:{dispute.round_ordinal}"
    said = [f"{dispute.answered_elsewhere}.", _("Nothing of ours was sent or overwritten.")]
    _put(runtime, session, dispute, "outcome", key, _("Answered elsewhere"), said)


def attempt_ended(runtime: Runtime, session: Session, dispute: Dispute, attempt: Attempt) -> None:
    title = _ENDED[attempt.state, attempt.act in ANSWERS]
    _put(runtime, session, dispute, "hold", f"ended:{attempt.id}:{attempt.state}", title, [attempt.result])


def _put(
    runtime: Runtime,
    session: Session,
    dispute: Dispute,
    kind: str,
    dedupe: str,
    title: str,
    said: Iterable[str] = (),
) -> None:
    """`title` is a marked message; each of `said` one too, or a sentence that was made already."""
    merchant = session.get_one(Merchant, dispute.merchant_id)
    connection = session.get_one(Connection, dispute.connection_id)
    with speaking(merchant.language):
        sheet = _sheet(runtime, merchant, dispute, connection, title, said)
    post(
        session,
        sheet,
        merchant_id=merchant.id,
        recipients=merchant.digest_recipients,
        kind=kind,
        dedupe=dedupe,
        now=runtime.clock.now(),
        dispute_id=dispute.id,
    )


def _sheet(
    runtime: Runtime, merchant: Merchant, dispute: Dispute, connection: Connection, title: str, said: Iterable[str]
) -> Sheet:
    reference = dispute.order_ref or dispute.external_id
    amount = money_words(dispute.amount)
    names = {"title": say(title), "reference": reference, "amount": amount}
    subject = (
        say("%(title)s: %(reference)s, %(amount)s")
        if dispute.live
        else (say("[sandbox] %(title)s: %(reference)s, %(amount)s"))
    )
    number = say("%(gateway)s: %(number)s") % {
        "gateway": connection_title(connection), "number": dispute.external_id,
    }  # fmt: skip
    due = instant_words(dispute.due_at, merchant.zone)
    facts = lines(
        say("Claim: %(claim)s") % {"claim": claim(dispute.category)},
        say("Due: %(when)s") % {"when": due} if dispute.due_at else "",
        number,
    )
    order = say("Order %(number)s") % {"number": dispute.order_ref} if dispute.order_ref else say("Order not known")
    return Sheet(
        subject=subject % names,
        title=say(title),
        intro=(merchant.name,) if dispute.live else (merchant.name, say("This is a sandbox case: no real money.")),
        parts=(
            Part("", tuple(Row(sentence(each)) for each in said if each)),
            Part("", (Row(f"{order} · {amount}", facts),)),
        ),
        link=runtime.public_url + links.case(merchant.slug, dispute.id),
        label=say("Open the case"),
        settings_link=runtime.public_url + links.settings(merchant.slug) + "#mails",
    )
