"""Days and amounts: what can be read in two ways is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from disputes.money import Money
from evidence.sources.values import Unreadable, calendar_day, count, instant, money

TEN = datetime(2026, 11, 5, 7, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-05 10:00",
        "2026-11-05T10:00:00",
        "05.11.2026 10:00",
        "5.11.2026, 10:00",
        "2026-11-05T07:00:00Z",
        "2026-11-05 09:00:00+02:00",
        "2026-11-05T10:00:00.123+0300",
        "2026.11.05 10:00",
    ],
)
def test_an_instant_is_read_in_the_shops_zone(text: str) -> None:
    assert instant(text, "Europe/Istanbul") == TEN


def test_a_day_alone_is_its_beginning() -> None:
    assert instant("05.11.2026", "Europe/Istanbul") == datetime(2026, 11, 4, 21, 0, tzinfo=UTC)
    assert calendar_day("05.11.2026", "UTC") == date(2026, 11, 5)
    assert calendar_day("2026-11-04T22:00:00Z", "Europe/Istanbul") == date(2026, 11, 5)


def test_a_day_that_can_be_two_is_refused() -> None:
    with pytest.raises(Unreadable, match="two different days"):
        instant("03/04/2026", "UTC")
    assert calendar_day("13/04/2026", "UTC") == calendar_day("04/13/2026", "UTC") == date(2026, 4, 13)
    assert calendar_day("04/04/2026", "UTC") == date(2026, 4, 4)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "05.11.26",
        "31.02.2026",
        "2026-11-05 25:00",
        "2026-11-05 10:00 PM",
        "20261105",
        "0000-01-01",
        "9999-12-31 23:59-12:00",
    ],
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(Unreadable):
        instant(text, "America/Los_Angeles")


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("249.50", 24950),
        ("249,50", 24950),
        ("1.249,50", 124950),
        ("1,249.50", 124950),
        ("1.234.567", 123456700),
        ("€249,5", 24950),
        ("249.50 EUR", 24950),
        ("-12,00", -1200),
    ],
)
def test_amounts_with_point_or_comma(text: str, minor: int) -> None:
    assert money(text, "EUR") == Money(minor, "EUR")


def test_the_currency_is_never_guessed() -> None:
    assert money("249,50 TL", None) == Money(24950, "TRY")
    for text, currency in (
        ("249.50", None),
        ("$249.50", None),
        ("249.50 EUR", "USD"),
        ("1,249", "KWD"),
        ("1,249", "EUR"),
        ("10.005", "EUR"),
        ("1.5", "JPY"),
        ("1,2,3", "EUR"),
        ("NaN", "EUR"),
        ("1e5", "EUR"),
    ):
        with pytest.raises(Unreadable):
            money(text, currency)


@given(st.integers(-(10**9), 10**9), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_what_money_writes_is_read_again(minor: int, currency: str) -> None:
    amount = Money(minor, currency)
    assert money(amount.amount, currency) == amount


@given(st.text(max_size=30))
def test_any_text_is_read_or_refused(text: str) -> None:
    for read in (lambda: instant(text, "UTC"), lambda: money(text, "EUR"), lambda: count(text)):
        try:
            read()
        except Unreadable:
            continue
