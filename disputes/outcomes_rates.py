"""Shares with what can be said about them: how many, the share, and where it lies in 95 of 100 cases. Pure.

Shares are statistics, no amounts: they may be fractions. Amounts stay whole minor units of one currency.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import sqrt

FEWEST = 10
"""Below so many a share says nothing, and is not shown."""
_Z = 1.959964
"""Standard deviations either side of the middle that hold 95 of 100."""


def wilson(share: float, number: float) -> tuple[float, float]:
    """The Wilson score interval of a share seen in `number` independent cases; `number` may be an effective one."""
    if number <= 0:
        return 0.0, 1.0
    spread = _Z * _Z / number
    middle = (share + spread / 2) / (1 + spread)
    half = _Z * sqrt(share * (1 - share) / number + spread / (4 * number)) / (1 + spread)
    # At the ends the formula is exact; arithmetic with fractions is not.
    return min(share, max(0.0, middle - half)), max(share, min(1.0, middle + half))


@dataclass(frozen=True, slots=True)
class Rate:
    """`hits` of `number` cases."""

    hits: int
    number: int

    @property
    def enough(self) -> bool:
        return self.number >= FEWEST

    @property
    def share(self) -> float | None:
        """None where there are too few to say."""
        return self.hits / self.number if self.enough else None

    @property
    def between(self) -> tuple[float, float] | None:
        return wilson(self.hits / self.number, self.number) if self.enough else None


@dataclass(frozen=True, slots=True)
class MoneyRate:
    """`won` of `total` minor units of one currency, in `number` cases.

    Few large cases say less than many small ones: the interval counts as many cases as would say the same if all were
    alike (Kish's effective number). `squares` is the sum of the squared amounts.
    """

    currency: str
    won: int
    total: int
    squares: float
    number: int

    @property
    def enough(self) -> bool:
        return self.number >= FEWEST and self.total > 0

    @property
    def share(self) -> float | None:
        return self.won / self.total if self.enough else None

    @property
    def between(self) -> tuple[float, float] | None:
        if not self.enough or self.squares <= 0:
            return None
        return wilson(self.won / self.total, min(self.number, self.total * self.total / self.squares))


@dataclass(slots=True)
class Tally:
    """Cases of one kind, counted up: how they ended, and their amounts a currency."""

    decided: int = 0
    contested: int = 0
    contested_won: int = 0
    contested_judged: int = 0
    """Contested and then won or lost: withdrawn and prevented ones were judged by nobody."""
    money: dict[str, _Amounts] | None = None

    def add(self, found: Counted) -> None:
        self.decided += found.number
        self.contested += found.number if found.contested else 0
        judged = found.contested and found.judged
        self.contested_judged += found.number if judged else 0
        self.contested_won += found.number if judged and found.won else 0
        if self.money is None:
            self.money = {}
        self.money.setdefault(found.currency, _Amounts()).add(found)

    @property
    def share_contested(self) -> Rate:
        return Rate(self.contested, self.decided)

    @property
    def of_contested(self) -> Rate:
        return Rate(self.contested_won, self.contested_judged)

    @property
    def of_all(self) -> Rate:
        """What was won by contesting, of everything decided, given up and missed included."""
        return Rate(self.contested_won, self.decided)

    def money_of_contested(self) -> list[MoneyRate]:
        """One a currency, those with the most cases first."""
        found = (
            MoneyRate(currency, each.won, each.judged, each.judged_squares, each.judged_number)
            for currency, each in (self.money or {}).items()
        )
        return sorted((each for each in found if each.number), key=lambda each: (-each.number, each.currency))

    def money_of_all(self) -> list[MoneyRate]:
        found = (
            MoneyRate(currency, each.won, each.total, each.squares, each.number)
            for currency, each in (self.money or {}).items()
        )
        return sorted(found, key=lambda each: (-each.number, each.currency))


@dataclass(frozen=True, slots=True)
class Counted:
    """Cases of one cell. `minor` is the sum of their amounts, `squares` that of their squares."""

    number: int
    currency: str
    minor: int
    squares: float
    contested: bool
    judged: bool
    won: bool


@dataclass(slots=True)
class _Amounts:
    number: int = 0
    total: int = 0
    squares: float = 0.0
    judged_number: int = 0
    judged: int = 0
    judged_squares: float = 0.0
    won: int = 0

    def add(self, found: Counted) -> None:
        self.number += found.number
        self.total += found.minor
        self.squares += found.squares
        if found.contested and found.judged:
            self.judged_number += found.number
            self.judged += found.minor
            self.judged_squares += found.squares
            self.won += found.minor if found.won else 0


# ---- how long before the deadline ----------------------------------------------------------------------------------

BANDS: tuple[tuple[str, int | None, int | None], ...] = (
    ("late", None, 0),
    ("under_6h", 0, 6),
    ("under_1d", 6, 24),
    ("under_3d", 24, 72),
    ("under_7d", 72, 168),
    ("over_7d", 168, None),
)
"""Name, from so many hours before the deadline, to less than so many."""


def bands(hours: Mapping[int, int]) -> list[tuple[str, int]]:
    """How many answers lie in each band, by their whole hours before the deadline."""
    return [(name, sum(number for at, number in hours.items() if _within(at, low, high))) for name, low, high in BANDS]


def _within(at: int, low: int | None, high: int | None) -> bool:
    return (low is None or at >= low) and (high is None or at < high)


def median(hours: Mapping[int, int]) -> int | None:
    """The hours that half of the answers had at least; None where there are none."""
    ahead = sum(hours.values())
    if not ahead:
        return None
    half = (ahead - 1) // 2
    for at in sorted(hours):
        if half < hours[at]:
            return at
        half -= hours[at]
    raise AssertionError("the counts do not add up")


def by_evidence(sets: Iterable[tuple[Mapping[str, bool], bool, int]]) -> dict[str, tuple[Rate, Rate]]:
    """Evidence item -> (won where the answer held it, won where it was asked for and lacked).

    `sets`: what an answer held (item -> whether it was there), whether it won, and how many such answers there are.
    """
    counted: dict[tuple[str, bool], list[int]] = {}
    for held, won, number in sets:
        for item, there in held.items():
            of = counted.setdefault((item, there), [0, 0])
            of[0] += number if won else 0
            of[1] += number
    items = sorted({item for item, _ in counted})
    return {
        item: (Rate(*counted.get((item, True), [0, 0])), Rate(*counted.get((item, False), [0, 0]))) for item in items
    }
