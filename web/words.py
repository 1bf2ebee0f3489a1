"""Our enums as people read them. An unknown word is shown as it is, without its underscores."""

from __future__ import annotations

import re
from dataclasses import dataclass

from disputes.gateway_kinds import gateway_kinds
from disputes.lifecycle import Shown
from templates.language import marked as _
from templates.language import say
from templates.language import told as told

STATUS: dict[str, str] = {
    Shown.NEW: _("New"),
    Shown.GATHERING: _("Gathering records"),
    Shown.NEEDS_EVIDENCE: _("Needs evidence"),
    Shown.AWAITING_APPROVAL: _("To approve"),
    Shown.SCHEDULED: _("Will be filed"),
    Shown.SUBMITTING: _("Being filed"),
    Shown.UNCLEAR: _("Unclear, look there"),
    Shown.UNDER_REVIEW: _("Under review"),
    Shown.PAST_DUE: _("Past due"),
    Shown.CANNOT_CONTEST: _("Cannot be contested"),
    Shown.ANSWERED_ELSEWHERE: _("Answered elsewhere"),
    Shown.ALERT: _("Alert"),
    Shown.UNKNOWN: _("Unknown status"),
    Shown.WON: _("Won"),
    Shown.LOST: _("Lost"),
    Shown.ACCEPTED: _("Accepted"),
    Shown.EXPIRED: _("Expired"),
    Shown.WITHDRAWN: _("Withdrawn"),
    Shown.PREVENTED: _("Prevented"),
}

VERDICT = {
    "fight": _("Contest it"),
    "needs_evidence": _("Needs evidence"),
    "accept": _("Consider accepting"),
    "cannot_be_contested": _("Cannot be contested"),
}

MODE = {
    "live": _("Live: real money"),
    "test": _("Test mode: no real money"),
    "sandbox": _("Sandbox: no real money"),
}

SOURCE = {
    "never_read": _("Not read yet"),
    "importing": _("First import under way"),
    "ok": _("Works"),
    "credentials": _("The key is refused"),
    "rights": _("A right is missing"),
    "rate_limited": _("It asks to be called less often"),
    "unavailable": _("It does not answer"),
    "malformed": _("Its answer cannot be read"),
    "not_found": _("It is not there"),
    "refused": _("It refused"),
}

RULE = {
    "off": _("Off: nothing is prepared or filed by itself"),
    "prepare": _("Prepare: the packet is built, a person approves"),
    "file_after_hold": _("File after the hold: what is ready is filed by itself after the hold window"),
}

WEIGHT = {
    "required": _("Required"),
    "one_of": _("One of these"),
    "strong": _("Strong"),
    "helpful": _("Helpful"),
    "decisive": _("Decides alone"),
}


@dataclass(frozen=True, slots=True)
class ActWords:
    """One act as its attempts tell it."""

    name: str
    done: str
    going: str
    unclear: str
    not_done: str

    def title(self, state: str) -> str:
        told = {"filed": self.done, "unclear": self.unclear, "scheduled": self.going, "submitting": self.going}
        return say(told.get(state, self.not_done))


ACT = {
    "submit": ActWords(_("Answer"), _("Filed"), _("Being filed"), _("Unclear whether it was filed"), _("Not filed")),
    "appeal": ActWords(
        _("Appeal"), _("Appealed"), _("Being appealed"), _("Unclear whether it was appealed"), _("Not appealed")
    ),
    "accept": ActWords(
        _("Acceptance"), _("Accepted"), _("Being accepted"), _("Unclear whether it was accepted"), _("Not accepted")
    ),
    "message": ActWords(
        _("Message"),
        _("Message sent"),
        _("Message being sent"),
        _("Unclear whether the message was sent"),
        _("Message not sent"),
    ),
    "offer": ActWords(
        _("Offer"), _("Offer made"), _("Offer being made"), _("Unclear whether the offer was made"), _("Offer not made")
    ),
    "escalate": ActWords(
        _("Escalation"), _("Escalated"), _("Being escalated"), _("Unclear whether it was escalated"), _("Not escalated")
    ),
    "acknowledge_return": ActWords(
        _("Return"),
        _("Return acknowledged"),
        _("Return being acknowledged"),
        _("Unclear whether the return was acknowledged"),
        _("Return not acknowledged"),
    ),
    "supporting_info": ActWords(
        _("Information"),
        _("Information sent"),
        _("Information being sent"),
        _("Unclear whether the information was sent"),
        _("Information not sent"),
    ),
}

OPTION = {
    "REFUND": _("Refund; the customer sends nothing back"),
    "PARTIAL_REFUND": _("Refund a part; the customer keeps the item"),
    "REFUND_WITH_RETURN": _("Refund once the customer has sent the item back"),
    "REFUND_WITH_RETURN_SHIPMENT_LABEL": _("Refund once the item is back; you send the return label"),
    "REFUND_WITH_REPLACEMENT": _("Refund, and send a replacement"),
    "REPLACEMENT_WITHOUT_REFUND": _("Send a replacement, no refund"),
    "ITEM_RECEIVED": _("The item came back"),
    "ITEM_NOT_RECEIVED": _("The item did not come back"),
    "DAMAGED": _("It came back damaged"),
    "EMPTY_PACKAGE_OR_DIFFERENT": _("The parcel was empty, or another item was in it"),
    "MISSING_ITEMS": _("Items are missing"),
}

FILING = {
    "stripe": _("Stripe takes one answer; after it nothing can be added."),
    "paypal": _(
        "One call sends the text and every file together; PayPal keeps no draft. If its answer is lost on the "
        "way, the desk never sends it again by itself: it looks, and asks you."
    ),
    "square": _(
        "Evidence is submitted once. The first upload takes this case away from your Square Dashboard: from then "
        "on it can only be answered through the desk."
    ),
} | {kind.name: kind.filing for kind in gateway_kinds().values()}

PLACE = {
    "stripe": _("Stripe's Dashboard: Payments, then Disputes, then this dispute, then “Counter dispute”."),
    "paypal": _(
        "PayPal's Resolution Center: sign in at PayPal, open the Resolution Center, find the case and choose “Respond”."
    ),
    "square": _("Square's Dashboard: Orders & payments (or Payments), then Disputes, then challenge this dispute."),
    "manual": _("Where the letter or panel says: its merchant panel, its form, or the e-mail address it names."),
} | {kind.name: kind.place for kind in gateway_kinds().values()}

FILES_ITSELF = {
    "stripe": _(
        "The gateway may file by itself before the deadline. When the desk stages an answer it sets filing to manual."
    ),
} | {kind.name: kind.files_itself for kind in gateway_kinds().values() if kind.files_itself}

FACT = {
    "payment": _("Payment"),
    "order": _("Order"),
    "shipment": _("Parcel"),
    "message": _("Message"),
    "policy": _("Policy"),
    "usagelog": _("Use of the product"),
    "document": _("Document"),
}


PLAIN = {
    "inquiry": _("Inquiry"),
    "chargeback": _("Chargeback"),
    "pre_arbitration": _("Pre-arbitration"),
    "arbitration": _("Arbitration"),
    "compliance": _("Compliance"),
    "alert": _("Alert"),
    "present": _("Present"),
    "missing": _("Missing"),
    "unavailable": _("Unavailable"),
    "waived": _("Waived"),
    "withdrawal": _("Withdrawal"),
    "reversal": _("Reversal"),
    "fee": _("Fee"),
    "fee_returned": _("Fee returned"),
    "other": _("Other"),
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
    "no_reply": _("No reply"),
    "bank_debit": _("Bank debit returned"),
    "general": _("General"),
}
"""Words of our own enums where they are shown by themselves."""

NETWORK = {
    "visa": "Visa", "mastercard": "Mastercard", "amex": "American Express", "discover": "Discover", "diners": "Diners",
    "jcb": "JCB", "unionpay": "UnionPay", "cartes_bancaires": "Cartes Bancaires", "paypal": "PayPal",
    "klarna": "Klarna", "cash_app": "Cash App", "eftpos_au": "eftpos",
}  # fmt: skip
"""Names; not translated."""


def status(shown: str, *, by_hand: bool = False) -> str:
    """`by_hand`: what waits for a person is handed over, not approved."""
    if by_hand and shown == Shown.AWAITING_APPROVAL:
        return say("To hand over")
    return say(STATUS[shown]) if shown in STATUS else plain(shown)


def plain(word: str | None) -> str:
    if word in PLAIN:
        return say(PLAIN[word])
    return (word or "").replace("_", " ").capitalize()


def network(name: str | None) -> str:
    return NETWORK.get(name or "", plain(name))


_UNNAMED_ACT = (_("%(act)s: done"), _("%(act)s: under way"), _("%(act)s: unclear"), _("%(act)s: not done"))


def act(name: str) -> ActWords:
    """An act of a later version is told by its own word."""
    word = plain(name)
    return ACT.get(name) or ActWords(word, *(say(each) % {"act": word} for each in _UNNAMED_ACT))


def option(value: str) -> str:
    return say(OPTION[value]) if value in OPTION else plain(value)


def field_name(name: str) -> str:
    """ "PROOF_OF_REFUND.refund_ids[0]" -> "Proof of refund: refund ids 1"."""
    parts = [re.sub(r"\[(\d+)\]", lambda found: f" {int(found[1]) + 1}", part) for part in name.split(".")]
    first, *rest = (" ".join(part.replace("_", " ").lower().split()) for part in parts)
    return first.capitalize() + (f": {', '.join(rest)}" if rest else "")
