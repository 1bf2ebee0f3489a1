"""Disputes out of a few words: every key of the specification may be absent."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.square import events, evidence, ids, lifecycle, payments, payouts, refunds, times
from gateways.sandbox.square.people import digest
from gateways.sandbox.square.rows import row
from gateways.sandbox.square.times import DAY
from gateways.sandbox.square.world import World
from gateways.sandbox.store import JSON, Row

KINDS = {"dispute": lifecycle.DISPUTE_OPEN, "inquiry": lifecycle.INQUIRY_OPEN}
KEYS = {
    "tag", "payment", "paid_days", "opened_days", "due", "kind", "reason", "amount", "currency", "disputed_amount",
    "outcome", "escalates", "again", "answered_days", "closed_days", "order", "payment_reference", "customer",
    "shipping", "description", "card", "checks", "entry_method", "risk_level", "guest", "refunds", "minute",
}  # fmt: skip
HISTORY = "Delivered as ordered; the carrier's record is attached."


def open_dispute(world: World, spec: JSON, now: int) -> Row:
    """Raises ValueError for words it does not know. `payment` disputes an existing payment instead of making one.

    `reason` may be any word at all: Square's list is open. `escalates`: an answered inquiry becomes a dispute;
    `again`: an answered dispute comes back for a second round; `outcome`: WON or LOST when the bank decides."""
    if unknown := set(spec) - KEYS:
        raise ValueError(f"the builder knows no {', '.join(sorted(unknown))}; it knows {', '.join(sorted(KEYS))}")
    kind = spec.get("kind", "dispute")
    if kind not in KINDS:
        raise ValueError(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    opened = ago(now, spec.get("opened_days", 0), spec.get("minute"))
    payment = world.need("payment", spec["payment"]) if "payment" in spec else pay(world, spec, now)
    made = _dispute(world, spec, payment.body, KINDS[kind], opened, now)
    world.store.put("dispute", made)
    if kind == "dispute":
        payouts.withhold(world, made.body, opened)
    events.tell(world, "dispute.created", made.body, opened)
    lifecycle.watch_deadline(world, made)
    if "closed_days" in spec:
        _play_history(world, made, spec, now)
    return made


def pay(world: World, spec: JSON, now: int) -> Row:
    """The payment, and what was refunded of it before anybody disputed it."""
    payment = payments.make(world, spec, ago(now, spec.get("paid_days", 20), spec.get("minute")))
    for refund in spec.get("refunds", []):
        currency = payment.body["amount_money"]["currency"]
        amount = payments.minor(refund["amount"], currency) if "amount" in refund else None
        at = ago(now, refund.get("days", 0), spec.get("minute"))
        refunds.make(world, payment.id, at, amount, reason=refund.get("reason"))
    return world.need("payment", payment.id)


def ago(now: int, days: float, minute: int | None) -> int:
    """Days before now; the seed asks for a steady time of day instead of the hour it happens to be laid out at."""
    if minute is None or days < 1:
        return int(now - days * DAY)
    return times.midnight(now) - int(days) * DAY + (9 * 60 + minute) * 60


def due_at(due: Any, now: int) -> int | None:
    """{"days": 9} is the beginning of that day in UTC, as every due date that was ever observed;
    {"hours_at_least": 7} is the first such midnight that far away; {"hours"}, {"seconds"} and {"unix"} are exact;
    null is no due date."""
    match due:
        case None:
            return None
        case {"days": days}:
            return times.midnight(int(now + days * DAY))
        case {"hours_at_least": hours}:
            return times.midnight(int(now + hours * 3600) + DAY - 1)
        case {"hours": hours}:
            return int(now + hours * 3600)
        case {"seconds": seconds}:
            return int(now + seconds)
        case {"unix": unix}:
            return int(unix)
    raise ValueError(f"no due date: {due!r}; it is null or one of days, hours_at_least, hours, seconds, unix")


def _dispute(world: World, spec: JSON, payment: JSON, state: str, opened: int, now: int) -> Row:
    money = payment["amount_money"]
    amount = payments.minor(spec.get("disputed_amount", money["amount"]), money["currency"])
    given = {"due": {"days": world.setting("response_days") - spec.get("opened_days", 0)}, **spec}["due"]
    due = due_at(given, now)
    body: JSON = {
        "id": f"{spec['tag']}{'0' * 22}"[:22] if "tag" in spec else ids.dispute(),
        "amount_money": {**money, "amount": amount},
        "reason": spec.get("reason", "NOT_RECEIVED"),
        "state": state,
        "due_at": times.text(due) if due is not None else None,
        "disputed_payment": {"payment_id": payment["id"]},
        "card_brand": payment["card_details"]["card"]["card_brand"],
        "created_at": times.text(opened),
        "updated_at": times.text(opened),
        "brand_dispute_id": f"1000{digest(spec['tag'], 8, '0123456789')}" if "tag" in spec else ids.brand_dispute(),
        "reported_at": times.text(times.midnight(opened)),
        "version": 1,
        "location_id": payment["location_id"],
    }
    body = {name: value for name, value in body.items() if value is not None}
    hidden = {name: spec.get(name, False) for name in ("escalates", "again")}
    return row(
        body, created=opened, parent=payment["id"], label=state, round=1, locked=False, outcome=spec.get("outcome"),
        **hidden,
    )  # fmt: skip


def _play_history(world: World, dispute: Row, spec: JSON, now: int) -> None:
    """A closed case is led through its life in the Dashboard, so that its money and its evidence are any other's."""
    closed = ago(now, spec["closed_days"], spec.get("minute"))
    if spec["outcome"] == "ACCEPTED":
        lifecycle.accept(world, dispute, closed, lifecycle.DASHBOARD)
        return
    answered = ago(now, spec["answered_days"], spec.get("minute"))
    item = evidence.build(dispute.id, "REBUTTAL_EXPLANATION", answered, evidence_text=HISTORY)
    lifecycle.add_evidence(world, dispute, item, answered, "evidence_text", lifecycle.DASHBOARD)
    lifecycle.submit(world, dispute, answered, lifecycle.DASHBOARD)
    lifecycle.decide(world, dispute, spec["outcome"], closed)
