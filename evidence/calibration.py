"""The chance of winning: a wide published prior that yields to the merchant's own closed cases. Whole numbers only.

A chance is in thousandths and has an interval in which it lies in eight cases of ten. Below ten closed cases of a kind
nothing is learnt: so few say nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from math import comb, isqrt

from disputes.facts import Fact
from disputes.knowledge import WinPrior
from disputes.phrases import Phrase, joined, phrase

FEWEST = 10
_TENTH = (1, 10)
_NINE_TENTHS = (9, 10)
_EXACT_UP_TO = 150
_SPREAD = 1282
"""Thousandths of a standard deviation from the middle to the tenth and to the ninetieth of a hundred."""


class Tally(Fact):
    """The merchant's own answered cases that were decided: won and lost, by category and gateway.

    Accepted, expired, withdrawn and prevented cases are none of the two.
    """

    category: str
    gateway: str
    won: int
    lost: int


class Chance(Fact):
    low: int
    likely: int
    high: int
    """Thousandths; low <= likely <= high."""
    basis: Phrase
    """Where it comes from, for the merchant."""
    own_cases: int = 0

    def scaled(self, permille: int, why: Phrase) -> Chance:
        """Times a factor in thousandths, never certain."""
        low, likely, high = (min(each * permille // 1000, 950) for each in (self.low, self.likely, self.high))
        return self.model_copy(
            update={"low": low, "likely": likely, "high": high, "basis": joined((self.basis, why), ", ")}
        )


def from_prior(prior: WinPrior) -> Chance:
    """What is published, with an interval as wide as a handful of cases."""
    low, high = interval(*_pseudo(prior, 0, 0))
    basis = phrase("published share of won cases ({source})", source=prior.source)
    return _ordered(low, prior.permille, high, basis, 0)


def learnt(tallies: Iterable[Tally], *, category: str, gateway: str, prior: WinPrior) -> Chance | None:
    """From the merchant's own cases of this category at this gateway, else at all; None below ten of them."""
    kind = [each for each in tallies if each.category == category]
    here = [each for each in kind if each.gateway == gateway]
    for chosen in (here, kind):
        won, lost = sum(each.won for each in chosen), sum(each.lost for each in chosen)
        if won + lost >= FEWEST:
            return _posterior(prior, won, lost, at_gateway=chosen is here)
    return None


def _posterior(prior: WinPrior, won: int, lost: int, *, at_gateway: bool) -> Chance:
    cases = won + lost
    likely = (prior.permille * prior.weight + 1000 * won) // (prior.weight + cases)
    low, high = interval(*_pseudo(prior, won, lost))
    basis = phrase("your own outcomes: {won} won of {cases} decided cases of this kind", won=won, cases=cases)
    if at_gateway:
        basis = phrase("your own outcomes: {won} won of {cases} decided cases of this kind here", won=won, cases=cases)
    return _ordered(low, likely, high, basis, cases)


def _ordered(low: int, likely: int, high: int, basis: Phrase, cases: int) -> Chance:
    return Chance(low=min(low, likely), likely=likely, high=max(high, likely), basis=basis, own_cases=cases)


def _pseudo(prior: WinPrior, won: int, lost: int) -> tuple[int, int]:
    """The prior as whole cases beside the real ones; at least one of each, so that nothing is certain."""
    weight = max(prior.weight, 2)
    ours = min(max(1, (prior.permille * weight + 500) // 1000), weight - 1)
    return ours + won, weight - ours + lost


@cache
def interval(won: int, lost: int) -> tuple[int, int]:
    """Thousandths below and above which a tenth of the Beta distribution of these counts lies."""
    total = won + lost
    if total <= _EXACT_UP_TO:
        return _quantile(won, lost, *_TENTH), _quantile(won, lost, *_NINE_TENTHS)
    middle = 1000 * won // total
    spread = isqrt(10**6 * won * lost // (total * total * (total + 1))) * _SPREAD // 1000
    return max(0, middle - spread), min(1000, middle + spread)


def _quantile(won: int, lost: int, share: int, of: int) -> int:
    """The least k with P(Beta(won, lost) <= k/1000) >= share/of, by its sum of binomial terms."""
    trials = won + lost - 1
    wanted = share * int(1000**trials)

    def reached(k: int) -> bool:
        terms = (
            comb(trials, hits) * int(k**hits) * int((1000 - k) ** (trials - hits)) for hits in range(won, trials + 1)
        )
        return sum(terms) * of >= wanted

    low, high = 0, 1000
    while low < high:
        half = (low + high) // 2
        low, high = (low, half) if reached(half) else (half + 1, high)
    return low
