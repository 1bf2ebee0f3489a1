"""Our enums as people read them. An unknown word is shown as it is, without its underscores."""

from __future__ import annotations

import re
from dataclasses import dataclass

from disputes.gateway_kinds import gateway_kinds
from disputes.lifecycle import Shown

STATUS: dict[str, str] = {
    Shown.NEW: "New",
    Shown.GATHERING: "Gathering records",
    Shown.NEEDS_EVIDENCE: "Needs evidence",
    Shown.AWAITING_APPROVAL: "To approve",
    Shown.SCHEDULED: "Will be filed",
    Shown.SUBMITTING: "Being filed",
    Shown.UNCLEAR: "Unclear, look there",
    Shown.UNDER_REVIEW: "Under review",
    Shown.PAST_DUE: "Past due",
    Shown.CANNOT_CONTEST: "Cannot be contested",
    Shown.ANSWERED_ELSEWHERE: "Answered elsewhere",
    Shown.ALERT: "Alert",
    Shown.UNKNOWN: "Unknown status",
    Shown.WON: "Won",
    Shown.LOST: "Lost",
    Shown.ACCEPTED: "Accepted",
    Shown.EXPIRED: "Expired",
    Shown.WITHDRAWN: "Withdrawn",
    Shown.PREVENTED: "Prevented",
}

VERDICT = {
    "fight": "Contest it",
    "needs_evidence": "Needs evidence",
    "accept": "Consider accepting",
    "cannot_be_contested": "Cannot be contested",
}

MODE = {"live": "Live: real money", "test": "Test mode: no real money", "sandbox": "Sandbox: no real money"}

SOURCE = {
    "never_read": "Not read yet",
    "importing": "First import under way",
    "ok": "Works",
    "credentials": "The key is refused",
    "rights": "A right is missing",
    "rate_limited": "It asks to be called less often",
    "unavailable": "It does not answer",
    "malformed": "Its answer cannot be read",
    "not_found": "It is not there",
    "refused": "It refused",
}

RULE = {
    "off": "Off: nothing is prepared or filed by itself",
    "prepare": "Prepare: the packet is built, a person approves",
    "file_after_hold": "File after the hold: what is ready is filed by itself after the hold window",
}

WEIGHT = {
    "required": "Required",
    "one_of": "One of these",
    "strong": "Strong",
    "helpful": "Helpful",
    "decisive": "Decides alone",
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
        return {"filed": self.done, "unclear": self.unclear, "scheduled": self.going, "submitting": self.going}.get(
            state, self.not_done
        )


ACT = {
    "submit": ActWords("Answer", "Filed", "Being filed", "Unclear whether it was filed", "Not filed"),
    "appeal": ActWords("Appeal", "Appealed", "Being appealed", "Unclear whether it was appealed", "Not appealed"),
    "accept": ActWords("Acceptance", "Accepted", "Being accepted", "Unclear whether it was accepted", "Not accepted"),
    "message": ActWords(
        "Message", "Message sent", "Message being sent", "Unclear whether the message was sent", "Message not sent"
    ),
    "offer": ActWords(
        "Offer", "Offer made", "Offer being made", "Unclear whether the offer was made", "Offer not made"
    ),
    "escalate": ActWords(
        "Escalation", "Escalated", "Being escalated", "Unclear whether it was escalated", "Not escalated"
    ),
    "acknowledge_return": ActWords(
        "Return", "Return acknowledged", "Return being acknowledged",
        "Unclear whether the return was acknowledged", "Return not acknowledged",
    ),
    "supporting_info": ActWords(
        "Information", "Information sent", "Information being sent",
        "Unclear whether the information was sent", "Information not sent",
    ),
}  # fmt: skip

OPTION = {
    "REFUND": "Refund; the customer sends nothing back",
    "PARTIAL_REFUND": "Refund a part; the customer keeps the item",
    "REFUND_WITH_RETURN": "Refund once the customer has sent the item back",
    "REFUND_WITH_RETURN_SHIPMENT_LABEL": "Refund once the item is back; you send the return label",
    "REFUND_WITH_REPLACEMENT": "Refund, and send a replacement",
    "REPLACEMENT_WITHOUT_REFUND": "Send a replacement, no refund",
    "ITEM_RECEIVED": "The item came back",
    "ITEM_NOT_RECEIVED": "The item did not come back",
    "DAMAGED": "It came back damaged",
    "EMPTY_PACKAGE_OR_DIFFERENT": "The parcel was empty, or another item was in it",
    "MISSING_ITEMS": "Items are missing",
}

FILING = {
    "stripe": "Stripe takes one answer; after it nothing can be added.",
    "paypal": "One call sends the text and every file together; PayPal keeps no draft. If its answer is lost on the "
    "way, the desk never sends it again by itself: it looks, and asks you.",
    "square": "Evidence is submitted once. The first upload takes this case away from your Square Dashboard: from then "
    "on it can only be answered through the desk.",
} | {kind.name: kind.filing for kind in gateway_kinds().values()}

PLACE = {
    "stripe": "Stripe's Dashboard: Payments, then Disputes, then this dispute, then “Counter dispute”.",
    "paypal": "PayPal's Resolution Center: sign in at PayPal, open the Resolution Center, find the case and choose "
    "“Respond”.",
    "square": "Square's Dashboard: Orders & payments (or Payments), then Disputes, then challenge this dispute.",
    "manual": "Where the letter or panel says: its merchant panel, its form, or the e-mail address it names.",
} | {kind.name: kind.place for kind in gateway_kinds().values()}

FILES_ITSELF = {
    "stripe": "The gateway may file by itself before the deadline. When the desk stages an answer it sets filing to "
    "manual.",
} | {kind.name: kind.files_itself for kind in gateway_kinds().values() if kind.files_itself}

FACT = {
    "payment": "Payment",
    "order": "Order",
    "shipment": "Parcel",
    "message": "Message",
    "policy": "Policy",
    "usagelog": "Use of the product",
    "document": "Document",
}


def status(shown: str, *, by_hand: bool = False) -> str:
    """`by_hand`: what waits for a person is handed over, not approved."""
    if by_hand and shown == Shown.AWAITING_APPROVAL:
        return "To hand over"
    return STATUS.get(shown, plain(shown))


def plain(word: str | None) -> str:
    return (word or "").replace("_", " ").capitalize()


def act(name: str) -> ActWords:
    """An act of a later version is told by its own word."""
    word = plain(name)
    return ACT.get(name) or ActWords(
        word, f"{word}: done", f"{word}: under way", f"{word}: unclear", f"{word}: not done"
    )


def option(value: str) -> str:
    return OPTION.get(value, plain(value))


def field_name(name: str) -> str:
    """ "PROOF_OF_REFUND.refund_ids[0]" -> "Proof of refund: refund ids 1"."""
    parts = [re.sub(r"\[(\d+)\]", lambda found: f" {int(found[1]) + 1}", part) for part in name.split(".")]
    first, *rest = (" ".join(part.replace("_", " ").lower().split()) for part in parts)
    return first.capitalize() + (f": {', '.join(rest)}" if rest else "")
