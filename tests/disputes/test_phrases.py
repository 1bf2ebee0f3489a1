"""Sentences that remember what they were made of."""

from __future__ import annotations

import pytest
from pydantic import BaseModel

from disputes.phrases import Phrase, joined, phrase, said_by, within
from templates import language


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


def test_a_foreign_text_that_looks_like_one_stays_a_text() -> None:
    foreign = '{"say": "{a}", "with": {"b": 1}}'
    assert Phrase.read(Phrase(foreign).kept()) == foreign


def test_sentences_after_one_another_are_said_each_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    said = joined((phrase("Sent to {who}.", who=phrase("the bank")), "{raw}"), " | ")
    assert said == "Sent to the bank. | {raw}"
    catalogue = {"Sent to {who}.": "An {who} gesandt.", "the bank": "die Bank"}
    monkeypatch.setattr(language, "say", lambda message: catalogue.get(message, message))
    assert language.told(Phrase.read(said.kept())) == "An die Bank gesandt. | {raw}"
    assert joined(()) == ""


def test_what_is_too_long_is_cut_to_a_plain_text() -> None:
    said = phrase("It says {words}.", words="no")
    assert within(said, 20) is said
    assert within(said, 5).as_json() == "It sa"


def test_an_exception_gives_back_the_sentence_it_was_made_with() -> None:
    error = ValueError(phrase("{field} is empty.", field="Amount"))
    assert str(error) == "Amount is empty."
    assert said_by(error).template == "{field} is empty."
    assert said_by(KeyError("gone")).template == ""


def test_what_is_no_sentence_is_refused() -> None:
    with pytest.raises(ValueError, match="not a sentence"):
        Phrase.read({"with": {}})
