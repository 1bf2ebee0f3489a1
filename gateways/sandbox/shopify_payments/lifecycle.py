"""What can happen to a dispute: by the API, a person in the admin, Shopify itself, the bank or the clock."""

from __future__ import annotations

from gateways.sandbox.ledger import API
from gateways.sandbox.shopify_payments import events, times
from gateways.sandbox.shopify_payments.times import DAY
from gateways.sandbox.shopify_payments.world import World
from gateways.sandbox.store import JSON, Row

ADMIN, GATEWAY, ELSEWHERE = "dashboard", "gateway", "other_app"
"""Who acts, beside our own API calls: a person in the admin, Shopify itself, another app."""

FILES = {
    "cancellationPolicyFile": "CANCELLATION_POLICY_FILE",
    "customerCommunicationFile": "CUSTOMER_COMMUNICATION_FILE",
    "refundPolicyFile": "REFUND_POLICY_FILE",
    "serviceDocumentationFile": "SERVICE_DOCUMENTATION_FILE",
    "shippingDocumentationFile": "SHIPPING_DOCUMENTATION_FILE",
    "uncategorizedFile": "UNCATEGORIZED_FILE",
}


class Refused(Exception):
    """One of the mutation's user errors."""

    def __init__(self, code: str | None, message: str, field: list[str] | None = None) -> None:
        super().__init__(message)
        self.code, self.message, self.field = code, message, field

    def shown(self) -> JSON:
        return {"code": self.code, "message": self.message, "field": self.field}


def must_take_evidence(world: World, dispute: Row, now: int) -> None:
    body = dispute.body
    if body["evidence"]["submitted"] or body["sent"] or body["status"] != "NEEDS_RESPONSE":
        raise Refused("EVIDENCE_ALREADY_ACCEPTED", "Evidence already accepted.", ["input"])
    if body["due"] is not None and body["due"] <= now and world.setting("past_due") != "allow":
        raise Refused("EVIDENCE_PAST_DUE_DATE", "Evidence past due date.", ["input"])


def update(world: World, dispute: Row, wanted: JSON, now: int, who: str = API) -> None:
    """disputeEvidenceUpdate: all of it or nothing. An empty text empties the field."""
    must_take_evidence(world, dispute, now)
    wanted = dict(wanted)
    submits = bool(wanted.pop("submitEvidence", False))
    evidence = dispute.body["evidence"]
    for name in [name for name in wanted if name in FILES]:
        _set_file(world, dispute, name, wanted.pop(name))
    _must_fit(world, dispute)
    evidence["texts"] |= wanted
    evidence["texts"] = {name: text for name, text in evidence["texts"].items() if text}
    world.keep(dispute)
    if not submits or wanted:
        world.ledger.effect(now, dispute.id, "staged", who)
    events.tell(world, "disputes/update", dispute, now)
    if submits:
        _submitted_by_request(world, dispute, now, who)


def _set_file(world: World, dispute: Row, slot: str, wanted: JSON | None) -> None:
    slots = dispute.body["evidence"]["slots"]
    if wanted is None:
        slots.pop(slot, None)
        return
    number = str(wanted["id"]).rpartition("/")[2]
    upload = next((row for row in world.uploads(dispute) if row.id == number), None)
    if upload is None or upload.body["type"] != FILES[slot]:
        raise Refused("FILE_NOT_FOUND", "File upload failed. Please try again.", ["input", slot])
    if wanted.get("destroy"):
        world.remove_upload(dispute, number)
    else:
        slots[slot] = number


def _must_fit(world: World, dispute: Row) -> None:
    attached = set(dispute.body["evidence"]["slots"].values())
    sizes = [row.body["size"] for row in world.uploads(dispute) if row.id in attached]
    if any(size > world.setting("file_bytes_max") for size in sizes):
        raise Refused("TOO_LARGE", "Individual file size is too large.", ["input"])
    if sum(sizes) > world.setting("total_bytes_max"):
        raise Refused("FILES_SIZE_EXCEEDED_LIMIT", "Combined files size is too large.", ["input"])


def _submitted_by_request(world: World, dispute: Row, now: int, who: str) -> None:
    """Known of the real API: a submission may be answered without an error and come to nothing, or count later."""
    match world.setting("submissions"):
        case "ignored":
            world.ledger.effect(now, dispute.id, "submission_ignored", who)
        case "late":
            # The clock counts whole seconds, so a late one is late by one at least.
            world.timers.set(now + max(1, round(world.setting("late_seconds"))), dispute.id, f"submit:{who}")
        case _:
            submit(world, dispute, now, who)


def submit(world: World, dispute: Row, now: int, who: str) -> None:
    dispute.body["evidence"]["submitted"] = True
    dispute.body |= {"sent": now, "status": "UNDER_REVIEW"}
    outcome = dispute.hidden.get("outcome") or "WON"
    inquiry = dispute.body["type"] == "INQUIRY"
    if inquiry and dispute.hidden.get("escalates"):
        world.timers.set(now + int(world.setting("escalation_days") * DAY), dispute.id, "escalate")
    else:
        world.timers.set(now + int(world.setting("decision_days") * DAY), dispute.id, f"decide:{outcome}")
    world.ledger.effect(now, dispute.id, "submitted", who)
    _changed(world, dispute, now)


def decide(world: World, dispute: Row, outcome: str, now: int) -> None:
    """Raises ValueError for a word Shopify has not."""
    if outcome not in ("WON", "LOST", "ACCEPTED", "PREVENTED", "CHARGE_REFUNDED"):
        raise ValueError(f"no outcome {outcome!r}")
    dispute.body |= {"status": outcome, "final": now}
    _changed(world, dispute, now)


def escalate(world: World, dispute: Row, now: int) -> None:
    """An inquiry becomes a chargeback: the same dispute asks again, and what was submitted before is not for it."""
    if dispute.body["type"] != "INQUIRY":
        raise ValueError("only an inquiry escalates")
    dispute.body |= {"type": "CHARGEBACK", "status": "NEEDS_RESPONSE", "sent": None, "final": None,
                     "due": times.due_at({"days": world.setting("response_days")}, now)}  # fmt: skip
    dispute.body["evidence"]["submitted"] = False
    watch_deadline(world, dispute)
    _changed(world, dispute, now)


def move_deadline(world: World, dispute: Row, due: int | None, now: int) -> None:
    dispute.body["due"] = due
    watch_deadline(world, dispute)
    _changed(world, dispute, now)


def watch_deadline(world: World, dispute: Row) -> None:
    """The date is part of the action: a timer for a date that has since moved finds out and does nothing."""
    if dispute.body["due"] is not None:
        world.timers.set(dispute.body["due"], dispute.id, f"due:{dispute.body['due']}")


def act(world: World, at: int, subject: str, action: str) -> None:
    """Do what a timer was set for, if the dispute is still where it was."""
    dispute = world.find("dispute", subject)
    if dispute is None:
        return
    word, _, detail = action.partition(":")
    open_, submitted = dispute.body["status"] == "NEEDS_RESPONSE", dispute.body["evidence"]["submitted"]
    if word == "due" and open_ and dispute.body["due"] == int(detail) and world.setting("submits_on_due"):
        submit(world, dispute, at, GATEWAY)
    elif word == "submit" and open_ and not submitted:
        submit(world, dispute, at, detail)
    elif word == "decide" and dispute.body["status"] == "UNDER_REVIEW":
        decide(world, dispute, detail, at)
    elif word == "escalate" and dispute.body["status"] == "UNDER_REVIEW":
        escalate(world, dispute, at)


def tick(world: World) -> int:
    return world.timers.run(world.clock.unix(), lambda at, subject, action: act(world, at, subject, action))


def _changed(world: World, dispute: Row, now: int) -> None:
    world.keep(dispute)
    events.tell(world, "disputes/update", dispute, now)
