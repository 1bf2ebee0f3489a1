"""What the merchant lets the machine do, brought together for the guardrails."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlmodel import Session, select

from disputes import guardrails, store
from disputes.guardrails import RuleFacts
from disputes.models import Attempt, Connection, Dispute, Installation, Merchant, Round, Rule
from disputes.phrases import Phrase, phrase
from disputes.submission import open_attempt


def rule_of(session: Session, merchant_id: str, gateway: str) -> Rule | None:
    return session.exec(select(Rule).where(Rule.merchant_id == merchant_id, Rule.gateway == gateway)).first()


def rule_facts(
    session: Session, dispute: Dispute, current: Round, merchant: Merchant, connection: Connection, now: datetime
) -> RuleFacts:
    rule = rule_of(session, merchant.id, dispute.gateway)
    assessment = current.assessment
    return RuleFacts(
        rule_mode=rule.mode if rule else "prepare",
        filing_on=session.get_one(Installation, 1).filing_on,
        merchant_paused=merchant.filing_paused,
        connection_paused=connection.paused,
        connection_live=connection.mode == "live",
        by_hand=connection.by_hand,
        live_filings=connection.live_filings,
        verdict=assessment.get("verdict", ""),
        ready=bool(assessment.get("ready")),
        person_reasons=tuple(map(Phrase.read, assessment.get("person_required", ()))),
        act=store.window_of(dispute, now, merchant.cut_off_hours),
    )


def schedule_by_rule(
    session: Session, dispute: Dispute, current: Round, merchant: Merchant, connection: Connection, now: datetime
) -> Attempt | list[Phrase]:
    """Open an attempt that waits out the hold window, or say every reason why the rule may not."""
    facts = rule_facts(session, dispute, current, merchant, connection, now)
    reasons = guardrails.holds(facts)
    if current.response_sha256 is None:
        reasons.append(phrase("No answer has been built yet."))
    if reasons:
        return reasons
    rule = rule_of(session, merchant.id, dispute.gateway)
    return open_attempt(
        session,
        dispute,
        current,
        act=dispute.answer_act,
        response_sha256=current.response_sha256,
        approved_by="rule",
        rule_version=rule.version if rule else None,
        act_at=guardrails.hold_until(now, timedelta(hours=merchant.hold_hours), facts.act),
        now=now,
    )
