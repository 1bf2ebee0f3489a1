from __future__ import annotations

from typing import Any

import pytest

from disputes.facts import Fact
from evidence.packet.check_words import check_words, is_foreign_tongue
from evidence.packet.context import Letterhead, Quote, Signatory, Table
from tests.evidence.packet.builders import WRITTEN, build_context, build_exhibit, build_part, build_pdf

BEAR = "\U0001f9f8"


def exhibit(**over: Any) -> dict[str, Fact]:
    return {"exhibits": (build_exhibit(**over),)}


def quote(**over: Any) -> Quote:
    return Quote(**{"title": "Refund policy", "in_force_from": WRITTEN.date().replace(month=1), "text": "4.", **over})


def test_a_good_packet_is_not_refused() -> None:
    assert check_words(build_context()) == []


@pytest.mark.parametrize(
    ("over", "said"),
    [
        ({"letterhead": Letterhead(legal_name=f"Shop {BEAR}")}, "The letterhead in the settings contains"),
        ({"signatory": Signatory(name=f"Ayse {BEAR}", role="Owner")}, "The name or role of who signs contains"),
        (exhibit(files=(build_part(build_pdf(), "a.pdf", caption=BEAR),)), "A caption or translation in exhibit A"),
        (exhibit(title="x" * 101), "over 100 characters"),
        (exhibit(tables=(Table(columns=("a", "b"), rows=(("1",),)),)), "rows of different lengths"),
        (exhibit(quotes=(quote(language="tr"),)), "The policy 'Refund policy' is not in English"),
        (exhibit(files=(build_part(build_pdf(), "a.pdf", language="de"),)), "The file 'a.pdf' is not in English"),
        ({"exhibits": (build_exhibit(), build_exhibit())}, "Two exhibits have the same key"),
    ],
)
def test_what_cannot_be_printed_is_refused_in_words(over: dict[str, Any], said: str) -> None:
    assert said in " ".join(check_words(build_context(**over)))


def test_an_exhibit_without_anything_in_it_is_refused() -> None:
    empty = build_exhibit().model_copy(update={"tables": ()})
    assert "is empty" in " ".join(check_words(build_context(exhibits=(empty,))))


@pytest.mark.parametrize(
    ("language", "foreign"), [("tr", True), ("en-GB", False), ("en", False), (None, False), ("und", False)]
)
def test_english_in_all_its_kinds_needs_no_translation(language: str | None, foreign: bool) -> None:
    assert is_foreign_tongue(language) is foreign


def test_a_policy_has_no_day_to_be_in_force_on_when_the_payments_is_unknown() -> None:
    assert check_words(build_context(paid_at=None, **exhibit(quotes=(quote(),)))) == []
