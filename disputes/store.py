"""Reading and writing disputes. Sessions come from `Database`; nothing here commits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlmodel import Session, SQLModel, col, select

from disputes.deadlines import Act, act_window, next_flag
from disputes.ledger import queue_rank
from disputes.lifecycle import GatewayStatus, Kind, Shown, WorkState, shown_status
from disputes.models import Attempt, Dispute, Merchant, Round, ViewCount
from disputes.money import Money
from disputes.store_audit import take_turn

FAR = datetime(9999, 1, 1, tzinfo=UTC)


class NotFound(LookupError):
    """No such thing for this merchant; another merchant's things are not found either."""


class Stale(RuntimeError):
    """Somebody else changed it meanwhile; look again before acting."""


# ---- reading -------------------------------------------------------------------------------------------------------


def merchant_by_slug(session: Session, slug: str) -> Merchant:
    merchant = session.exec(select(Merchant).where(Merchant.slug == slug)).first()
    if merchant is None:
        raise NotFound(f"no merchant {slug}")
    return merchant


def dispute_of(session: Session, merchant_id: str, dispute_id: str) -> Dispute:
    dispute = session.get(Dispute, dispute_id)
    if dispute is None or dispute.merchant_id != merchant_id:
        raise NotFound(f"no case {dispute_id}")
    return dispute


def by_external_ids(session: Session, connection_id: str, external_ids: Iterable[str]) -> dict[str, Dispute]:
    found = session.exec(
        select(Dispute).where(Dispute.connection_id == connection_id, col(Dispute.external_id).in_(list(external_ids)))
    )
    return {dispute.external_id: dispute for dispute in found}


def current_round(session: Session, dispute: Dispute) -> Round | None:
    return session.exec(
        select(Round).where(Round.dispute_id == dispute.id, Round.ordinal == dispute.round_ordinal)
    ).first()


def rounds_of(session: Session, dispute_id: str) -> Sequence[Round]:
    return session.exec(select(Round).where(Round.dispute_id == dispute_id).order_by(col(Round.ordinal))).all()


def live_attempt(session: Session, round_id: str, lane: str = "answer") -> Attempt | None:
    return session.exec(
        select(Attempt).where(Attempt.round_id == round_id, Attempt.lane == lane, col(Attempt.is_live))
    ).first()


def attempts_of(session: Session, dispute_id: str) -> Sequence[Attempt]:
    return session.exec(
        select(Attempt).where(Attempt.dispute_id == dispute_id).order_by(col(Attempt.approved_at))
    ).all()


def oldest_open(session: Session, connection_id: str) -> datetime | None:
    return session.exec(
        select(sa.func.min(col(Dispute.opened_at))).where(
            Dispute.connection_id == connection_id, sa.literal_column("dispute.is_open")
        )
    ).one()


# ---- deciding ------------------------------------------------------------------------------------------------------


def window_of(dispute: Dispute, now: datetime, cut_off_hours: int) -> Act:
    """The one answer to "can we act, and how long" for this dispute."""
    return act_window(
        status=dispute.status,
        due_at=dispute.due_at,
        can_submit=dispute.can_submit,
        answered=dispute.answered_elsewhere is not None or dispute.work in (WorkState.FILED, WorkState.CLOSED),
        now=now,
        cut_off=timedelta(hours=cut_off_hours),
    )


def shown(dispute: Dispute, now: datetime) -> Shown:
    """What to show now: the view, with the clock taken into account."""
    return shown_status(
        dispute.status,
        dispute.work,
        past_due=dispute.due_at is not None and now >= dispute.due_at,
        contestable=dispute.can_submit,
        answered_elsewhere=dispute.answered_elsewhere is not None,
        alert=dispute.dispute_kind is Kind.ALERT,
    )


_STILL_OURS = frozenset(
    Shown(state.value) for state in WorkState if state not in (WorkState.FILED, WorkState.CLOSED)
) | {Shown.UNKNOWN}


def derive(dispute: Dispute, now: datetime, cut_off_hours: int = 6) -> None:
    """Fill the columns that follow from the others: view, openness, order in the queue, next flag."""
    following = derived(
        status=dispute.status,
        work=dispute.work,
        kind=dispute.dispute_kind,
        can_submit=dispute.can_submit,
        answered_elsewhere=dispute.answered_elsewhere,
        due_at=dispute.due_at,
        settlement=dispute.settlement,
        now=now,
        cut_off_hours=cut_off_hours,
    )
    for name, value in following.items():
        setattr(dispute, name, value)


def derived(
    *,
    status: GatewayStatus,
    work: WorkState,
    kind: Kind,
    can_submit: bool,
    answered_elsewhere: str | None,
    due_at: datetime | None,
    now: datetime,
    settlement: Money | None = None,
    cut_off_hours: int = 6,
) -> dict[str, Any]:
    """The derived columns of a row that holds these."""
    view = shown_status(
        status,
        work,
        past_due=False,
        contestable=can_submit,
        answered_elsewhere=answered_elsewhere is not None,
        alert=kind is Kind.ALERT,
    )
    is_open = view in _STILL_OURS
    following = next_flag(due_at, now, timedelta(hours=cut_off_hours)) if is_open else None
    return {
        "view": view.value,
        "is_open": is_open,
        "due_sort": due_at or FAR,
        "queue_rank": queue_rank(settlement),
        "next_flag_at": following[1] if following else None,
    }


# ---- writing -------------------------------------------------------------------------------------------------------


def save(session: Session, dispute: Dispute, now: datetime, cut_off_hours: int = 6) -> None:
    """Write a changed dispute: derived columns, version and counters with it. Stale if another writer was first."""
    # The claim comes first: it takes the row, and it fails where another writer was quicker.
    table = Dispute.__table__  # type: ignore[attr-defined]
    claimed = session.execute(
        sa.update(table)
        .where(table.c.id == dispute.id, table.c.version == dispute.version)
        .values(version=table.c.version + 1)
        .execution_options(autoflush=False)
    )
    if claimed.rowcount != 1:  # type: ignore[attr-defined]
        raise Stale(f"{dispute.external_id} was changed meanwhile")
    before = dispute.view
    derive(dispute, now, cut_off_hours)
    dispute.version += 1
    dispute.changed_at = now
    session.add(dispute)
    if before != dispute.view:
        count_views(session, dispute.merchant_id, dispute.live, {before: -1, dispute.view: 1})
    session.flush()


def insert_rows(session: Session, model: type[SQLModel], rows: list[dict[str, Any]]) -> None:
    """Whole rows in one statement, past the unit of work."""
    if rows:
        session.execute(sa.insert(model.__table__), rows)  # type: ignore[attr-defined]


def insert_many(session: Session, rows: list[dict[str, Any]]) -> None:
    """New disputes in one go, their counters in one statement a view."""
    if not rows:
        return
    insert_rows(session, Dispute, rows)
    counts = Counter((row["merchant_id"], row["live"], row["view"]) for row in rows)
    for (merchant_id, live, view), number in counts.items():
        count_views(session, merchant_id, live, {view: number})


def count_views(session: Session, merchant_id: str, live: bool, changes: dict[str, int]) -> None:
    for view, change in sorted(changes.items()):
        counter = ViewCount.__table__  # type: ignore[attr-defined]
        changed = session.execute(
            sa.update(counter)
            .where(counter.c.merchant_id == merchant_id, counter.c.live == live, counter.c.view == view)
            .values(count=counter.c.count + change)
        )
        if changed.rowcount == 0:  # type: ignore[attr-defined]
            session.execute(sa.insert(counter).values(merchant_id=merchant_id, live=live, view=view, count=change))


def set_work(session: Session, dispute: Dispute, state: WorkState, now: datetime, cut_off_hours: int = 6) -> None:
    """Our own workflows' way to say how far the work is."""
    take_turn(session, dispute.merchant_id)
    dispute.work_state = state
    save(session, dispute, now, cut_off_hours)
