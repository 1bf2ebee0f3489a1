"""What the clock brings about: prefilled evidence, deadlines, Smart Disputes, verdicts."""

from __future__ import annotations

from contextlib import suppress

from gateways.sandbox.store import JSON, Row
from gateways.sandbox.stripe import events, files, lifecycle
from gateways.sandbox.stripe.errors import StripeError
from gateways.sandbox.stripe.world import World


def act(world: World, at: int, subject: str, action: str) -> None:
    """Do what a timer was set for, if the dispute is still where it was."""
    row = world.store.get("dispute", subject)
    if row is None:
        return
    word, _, detail = action.partition(":")
    status = row.body["status"]
    if word == "prefill" and status in lifecycle.OPEN:
        _prefill(world, row, at)
    elif (
        word in ("due", "smart") and row.body["evidence_details"]["due_by"] == int(detail) and status in lifecycle.OPEN
    ):
        _past_due(world, row, at) if word == "due" else _smart(world, row, at)
    elif word == "decide" and status in lifecycle.REVIEWED:
        lifecycle.decide(world, row, detail, at)
    elif word == "escalate" and status == "warning_under_review":
        lifecycle.escalate(world, row, at)
    elif word == "inquiry_ends" and status in ("warning_needs_response", "warning_under_review"):
        lifecycle.decide(world, row, "warning_closed", at)


def _prefill(world: World, row: Row, at: int) -> None:
    """Stripe writes down what it knows itself; has_evidence stays false, because nobody gave any."""
    charge = world.store.get("charge", row.body["charge"])
    if charge is None:
        return
    known = {
        name: value for name, value in prefill_of(world, charge, at).items() if value and not row.body["evidence"][name]
    }
    row.body["evidence"] |= known
    row.hidden["prefilled"] = known
    events.save(world, "dispute", row, at, "charge.dispute.updated")


def prefill_of(world: World, charge: Row, at: int) -> JSON:
    person = charge.body["billing_details"]
    address = person["address"]
    city = " ".join(part for part in (address["postal_code"], address["city"], address["state"]) if part)
    lines = [address["line1"], address["line2"], city, address["country"]]
    return {
        "billing_address": "\n".join(line for line in lines if line),
        "customer_email_address": person["email"],
        "customer_name": person["name"],
        "customer_purchase_ip": charge.hidden.get("ip"),
        "product_description": charge.body["description"],
        "receipt": files.make_receipt(world, charge.body, at) if world.setting("prefill_receipt") else None,
    }


def _past_due(world: World, row: Row, at: int) -> None:
    """The test mode leaves it at needs_response for ever."""
    row.body["evidence_details"]["past_due"] = True
    events.save(world, "dispute", row, at, "charge.dispute.updated")


def _smart(world: World, row: Row, at: int) -> None:
    """An enrolled account's dispute is answered by Stripe unless somebody said "manual": with its own packet where it
    was asked to, and with whatever lies staged otherwise."""
    method = row.body["intended_submission_method"]
    if not world.setting("smart_disputes") or method == "manual":
        return
    if method in ("smart_disputes", "prefer_smart_disputes") or row.body["evidence_details"]["has_evidence"]:
        with suppress(StripeError):  # what the bank would not take stays unanswered
            lifecycle.submit(world, row, {}, at, lifecycle.GATEWAY, "smart_disputes")
