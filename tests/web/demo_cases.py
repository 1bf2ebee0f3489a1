"""What the demo's stories say, as facts: builders for the tests that judge the shop's records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from disputes.facts import (
    Address,
    CaseFile,
    Document,
    Message,
    Order,
    Payment,
    Policy,
    Provenance,
    Shipment,
    UsageLog,
)
from disputes.money import Money
from disputes.ports import SourceReport, Wanted
from web.demo.tokens import moment

Row = dict[str, Any]


def story(path: Path) -> dict[str, Row]:
    """A sandbox's rows by their number."""
    return {row["nn"]: row for row in json.loads(path.read_text(encoding="utf-8"))["rows"]}


def at(row: Row, days: int, now: datetime) -> datetime:
    """The row's steady time of day, so many days ago."""
    minutes = int(row["nn"]) * 7
    return moment(now, -days, 9 + minutes // 60, minutes % 60)


def amount(row: Row) -> Money:
    return Money.parse(row["amount"], row["currency"])


def address(row: Row, which: str) -> Address | None:
    shipping = row.get("shipping", "same")
    there = row["customer"]["billing"] if which == "billing" or shipping == "same" else shipping
    if there is None:
        return None
    parts = {name: there[name] for name in ("line1", "line2", "city", "postal_code", "country")}
    return Address(name=row["customer"]["name"], region=there["state"], **parts)


def wanted(row: Row, payment_id: str, now: datetime) -> Wanted:
    who = row["customer"]
    return Wanted(payment_id, row["order"], who["email"], who["name"], at(row, row["paid_days"], now), amount(row))


def provenance(item_id: str) -> Provenance:
    return Provenance(
        item_id=item_id, source="Shop records", sha256="0" * 64, taken_at=datetime(2026, 1, 1, tzinfo=UTC)
    )


def case_file(payment: Payment, report: SourceReport, order_ref: str, *told: Message) -> CaseFile:
    """Payment, what the shop's records say for certain, and what was told to the gateway; the disputed order first."""
    found = [
        item.fact.model_copy(update={"provenance": provenance(f"evi_{number}")})
        for number, item in enumerate(report.items)
        if item.confidence == "certain"
    ]
    orders = [each for each in found if isinstance(each, Order)]
    return CaseFile(
        payment=payment,
        orders=tuple(sorted(orders, key=lambda order: order.order_ref != order_ref)),
        shipments=tuple(each for each in found if isinstance(each, Shipment)),
        messages=(*told, *(each for each in found if isinstance(each, Message))),
        policies=tuple(each for each in found if isinstance(each, Policy)),
        usage=tuple(each for each in found if isinstance(each, UsageLog)),
        documents=tuple(each for each in found if isinstance(each, Document)),
    )


def of(report: SourceReport, kind: type) -> list[Any]:
    return [item.fact for item in report.items if isinstance(item.fact, kind)]


def papers(report: SourceReport) -> set[str]:
    return {document.item for document in of(report, Document)}
