"""What can happen to a dispute: by the API, by a person in the Dashboard, by the bank or by the clock."""

from __future__ import annotations

from gateways.sandbox.ledger import API
from gateways.sandbox.square import events, payouts, rows, times
from gateways.sandbox.square.errors import refused
from gateways.sandbox.square.times import DAY
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row

INQUIRY_OPEN, DISPUTE_OPEN = "INQUIRY_EVIDENCE_REQUIRED", "EVIDENCE_REQUIRED"
INQUIRY_REVIEW, DISPUTE_REVIEW = "INQUIRY_PROCESSING", "PROCESSING"
OPEN = (INQUIRY_OPEN, DISPUTE_OPEN)
REVIEWED = (INQUIRY_REVIEW, DISPUTE_REVIEW)
CLOSED = ("INQUIRY_CLOSED", "WON", "LOST", "ACCEPTED")
STATES = (*OPEN, *REVIEWED, *CLOSED)
DASHBOARD, ELSEWHERE, GATEWAY = "dashboard", "other_app", "gateway"
"""Who acts, beside our own API calls: a person in Square's Dashboard, another application, Square itself."""


def add_evidence(world: World, dispute: Row, item: Row, now: int, what: str, who: str = API) -> None:
    """Keep one piece of evidence for the present round. The first one over the API locks the Dashboard for good."""
    _must_take_evidence(world, dispute, now)
    _must_be_unlocked(dispute, who)
    present = of_round(world, dispute)
    if world.setting("one_per_type") and any(
        old.body["evidence_type"] == item.body["evidence_type"] for old in present
    ):
        raise refused("Evidence of this type was already uploaded.", "evidence_type")
    if who in (API, ELSEWHERE):
        dispute.hidden["locked"] = True
    item.hidden |= {"round": dispute.hidden["round"], "who": who}
    world.store.put("evidence", item)
    _changed(world, dispute, now, "dispute.evidence.created")
    world.ledger.effect(now, dispute.id, what, who)


def remove_evidence(world: World, dispute: Row, item: Row, now: int, who: str = API) -> None:
    """Only what was not sent yet; the evidence of a round that is over stays for ever."""
    _must_be_unlocked(dispute, who)
    if dispute.body["state"] not in OPEN or item.hidden["round"] != dispute.hidden["round"]:
        raise refused("Evidence cannot be removed after it was submitted.", "evidence_id")
    world.store.run("DELETE FROM object WHERE kind = 'evidence' AND id = ?", (item.id,))
    _changed(world, dispute, now, "dispute.evidence.deleted")
    world.ledger.effect(now, dispute.id, "evidence_deleted", who)


def submit(world: World, dispute: Row, now: int, who: str = API) -> None:
    """Send what was uploaded to the bank: once in a round, and that is final."""
    _must_take_evidence(world, dispute, now)
    _must_be_unlocked(dispute, who)
    if not of_round(world, dispute):
        raise refused("There is no evidence to submit; upload evidence first.")
    inquiry = dispute.body["state"] == INQUIRY_OPEN
    _await_verdict(world, dispute, now, inquiry)
    _enter(world, dispute, INQUIRY_REVIEW if inquiry else DISPUTE_REVIEW, now)
    world.ledger.effect(now, dispute.id, "submitted", who)


def accept(world: World, dispute: Row, now: int, who: str = API) -> None:
    """Give the money back; there is no way from here."""
    if dispute.body["state"] not in OPEN:
        raise refused(f"A dispute that is {dispute.body['state']} cannot be accepted.", "dispute_id")
    _must_be_in_time(world, dispute, now)
    _must_be_unlocked(dispute, who)
    if dispute.body["state"] == INQUIRY_OPEN:
        payouts.withhold(world, dispute.body, now)
    _enter(world, dispute, "ACCEPTED", now)
    world.ledger.effect(now, dispute.id, "accepted", who)


def decide(world: World, dispute: Row, outcome: str, now: int) -> None:
    """The bank's word; a lost case can still be won later. Raises ValueError for a step that does not exist."""
    state = dispute.body["state"]
    if state == outcome:
        return
    steps = {
        "WON": (DISPUTE_OPEN, DISPUTE_REVIEW, "LOST"),
        "LOST": (DISPUTE_OPEN, DISPUTE_REVIEW),
        "INQUIRY_CLOSED": (INQUIRY_OPEN, INQUIRY_REVIEW),
    }
    if state not in steps.get(outcome, ()):
        raise ValueError(f"a dispute that is {state} cannot become {outcome}")
    if outcome == "WON":
        payouts.give_back(world, dispute.body, now)
    _enter(world, dispute, outcome, now)


def escalate(world: World, dispute: Row, now: int) -> None:
    """An inquiry becomes a dispute: the same id, a new round, a new due date, and now the money is withheld."""
    if dispute.body["state"] not in (INQUIRY_OPEN, INQUIRY_REVIEW, "INQUIRY_CLOSED"):
        raise ValueError(f"a dispute that is {dispute.body['state']} does not escalate")
    payouts.withhold(world, dispute.body, now)
    _new_round(world, dispute, now, int(world.setting("response_days")))


def reopen(world: World, dispute: Row, now: int) -> None:
    """The bank wants more, or takes a won case to the next stage: a second round."""
    if dispute.body["state"] not in (DISPUTE_REVIEW, "WON"):
        raise ValueError(f"a dispute that is {dispute.body['state']} gets no second round")
    if dispute.body["state"] == "WON":
        payouts.withhold(world, dispute.body, now)
    _new_round(world, dispute, now, int(world.setting("second_round_days")))


def move_deadline(world: World, dispute: Row, due: int | None, now: int) -> None:
    """No event tells of it; only the version counts up."""
    dispute.body.pop("due_at", None)
    dispute.body |= {"due_at": times.text(due)} if due is not None else {}
    watch_deadline(world, dispute)
    _touched(world, dispute, now)


def watch_deadline(world: World, dispute: Row) -> None:
    """The date is part of the action: a timer for a date that has since moved finds out and does nothing."""
    if (due := due_of(dispute.body)) is not None:
        world.timers.set(due, dispute.id, f"due:{due}")
        world.timers.set(due + int(world.setting("lapse_days") * DAY), dispute.id, f"lapse:{due}")


def due_of(body: JSON) -> int | None:
    return times.seconds(body["due_at"]) if "due_at" in body else None


def of_round(world: World, dispute: Row) -> list[Row]:
    """The evidence of the present round, oldest first."""
    found = world.store.find("evidence", "parent = ?", (dispute.id,), oldest=True)
    return [item for item in found if item.hidden["round"] == dispute.hidden["round"]]


def _must_take_evidence(world: World, dispute: Row, now: int) -> None:
    if dispute.body["reason"] == "EMV_LIABILITY_SHIFT":
        raise refused("This dispute cannot be challenged: the payment did not comply with EMV security requirements.")
    if dispute.body["state"] not in OPEN:
        raise refused(f"A dispute that is {dispute.body['state']} takes no evidence.", "dispute_id")
    _must_be_in_time(world, dispute, now)


def _must_be_in_time(world: World, dispute: Row, now: int) -> None:
    due = due_of(dispute.body)
    if due is not None and due <= now and world.setting("past_due") != "allow":
        raise refused("The due date of this dispute has passed.", "dispute_id")


def _must_be_unlocked(dispute: Row, who: str) -> None:
    if who == DASHBOARD and dispute.hidden["locked"]:
        raise refused("Evidence was uploaded with the Disputes API; the Dashboard can no longer act on this dispute.")


def _new_round(world: World, dispute: Row, now: int, days: int) -> None:
    dispute.hidden |= {"round": dispute.hidden["round"] + 1, "escalates": False, "again": False}
    dispute.body["due_at"] = times.text(times.midnight(now + days * DAY))
    watch_deadline(world, dispute)
    _enter(world, dispute, DISPUTE_OPEN, now)


def _await_verdict(world: World, dispute: Row, now: int, inquiry: bool) -> None:
    """Square's test file names decide soon; otherwise the bank takes its time and the scenario decides."""
    soon = now + world.setting("test_decision_seconds")
    last = of_round(world, dispute)[-1].body.get("evidence_file", {}).get("filename") or ""
    hidden, later = dispute.hidden, now + world.setting("escalation_days") * DAY
    if last.startswith(("evidence_won", "evidence_lost")):
        won = last.startswith("evidence_won")
        world.timers.set(soon, dispute.id, f"decide:{'INQUIRY_CLOSED' if inquiry else 'WON' if won else 'LOST'}")
    elif inquiry and hidden["escalates"]:
        world.timers.set(later, dispute.id, "escalate")
    elif not inquiry and hidden["again"]:
        world.timers.set(later, dispute.id, "reopen")
    else:
        outcome = "INQUIRY_CLOSED" if inquiry else hidden["outcome"] or "WON"
        world.timers.set(now + world.setting("decision_days") * DAY, dispute.id, f"decide:{outcome}")


def _enter(world: World, dispute: Row, state: str, now: int) -> None:
    dispute.body["state"] = state
    rows.relabel(dispute, state)
    _changed(world, dispute, now, "dispute.state.updated")


def _changed(world: World, dispute: Row, now: int, event: str) -> None:
    _touched(world, dispute, now)
    events.tell(world, event, dispute.body, now)


def _touched(world: World, dispute: Row, now: int) -> None:
    dispute.body |= {"updated_at": times.text(now), "version": dispute.body["version"] + 1}
    world.store.put("dispute", dispute)
