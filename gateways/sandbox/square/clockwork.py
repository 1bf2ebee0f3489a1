"""What the clock brings about: deadlines, verdicts, second rounds."""

from __future__ import annotations

from gateways.sandbox.square import lifecycle
from gateways.sandbox.square.world import World
from gateways.sandbox.store import Row


def act(world: World, at: int, subject: str, action: str) -> None:
    """Do what a timer was set for, if the dispute is still where it was."""
    dispute = world.store.get("dispute", subject)
    if dispute is None:
        return
    word, _, detail = action.partition(":")
    state = dispute.body["state"]
    if word in ("due", "lapse") and state in lifecycle.OPEN and lifecycle.due_of(dispute.body) == int(detail):
        _at_due(world, dispute, at) if word == "due" else _lapsed(world, dispute, at)
    elif word == "decide" and state in lifecycle.REVIEWED:
        lifecycle.decide(world, dispute, detail, at)
    elif word == "escalate" and state == lifecycle.INQUIRY_REVIEW:
        lifecycle.escalate(world, dispute, at)
    elif word == "reopen" and state == lifecycle.DISPUTE_REVIEW:
        lifecycle.reopen(world, dispute, at)


def tick(world: World) -> int:
    return world.timers.run(world.clock.unix(), lambda at, subject, action: act(world, at, subject, action))


def _at_due(world: World, dispute: Row, at: int) -> None:
    if world.setting("submit_staged_at_due") and lifecycle.of_round(world, dispute):
        lifecycle.submit(world, dispute, at - 1, lifecycle.GATEWAY)  # a moment before: at it, nothing is taken


def _lapsed(world: World, dispute: Row, at: int) -> None:
    """Silence loses a dispute; an inquiry nobody answered is closed, or goes on as a dispute."""
    if dispute.body["state"] == lifecycle.DISPUTE_OPEN:
        lifecycle.decide(world, dispute, "LOST", at)
    elif dispute.hidden["escalates"]:
        lifecycle.escalate(world, dispute, at)
    else:
        lifecycle.decide(world, dispute, "INQUIRY_CLOSED", at)
