"""Use of what was bought, as the application logged it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disputes.facts import UsageEvent
from disputes.phrases import phrase, said_by
from evidence.sources import values
from evidence.sources.orders import field
from evidence.sources.tables import Row
from evidence.sources.values import Unreadable
from evidence.sources.vocabulary import known


@dataclass(frozen=True, slots=True)
class UsageRecord:
    system: str
    event: UsageEvent
    row: Row


def read_usage(rows: Sequence[Row], zone: str) -> tuple[list[UsageRecord], list[str]]:
    found: list[UsageRecord] = []
    refused: list[str] = []
    for row in rows:
        try:
            found.append(_event(row, zone))
        except Unreadable as error:
            refused.append(said_by(error))
    return found, refused


def _event(row: Row, zone: str) -> UsageRecord:
    at = field(row, "at", lambda text: values.instant(text, zone))
    action = row.get("action")
    if at is None or action is None:
        raise Unreadable(phrase("{place}: needs a time and an action; the line was left out.", place=row.place))
    if not (row.get("account_id") or row.get("order_ref")):
        raise Unreadable(phrase("{place}: names neither account nor order; the line was left out.", place=row.place))
    event = UsageEvent(
        at=at,
        action=known("actions", action) or action,
        detail=row.get("detail"),
        ip=row.get("ip"),
        device_id=row.get("device_id"),
        account_id=row.get("account_id"),
        order_ref=(row.get("order_ref") or "").lstrip("#").strip() or None,
    )
    return UsageRecord(row.get("system") or "Usage log", event, row)
