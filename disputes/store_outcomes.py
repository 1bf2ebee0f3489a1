"""How cases were decided: counted for the chance of the next one, and for the page that tells what came of them.

The page reads `round_result` and `case_money`, which `store_results` keeps: each question walks one index in its order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import load_only
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from disputes.acts import GatewayAct
from disputes.database import UtcDateTime
from disputes.ledger import CaseMoney
from disputes.lifecycle import GatewayStatus
from disputes.models import Attempt, CaseMoneyRow, Dispute, EvidenceSet, Round, RoundResult
from disputes.outcomes import CONTESTED, LOST, WON, Cell
from disputes.outcomes_rates import BANDS
from disputes.store_results import tells_answers

DECIDED = (GatewayStatus.WON.value, GatewayStatus.LOST.value)


def decided(session: Session, merchant_id: str, *, live: bool, since: datetime) -> list[tuple[str, str, int, int]]:
    """(category, gateway, won, lost) of cases that were answered, by us or before us; accepted ones are neither.

    Not from `round_result`: cases closed before the desk was connected have none there and teach all the same.

    Sandbox cases teach nothing about real ones, nor the other way round.
    """
    ours = sa.exists().where(col(Round.dispute_id) == col(Dispute.id), col(Round.answered_at).is_not(None))
    # Stripe calls an accepted case lost.
    accepted = sa.exists().where(
        col(Attempt.dispute_id) == col(Dispute.id),
        col(Attempt.act) == GatewayAct.ACCEPT.value,
        col(Attempt.state) == "filed",
    )
    told = sa.and_(col(Dispute.gateway).in_(tells_answers()), col(Dispute.submission_count) > 0)
    won = sa.func.sum(sa.case((col(Dispute.gateway_status) == GatewayStatus.WON.value, 1), else_=0))
    rows = session.exec(
        select(Dispute.category, Dispute.gateway, won, sa.func.count())
        .where(
            Dispute.merchant_id == merchant_id,
            Dispute.live == live,
            col(Dispute.view).in_(DECIDED),
            Dispute.opened_at >= since,
            sa.or_(ours, told),
            ~accepted,
        )
        .group_by(col(Dispute.category), col(Dispute.gateway))
        .order_by(col(Dispute.category), col(Dispute.gateway))
    ).all()
    return [(category, gateway, int(wins), int(number) - int(wins)) for category, gateway, wins, number in rows]


# ---- what came of it -----------------------------------------------------------------------------------------------

PAGE = 50


@dataclass(frozen=True, slots=True)
class Scope:
    """Which decided cases are meant. `first` and `last` are days of the decision as 20261122, both included."""

    merchant_id: str
    live: bool
    first: int | None = None
    last: int | None = None
    gateway: str = ""

    def of(self, model: type[RoundResult] | type[CaseMoneyRow]) -> list[sa.ColumnElement[bool]]:
        found = [col(model.merchant_id) == self.merchant_id, col(model.live) == self.live]
        # As an expression: SQLite would else skip about in the index for the day, and sort what it then has to group.
        day = col(model.day) + 0
        if self.first is not None:
            found.append(day >= self.first)
        if self.last is not None:
            found.append(day <= self.last)
        if self.gateway:
            found.append(col(model.gateway) == self.gateway)
        return found


@dataclass(frozen=True, slots=True)
class CellSum:
    """All rounds of one cell. `squares`: the sum of the squared amounts, a weight and no amount."""

    cell: Cell
    number: int
    minor: int
    squares: float
    attended: int
    seconds: int
    acts: int


def cells(session: Session, scope: Scope) -> list[CellSum]:
    amount = col(RoundResult.amount_minor)
    weight = sa.cast(amount, sa.Float)
    seen = sa.case((sa.or_(col(RoundResult.seconds) > 0, col(RoundResult.acts) > 0), 1), else_=0)
    where = Scope(scope.merchant_id, scope.live, scope.first, scope.last).of(RoundResult)
    if scope.gateway:
        # The cell begins with the gateway, so that the index is walked only where it stands.
        where += [col(RoundResult.cell) >= f"{scope.gateway}|", col(RoundResult.cell) < f"{scope.gateway}}}"]
    rows = session.execute(
        sa.select(
            col(RoundResult.cell), sa.func.count(), sa.func.sum(amount), sa.func.sum(weight * weight),
            sa.func.sum(seen), sa.func.sum(col(RoundResult.seconds)), sa.func.sum(col(RoundResult.acts)),
        )
        .where(*where)
        .group_by(col(RoundResult.cell))
    )  # fmt: skip
    return [
        CellSum(Cell.parse(cell), number, int(minor), squares, int(attended), int(seconds), int(acts))
        for cell, number, minor, squares, attended, seconds, acts in rows
    ]


def margins(session: Session, scope: Scope) -> dict[int, int]:
    """Whole hours before the deadline -> how many of our answers were given then."""
    hours = col(RoundResult.margin_hours)
    rows = session.execute(
        sa.select(hours, sa.func.count()).where(*scope.of(RoundResult), hours.is_not(None)).group_by(hours)
    )
    return {int(at): int(number) for at, number in rows}


def proofs(session: Session, scope: Scope) -> list[tuple[str, bool, int]]:
    """(`evidence_text` of what an answer held, whether it won, how many such answers)."""
    counted = (
        sa.select(col(RoundResult.proof), col(RoundResult.result), sa.func.count().label("number"))
        .where(*scope.of(RoundResult), col(RoundResult.proof).is_not(None))
        .group_by(col(RoundResult.proof), col(RoundResult.result))
        .subquery()
    )
    rows = session.execute(
        sa.select(col(EvidenceSet.items), counted.c.result, counted.c.number).where(
            col(EvidenceSet.merchant_id) == scope.merchant_id, col(EvidenceSet.id) == counted.c.proof
        )
    )
    return [(items, result == WON, number) for items, result, number in rows]


@dataclass(frozen=True, slots=True)
class MonthMoney:
    """The books about the cases decided in one month, in one currency. `month` as 202611."""

    month: int
    cases: int
    money: CaseMoney


_SUMS = ("withdrawn", "returned", "fees", "fees_returned", "other")


def money(session: Session, scope: Scope) -> list[MonthMoney]:
    """In the order of currency and month."""
    # By day, because the index lies in that order and the days of years are few; by month it would have to be sorted.
    key = (col(CaseMoneyRow.currency), col(CaseMoneyRow.day))
    sums = (sa.func.sum(getattr(CaseMoneyRow, name)) for name in _SUMS)
    rows = session.execute(
        sa.select(*key, sa.func.count(), *sums).where(*scope.of(CaseMoneyRow)).group_by(*key).order_by(*key)
    )
    return [
        MonthMoney(month, sum(day[2] for day in days), CaseMoney(currency, *_added(days)))
        for (currency, month), days in (
            (at, list(of)) for at, of in groupby(rows.all(), lambda day: (day[0], day[1] // 100))
        )
    ]


def _added(days: Sequence[Any]) -> list[int]:
    return [sum(int(day[at]) for day in days) for at in range(3, 3 + len(_SUMS))]


# ---- the cases behind a figure -------------------------------------------------------------------------------------

WHICH = (
    "decided", "contested", "not_contested", "judged", "won", "lost", "unjudged", "answers", "by_rule", "by_person",
    "elsewhere", "accepted", "missed", "attended", "booked",
)  # fmt: skip
"""Sets of cases that a figure stands for; `answers` and what follows it up to `elsewhere` are rounds."""
ROUNDS = frozenset({"answers", "by_rule", "by_person", "elsewhere"})


@dataclass(frozen=True, slots=True)
class Wanted:
    """Exactly the cases (or rounds) behind one figure. Empty parts narrow nothing; `unknown` is the empty value."""

    scope: Scope
    which: str = "decided"
    network: str = ""
    category: str = ""
    kind: str = ""
    product_type: str = ""
    currency: str = ""
    held: str = ""
    """An evidence item the answer held."""
    lacked: str = ""
    band: str = ""
    month: int | None = None
    """202611."""


Key = tuple[datetime, str]
"""Where a page ended: (decided_at, id)."""


def cases(
    session: Session, wanted: Wanted, after: Key | None = None, *, most: int = PAGE + 1
) -> list[tuple[RoundResult, Dispute]]:
    """One page, the last decided first, and one row more if there is more."""
    order = (col(RoundResult.decided_at), col(RoundResult.id))
    query = select(RoundResult, Dispute).join(Dispute, col(Dispute.id) == col(RoundResult.dispute_id))
    query = query.where(*wanted.scope.of(RoundResult), *_which(wanted), *_narrowed(wanted))
    if after is not None:
        query = query.where(sa.tuple_(*order) < sa.tuple_(sa.literal(after[0], UtcDateTime()), sa.literal(after[1])))
    names = (
        "id", "connection_id", "gateway", "external_id", "kind", "network", "reason_code", "raw_reason", "category",
        "amount_minor", "currency", "settlement_minor", "settlement_currency", "payment_id", "order_ref",
        "customer_name", "gateway_status", "verdict", "is_open",
    )  # fmt: skip
    shown = load_only(*(getattr(Dispute, name) for name in names), raiseload=True)
    rows = session.exec(query.options(shown).order_by(*(each.desc() for each in order)).limit(most))
    return list(rows.all())


def _which(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    answered, result = col(RoundResult.answered), col(RoundResult.result)
    last = sa.and_(col(RoundResult.is_last))
    contested = answered.in_(sorted(CONTESTED))
    if wanted.which == "booked":
        return [last, _booked(wanted)]
    of: dict[str, list[sa.ColumnElement[bool]]] = {
        "contested": [last, contested],
        "not_contested": [last, ~contested],
        "judged": [last, contested, result.in_((WON, LOST))],
        "won": [last, contested, result == WON],
        "lost": [last, contested, result == LOST],
        "unjudged": [last, contested, result.not_in((WON, LOST))],
        "answers": [contested],
        "by_rule": [answered == "rule"],
        "by_person": [answered == "person"],
        "elsewhere": [answered == "elsewhere"],
        "accepted": [answered == "accepted"],
        "missed": [answered == "missed"],
        "attended": [last, sa.or_(col(RoundResult.seconds) > 0, col(RoundResult.acts) > 0)],
    }
    return of.get(wanted.which, [last])


def _booked(wanted: Wanted) -> sa.ColumnElement[bool]:
    """Its books are in the currency asked for, which need not be the dispute's own."""
    # Asked case by case in the order of the list: most cases are booked, and their ids would be a list of their own.
    lines = sa.select(sa.literal(1)).where(col(CaseMoneyRow.dispute_id) == col(RoundResult.dispute_id))
    if wanted.currency:
        lines = lines.where(col(CaseMoneyRow.currency) == wanted.currency)
    return sa.exists(lines)


def _narrowed(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    found: list[sa.ColumnElement[bool]] = []
    for name in ("network", "category", "kind", "product_type", "currency"):
        value = getattr(wanted, name)
        if value and not (name == "currency" and wanted.which == "booked"):
            found.append(getattr(RoundResult, name) == ("" if value == "unknown" else value))
    for sign, item in (("+", wanted.held), ("-", wanted.lacked)):
        if item:
            padded = sa.literal(" ").concat(col(EvidenceSet.items)).concat(" ")
            sets = sa.select(col(EvidenceSet.id)).where(
                col(EvidenceSet.merchant_id) == wanted.scope.merchant_id,
                padded.contains(f" {sign}{item} ", autoescape=True),
            )
            # As an expression, so that the list is walked in its order: with an index of its own it would be sorted.
            found.append(col(RoundResult.proof).concat("").in_(sets))
    if wanted.band:
        found += _in_band(wanted.band)
    if wanted.month is not None:
        found.append(col(RoundResult.day).between(wanted.month * 100, wanted.month * 100 + 99))
    return found


def _in_band(band: str) -> list[sa.ColumnElement[bool]]:
    hours = col(RoundResult.margin_hours)
    for name, low, high in BANDS:
        if name == band:
            return [
                hours.is_not(None),
                *([hours >= low] if low is not None else []),
                *([hours < high] if high is not None else []),
            ]
    return [sa.false()]


def books_of(session: Session, dispute_ids: Sequence[str]) -> dict[str, list[CaseMoney]]:
    """Each case's books, one a currency in their order."""
    rows = session.exec(
        select(CaseMoneyRow)
        .where(col(CaseMoneyRow.dispute_id).in_(dispute_ids))
        .order_by(col(CaseMoneyRow.dispute_id), col(CaseMoneyRow.currency))
    )
    found: dict[str, list[CaseMoney]] = {}
    for row in rows:
        sums = CaseMoney(row.currency, *(getattr(row, name) for name in _SUMS))
        found.setdefault(row.dispute_id, []).append(sums)
    return found


def times_of(session: Session, round_ids: Sequence[str]) -> dict[str, tuple[datetime | None, datetime | None]]:
    """Of each round: when its answer was due, and when it was given."""
    rows = session.exec(select(Round.id, Round.due_at, Round.answered_at).where(col(Round.id).in_(round_ids)))
    return {round_id: (due_at, answered_at) for round_id, due_at, answered_at in rows}


def any_decided(session: Session, merchant_id: str, live: bool) -> bool:
    """Whether anything was ever decided on this side, whatever the period."""
    query: SelectOfScalar[str] = select(RoundResult.id).where(
        RoundResult.merchant_id == merchant_id, RoundResult.live == live
    )
    return session.exec(query.limit(1)).first() is not None
