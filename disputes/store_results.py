"""Keeping what came of decided cases beside them: called by sync in the transaction that notes an outcome or money."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from disputes.acts import ANSWER_LANE
from disputes.gateway_kinds import gateway_kinds
from disputes.ids import digest
from disputes.ledger import balance
from disputes.lifecycle import ENDED, Kind
from disputes.models import (
    Attempt,
    CaseAttention,
    CaseMoneyRow,
    Dispute,
    EvidenceSet,
    LedgerEntry,
    Merchant,
    Round,
    RoundResult,
)
from disputes.outcomes import LOST, WON, CaseFacts, Cell, RoundFacts, Told, day_number, evidence_text, told_of

TELLS_ANSWERS = ("stripe", "paypal")
"""Gateways whose dispute says by itself whether somebody answered it; Square's does not once it is lost."""
_CHUNK = 400


def tells_answers() -> tuple[str, ...]:
    return (*TELLS_ANSWERS, *(kind.name for kind in gateway_kinds().values() if kind.tells_answers))


def keep(session: Session, merchant_id: str, dispute_ids: Collection[str], now: datetime) -> None:
    """Write the results of these cases anew; those that are open (again) lose theirs."""
    zone = session.get_one(Merchant, merchant_id).zone if dispute_ids else "UTC"
    ids = sorted(dispute_ids)
    session.flush()
    for start in range(0, len(ids), _CHUNK):
        _keep(session, merchant_id, ids[start : start + _CHUNK], now, zone)


def counted(dispute: Dispute) -> bool:
    """Alerts are no disputes, and what was closed before we were connected is not ours unless it came up again."""
    past = dispute.history and dispute.round_ordinal == 0
    return dispute.status in ENDED and dispute.dispute_kind is not Kind.ALERT and not past


def _keep(session: Session, merchant_id: str, ids: Sequence[str], now: datetime, zone: str) -> None:
    before = dict(
        session.exec(
            select(RoundResult.dispute_id, RoundResult.decided_at).where(
                col(RoundResult.dispute_id).in_(ids), col(RoundResult.is_last)
            )
        ).all()
    )
    session.execute(sa.delete(RoundResult).where(col(RoundResult.dispute_id).in_(ids)))
    session.execute(sa.delete(CaseMoneyRow).where(col(CaseMoneyRow.dispute_id).in_(ids)))
    disputes = [each for each in session.exec(select(Dispute).where(col(Dispute.id).in_(ids))) if counted(each)]
    read = _Read(session, [each.id for each in disputes])
    rows: list[dict[str, Any]] = []
    money: list[dict[str, Any]] = []
    for dispute in disputes:
        rounds = read.rounds.get(dispute.id, [])
        told_at = rounds[-1].outcome_at if rounds else None
        decided_at = told_at or before.get(dispute.id, now)
        day = day_number(decided_at.astimezone(ZoneInfo(zone)))
        rows += _rows(session, dispute, read, decided_at=decided_at, day=day)
        money += _money(dispute, read.ledger.get(dispute.id, []), day)
    _insert(session, RoundResult, rows)
    _insert(session, CaseMoneyRow, money)


def _insert(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    if rows:
        session.execute(sa.insert(model.__table__), rows)  # type: ignore[attr-defined]


class _Read:
    """Rounds, answers, attention and books of some cases, each in one question."""

    def __init__(self, session: Session, ids: Sequence[str]) -> None:
        rounds = select(Round).where(col(Round.dispute_id).in_(ids)).order_by(col(Round.dispute_id), col(Round.ordinal))
        self.rounds = {key: list(found) for key, found in groupby(session.exec(rounds), lambda each: each.dispute_id)}
        filed = select(Attempt).where(
            col(Attempt.dispute_id).in_(ids), Attempt.lane == ANSWER_LANE, Attempt.state == "filed"
        )
        self.filed = {each.round_id: each for each in session.exec(filed.order_by(col(Attempt.ordinal)))}
        spent = (
            select(
                CaseAttention.dispute_id, sa.func.sum(col(CaseAttention.seconds)), sa.func.sum(col(CaseAttention.acts))
            )
            .where(col(CaseAttention.dispute_id).in_(ids))
            .group_by(col(CaseAttention.dispute_id))
        )
        self.spent = {key: (int(seconds), int(acts)) for key, seconds, acts in session.exec(spent)}
        lines = select(LedgerEntry).where(col(LedgerEntry.dispute_id).in_(ids)).order_by(col(LedgerEntry.dispute_id))
        self.ledger = {key: list(found) for key, found in groupby(session.exec(lines), lambda each: each.dispute_id)}


def _rows(
    session: Session, dispute: Dispute, read: _Read, *, decided_at: datetime, day: int
) -> Iterable[dict[str, Any]]:
    rounds = read.rounds.get(dispute.id, [])
    judged = rounds[-1].assessment if rounds else {}
    told = told_of(
        CaseFacts(
            status=dispute.gateway_status,
            decided_at=decided_at,
            answered_elsewhere=dispute.answered_elsewhere is not None,
            told_answers=dispute.submission_count if dispute.gateway in tells_answers() else None,
            contestable=judged.get("verdict") != "cannot_be_contested",
        ),
        [_facts(each, read.filed.get(each.id)) for each in rounds],
    )
    seconds, acts = read.spent.get(dispute.id, (0, 0))
    product_type = dispute.product_type or str(judged.get("product_type") or "")
    for at, each in enumerate(told):
        current, is_last = (rounds[at] if rounds else None), at == len(told) - 1
        cell = Cell(
            dispute.gateway,
            dispute.network or "",
            dispute.category,
            current.kind if current else dispute.kind,
            product_type,
            dispute.currency,
            each.result,
            each.answered,
            "last" if is_last else "earlier",
        )
        yield {
            "id": current.id if current else dispute.id,
            "merchant_id": dispute.merchant_id,
            "dispute_id": dispute.id,
            "live": dispute.live,
            "is_last": is_last,
            "ordinal": current.ordinal if current else 0,
            "gateway": dispute.gateway,
            "network": cell.network,
            "category": dispute.category,
            "kind": cell.kind,
            "product_type": product_type,
            "currency": dispute.currency,
            "amount_minor": dispute.amount_minor,
            "result": each.result,
            "answered": each.answered.value,
            "margin_hours": each.margin_hours,
            "cell": str(cell),
            "proof": _proof(session, dispute, judged, each) if is_last else None,
            "opened_at": dispute.opened_at,
            "decided_at": decided_at,
            "day": day,
            "seconds": seconds if is_last else 0,
            "acts": acts if is_last else 0,
        }


def _facts(each: Round, filed: Attempt | None) -> RoundFacts:
    return RoundFacts(
        id=each.id,
        ordinal=each.ordinal,
        kind=each.kind,
        opened_at=each.opened_at,
        due_at=each.due_at,
        answered_at=each.answered_at,
        outcome=each.outcome,
        act=filed.act if filed else None,
        approved_by=filed.approved_by if filed else None,
    )


def _proof(session: Session, dispute: Dispute, judged: dict[str, Any], told: Told) -> str | None:
    """What the answer held of what its reason asks for. Of an answer given elsewhere nothing is known."""
    if told.answered not in ("rule", "person") or told.result not in (WON, LOST):
        return None
    text = evidence_text({line["item"]: line["state"] == "present" for line in judged.get("checklist", ())})
    if not text:
        return None
    name = digest(text.encode())[:16]
    if session.get(EvidenceSet, (dispute.merchant_id, name)) is None:
        session.add(EvidenceSet(merchant_id=dispute.merchant_id, id=name, items=text))
        session.flush()
    return name


def _money(dispute: Dispute, lines: Sequence[LedgerEntry], day: int) -> list[dict[str, Any]]:
    return [
        {
            "dispute_id": dispute.id,
            "currency": each.currency,
            "merchant_id": dispute.merchant_id,
            "live": dispute.live,
            "gateway": dispute.gateway,
            "day": day,
            "withdrawn": each.withdrawn,
            "returned": each.returned,
            "fees": each.fees,
            "fees_returned": each.fees_returned,
            "other": each.other,
        }
        for each in balance(lines)
    ]
