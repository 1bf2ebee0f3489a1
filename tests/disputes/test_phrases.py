"""Sentences that remember what they were made of."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from disputes.phrases import Phrase, phrase


class Told(BaseModel):
    said: tuple[Phrase, ...] = ()


def test_a_phrase_is_its_english_text() -> None:
    assert phrase("The parcel {number} arrived.", number="1Z9") == "The parcel 1Z9 arrived."


def test_it_comes_back_from_a_model_with_what_it_was_made_of() -> None:
    told = Told(said=(phrase("{who} wrote {n} times.", who=phrase("The customer"), n=3), "plain words"))  # type: ignore[arg-type]
    read = Told.model_validate_json(told.model_dump_json())
    assert read == told
    assert [each.template for each in read.said] == ["{who} wrote {n} times.", ""]
    assert read.said[0].values["who"].template == "The customer"


def test_it_comes_back_from_a_text_column() -> None:
    said = phrase("Refused by {gateway}.", gateway="Stripe")
    assert Phrase.read(said.kept()).template == "Refused by {gateway}."
    assert Phrase.read("An older, plain text").kept() == "An older, plain text"


def test_braces_in_a_value_are_a_value() -> None:
    said = phrase("They wrote “{words}”.", words="{amount} {say}")
    assert Phrase.read(said.kept()) == "They wrote “{amount} {say}”."


def test_what_is_no_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="not a sentence"):
        Phrase.read({"with": {}})
