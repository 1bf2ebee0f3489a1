"""Disputes out of a few words: every key of the specification may be absent."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import balance, ce3, charges, early_fraud, events, evidence, ids, lifecycle, refunds
from gateways.sandbox.stripe.world import World

DAY = 86_400
KINDS = {  # status, case_type, whether the money goes, whether the charge can still be refunded
    "chargeback": ("needs_response", "chargeback", True, False),
    "inquiry": ("warning_needs_response", "inquiry", False, True),
    "compliance": ("needs_response", "compliance", True, False),
    "final": ("lost", "chargeback", True, False),
    "prevented": ("prevented", "resolution", False, False),
}
KEYS = {
    "tag", "charge", "paid_days", "opened_days", "due", "kind", "reason", "network_reason_code", "amount", "currency",
    "outcome",
    "escalates", "answered_days", "closed_days", "evidence", "metadata", "order", "customer", "shipping",
    "description", "brand",
    "card", "sepa_debit", "checks", "three_d_secure", "risk_score", "guest", "refunds", "disputed_amount", "minute",
    "charge_metadata",
}  # fmt: skip


def open_dispute(world: World, spec: JSON, now: int) -> Row:
    """Raises ValueError for words it does not know. `charge` disputes an existing charge instead of making one."""
    if unknown := set(spec) - KEYS:
        raise ValueError(f"the builder knows no {', '.join(sorted(unknown))}; it knows {', '.join(sorted(KEYS))}")
    kind = spec.get("kind", "chargeback")
    if kind not in KINDS:
        raise ValueError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    opened = ago(now, spec.get("opened_days", 0), spec.get("minute"))
    charge = world.need("charge", spec["charge"], "charge") if "charge" in spec else pay(world, spec, now)
    row = _dispute(world, spec, charge, kind, opened, now)
    world.store.put("dispute", row)
    charge.body |= {"disputed": True, "dispute": row.id}
    events.emit(world, "charge.dispute.created", row.body, opened)
    if KINDS[kind][2]:
        balance.withdraw(world, row.body, opened)
        events.save(world, "dispute", row, opened, "charge.dispute.funds_withdrawn")
    events.save(world, "charge", charge, opened, "charge.updated")
    early_fraud.settle(world, charge.id, opened)
    lifecycle.begin(world, row, opened)
    if "closed_days" in spec and kind == "chargeback":
        _play_history(world, row, spec, now)
    return row


def pay(world: World, spec: JSON, now: int) -> Row:
    """The charge, and what was refunded of it before anybody disputed it."""
    wanted = (
        {**spec, "metadata": spec["charge_metadata"]}
        if "charge_metadata" in spec
        else {k: v for k, v in spec.items() if k != "metadata"}
    )
    charge = charges.make(world, wanted, ago(now, spec.get("paid_days", 20), spec.get("minute")))
    for refund in spec.get("refunds", []):
        amount = charges.minor(refund["amount"], charge.body["currency"]) if "amount" in refund else None
        refunds.make(
            world, charge.id, ago(now, refund.get("days", 0), spec.get("minute")), amount, arn=refund.get("arn")
        )
    return world.need("charge", charge.id, "charge")


def ago(now: int, days: float, minute: int | None) -> int:
    """Days before now; the seed asks for a steady time of day instead of the hour it happens to be laid out at."""
    if minute is None or days < 1:
        return int(now - days * DAY)
    return now - now % DAY - int(days) * DAY + (9 * 60 + minute) * 60


def due_by(due: Any, now: int) -> int | None:
    """{"days": 9} is the end of that day; {"hours"}, {"seconds"} and {"unix"} are exact; null and 0 stay."""
    match due:
        case None | 0:
            return due
        case {"days": days}:
            return lifecycle.end_of_day(now + days * DAY)
        case {"hours": hours}:
            return int(now + hours * 3600)
        case {"seconds": seconds}:
            return int(now + seconds)
        case {"unix": unix}:
            return int(unix)
    raise ValueError(f"no due date: {due!r}; it is null, 0, or one of days, hours, seconds, unix")


def _dispute(world: World, spec: JSON, charge: Row, kind: str, opened: int, now: int) -> Row:
    status, case_type, _, refundable = KINDS[kind]
    code = spec.get("network_reason_code", "13.1" if "reason" not in spec else None)
    amount: int | str = spec.get("disputed_amount") or charge.body["amount"]
    eligibility = _eligibility(world, charge, kind, code, opened)
    due = due_by(spec.get("due", {"days": world.setting("response_days")}), now)
    details = charge.body["payment_method_details"]
    body: JSON = {
        "id": f"du_1{spec['tag']}" if "tag" in spec else ids.new("du_1"),
        "object": "dispute",
        "amount": charges.minor(amount, charge.body["currency"]),
        "balance_transaction": None,
        "balance_transactions": [],
        "charge": charge.id,
        "created": opened,
        "currency": charge.body["currency"],
        "enhanced_eligibility_types": list(eligibility),
        "evidence": {**evidence.blank(), **spec.get("evidence", {})},
        "evidence_details": {
            "due_by": due, "enhanced_eligibility": eligibility, "has_evidence": bool(spec.get("evidence")),
            "past_due": False,
            "submission_count": 0, "submission_method": "not_submitted",
        },
        "intended_submission_method": "prefer_manual" if world.setting("smart_disputes") else "manual",
        "is_charge_refundable": refundable,
        "livemode": False,
        "metadata": spec.get("metadata", {}),
        "network_reason_code": code,
        "payment_intent": charge.body["payment_intent"],
        "reason": spec.get("reason", "product_not_received"),
        "status": status,
    }  # fmt: skip
    if "card" in details:
        brand = details["card"]["brand"]
        card = {"brand": brand, "case_type": case_type, "network": brand, "network_reason_code": code}
        body["payment_method_details"] = {"card": card, "type": "card"}
    hidden = {"outcome": spec.get("outcome"), "escalates": spec.get("escalates", False)}
    return Row(body, hidden | {"brand": details.get("card", {}).get("brand"), "kind": kind})


def _eligibility(world: World, charge: Row, kind: str, code: str | None, opened: int) -> JSON:
    if kind == "compliance":
        return {"visa_compliance": {"status": "requires_fee_acknowledgement"}}
    if ce3.eligible(world, charge, code, opened):
        return {ce3.NAME: {"required_actions": list(ce3.MISSING), "status": "requires_action"}}
    return {}


def _play_history(world: World, row: Row, spec: JSON, now: int) -> None:
    """A closed case is led through its life, so that its events and its money are those of any other."""
    given = {"uncategorized_text": "Delivered as ordered; the carrier's record is attached."}
    lifecycle.submit(world, row, given, ago(now, spec["answered_days"], spec.get("minute")), "dashboard")
    lifecycle.decide(world, row, spec["outcome"], ago(now, spec["closed_days"], spec.get("minute")))
