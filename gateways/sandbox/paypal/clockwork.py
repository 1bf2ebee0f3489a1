"""What the clock brings about: due dates pass, inquiries close, reviews end, the time to appeal runs out."""

from __future__ import annotations

from gateways.sandbox.paypal import answers, events, lifecycle
from gateways.sandbox.paypal.times import unix
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import Row


def tick(world: World) -> int:
    return world.timers.run(world.clock.unix(), lambda at, subject, action: act(world, at, subject, action))


def act(world: World, at: int, subject: str, action: str) -> None:
    """Do what a timer was set for, if the dispute is still where it was."""
    row = world.store.get("dispute", subject)
    if row is None:
        return
    word, _, detail = action.partition(":")
    status, inquiry = row.body["status"], row.body["dispute_life_cycle_stage"] == "INQUIRY"
    if word == "due":
        _past_due(world, row, at, int(detail))
    elif word == "inquiry_ends" and inquiry and status != "RESOLVED" and "return_for" not in row.hidden:
        lifecycle.decide(world, row, "closed", at)
    elif row.hidden["round"] != int(detail or 0):
        return
    elif word == "answered" and status == lifecycle.SELLER:
        answers.answered(world, row, at)
    elif word == "decide" and status == lifecycle.REVIEW:
        lifecycle.decide(world, row, row.hidden.get("outcome") or "won", at)
    elif word == "buyer_silent" and status == lifecycle.BUYER:
        returned = "return_for" in row.hidden
        reason = "ITEM_NOT_RETURNED_TO_SELLER" if returned else "NO_RESPONSE_FROM_BUYER"
        lifecycle.decide(world, row, "closed" if inquiry and not returned else "won", at, reason=reason)
    elif word == "appeal_closes" and row.hidden.get("appealable"):
        row.hidden["appealable"] = False
        row.body["seller_response_due_date"] = None
        events.save(world, row, at)


def _past_due(world: World, row: Row, at: int, due: int) -> None:
    """In a claim silence loses; an inquiry that nobody escalated just ends, by a timer of its own."""
    stands = row.body.get("seller_response_due_date")
    if not stands or unix(stands) != due or row.body["status"] != lifecycle.SELLER:
        return
    if row.body["dispute_life_cycle_stage"] != "INQUIRY" or row.hidden.get("returned"):
        lifecycle.decide(world, row, "lost", at, reason="NO_SELLER_RESPONSE", appealable=False)
