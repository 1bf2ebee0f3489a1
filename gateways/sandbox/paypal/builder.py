"""Disputes out of a few words: every key of the specification may be absent."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise
from typing import Any

from gateways.sandbox.paypal import amounts, answers, events, ids, lifecycle, payments
from gateways.sandbox.paypal.acts import MERCHANDISE
from gateways.sandbox.paypal.enums import CHANNELS, REASONS, STAGES
from gateways.sandbox.paypal.times import DAY, ago, end_of_pacific_day, stamp
from gateways.sandbox.paypal.world import MERCHANT_EMAIL, MERCHANT_ID, MERCHANT_NAME, World
from gateways.sandbox.store import JSON, Row

KEYS = {
    "tag", "minute", "order", "customer", "shipping", "amount", "currency", "paid_days", "description", "capture",
    "refunds", "reason", "stage", "channel", "external_reason_code", "disputed_amount", "opened_days", "due", "status",
    "message", "extensions", "requested", "requested_amount", "item_type", "outcome", "answered_days", "closed_days",
    "because", "appealable", "without", "stages",
}  # fmt: skip
ISSUE = {"PRODUCT": "PRODUCT", "SERVICE": "SERVICE"}


def open_dispute(world: World, spec: JSON, now: int) -> Row:
    """Raises ValueError for words it does not know. `capture` disputes an existing one instead of making one.

    `stages` leads the case through earlier stages, each begun so many days ago, before `stage` begins `opened_days`
    ago: [{"stage", "days", "answered_days"?, "outcome"?, "closed_days"?, "because"?}]."""
    if unknown := set(spec) - KEYS:
        raise ValueError(f"the builder knows no {', '.join(sorted(unknown))}; it knows {', '.join(sorted(KEYS))}")
    reason, stage = spec.get("reason", MERCHANDISE[0]), spec.get("stage", "CHARGEBACK")
    channel = spec.get("channel", "INTERNAL")
    for word, known in ((reason, REASONS), (stage, STAGES), (channel, CHANNELS)):
        if word not in known:
            raise ValueError(f"no {word!r}; there are {', '.join(known)}")
    capture = world.need("capture", spec["capture"]) if "capture" in spec else pay(world, spec, now)
    earlier = [*spec.get("stages", []), {"stage": stage, "days": spec.get("opened_days", 0)}]
    opened = ago(now, earlier[0]["days"], spec.get("minute"))
    row = _dispute(world, spec, capture, reason, earlier[0]["stage"], channel, opened)
    _begin(world, row, spec if len(earlier) == 1 else {}, opened, now)
    events.save(world, row, opened, events.CREATED)
    for past, following in pairwise(earlier):
        _lead(world, row, past, spec, now)
        moment, last = ago(now, following["days"], spec.get("minute")), following is earlier[-1]
        due = due_by(spec["due"], now) if last and "due" in spec else None
        lifecycle.escalate(world, row, moment, stage=following["stage"], due=due,
                           types=spec.get("requested") if last else None)  # fmt: skip
    if {"answered_days", "closed_days"} & set(spec):
        _lead(world, row, spec, spec, now)
    return row


def pay(world: World, spec: JSON, now: int) -> Row:
    """The capture, and what was refunded of it before anybody disputed it."""
    minute = spec.get("minute")
    capture = payments.pay(world, spec, ago(now, spec.get("paid_days", 20), minute))
    for place, one in enumerate(spec.get("refunds", [])):
        amount = Decimal(one["amount"]) if "amount" in one else None
        tag = f"2{spec['tag']}R0000000{place}" if "tag" in spec else None
        payments.refund(world, capture, amount, ago(now, one.get("days", 0), minute), tag=tag, note=one.get("note", ""),
                        arn=one.get("arn"))  # fmt: skip
    return world.need("capture", capture.id)


def due_by(due: Any, now: int) -> int | None:
    """{"days": 9} is the end of that day in California; {"hours"}, {"seconds"} and {"unix"} are exact; null is none."""
    match due:
        case None | 0:
            return None
        case {"days": days}:
            return end_of_pacific_day(now + days * DAY)
        case {"hours": hours}:
            return int(now + hours * 3600)
        case {"seconds": seconds}:
            return int(now + seconds)
        case {"unix": unix}:
            return int(unix)
    raise ValueError(f"no due date: {due!r}; it is null, 0, or one of days, hours, seconds, unix")


def _begin(world: World, row: Row, spec: JSON, opened: int, now: int) -> None:
    """The first round. An inquiry's due date is its end, to the second; a claim's the end of a day in California."""
    inquiry = row.body["dispute_life_cycle_stage"] == "INQUIRY"
    if inquiry:
        world.timers.set(row.hidden["inquiry_ends"], row.id, "inquiry_ends")
    due = row.hidden["inquiry_ends"] if inquiry else lifecycle.claim_due(world, opened)
    if "due" in spec:
        due = due_by(spec["due"], now)
    lifecycle.ask(world, row, opened, due, spec.get("requested"))
    if spec.get("status", lifecycle.SELLER) != lifecycle.SELLER:
        row.body |= {"status": spec["status"], "seller_response_due_date": None}
    if row.body["status"] == lifecycle.REVIEW:
        lifecycle.begin_review(world, row, opened)


def _dispute(world: World, spec: JSON, capture: Row, reason: str, stage: str, channel: str, opened: int) -> Row:
    id = f"PP-R-LAL-{spec['tag']}0" if "tag" in spec else ids.dispute()
    currency = capture.body["amount"]["currency_code"]
    left = amounts.value(capture.body["amount"]) - payments.refunded(world, capture.id)
    disputed = amounts.money(str(spec.get("disputed_amount") or capture.body["amount"]["value"]), currency)
    allowed = left if left > 0 else amounts.value(capture.body["amount"])
    body: JSON = {
        "dispute_id": id,
        "create_time": stamp(opened),
        "update_time": stamp(opened),
        "disputed_transactions": [_transaction(capture, spec, reason)],
        "reason": reason,
        "status": lifecycle.SELLER,
        "dispute_amount": disputed,
        "dispute_life_cycle_stage": stage,
        "dispute_channel": channel,
        "external_reason_code": spec.get("external_reason_code"),
        "dispute_outcome": None,
        "adjudications": [],
        "money_movements": [],
        "messages": [],
        "extensions": extensions(spec, reason, disputed, world.clock.unix()),
        "evidences": [],
        "seller_response_due_date": None,
        "buyer_response_due_date": None,
        "offer": None,
        "refund_details": {"allowed_refund_amount": amounts.money(min(allowed, amounts.value(disputed)), currency)},
        "supporting_info": [],
    }
    if text := spec.get("message"):
        body["messages"].append({"posted_by": "BUYER", "time_posted": stamp(opened), "content": text})
    if stage == "INQUIRY":
        wanted = amounts.money(str(spec.get("requested_amount") or disputed["value"]), currency)
        body["offer"] = {"buyer_requested_amount": wanted}
    hidden = {
        "columns": {"id": id, "created": opened},
        "round": 0,
        "answered": False,
        "appealable": False,
        "outcome": spec.get("outcome"),
        "without": spec.get("without", []),
        "inquiry_ends": opened + world.setting("inquiry_days") * DAY,
    }
    return Row(body, hidden)


def _transaction(capture: Row, spec: JSON, reason: str) -> JSON:
    """Some of PayPal's own payloads have no items here at all; ours have the one that is disputed."""
    body, person = capture.body, capture.hidden["person"]
    item = {
        "item_id": body["invoice_id"].replace("-", ""),
        "item_name": capture.hidden["description"],
        "item_quantity": "1",
        "reason": reason,
        "item_type": spec.get("item_type", "PRODUCT"),
    }
    return {
        "buyer_transaction_id": capture.hidden["buyer_transaction_id"],
        "seller_transaction_id": capture.id,
        "reference_id": body["supplementary_data"]["related_ids"]["order_id"],
        "create_time": body["create_time"],
        "transaction_status": body["status"],
        "gross_amount": body["amount"],
        "invoice_number": body["invoice_id"],
        "custom": body["custom_id"],
        "buyer": {"name": person["name"]},
        "seller": {"email": MERCHANT_EMAIL, "merchant_id": MERCHANT_ID, "name": MERCHANT_NAME},
        "items": [item],
    }


def extensions(spec: JSON, reason: str, disputed: JSON, now: int) -> JSON:
    """What the buyer ticked and typed in; `spec["extensions"]` is laid over it."""
    issue = ISSUE.get(spec.get("item_type", "PRODUCT"), "PRODUCT")
    found: JSON = {"merchant_contacted": True, "merchant_contacted_outcome": "NOT_FIXED",
                   "merchant_contacted_mode": "EMAIL"}  # fmt: skip
    billing: JSON = {
        "CREDIT_NOT_PROCESSED": {"credit_not_processed": {"issue_type": issue, "expected_refund": disputed}},
        "DUPLICATE_TRANSACTION": {"duplicate_transaction": {"received_duplicate": True}},
        "INCORRECT_AMOUNT": {"incorrect_transaction_amount": {}},
        "PAYMENT_BY_OTHER_MEANS": {"payment_by_other_means": {"payment_method": "BANK_TRANSFER"}},
        "CANCELED_RECURRING_BILLING": {"canceled_recurring_billing": {"expected_refund": disputed}},
    }
    if reason in MERCHANDISE:
        found["merchandize_dispute_properties"] = {"issue_type": issue}
    elif reason in billing:
        found["billing_dispute_properties"] = billing[reason]
    laid_over: JSON = _dated(spec.get("extensions", {}), spec, now)
    return found | laid_over


def _dated(told: Any, spec: JSON, now: int) -> Any:
    """{"days_ago": 3} anywhere in it is that moment."""
    if isinstance(told, dict):
        if set(told) == {"days_ago"}:
            return stamp(ago(now, told["days_ago"], spec.get("minute")))
        return {name: _dated(what, spec, now) for name, what in told.items()}
    return told


def _lead(world: World, row: Row, past: JSON, spec: JSON, now: int) -> None:
    """Lead a stage that has passed through its answer and its end, so that what it left is like any other's."""
    minute = spec.get("minute")
    if "answered_days" in past:
        given = {"evidence_type": "OTHER", "notes": "Delivered as ordered; see the carrier's record."}
        answers.take_evidence(world, row, [given], ago(now, past["answered_days"], minute), "dashboard")
    if "closed_days" in past:
        outcome = past.get("outcome") or "won"
        lifecycle.decide(world, row, outcome, ago(now, past["closed_days"], minute), reason=past.get("because"),
                         appealable=past.get("appealable"))  # fmt: skip
