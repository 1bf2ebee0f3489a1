"""Other cases of the same customer, order or card: each question answered by an index of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select

from disputes.models import Dispute

MOST = 20
"""Of each kind; a customer with more has a page of the queue."""
_SHOWN = (
    "id", "merchant_id", "gateway", "external_id", "gateway_status", "amount_minor", "currency", "opened_at",
    "due_at", "order_ref", "customer_name", "can_submit", "answered_elsewhere", "work_state", "kind", "live",
)  # fmt: skip


class Tie(StrEnum):
    """What two cases have in common, the surest first."""

    ORDER = "order"
    CARD = "card"
    EMAIL = "email"
    NAME = "name"
    """The name, and the last four digits of the card; either alone is many people's."""


@dataclass(frozen=True, slots=True)
class Neighbour:
    dispute: Dispute
    ties: tuple[Tie, ...]


def neighbours(session: Session, dispute: Dispute) -> list[Neighbour]:
    """The newest first; of the same side (live or not) only."""
    found: dict[str, Dispute] = {}
    ties: dict[str, list[Tie]] = {}
    for tie, same in _questions(dispute):
        query = select(Dispute).where(
            Dispute.merchant_id == dispute.merchant_id, *same, Dispute.live == dispute.live, Dispute.id != dispute.id
        )
        # Ids are in the order of time, and the indexes end with them: no more rows are read than are shown.
        newest = query.order_by(*(col(getattr(Dispute, name)).desc() for name in (*_LEADS[tie], "id"))).limit(MOST)
        for each in session.exec(newest.options(load_only(*(getattr(Dispute, name) for name in _SHOWN)))):
            found[each.id] = each
            ties.setdefault(each.id, []).append(tie)
    newest_first = sorted(found.values(), key=lambda each: (each.opened_at, each.id), reverse=True)
    return [Neighbour(each, tuple(ties[each.id])) for each in newest_first]


_LEADS: dict[Tie, tuple[str, ...]] = {
    Tie.ORDER: ("order_ref",),
    Tie.CARD: ("card_fingerprint",),
    Tie.EMAIL: ("customer_email",),
    Tie.NAME: ("customer_name", "card_last4"),
}
"""The columns of each index after the merchant's: named in the order too, so that no planner walks all ids instead."""


def _questions(dispute: Dispute) -> Iterator[tuple[Tie, list[sa.ColumnElement[bool]]]]:
    for tie, names in _LEADS.items():
        known = [(name, getattr(dispute, name)) for name in names]
        if all(value for _, value in known):
            yield tie, [col(getattr(Dispute, name)) == value for name, value in known]
