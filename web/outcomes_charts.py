"""Where things stand in the charts: numbers for the SVG in `templates/web/charts.html`, in units of its view box."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from disputes.money import Money
from disputes.outcomes_rates import Rate
from templates.language import number_words, share_words
from web import outcomes_words
from web.outcomes_figures import MoneyRow

WIDTH = 360
"""Of every chart: as wide as a phone, so that its letters are as large there as the page's."""
MOST_ROWS = 12
MOST_MONTHS = 18


@dataclass(frozen=True, slots=True)
class Interval:
    """One line of the chart of win rates: a dot where the share is, a bar where it may be."""

    label: str
    says: str
    y: int
    dot: int
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Bar:
    label: str
    says: str
    x: int
    y: int
    width: int
    height: int
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Chart:
    title: str
    desc: str
    height: int
    intervals: Sequence[Interval] = ()
    bars: Sequence[Bar] = ()
    marks: Sequence[tuple[int, str]] = ()
    """Where lines across are drawn, and what stands at them."""
    below: Sequence[tuple[int, str]] = ()
    """What stands under the bars."""


_ROW, _LEFT, _RIGHT = 36, 4, 356


def win_rates(title: str, rows: Sequence[tuple[str, Rate]]) -> Chart | None:
    """None where nothing can be said about any of them."""
    shown = [(label, rate) for label, rate in rows if rate.enough][:MOST_ROWS]
    if not shown:
        return None
    lines = []
    for at, (label, rate) in enumerate(shown):
        assert rate.share is not None
        assert rate.between is not None
        says = f"{share_words(rate.share)} ({outcomes_words.between(rate.between)})"
        low, high = (_across(each) for each in rate.between)
        lines.append(Interval(label, says, at * _ROW, _across(rate.share), low, high))
    desc = "; ".join(f"{each.label}: {each.says}" for each in lines)
    marks = [(_across(share), share_words(share)) for share in (0.0, 0.5, 1.0)]
    return Chart(title, desc, len(shown) * _ROW + 22, intervals=lines, marks=marks)


def _across(share: float) -> int:
    return _LEFT + round(share * (_RIGHT - _LEFT))


_TOP, _PLOT = 20, 130


def months(title: str, rows: Sequence[MoneyRow]) -> Chart | None:
    """Two bars a month: what was withdrawn, and what came back of it."""
    shown = list(rows)[-MOST_MONTHS:]
    top = max((max(each.money.withdrawn, each.money.returned) for each in shown), default=0)
    if top <= 0:
        return None
    step = (_RIGHT - _LEFT) // len(shown)
    wide = max(3, min(22, step * 2 // 5))
    bars, below = [], []
    every = -(-len(shown) // 6)
    for at, row in enumerate(shown):
        middle = _LEFT + at * step + step // 2
        for tone, minor, x in (
            ("gone", row.money.withdrawn, middle - wide - 1),
            ("back", row.money.returned, middle + 1),
        ):
            tall = max(0, minor) * _PLOT // top
            says = outcomes_words.compact(Money(minor, row.money.currency))
            bars.append(Bar(row.label, says, x, _TOP + _PLOT - tall, wide, tall, tone))
        if at % every == 0:
            below.append((middle, row.label.split(" ")[0]))
    currency = shown[0].money.currency
    desc = "; ".join(f"{each.label}: {each.says}" for each in bars)
    marks = [(_TOP, outcomes_words.compact(Money(top, currency))), (_TOP + _PLOT, "")]
    return Chart(title, desc, _TOP + _PLOT + 24, bars=bars, marks=marks, below=below)


def lengths(title: str, rows: Sequence[tuple[str, str, int]]) -> Chart | None:
    """Lying bars, one a row: (tone, label, number)."""
    top = max((number for _, _, number in rows), default=0)
    if not top:
        return None
    bars = [
        Bar(label, number_words(number), _LEFT, at * _ROW + 17, number * (_RIGHT - _LEFT) // top, 10, tone)
        for at, (tone, label, number) in enumerate(rows)
    ]
    desc = "; ".join(f"{each.label}: {each.says}" for each in bars)
    return Chart(title, desc, len(rows) * _ROW, bars=bars)
