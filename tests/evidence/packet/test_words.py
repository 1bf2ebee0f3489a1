from __future__ import annotations

import pytest

from evidence.packet.fonts import coverage
from evidence.packet.words import STATED, foreign, letter_body, undrawable


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("İğüşöç ßéñ Ω Ж", "İğüşöç ßéñ Ω Ж"),
        ("Thanks \U0001f9f8", "Thanks [emoji: teddy bear]"),
        ("\U0001f44d\U0001f3fd!", "[emoji: thumbs up sign]!"),
        ("\U0001f9d1\u200d\U0001f680", "[emoji: adult][emoji: rocket]"),
        ("很", "[character U+5F88]"),
        ("a\x00b\x1bc", "abc"),
        ("pay \u202eesrever\u202c", "pay esrever"),
        ("e\u0301", "é"),
        ("\ue000", "[character U+E000]"),
    ],
)
def test_foreign_text_is_printed_or_said_in_words(text: str, printed: str) -> None:
    assert foreign(text) == printed


def test_every_form_of_words_is_known_to_the_placeholder_check() -> None:
    for point in (*range(0x1F300, 0x1FAFF), *range(0x4E00, 0x4E20), *range(0x2600, 0x27C0), 0x10FFFF):
        printed = foreign(chr(point))
        assert not printed.startswith("[") or STATED.fullmatch(printed), printed


def test_undrawable_characters_are_named() -> None:
    assert undrawable("Sorry \U0001f9f8 \U0001f9f8") == ["'\U0001f9f8' (TEDDY BEAR, U+1F9F8)"]
    assert undrawable("Çınar Ev Eşyaları – “fine” … €") == []


def test_runs_of_empty_lines_are_folded_and_kinds_of_line_ends_are_one() -> None:
    assert letter_body("\r\n\r\nHello\r\n \r\n\r\n\t\r\nBye\r") == "Hello\n\nBye"


def test_coverage_is_that_of_the_fonts_installed() -> None:
    assert "DejaVu Sans" in coverage().families
    assert coverage().draws("ğ")
    assert not coverage().draws("\ue000")
