"""What the bank sees of a parcel and of an order."""

from __future__ import annotations

from typing import Any

import pytest

from disputes.facts import OrderLine
from evidence.tables import order, shipments
from tests.evidence.builders import order as sold
from tests.evidence.builders import shipment


def fields(**changes: Any) -> dict[str, str]:
    table, *_ = shipments([shipment(**changes)], "UTC")
    return {row[0]: row[1] for row in table.rows}


def test_the_first_of_two_carriers_says_where_it_goes_on() -> None:
    shown = fields(leg="first", onward_number="92001", delivered_at=None)
    assert shown["Part of the way"] == "first of two carriers; handed over to the second, which carries it as 92001"
    assert "Delivered, by the carrier's record" not in shown


def test_the_second_says_that_it_reaches_the_customer() -> None:
    assert fields(leg="last")["Part of the way"] == "second of two carriers, to the customer"


@pytest.mark.parametrize(("asked", "words"), [(True, "yes"), (False, "no")])
def test_whether_a_signature_was_required_stands_beside_the_one_recorded(asked: bool, words: str) -> None:
    assert fields(signature_required=asked)["Signature required"] == words


def test_what_nobody_told_is_not_printed() -> None:
    assert not {"Part of the way", "Service", "Signature required"} & set(fields())


def described(**line: Any) -> list[list[tuple[str, ...]]]:
    told = sold(lines=(OrderLine(**({"description": "Desk lamp"} | line)),))
    return [list(table.rows) for table in order(told, "UTC") if table.columns[0] == "Goods"]


def test_goods_are_shown_as_the_shop_described_them_when_they_were_sold() -> None:
    assert described(about="Walnut,\n\n40 cm high.") == [[("Desk lamp", "Walnut, 40 cm high.")]]
    assert described() == []


def test_what_was_chosen_of_them_stands_beside_their_name() -> None:
    told = sold(lines=(OrderLine(description="Desk lamp", chosen="Colour: black"),))
    assert any(row[1] == "Desk lamp (Colour: black)" for table in order(told, "UTC") for row in table.rows)


def test_a_description_as_long_as_a_book_says_that_it_goes_on() -> None:
    [[(_, shown)]] = described(about="A lamp of walnut. " * 200)
    assert len(shown) < 1600
    assert shown.endswith("A lamp of walnut. [the description goes on]")
