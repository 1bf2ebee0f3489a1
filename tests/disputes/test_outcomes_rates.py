"""Shares: how many, how much, where they may lie, and when nothing is said."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from disputes.outcomes_rates import BANDS, Counted, MoneyRate, Rate, Tally, bands, by_evidence, median, wilson

shares = st.floats(0, 1)
counts = st.integers(1, 1_000_000)


class TestTheInterval:
    @given(shares, counts)
    def test_holds_the_share_and_stays_between_none_and_all(self, share: float, number: int) -> None:
        low, high = wilson(share, number)
        assert 0 <= low <= share <= high <= 1

    @given(shares, counts)
    def test_narrows_as_more_is_known(self, share: float, number: int) -> None:
        low, high = wilson(share, number)
        more_low, more_high = wilson(share, number * 4)
        assert more_high - more_low < high - low

    @given(st.integers(0, 500), st.integers(1, 500))
    def test_of_what_was_lost_mirrors_that_of_what_was_won(self, won: int, more: int) -> None:
        number = won + more
        low, high = wilson(won / number, number)
        mirrored = wilson(more / number, number)
        assert mirrored == pytest.approx((1 - high, 1 - low), abs=1e-9)

    def test_is_the_published_one(self) -> None:
        """Figures of Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29."""
        for won, number, low, high in ((81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0, 0.1611)):
            assert wilson(won / number, number) == pytest.approx((low, high), abs=0.00005)
        assert wilson(1 / 29, 29) == pytest.approx((0.0061, 0.1718), abs=0.00005)

    def test_of_nothing_is_everything(self) -> None:
        assert wilson(0.0, 0) == (0.0, 1.0)


class TestRates:
    def test_nothing_is_said_below_ten(self) -> None:
        assert (Rate(9, 9).share, Rate(9, 9).between) == (None, None)
        assert Rate(5, 10).share == 0.5
        assert MoneyRate("EUR", 100, 100, 10_000.0, 9).share is None
        assert MoneyRate("EUR", 0, 0, 0.0, 10).share is None

    @given(st.lists(st.tuples(st.integers(1, 10**7), st.booleans()), min_size=10, max_size=60))
    def test_money_of_unequal_cases_says_less_than_as_many_equal_ones(self, cases: list[tuple[int, bool]]) -> None:
        total, won = sum(minor for minor, _ in cases), sum(minor for minor, wins in cases if wins)
        rate = MoneyRate("EUR", won, total, float(sum(minor * minor for minor, _ in cases)), len(cases))
        assert rate.share is not None
        assert rate.between is not None
        low, high = rate.between
        least, most = wilson(rate.share, len(cases))
        assert 0 <= low <= least + 1e-9
        assert most - 1e-9 <= high <= 1

    def test_money_of_equal_cases_has_the_interval_of_their_count(self) -> None:
        assert MoneyRate("EUR", 600, 2000, 20 * 10_000.0, 20).between == pytest.approx(wilson(0.3, 20))


def counted(number: int = 1, *, currency: str = "EUR", minor: int = 100, **changes: bool) -> Counted:
    told = {"contested": True, "judged": True, "won": True} | changes
    return Counted(number=number, currency=currency, minor=minor * number, squares=minor * minor * number, **told)


class TestTallies:
    def test_of_all_counts_what_was_given_up_and_of_contested_does_not(self) -> None:
        tally = Tally()
        for each in (
            counted(6),
            counted(4, won=False),
            counted(5, contested=False, won=False, judged=False),
            counted(5, judged=False, won=False),
        ):
            tally.add(each)
        assert (tally.share_contested.hits, tally.share_contested.number) == (15, 20)
        assert (tally.of_contested.hits, tally.of_contested.number) == (6, 10)
        assert (tally.of_all.hits, tally.of_all.number) == (6, 20)
        (money,) = tally.money_of_contested()
        assert (money.won, money.total, money.number) == (600, 1000, 10)
        (money,) = tally.money_of_all()
        assert (money.won, money.total, money.number) == (600, 2000, 20)

    def test_a_win_nobody_contested_is_no_win_of_ours(self) -> None:
        tally = Tally()
        tally.add(counted(3, contested=False))
        assert (tally.of_all.hits, tally.of_all.number) == (0, 3)

    def test_currencies_are_never_added(self) -> None:
        tally = Tally()
        tally.add(counted(1, currency="JPY", minor=5000))
        tally.add(counted(2, currency="EUR"))
        assert [(each.currency, each.total) for each in tally.money_of_all()] == [("EUR", 200), ("JPY", 5000)]

    @given(st.lists(st.tuples(st.integers(1, 50), st.booleans(), st.booleans(), st.booleans()), max_size=30))
    def test_no_part_is_larger_than_its_whole(self, told: list[tuple[int, bool, bool, bool]]) -> None:
        tally = Tally()
        for number, contested, judged, won in told:
            tally.add(counted(number, contested=contested, judged=judged, won=judged and won))
        assert tally.contested_won <= tally.contested_judged <= tally.contested <= tally.decided
        for each in tally.money_of_contested() + tally.money_of_all():
            assert 0 <= each.won <= each.total


hours = st.dictionaries(st.integers(-100, 2000), st.integers(1, 40), max_size=40)


class TestMargins:
    @given(hours)
    def test_every_answer_lies_in_exactly_one_band(self, told: dict[int, int]) -> None:
        assert sum(number for _, number in bands(told)) == sum(told.values())

    def test_a_band_begins_where_the_one_before_ends(self) -> None:
        assert [low for _, low, _ in BANDS][1:] == [high for _, _, high in BANDS][:-1]

    @given(hours)
    def test_half_of_the_answers_had_the_median_at_least(self, told: dict[int, int]) -> None:
        assume(told)
        middle = median(told)
        assert middle is not None
        total = sum(told.values())
        assert 2 * sum(number for at, number in told.items() if at >= middle) >= total
        assert 2 * sum(number for at, number in told.items() if at <= middle) >= total

    def test_of_no_answers_there_is_none(self) -> None:
        assert median({}) is None


def test_evidence_is_told_where_it_was_there_and_where_it_was_asked_for_and_lacked() -> None:
    found = by_evidence(
        [
            ({"a": True, "b": False}, True, 12),
            ({"a": True}, False, 3),
            ({"a": False}, False, 4),
            ({"a": False}, True, 1),
        ]
    )
    assert found == {"a": (Rate(12, 15), Rate(1, 5)), "b": (Rate(0, 0), Rate(12, 12))}
