"""Disputes of Shopify Payments as the house's: pure functions over plain dictionaries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from disputes.lifecycle import GatewayStatus, Kind
from disputes.money import Money
from disputes.phrases import phrase
from disputes.ports import Capabilities, DisputeSnapshot, GatewayError, GatewayFailure, StagedFile
from gateways.shopify_payments.contract import (
    FILE_FIELDS,
    KINDS,
    MERCHANTS_OWN,
    NAME,
    NETWORKS,
    STATUSES,
    TEXT_FIELDS,
    TOLD_BY_SHOPIFY,
    number_of,
    unknown_in,
)

Raw = Mapping[str, Any]

TAKEN = frozenset({"AUTHORIZATION", "EMV_AUTHORIZATION", "SALE", "CAPTURE"})
_UNSEEN_ORDER = phrase("order: Shopify shows none; orders older than 60 days need the right read_all_orders")


def money(raw: Raw) -> Money:
    """{"amount": "189.0", "currencyCode": "USD"}: decimal text, never a float."""
    amount, currency = raw["amount"], raw["currencyCode"]
    if not isinstance(amount, str):
        raise TypeError(f"amount {amount!r}")
    return Money.parse(amount, str(currency).upper())


def instant(text: object) -> datetime | None:
    """An ISO 8601 time, or a bare day as its first instant in UTC; None for anything else."""
    try:
        at = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def identity(raw: Raw) -> str:
    """The dispute's number, as Shopify's own pages and webhooks have it."""
    number = number_of(raw["id"])
    if not number:
        raise ValueError(f"id {raw['id']!r}")
    return number


def network(company: object) -> str | None:
    """The card company in the house's word; an unknown one in its own."""
    name = str(company or "").strip().casefold()
    return NETWORKS.get(name, name) or None


def answered(raw: Raw) -> bool:
    """The evidence went out, whoever sent it: Shopify does it by itself on the due date."""
    return bool(raw["disputeEvidence"]["submitted"] or raw.get("evidenceSentOn"))


def status_of(raw: Raw) -> GatewayStatus:
    """Once the evidence is in, nothing more is taken, though the status may lag behind."""
    status = STATUSES.get(raw.get("status") or "", GatewayStatus.UNKNOWN)
    if status is GatewayStatus.NEEDS_RESPONSE and answered(raw):
        return GatewayStatus.UNDER_REVIEW
    return status


def snapshot(raw: Raw, *, live: bool, shopify_time: datetime | None = None) -> DisputeSnapshot:
    """A dispute as read from the API. `shopify_time`: Shopify's own clock, by which it refuses what comes too late."""
    try:
        return _snapshot(raw, live=live, shopify_time=shopify_time)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise GatewayError(
            GatewayFailure.MALFORMED,
            phrase("A dispute from Shopify lacks or garbles {field}; it was left as it was.", field=error),
        ) from error


def _snapshot(raw: Raw, *, live: bool, shopify_time: datetime | None) -> DisputeSnapshot:
    opened = instant(raw["initiatedAt"])
    if opened is None:
        raise ValueError("initiatedAt")
    kind = KINDS.get(raw.get("type") or "", Kind.CHARGEBACK)
    count, reason = int(answered(raw)), raw.get("reasonDetails") or {}
    order, evidence = raw.get("order") or {}, raw["disputeEvidence"]
    paid = paid_transaction(order)
    return DisputeSnapshot(
        gateway=NAME,
        external_id=identity(raw),
        kind=kind,
        status=status_of(raw),
        raw_status=raw.get("status") or "",
        raw_reason=reason.get("reason") or "",
        amount=money(raw["amount"]),
        opened_at=opened,
        due_at=instant(raw.get("evidenceDueBy")),
        live=live and not order.get("test"),
        capabilities=capabilities(raw, shopify_time),
        submission_count=count,
        round_facts=f"{kind}:{count}",
        network=network((paid.get("paymentDetails") or {}).get("company")),
        reason_code=reason.get("networkReasonCode") or None,
        payment_id=payment_id(paid),
        order_ref=str(order.get("name") or "").lstrip("#").strip() or None,
        customer_name=" ".join(
            part for name in ("customerFirstName", "customerLastName") if (part := evidence.get(name))
        )
        or None,
        customer_email=evidence.get("customerEmailAddress"),
        staged={name: value for name, value in lying(evidence).items() if name in MERCHANTS_OWN},
        prefilled={name: value for name, value in lying(evidence).items() if name not in MERCHANTS_OWN}
        | {name: str(evidence[name]) for name in TOLD_BY_SHOPIFY if evidence.get(name)},
        unknown=tuple(_strange(raw)),
        raw=raw,
    )


def _strange(raw: Raw) -> list[str]:
    found = list(unknown_in(raw))
    if raw.get("evidenceDueBy") and instant(raw["evidenceDueBy"]) is None:
        # A date nobody can read is no deadline that anybody may rely on: it is shown, and a person looks.
        found.append(f"evidenceDueBy {raw['evidenceDueBy']}")
    if not raw.get("order"):
        found.append(_UNSEEN_ORDER)
    return found


def paid_transaction(order: Raw) -> Raw:
    """The transaction that took the money through Shopify Payments; a capture before its authorization."""
    found = [
        each
        for each in order.get("transactions") or ()
        if each.get("kind") in TAKEN and each.get("status") == "SUCCESS"
    ]
    own = [each for each in found if each.get("gateway") == NAME] or found
    return min(own, key=lambda each: "AUTHORIZATION" in str(each["kind"]), default={})


def payment_id(transaction: Raw) -> str | None:
    """What Shopify calls the payment elsewhere too, in exports and receipts; else the transaction's number."""
    return transaction.get("paymentId") or number_of(transaction.get("id")) or None


def capabilities(raw: Raw, shopify_time: datetime | None = None) -> Capabilities:
    """What Shopify offers now. It has no call that accepts a dispute, and sends by itself on the due date."""
    if STATUSES.get(raw.get("status") or "") is not GatewayStatus.NEEDS_RESPONSE:
        return Capabilities(False, False, phrase("Shopify asks for no answer."))
    if answered(raw):
        return Capabilities(False, False, phrase("Shopify has an answer to this dispute already, and takes one only."))
    due = instant(raw.get("evidenceDueBy"))
    if due is not None and shopify_time is not None and due <= shopify_time:
        words = phrase("The due date has passed. Shopify takes nothing more; it sends by itself what lies there.")
        return Capabilities(False, False, words, smart_filing=True)
    return Capabilities(True, False, smart_filing=True)


# ---- what lies there -----------------------------------------------------------------------------------------------


def lying(evidence: Raw) -> dict[str, str]:
    """Texts as they are and files by their numbers, under Shopify's own field names."""
    return texts(evidence) | {slot: file.file_id for slot, file in files(evidence).items()}


def texts(evidence: Raw) -> dict[str, str]:
    return {name: str(evidence[name]) for name in TEXT_FIELDS if evidence.get(name)}


def files(evidence: Raw) -> dict[str, StagedFile]:
    """By slot."""
    return {slot: file(evidence[slot]) for slot in FILE_FIELDS if evidence.get(slot)}


def file(raw: Raw) -> StagedFile:
    size = raw.get("fileSize")
    return StagedFile(
        number_of(raw["id"]), str(raw.get("originalFileName") or ""), size if isinstance(size, int) else None
    )
