"""Our enums as people read them. An unknown word is shown as it is, without its underscores."""

from __future__ import annotations

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

FACT = {
    "payment": "Payment",
    "order": "Order",
    "shipment": "Parcel",
    "message": "Message",
    "policy": "Policy",
    "usagelog": "Use of the product",
    "document": "Document",
}


def status(shown: str) -> str:
    return STATUS.get(shown, plain(shown))


def plain(word: str | None) -> str:
    return (word or "").replace("_", " ").capitalize()
