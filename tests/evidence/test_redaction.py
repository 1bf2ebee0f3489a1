"""No card number, security code or track is ever stored; order, tracking and account numbers are."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evidence.redaction import is_card_number, mask

CARDS = [
    "4242424242424242",
    "5555555555554444",
    "2223003122003222",
    "378282246310005",
    "6011111111111117",
    "36227206271667",
    "9792030394440796",
]
GAPS = st.sampled_from(["", " ", "-", ".", "\u00a0", "\u2009", "\u200b", "–", "\n"])


def with_check_digit(start: str) -> str:
    return next(start + str(last) for last in range(10) if _luhn(start + str(last)))


def _luhn(digits: str) -> bool:
    values = [int(sign) for sign in reversed(digits)]
    return sum(values[::2] + [sum(divmod(2 * value, 10)) for value in values[1::2]]) % 10 == 0


visa = st.text("0123456789", min_size=14, max_size=14).map(lambda middle: with_check_digit("4" + middle))


@pytest.mark.parametrize("number", CARDS)
def test_a_card_number_keeps_only_its_last_four_digits(number: str) -> None:
    assert mask(f"My card is {number}.").text == f"My card is {'*' * (len(number) - 4)}{number[-4:]}."


@settings(deadline=None)
@given(visa, GAPS, st.text(st.characters(categories=["Lu", "Ll", "Zs", "Po"]), max_size=20))
def test_no_way_of_grouping_shows_a_card_number(number: str, gap: str, around: str) -> None:
    written = gap.join(number[at : at + 4] for at in range(0, 16, 4))
    masked = mask(f"{around}: {written} ; {around}").text
    digits = "".join(sign for sign in unicodedata.normalize("NFKC", masked) if sign.isdigit())
    assert number not in digits
    assert number[-4:] in masked


@settings(deadline=None)
@given(visa)
def test_full_width_digits_are_digits(number: str) -> None:
    wide = number.translate({ord(digit): ord(digit) + 0xFEE0 for digit in "0123456789"})
    assert mask(f"Kart {wide}").text == f"Kart ************{number[-4:]}"


@settings(deadline=None)
@given(st.text(max_size=300))
def test_masking_twice_is_masking_once(text: str) -> None:
    once = mask(text).text
    assert mask(once).text == once


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Nd", "Cs"]), max_size=300))
def test_text_without_digits_is_left_alone(text: str) -> None:
    assert mask(text).text == text


@settings(deadline=None)
@given(visa)
def test_the_shops_own_number_is_left_alone(number: str) -> None:
    spaced = " ".join(number[at : at + 4] for at in range(0, 16, 4))
    assert mask(f"Parcel {spaced}", [number]).text == f"Parcel {spaced}"
    assert mask(f"Parcel {number}", ["another"]).hits == 1


@pytest.mark.parametrize(
    "text",
    [
        "Order 4242424242424241",
        "TR33 0006 1005 1978 6457 8413 26",
        "JD4242424242424242",
        "1Z999AA10123456784",
        "9400 1118 9956 0123 4567 89",
        "2026-11-22 14:20:33 0300",
        "+90 532 555 01 18, +90 212 555 01 44",
        "Shopify 5312345678901",
    ],
)
def test_what_is_no_card_number_stays(text: str) -> None:
    assert mask(text).text == text


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("CVV: 123", "CVV: [removed]"),
        ("cvc is 1234, thanks", "cvc is [removed], thanks"),
        ("güvenlik kodu 123", "güvenlik kodu [removed]"),
        ("Güvenlik kodum: 123.", "Güvenlik kodum: [removed]."),
        ("CVV'si 123", "CVV'si [removed]"),
        ("123 is my cvv", "[removed] is my cvv"),
        ("the security code on the back 987", "the security code on the back [removed]"),
    ],
)
def test_security_codes_go_in_both_languages(text: str, clean: str) -> None:
    assert mask(text).text == clean


def test_track_data_goes() -> None:
    assert "4242424242424242" not in mask("%B4242424242424242^CARTER/EMILY^29121010000000000?").text
    assert "4242424242424242" not in mask(";4242424242424242=29121010000000000000?").text


def test_a_number_before_the_card_number_does_not_hide_it() -> None:
    assert mask("order 1001 4242 4242 4242 4242").text == "order 1001 ************4242"


def test_a_card_number_inside_a_longer_number_is_none() -> None:
    assert not is_card_number("10014242424242424242")
