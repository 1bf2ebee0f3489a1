"""What can happen to a dispute, by the API, by somebody in the Dashboard, by the bank or by the clock."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.ledger import API
from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import balance, ce3, events, evidence
from gateways.sandbox.stripe.errors import already_closed, refused
from gateways.sandbox.stripe.world import World

DAY = 86_400
OPEN = ("needs_response", "warning_needs_response")
REVIEWED = ("under_review", "warning_under_review")
GATEWAY = "gateway"
SMART_LEAD_SECONDS = 3600  # how long before the due date Stripe answers by itself; our guess, it says only "before"
PENDING_REFUND_SECONDS = 60


def stage(world: World, row: Row, sent: JSON, now: int, who: str = API) -> None:
    """Lay evidence over the dispute's without sending it anywhere."""
    _must_be_open(row.body)
    _lay(world, row, sent)
    events.save(world, "dispute", row, now, "charge.dispute.updated")
    world.ledger.effect(now, row.id, "staged", who)


def submit(world: World, row: Row, sent: JSON, now: int, who: str = API, method: str = "manual") -> None:
    """Send the evidence to the bank: once in a round, and that is final."""
    body, details = row.body, row.body["evidence_details"]
    _must_be_open(body)
    if not details["due_by"]:
        raise refused("This dispute does not allow evidence to be submitted.")
    if details["due_by"] <= now and world.setting("past_due") != "allow":
        raise refused("The deadline for submitting evidence for this dispute has passed.")
    _lay(world, row, sent)
    _must_acknowledge_fee(body)
    evidence.check_files(world.store, body["evidence"], row.hidden.get("brand"))
    inquiry = body["status"] == "warning_needs_response"
    body["status"] = "warning_under_review" if inquiry else "under_review"
    details |= {
        "has_evidence": True,
        "submission_count": details["submission_count"] + 1,
        "submission_method": method,
        "past_due": details["due_by"] <= now,
    }
    ce3.settle(body)
    _await_verdict(world, row, now, inquiry)
    events.save(world, "dispute", row, now, "charge.dispute.updated")
    _touch_charge(world, body, now)
    world.ledger.effect(now, row.id, "submitted", who)


def close(world: World, row: Row, now: int) -> None:
    """Accept the dispute. A chargeback is lost at once; accepting an inquiry settles nothing, the bank may go on."""
    _must_be_open(row.body)
    if row.body["status"] == "needs_response":
        row.body["status"] = "lost"
        events.save(world, "dispute", row, now, "charge.dispute.closed")
        _touch_charge(world, row.body, now)
    world.ledger.effect(now, row.id, "closed")


def decide(world: World, row: Row, outcome: str, now: int) -> None:
    """The bank's word; a lost case can still be won later. Raises ValueError for a step that does not exist."""
    status = row.body["status"]
    if status == outcome:
        return
    inquiry = status.startswith("warning_")
    steps = {"won": not inquiry, "lost": not inquiry and status != "won", "warning_closed": inquiry}
    if not steps.get(outcome) or status == "prevented":
        raise ValueError(f"a dispute that is {status} cannot become {outcome}")
    row.body["status"] = outcome
    if outcome == "won" and row.body["balance_transactions"]:
        balance.reinstate(world, row.body, now)
        events.save(world, "dispute", row, now, "charge.dispute.funds_reinstated", "charge.dispute.closed")
    else:
        events.save(world, "dispute", row, now, "charge.dispute.closed")
    _touch_charge(world, row.body, now)


def escalate(world: World, row: Row, now: int) -> None:
    """An inquiry becomes a chargeback: the same dispute, a new round, a new due date, and now the money goes."""
    if not row.body["status"].startswith("warning_") or row.body["status"] == "warning_closed":
        raise ValueError(f"a dispute that is {row.body['status']} does not escalate")
    row.body |= {"status": "needs_response", "is_charge_refundable": False}
    details = row.body.get("payment_method_details", {})
    if "card" in details:
        details["card"]["case_type"] = "chargeback"
    row.body["evidence_details"] |= {
        "due_by": end_of_day(now + world.setting("response_days") * DAY),
        "past_due": False,
    }
    row.hidden["escalates"] = False
    _watch_deadline(world, row)
    balance.withdraw(world, row.body, now)
    events.save(world, "dispute", row, now, "charge.dispute.updated", "charge.dispute.funds_withdrawn")
    _fail_pending_refunds(world, row.body["charge"], now)


def move_deadline(world: World, row: Row, due_by: int | None, now: int) -> None:
    row.body["evidence_details"] |= {"due_by": due_by, "past_due": bool(due_by) and (due_by or 0) <= now}
    _watch_deadline(world, row)
    events.save(world, "dispute", row, now, "charge.dispute.updated")


def begin(world: World, row: Row, now: int) -> None:
    """Set the clockwork of a dispute that was just opened."""
    if row.body["status"] in OPEN:
        _watch_deadline(world, row)
        world.timers.set(now + world.setting("prefill_seconds"), row.id, "prefill")
    if row.body["status"] == "warning_needs_response":
        world.timers.set(now + 120 * DAY, row.id, "inquiry_ends")


def end_of_day(now: int) -> int:
    """23:59:59 UTC of that day, as every due date that was ever observed."""
    return now - now % DAY + DAY - 1


def _must_be_open(body: JSON) -> None:
    if body["status"] in REVIEWED:
        raise refused("Evidence has already been submitted for this dispute and can no longer be changed.")
    if body["status"] not in OPEN:
        raise already_closed()


def _lay(world: World, row: Row, sent: JSON) -> None:
    row.body["evidence"] = evidence.merged(world.store, row.body["evidence"], sent)
    staged = evidence.is_staged(row.body["evidence"], row.hidden.get("prefilled", {}))
    row.body["evidence_details"]["has_evidence"] = staged or row.body["evidence_details"]["submission_count"] > 0
    eligibility: Any = row.body["evidence_details"]["enhanced_eligibility"]
    if "visa_compliance" in eligibility:
        given = row.body["evidence"]["enhanced_evidence"].get("visa_compliance", {}).get("fee_acknowledged")
        eligibility["visa_compliance"]["status"] = "fee_acknowledged" if given else "requires_fee_acknowledgement"
    ce3.review(world, row.body)


def _must_acknowledge_fee(body: JSON) -> None:
    status = body["evidence_details"]["enhanced_eligibility"].get("visa_compliance", {}).get("status")
    if status == "requires_fee_acknowledgement":
        param = "evidence[enhanced_evidence][visa_compliance][fee_acknowledged]"
        raise refused(
            "You must acknowledge the 500 USD network fee before submitting evidence for a compliance dispute.", param
        )


def _await_verdict(world: World, row: Row, now: int, inquiry: bool) -> None:
    """The test texts decide soon; otherwise the bank takes its time and the scenario decides."""
    soon = now + world.setting("test_decision_seconds")
    match (row.body["evidence"]["uncategorized_text"] or "").strip():
        case "winning_evidence":
            world.timers.set(soon, row.id, "decide:warning_closed" if inquiry else "decide:won")
        case "losing_evidence":
            world.timers.set(soon, row.id, "decide:warning_closed" if inquiry else "decide:lost")
        case "escalate_inquiry_evidence" if inquiry:
            world.timers.set(soon, row.id, "escalate")
        case _ if inquiry and row.hidden.get("escalates"):
            world.timers.set(now + world.setting("escalation_days") * DAY, row.id, "escalate")
        case _ if not inquiry:
            world.timers.set(
                now + world.setting("decision_days") * DAY, row.id, f"decide:{row.hidden.get('outcome') or 'won'}"
            )


def _watch_deadline(world: World, row: Row) -> None:
    """The date is part of the action: a timer for a date that has since moved finds out and does nothing."""
    if due := row.body["evidence_details"]["due_by"]:
        world.timers.set(due - SMART_LEAD_SECONDS, row.id, f"smart:{due}")
        world.timers.set(due, row.id, f"due:{due}")


def _touch_charge(world: World, dispute: JSON, now: int) -> None:
    if charge := world.store.get("charge", dispute["charge"]):
        events.emit(world, "charge.updated", charge.body, now, {})


def _fail_pending_refunds(world: World, charge: str, now: int) -> None:
    """A refund made moments before the escalation fails afterwards; an older one stands and the merchant pays twice."""
    for refund in world.store.find("refund", "parent = ? AND created > ?", (charge, now - PENDING_REFUND_SECONDS)):
        refund.body |= {"status": "failed", "failure_reason": "charge_for_pending_refund_disputed"}
        events.save(world, "refund", refund, now, "refund.failed", "charge.refund.updated")


def refund_settles_inquiry(world: World, charge: str, now: int) -> None:
    """A full refund resolves an inquiry; a chargeback's charge cannot be refunded at all."""
    body = world.need("charge", charge, "charge").body
    for row in world.store.find("dispute", "parent = ?", (charge,)):
        if body["refunded"] and row.body["status"] in ("warning_needs_response", "warning_under_review"):
            decide(world, row, "warning_closed", now)
