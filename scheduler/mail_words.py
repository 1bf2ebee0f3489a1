"""States, claims and outcomes as mails say them: what there is to do comes first."""

from __future__ import annotations

from datetime import datetime

from disputes.deadlines import Act
from disputes.lifecycle import GatewayStatus, Shown
from disputes.phrases import Phrase
from templates.language import marked as _
from templates.language import say, say_many, told

TO_DO: dict[str, str] = {
    Shown.NEW: _("Its records are being gathered"),
    Shown.GATHERING: _("Its records are being gathered"),
    Shown.NEEDS_EVIDENCE: _("Evidence is missing"),
    Shown.AWAITING_APPROVAL: _("Waits for your approval"),
    Shown.SCHEDULED: _("Will be filed by your rule"),
    Shown.SUBMITTING: _("Is being filed"),
    Shown.UNCLEAR: _("Unclear whether it was filed: look at the gateway"),
    Shown.PAST_DUE: _("The deadline has passed"),
    Shown.UNKNOWN: _("The gateway reports a status the desk does not know"),
}

OUTCOMES: dict[str, str] = {
    GatewayStatus.WON: _("Won"),
    GatewayStatus.LOST: _("Lost"),
    GatewayStatus.ACCEPTED: _("Accepted"),
    GatewayStatus.EXPIRED: _("Expired without an answer"),
    GatewayStatus.WITHDRAWN: _("Closed without a chargeback"),
    GatewayStatus.PREVENTED: _("Prevented before it became a dispute"),
}

CLAIMS = {
    "fraudulent": _("Fraudulent"),
    "unrecognized": _("Unrecognised"),
    "not_received": _("Not received"),
    "not_as_described": _("Not as described"),
    "credit_not_processed": _("Credit not processed"),
    "canceled": _("Canceled"),
    "subscription_canceled": _("Subscription canceled"),
    "duplicate": _("Duplicate"),
    "paid_by_other_means": _("Paid by other means"),
    "incorrect_amount": _("Incorrect amount"),
    "processing_error": _("Processing error"),
    "authorization": _("Authorization"),
    "compliance": _("Compliance"),
    "inquiry": _("Inquiry"),
    "no_reply": _("No reply"),
    "bank_debit": _("Bank debit returned"),
    "general": _("General"),
}


def to_do(shown: str) -> str:
    return _said(TO_DO, shown)


def outcome(status: str) -> str:
    return _said(OUTCOMES, status)


def claim(category: str) -> str:
    return _said(CLAIMS, category)


def sentence(text: str) -> str:
    """A sentence of the domain, as it is kept: with its values where it has some, said in the language spoken."""
    kept = Phrase.read(text)
    return told(kept) if kept.template else say(text)


def _said(table: dict[str, str], word: str) -> str:
    """A word of a later version is shown as it is."""
    return say(table[word]) if word in table else word.replace("_", " ").capitalize()


def left_words(act: Act, now: datetime) -> str:
    """Time left as people read it, for mail and page alike; empty where there is nothing to count down."""
    left = act.left(now)
    if left is None:
        return ""
    hours = int(left.total_seconds() // 3600)
    if hours >= 72:
        return say_many("%(n)s day", "%(n)s days", hours // 24) % {"n": hours // 24}
    if hours:
        return say("%(n)s h") % {"n": hours}
    return say("%(n)s min") % {"n": int(left.total_seconds() // 60)}
