"""What must be true before a machine, or a person, may file. Pure: the caller brings the facts and the time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from disputes.deadlines import Act
from disputes.phrases import Phrase, phrase

PERSON_FIRST = 3
"""Filings on a live account that need a person before a rule may file there."""

NEAR_CUT_OFF = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class RuleFacts:
    """All that decides whether a rule may file this case without a person."""

    rule_mode: str
    filing_on: bool
    merchant_paused: bool
    connection_paused: bool
    connection_live: bool
    by_hand: bool
    """Nothing can be filed over the connection; a person files and says so."""
    live_filings: int
    verdict: str
    ready: bool
    person_reasons: tuple[Phrase, ...]
    """Why the assessment wants a person: contradictions, compliance, double loss, acceptance ..."""
    act: Act


def holds(facts: RuleFacts) -> list[Phrase]:
    """Every reason why the rule may not file; empty means that it may."""
    reasons = installation_holds(filing_on=facts.filing_on, paused=facts.merchant_paused or facts.connection_paused)
    if facts.by_hand:
        reasons.append(
            phrase("The desk cannot file over this connection; the answer is handed over as files and text.")
        )
    if facts.rule_mode != "file_after_hold":
        reasons.append(phrase("No rule for automatic filing is switched on for this gateway."))
    if facts.connection_live and facts.live_filings < PERSON_FIRST:
        reasons.append(phrase("The first {number} filings on a live account need a person.", number=PERSON_FIRST))
    if facts.verdict != "fight":
        reasons.append(phrase("The records do not clearly speak for contesting."))
    if not facts.ready:
        reasons.append(
            phrase("It is not ready: required evidence is missing, or a refund is under way, or the time is over.")
        )
    reasons.extend(facts.person_reasons)
    if not facts.act.machine:
        reasons.append(facts.act.reason)
    return list(dict.fromkeys(reasons))


def installation_holds(*, filing_on: bool, paused: bool) -> list[Phrase]:
    """What stops persons and machines alike."""
    reasons = []
    if not filing_on:
        reasons.append(
            phrase("Filing is off: this looks like a restored or copied database. A person must switch it on.")
        )
    if paused:
        reasons.append(phrase("Filing is paused for this merchant or connection."))
    return reasons


def person_holds(act: Act, *, filing_on: bool, paused: bool) -> list[Phrase]:
    """Every reason why not even a person may file now."""
    reasons = installation_holds(filing_on=filing_on, paused=paused)
    if not act.person:
        reasons.append(act.reason)
    return reasons


def hold_until(now: datetime, hold: timedelta, act: Act) -> datetime:
    """When a rule's filing leaves the hold window: never past the cut-off."""
    wanted = now + hold
    if act.machine_until is not None:
        return max(now, min(wanted, act.machine_until - NEAR_CUT_OFF))
    return wanted
