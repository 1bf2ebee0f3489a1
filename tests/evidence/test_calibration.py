"""The chance of winning: a wide prior that yields to the merchant's own cases, in whole numbers."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from disputes.knowledge import win_prior
from evidence.calibration import FEWEST, Chance, Tally, from_prior, interval, learnt

PRIOR = win_prior("contested")


def own(won: int, lost: int, *more: Tally, gateway: str = "stripe") -> Chance | None:
    tallies = [Tally(category="not_received", gateway="stripe", won=won, lost=lost), *more]
    return learnt(tallies, category="not_received", gateway=gateway, prior=PRIOR)


def width(chance: Chance | None) -> int:
    assert chance is not None
    return chance.high - chance.low


def test_below_ten_cases_it_is_silent() -> None:
    assert FEWEST == 10
    assert own(9, 0) is None
    assert own(9, 1) is not None


def test_the_prior_is_wide() -> None:
    chance = from_prior(PRIOR)
    assert (chance.low, chance.likely, chance.high) == (130, 300, 491)


def test_the_interval_narrows_with_every_case() -> None:
    widths = [width(own(number // 2, number // 2)) for number in (10, 20, 40, 100, 200, 400, 1000, 10_000)]
    assert widths == sorted(widths, reverse=True)
    assert widths[0] < from_prior(PRIOR).high - from_prior(PRIOR).low
    assert widths[-1] < 20


def test_many_cases_forget_the_prior() -> None:
    chance = own(900, 100)
    assert chance is not None
    assert 890 <= chance.likely <= 900


def test_ten_cases_still_lean_on_it() -> None:
    chance = own(10, 0)
    assert chance is not None
    assert chance.likely == 650
    assert chance.high < 1000


def test_another_kind_of_case_teaches_nothing() -> None:
    fraud = Tally(category="fraudulent", gateway="stripe", won=50, lost=0)
    assert own(0, 0, fraud) is None


def test_this_gateway_is_asked_first_then_all_of_them() -> None:
    elsewhere = Tally(category="not_received", gateway="paypal", won=0, lost=30)
    here, everywhere = own(20, 0, elsewhere), own(5, 0, elsewhere)
    assert here is not None
    assert everywhere is not None
    assert here.likely > 700
    assert everywhere.likely < 300
    assert "5 won of 35" in everywhere.basis


@settings(deadline=None)
@given(won=st.integers(0, 600), lost=st.integers(0, 600))
def test_low_likely_and_high_are_in_order(won: int, lost: int) -> None:
    chance = own(won, lost)
    if won + lost < FEWEST:
        assert chance is None
    else:
        assert chance is not None
        assert 0 <= chance.low <= chance.likely <= chance.high <= 1000


@pytest.mark.parametrize(("won", "lost"), [(1, 1), (2, 2), (3, 7), (5, 5)])
def test_the_interval_is_that_of_the_beta_distribution(won: int, lost: int) -> None:
    """Checked against sums of the density in steps of a thousandth."""
    density = [k ** (won - 1) * (1000 - k) ** (lost - 1) for k in range(1001)]
    total = sum(density)
    low, high = interval(won, lost)
    assert abs(sum(density[: low + 1]) * 1000 // total - 100) <= 3
    assert abs(sum(density[: high + 1]) * 1000 // total - 900) <= 3
