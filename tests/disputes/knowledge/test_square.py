"""Square's evidence types as data: every item has one, each is sourced, and what evidence relies on holds."""

from __future__ import annotations

import pytest

from disputes.knowledge import text_limits
from disputes.knowledge.data import DATA, load
from disputes.knowledge.square import square_limit, square_media_types, square_type, square_types


def test_every_evidence_item_has_one_type_and_no_other_item_is_named() -> None:
    named = [entry["item"] for entry in load("square_slots")["items"]]
    assert len(named) == len(set(named))
    assert set(named) == {entry["item"] for entry in load("evidence_items")["items"]}


def test_every_type_that_an_item_is_filed_under_is_one_of_squares() -> None:
    assert {entry["type"] for entry in load("square_slots")["items"]} <= set(square_types())


def test_square_has_fifteen_types() -> None:
    assert len(square_types()) == 15


@pytest.mark.parametrize(
    ("item", "wanted"),
    [
        ("delivery_confirmation", "PROOF_OF_DELIVERY_DOCUMENTATION"),
        ("customer_communication", "CARDHOLDER_COMMUNICATION"),
        ("rebuttal_letter", "REBUTTAL_EXPLANATION"),
        ("tracking_events", "TRACKING_NUMBER"),
        ("photos", "GENERIC_EVIDENCE"),
        ("an_item_that_nobody_has_heard_of", "GENERIC_EVIDENCE"),
    ],
)
def test_an_item_goes_under_its_type_and_an_unknown_one_under_the_general_one(item: str, wanted: str) -> None:
    assert square_type(item) == wanted


def test_a_tracking_number_is_text_and_never_a_file() -> None:
    tracking = square_types()["TRACKING_NUMBER"]
    assert (tracking.text, tracking.file) == (True, False)


@pytest.mark.parametrize(
    "name", ["AUTHORIZATION_DOCUMENTATION", "CARDHOLDER_COMMUNICATION", "DUPLICATE_CHARGE_DOCUMENTATION"]
)
def test_some_types_are_taken_as_files_only(name: str) -> None:
    assert (square_types()[name].text, square_types()[name].file) == (False, True)


def test_the_limits_are_those_that_the_rest_of_the_house_uses() -> None:
    assert square_limit("text_chars") == text_limits("square").of("REBUTTAL_EXPLANATION") == 500
    assert square_limit("file_name_chars") == 40
    assert square_limit("key_chars") == 45


def test_no_size_is_invented_where_square_publishes_none() -> None:
    assert square_limit("file_bytes") is None


def test_a_limit_that_is_not_in_the_data_is_an_error_and_no_silent_none() -> None:
    with pytest.raises(StopIteration):
        square_limit("pages")


def test_pdf_is_taken() -> None:
    assert "application/pdf" in square_media_types()


def test_the_data_is_examined_like_all_other_knowledge() -> None:
    assert "square_slots" in DATA
