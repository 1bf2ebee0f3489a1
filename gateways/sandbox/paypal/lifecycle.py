"""What can happen to a dispute, whoever brings it about: rounds open and close, reviews begin, PayPal decides.

A round is PayPal asking the seller: status WAITING_FOR_SELLER_RESPONSE, a due date, and what it asks for laid beside
the evidence of earlier rounds, which stays. Timers carry the number of the round they were set in, so that one from a
round that has passed does nothing.
"""

from __future__ import annotations

from decimal import Decimal

from gateways.sandbox.paypal import events, payments
from gateways.sandbox.paypal.amounts import dispute_fee, money, value
from gateways.sandbox.paypal.enums import ADJUDICATION_REASONS, ASKED_BY_REASON, EVIDENCE_TYPES, STAGES
from gateways.sandbox.paypal.times import DAY, end_of_pacific_day, stamp, unix
from gateways.sandbox.paypal.world import World
from gateways.sandbox.store import JSON, Row

SELLER, BUYER, REVIEW = "WAITING_FOR_SELLER_RESPONSE", "WAITING_FOR_BUYER_RESPONSE", "UNDER_REVIEW"
SETTLEMENT = "DISPUTE_SETTLEMENT"
OUTCOMES = {
    "won": ("RESOLVED_SELLER_FAVOUR", "DENY_BUYER", "VALID_PROOF_SUPPORTING_CLAIM"),
    "lost": ("RESOLVED_BUYER_FAVOUR", "RECOVER_FROM_SELLER", "INVALID_DOCUMENTATION"),
    "settled": ("RESOLVED_BUYER_FAVOUR", "RECOVER_FROM_SELLER", "SELLER_ISSUED_REFUND"),
    "payout": ("RESOLVED_WITH_PAYOUT", "PAYOUT_TO_BUYER", "PROTECTED_BY_PAYPAL"),
    "canceled": ("CANCELED_BY_BUYER", "DENY_BUYER", "BUYER_CANCELLED_CASE"),
    "denied": ("DENIED", "DENY_BUYER", "DECISION_BASED_ON_AVAILABLE_INFORMATION"),
    "closed": ("NONE", "", ""),
}
"""Control's word: outcome_code, adjudication type, and the reason given where nobody names another."""
REASONS = {
    ("won", "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"): "VALID_PROOF_OF_DELIVERY",
    ("lost", "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"): "NO_PROOF_OF_DELIVERY",
    ("won", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"): "ITEM_SOLD_AS_DESCRIBED",
    ("lost", "MERCHANDISE_OR_SERVICE_NOT_AS_DESCRIBED"): "ITEM_NOT_AS_DESCRIBED",
    ("won", "UNAUTHORISED"): "PROTECTION_POLICY_APPLIES",
    ("lost", "UNAUTHORISED"): "INELIGIBLE_SELLER_PROTECTION_POLICY",
    ("won", "CREDIT_NOT_PROCESSED"): "VALID_PROOF_OF_REFUND",
    ("won", "DUPLICATE_TRANSACTION"): "BUYER_BILLED_ONLY_ONCE",
    ("won", "INCORRECT_AMOUNT"): "DOCUMENTATION_MATCHES_AMOUNT_CHARGED",
    ("lost", "CREDIT_NOT_PROCESSED"): "INVALID_REFUND_PROOF",
}


def ask(world: World, row: Row, now: int, due: int | None, types: list[str] | None = None) -> None:
    """Open a round. Without types a claim asks for what goes with its reason, an inquiry for nothing."""
    body = row.body
    inquiry = body["dispute_life_cycle_stage"] == "INQUIRY"
    usual = [] if inquiry else list(ASKED_BY_REASON[body["reason"]])
    wanted = usual if types is None else types
    if unknown := set(wanted) - EVIDENCE_TYPES:
        raise ValueError(f"no evidence type {', '.join(sorted(unknown))}")
    _new_round(row)
    row.hidden["appealable"] = False
    body |= {"status": SELLER, "dispute_outcome": None}
    body |= {"seller_response_due_date": due and stamp(due), "buyer_response_due_date": None}
    for type in wanted:
        asked = {"evidence_type": type, "source": "REQUESTED_FROM_SELLER", "date": stamp(now)}
        body["evidences"].append(asked | {"dispute_life_cycle_stage": body["dispute_life_cycle_stage"]})
    watch(world, row)


def watch(world: World, row: Row) -> None:
    """The date is part of the action: a timer for a date that has since moved does nothing."""
    if due := row.body.get("seller_response_due_date"):
        world.timers.set(unix(due), row.id, f"due:{unix(due)}")


def claim_due(world: World, now: int) -> int:
    return end_of_pacific_day(now + world.setting("response_days") * DAY)


def begin_review(world: World, row: Row, now: int) -> None:
    """PayPal looks at it, and nobody's clock runs; the verdict comes by itself after some days."""
    row.body |= {"status": REVIEW, "seller_response_due_date": None, "buyer_response_due_date": None}
    world.timers.set(now + world.setting("review_days") * DAY, row.id, f"decide:{row.hidden['round']}")
    events.save(world, row, now)


def wait_for_buyer(world: World, row: Row, now: int) -> None:
    inquiry = row.body["dispute_life_cycle_stage"] == "INQUIRY" and "return_for" not in row.hidden
    until = row.hidden["inquiry_ends"] if inquiry else now + world.setting("buyer_days") * DAY
    row.body |= {"status": BUYER, "seller_response_due_date": None, "buyer_response_due_date": stamp(until)}
    world.timers.set(until, row.id, f"buyer_silent:{row.hidden['round']}")
    events.save(world, row, now)


def decide(world: World, row: Row, outcome: str, now: int, *, reason: str | None = None, appealable: bool | None = None,
           refunded: Decimal | None = None) -> None:  # fmt: skip
    """PayPal's word, or the parties'; a decided case can be decided otherwise later.

    `appealable`: whether the seller may appeal; a claim lost after an answer may be, twice. `refunded`: what the buyer
    got back where that is not the whole. Raises ValueError for an outcome or reason there is not."""
    if outcome not in OUTCOMES:
        raise ValueError(f"no outcome {outcome!r}; there are {', '.join(OUTCOMES)}")
    code, type, usual = OUTCOMES[outcome]
    reason = reason or REASONS.get((outcome, row.body["reason"]), usual)
    if reason and reason not in ADJUDICATION_REASONS:
        raise ValueError(f"no adjudication reason {reason!r}")
    body, stage = row.body, row.body["dispute_life_cycle_stage"]
    _new_round(row)
    body |= {"status": "RESOLVED", "seller_response_due_date": None, "buyer_response_due_date": None}
    body["dispute_outcome"] = {"outcome_code": code}
    if type:
        verdict = {"type": type, "adjudication_time": stamp(now), "reason": reason, "dispute_life_cycle_stage": stage}
        body["adjudications"].append(verdict)
    _move_money(row, outcome, now, refunded)
    if appealable is None:
        appealable = outcome == "lost" and stage in STAGES[1:3] and bool(row.hidden.get("answered"))
    row.hidden["appealable"] = appealable
    if appealable:
        until = end_of_pacific_day(now + world.setting("appeal_days") * DAY)
        body["seller_response_due_date"] = stamp(until)
        world.timers.set(until, row.id, f"appeal_closes:{row.hidden['round']}")
    events.save(world, row, now, events.RESOLVED)


def escalate(world: World, row: Row, now: int, *, stage: str | None = None, due: int | None = None,
             types: list[str] | None = None) -> None:  # fmt: skip
    """The buyer, or the bank, takes it one stage on: the same dispute, a new round, a new date."""
    order = [*STAGES, STAGES[-1]]
    wanted = stage or order[STAGES.index(row.body["dispute_life_cycle_stage"]) + 1]
    if wanted not in STAGES or STAGES.index(wanted) <= STAGES.index(row.body["dispute_life_cycle_stage"]):
        raise ValueError(f"a dispute in {row.body['dispute_life_cycle_stage']} does not escalate to {wanted}")
    end_inquiry(row)
    row.body["dispute_life_cycle_stage"] = wanted
    row.hidden["answered"] = False
    ask(world, row, now, due or claim_due(world, now), types)
    events.save(world, row, now)


def end_inquiry(row: Row) -> None:
    """Messaging is over and earlier offers are suspended."""
    if row.body["dispute_life_cycle_stage"] == "INQUIRY":
        row.body["dispute_life_cycle_stage"] = "CHARGEBACK"
        if offer := row.body.get("offer"):
            row.body["offer"] = {name: what for name, what in offer.items() if name in ("history",)}


def pay_back(world: World, row: Row, amount: Decimal | None, now: int) -> Decimal:
    """A refund on the seller's own word: a real one, seen at the capture, the order and transaction search."""
    (transaction, *_) = row.body["disputed_transactions"]
    capture = world.need("capture", transaction["seller_transaction_id"])
    left = value(capture.body["amount"]) - payments.refunded(world, capture.id)
    wanted = min(left, value(row.body["dispute_amount"]) if amount is None else amount)
    if wanted > 0:
        payments.refund(world, capture, wanted, now, note=f"Dispute {row.id}")
        transaction["transaction_status"] = capture.body["status"]
    return wanted


def move_deadline(world: World, row: Row, due: int | None, now: int) -> None:
    row.body["seller_response_due_date"] = due and stamp(due)
    watch(world, row)
    events.save(world, row, now)


def _new_round(row: Row) -> None:
    row.hidden["round"] = row.hidden.get("round", 0) + 1


def _move_money(row: Row, outcome: str, now: int, refunded: Decimal | None) -> None:
    """Taken once however often it is lost, given back when it is won after all; the fee stays with PayPal."""
    body, currency = row.body, row.body["dispute_amount"]["currency_code"]
    amount = value(body["dispute_amount"]) if refunded is None else refunded
    taken = _taken(body["money_movements"])
    moves: list[tuple[str, str, Decimal, str]] = []
    if outcome in ("lost", "settled") and not taken:
        moves = [("SELLER", "DEBIT", amount, SETTLEMENT), ("BUYER", "CREDIT", amount, SETTLEMENT)]
        if outcome == "lost":
            kind = "CHARGEBACK_FEE" if body["dispute_channel"] == "EXTERNAL" else "DISPUTE_FEE"
            moves.append(("SELLER", "DEBIT", dispute_fee(currency), kind))
    elif outcome == "payout":
        moves = [("BUYER", "CREDIT", amount, SETTLEMENT)]
    elif outcome not in ("lost", "settled"):
        moves = [("SELLER", "CREDIT", taken, SETTLEMENT)]
    for party, type, moved, reason in [move for move in moves if move[2] > 0]:
        movement: JSON = {"affected_party": party, "type": type, "amount": money(moved, currency), "reason": reason}
        body["money_movements"].append(movement | {"initiated_time": stamp(now)})
    if outcome in ("lost", "settled", "payout"):
        body["dispute_outcome"]["amount_refunded"] = money(amount, currency)


def _taken(movements: list[JSON]) -> Decimal:
    """What the seller is short of by settlements so far."""
    sign = {"DEBIT": 1, "CREDIT": -1}
    own = [one for one in movements if (one["affected_party"], one["reason"]) == ("SELLER", SETTLEMENT)]
    return sum((sign[one["type"]] * value(one["amount"]) for one in own), Decimal(0))
