"""The figures of the outcomes page, each with the list of its cases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from disputes.ledger import CaseMoney
from disputes.money import Money
from disputes.outcomes import CONTESTED, LOST, WON, Answered, evidence_of
from disputes.outcomes_rates import Counted, MoneyRate, Rate, Tally, bands, by_evidence, median
from disputes.store_outcomes import CellSum, MonthMoney
from templates.language import marked as _
from templates.language import say
from web import outcomes_words
from web.outcomes_view import Chosen

DIMENSIONS = {
    "category": _("Reason"),
    "gateway": _("Gateway"),
    "network": _("Network"),
    "product_type": _("What was sold"),
    "kind": _("Kind of case"),
}
HEADINGS = {
    "category": _("Win rate by reason"),
    "gateway": _("Win rate by gateway"),
    "network": _("Win rate by network"),
    "product_type": _("Win rate by what was sold"),
    "kind": _("Win rate by kind of case"),
}
MOST_EVIDENCE = 20
"""Rows of the table of evidence: the items most answers were about."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a dimension."""

    name: str
    label: str
    tally: Tally
    to: Callable[[str], str]
    """Which set of cases -> the address of the list."""


@dataclass(frozen=True, slots=True)
class CurrencyRow:
    """Win rates by money in one currency."""

    currency: str
    contested: MoneyRate
    of_all: MoneyRate
    to: Callable[[str], str]

    @property
    def won(self) -> Money:
        return Money(self.of_all.won, self.currency)

    @property
    def judged(self) -> Money:
        return Money(self.contested.total, self.currency)

    @property
    def total(self) -> Money:
        return Money(self.of_all.total, self.currency)


@dataclass(frozen=True, slots=True)
class EvidenceRow:
    item: str
    label: str
    held: Rate
    lacked: Rate
    held_link: str
    lacked_link: str


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """The books of one currency, over the period or one month of it."""

    label: str
    cases: int
    money: CaseMoney
    link: str

    @property
    def withdrawn(self) -> Money:
        return Money(-self.money.withdrawn, self.money.currency)

    @property
    def returned(self) -> Money:
        return Money(self.money.returned, self.money.currency)

    @property
    def fees(self) -> Money:
        """Charged less what came back."""
        return Money(self.money.fees_returned - self.money.fees, self.money.currency)

    @property
    def other(self) -> Money:
        return Money(self.money.other, self.money.currency)


def counted(found: CellSum) -> Counted:
    cell = found.cell
    return Counted(
        number=found.number, currency=cell.currency, minor=found.minor, squares=found.squares,
        contested=cell.contested, judged=cell.result in (WON, LOST), won=cell.result == WON,
    )  # fmt: skip


def overall(cells: Iterable[CellSum]) -> Tally:
    tally = Tally()
    for each in cells:
        if each.cell.is_last:
            tally.add(counted(each))
    return tally


def dimension(cells: Iterable[CellSum], name: str, chosen: Chosen) -> list[Row]:
    """Its values, those with the most cases first."""
    tallies: dict[str, Tally] = {}
    for each in cells:
        if each.cell.is_last:
            tallies.setdefault(getattr(each.cell, name), Tally()).add(counted(each))
    found = sorted(tallies.items(), key=lambda each: (-each[1].decided, each[0]))
    return [
        Row(value, outcomes_words.value(name, value), tally, _to(chosen, **{name: value or "unknown"}))
        for value, tally in found
    ]


def _to(chosen: Chosen, **narrowed: str) -> Callable[[str], str]:
    return lambda which: chosen.cases(which, **narrowed)


def currencies(tally: Tally, chosen: Chosen) -> list[CurrencyRow]:
    contested = {each.currency: each for each in tally.money_of_contested()}
    return [
        CurrencyRow(
            each.currency,
            contested.get(each.currency, MoneyRate(each.currency, 0, 0, 0.0, 0)),
            each,
            _to(chosen, currency=each.currency),
        )
        for each in tally.money_of_all()
    ]


def evidence(proofs: Iterable[tuple[str, bool, int]], chosen: Chosen) -> list[EvidenceRow]:
    found = by_evidence((evidence_of(text), won, number) for text, won, number in proofs)
    rows = [
        EvidenceRow(
            item,
            outcomes_words.evidence(item),
            held,
            lacked,
            chosen.cases("judged", held=item),
            chosen.cases("judged", lacked=item),
        )
        for item, (held, lacked) in found.items()
    ]
    return sorted(rows, key=lambda each: (-(each.held.number + each.lacked.number), each.label))[:MOST_EVIDENCE]


def money_rows(months: Sequence[MonthMoney], chosen: Chosen) -> list[MoneyRow]:
    """One a currency; a case that was booked in two is in both."""
    return [
        MoneyRow(
            currency,
            sum(each.cases for each in of),
            _added(currency, [each.money for each in of]),
            chosen.cases("booked", currency=currency),
        )
        for currency, of in _by_currency(months)
    ]


def month_rows(months: Sequence[MonthMoney], currency: str, chosen: Chosen) -> list[MoneyRow]:
    return [
        MoneyRow(
            outcomes_words.month(each.month),
            each.cases,
            each.money,
            chosen.cases("booked", currency=currency, month=str(each.month)),
        )
        for each in months
        if each.money.currency == currency
    ]


def _by_currency(months: Sequence[MonthMoney]) -> list[tuple[str, list[MonthMoney]]]:
    """Those with the most cases first."""
    found: dict[str, list[MonthMoney]] = {}
    for each in months:
        found.setdefault(each.money.currency, []).append(each)
    return sorted(found.items(), key=lambda each: (-sum(of.cases for of in each[1]), each[0]))


def _added(currency: str, of: Sequence[CaseMoney]) -> CaseMoney:
    names = ("withdrawn", "returned", "fees", "fees_returned", "other")
    return CaseMoney(currency, **{name: sum(getattr(each, name) for each in of) for name in names})


# ---- deadlines and work --------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Margins:
    answers: int
    median: int | None
    bands: list[tuple[str, str, int, str]]
    """Name, words, how many answers, and the list of them."""
    missed: int


def margins(hours: dict[int, int], cells: Iterable[CellSum], chosen: Chosen) -> Margins:
    return Margins(
        sum(hours.values()),
        median(hours),
        [
            (name, say(outcomes_words.BAND[name]), number, chosen.cases("answers", band=name))
            for name, number in bands(hours)
        ],
        sum(each.number for each in cells if each.cell.answered == Answered.MISSED),
    )


@dataclass(frozen=True, slots=True)
class Work:
    answers: int
    """Rounds that were answered: an appeal and a pre-arbitration are further ones."""
    by: list[tuple[str, int, str]]
    """Words, how many answers, and the list of them."""
    attended: int
    seconds: int | None
    """A case on average; None where nobody's time is known."""
    tenths_of_acts: int | None


_BY = (("rule", "by_rule"), ("person", "by_person"), ("elsewhere", "elsewhere"))


def work(cells: Sequence[CellSum], chosen: Chosen) -> Work:
    attended = sum(each.attended for each in cells if each.cell.is_last)
    last = [each for each in cells if each.cell.is_last]
    return Work(
        answers=sum(each.number for each in cells if each.cell.answered in CONTESTED),
        by=[
            (
                say(outcomes_words.ANSWERED[answered]),
                sum(each.number for each in cells if each.cell.answered == answered),
                chosen.cases(which),
            )
            for answered, which in _BY
        ],
        attended=attended,
        seconds=sum(each.seconds for each in last) // attended if attended else None,
        tenths_of_acts=10 * sum(each.acts for each in last) // attended if attended else None,
    )
