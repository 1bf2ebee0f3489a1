"""Evidence items of a case, and the case file they make together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from disputes.facts import (
    CaseFile,
    Document,
    Message,
    Order,
    Payment,
    Policy,
    Provenance,
    Record,
    Return,
    Shipment,
    UsageLog,
)
from disputes.ids import new_id
from disputes.models import Dispute, EvidenceItem, ItemMark
from disputes.phrases import within
from disputes.ports import AnyFactModel, Gathered

_MODELS: dict[str, type[Record]] = {
    model.__name__.lower(): model for model in (Payment, Order, Shipment, Return, Message, Policy, UsageLog, Document)
}

_KEYS: dict[str, Callable[[Any], str]] = {
    "payment": lambda fact: fact.payment_id,
    "order": lambda fact: fact.order_ref,
    "shipment": lambda fact: f"{fact.carrier}/{fact.tracking_number}",
    "return": lambda fact: fact.return_id,
    "message": lambda fact: fact.message_id,
    "policy": lambda fact: f"{fact.kind}/{fact.in_force_from.isoformat()}/{fact.title}",
    "usagelog": lambda fact: fact.system,
    "document": lambda fact: fact.sha256,
}


def fact_type(fact: AnyFactModel) -> str:
    return type(fact).__name__.lower()


def model_of(kind: str) -> type[Record]:
    return _MODELS[kind]


def upsert(
    session: Session,
    dispute: Dispute,
    gathered: Gathered,
    *,
    source: str,
    source_title: str,
    sha256: str,
    now: datetime,
    original_hmac: str | None = None,
) -> EvidenceItem:
    """Store what a source brought; gathered again, its fact and bytes are replaced, never a person's words.

    How sure it is follows what the source says now; a person's confirmation stays whatever it says.
    """
    kind = fact_type(gathered.fact)
    fact_key = _KEYS[kind](gathered.fact)[:200]
    found = session.exec(
        select(EvidenceItem).where(
            EvidenceItem.dispute_id == dispute.id,
            EvidenceItem.source == source,
            EvidenceItem.fact_type == kind,
            EvidenceItem.fact_key == fact_key,
        )
    ).first()
    item = found or EvidenceItem(
        id=new_id("evi"),
        merchant_id=dispute.merchant_id,
        dispute_id=dispute.id,
        source=source,
        source_title=source_title,
        fact_type=kind,
        fact_key=fact_key,
        media_type=gathered.media_type,
        sha256=sha256,
        size=len(gathered.data),
        taken_at=now,
        confidence=gathered.confidence,
    )
    fact = gathered.fact.model_dump(mode="json", exclude={"provenance"})
    same = found is not None and item.sha256 == sha256 and item.fact == fact
    if same and item.confidence == gathered.confidence:
        return item
    item.confidence, item.why = gathered.confidence, within(gathered.why, 600)
    session.add(item)
    if same:
        session.flush()
        return item
    item.fact, item.sha256, item.size = fact, sha256, len(gathered.data)
    item.media_type, item.name, item.request = gathered.media_type, gathered.name[:300], gathered.request[:1000]
    item.taken_at, item.original_hmac = now, original_hmac
    item.adapter = gathered.adapter[:40]
    session.flush()
    return item


def items_of(session: Session, dispute_id: str) -> Sequence[EvidenceItem]:
    """Everything gathered and not taken out, oldest first."""
    return session.exec(
        select(EvidenceItem)
        .where(EvidenceItem.dispute_id == dispute_id, col(EvidenceItem.withdrawn_at).is_(None))
        .order_by(col(EvidenceItem.taken_at), col(EvidenceItem.id))
    ).all()


def item_of(session: Session, dispute: Dispute, item_id: str) -> EvidenceItem | None:
    item = session.get(EvidenceItem, item_id)
    return item if item is not None and item.dispute_id == dispute.id else None


def counts(item: EvidenceItem) -> bool:
    """A likely match is evidence only after a person confirmed it."""
    return item.confidence == "certain" or item.confirmed_by is not None


def as_fact(item: EvidenceItem) -> Record:
    """The fact with its provenance, and with the caption and translation a person typed."""
    content = dict(item.fact)
    content["provenance"] = Provenance(
        item_id=item.id, source=item.source_title, sha256=item.sha256, taken_at=item.taken_at
    ).model_dump()
    if item.caption is not None and item.fact_type == "document":
        content["caption"] = item.caption
    if item.translation is not None and item.fact_type in ("document", "message"):
        content["translation"] = item.translation
    return _MODELS[item.fact_type].model_validate(content)


def case_file(items: Sequence[EvidenceItem], order_ref: str | None) -> CaseFile:
    """All facts of a case in one place; the disputed order first, messages and events in the order of time."""
    facts = [as_fact(item) for item in items if counts(item)]

    def of(model: type[Record]) -> list[Any]:
        return [fact for fact in facts if isinstance(fact, model)]

    orders = sorted(of(Order), key=lambda order: (not _goes_by(order, order_ref), order.placed_at, order.order_ref))
    payments = of(Payment)
    return CaseFile(
        payment=payments[0] if payments else None,
        orders=tuple(orders),
        shipments=tuple(sorted(of(Shipment), key=lambda shipment: (shipment.is_return, shipment.tracking_number))),
        returns=tuple(sorted(of(Return), key=lambda each: (each.order_ref, each.return_id))),
        messages=tuple(sorted(of(Message), key=lambda message: (message.at, message.message_id))),
        policies=tuple(sorted(of(Policy), key=lambda policy: (policy.kind, policy.in_force_from))),
        usage=tuple(sorted(of(UsageLog), key=lambda log: log.system)),
        documents=tuple(sorted(of(Document), key=lambda document: (document.item, document.title, document.sha256))),
    )


def _goes_by(order: Order, number: str | None) -> bool:
    """A payment may name its order by another number than the customer knows: the shop's database id."""
    return _number(number) in {_number(each) for each in (order.order_ref, *order.numbers)} - {""}


def _number(written: str | None) -> str:
    return (written or "").strip().lstrip("#").casefold()


# ---- marks ---------------------------------------------------------------------------------------------------------


def marks_of(session: Session, dispute_id: str) -> Sequence[ItemMark]:
    return session.exec(select(ItemMark).where(ItemMark.dispute_id == dispute_id).order_by(col(ItemMark.item))).all()


def mark(
    session: Session, dispute: Dispute, item: str, state: str, *, said_by: str, now: datetime, note: str = ""
) -> ItemMark:
    """unavailable (a source says that it has none) or waived (a person goes without); neither is present."""
    found = session.exec(select(ItemMark).where(ItemMark.dispute_id == dispute.id, ItemMark.item == item)).first()
    row = found or ItemMark(id=new_id("mrk"), dispute_id=dispute.id, item=item, state=state, said_by=said_by, at=now)
    if found is not None and found.state == "waived" and state == "unavailable":
        return found
    row.state, row.said_by, row.note, row.at = state, said_by, note, now
    session.add(row)
    session.flush()
    return row


def unmark(session: Session, dispute: Dispute, item: str) -> None:
    found = session.exec(select(ItemMark).where(ItemMark.dispute_id == dispute.id, ItemMark.item == item)).first()
    if found is not None:
        session.delete(found)
        session.flush()
