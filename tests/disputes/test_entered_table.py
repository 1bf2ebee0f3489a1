"""Cases from a table: every good line is taken, every bad one is named."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from disputes.entered_table import COLUMNS, NoTable, read, template
from disputes.lifecycle import Kind
from disputes.money import Money

ZONE = "Europe/Istanbul"
GOOD = {
    "case_number": "IYZ-1", "amount": "1249.90", "currency": "try", "category": "not_received",
    "opened": "2026-11-10", "due": "2026-11-24 17:00", "paid": "2026-10-02",
}  # fmt: skip


def table(*rows: dict[str, str], separator: str = ",") -> bytes:
    names = [column.name for column in COLUMNS]
    lines = [separator.join(names), *(separator.join(row.get(name, "") for name in names) for row in rows)]
    return "\n".join(lines).encode()


def test_the_template_is_a_table_that_can_be_read_back() -> None:
    found = read(template().encode(), ZONE)
    assert found.refused == ()
    assert found.cases[0].amount == Money(124990, "TRY")


def test_a_day_and_hour_are_the_shops_own() -> None:
    (case,) = read(table(GOOD), ZONE).cases
    assert case.due_at == datetime(2026, 11, 24, 14, 0, tzinfo=UTC)
    assert case.kind is Kind.CHARGEBACK


def test_a_day_alone_is_due_at_its_end() -> None:
    (case,) = read(table(GOOD | {"due": "2026-11-24"}), ZONE).cases
    assert case.due_at == datetime(2026, 11, 24, 20, 59, tzinfo=UTC)


@pytest.mark.parametrize("separator", [";", "\t"])
def test_the_separators_of_spreadsheets_are_taken(separator: str) -> None:
    assert len(read(b"\xef\xbb\xbf" + table(GOOD, separator=separator), ZONE).cases) == 1


def test_a_decimal_comma_is_taken_where_it_can_be_nothing_else() -> None:
    (case,) = read(table(GOOD | {"amount": "1249,90"}, separator=";"), ZONE).cases
    assert case.amount == Money(124990, "TRY")


def test_a_turkish_spreadsheets_own_encoding_is_read() -> None:
    data = table(GOOD | {"customer_name": "Ayşe Yılmaz"}).decode().encode("cp1254")
    assert read(data, ZONE).cases[0].customer_name == "Ayşe Yılmaz"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"due": ""}, "due is empty"),
        ({"amount": "12.345"}, "without signs for thousands"),
        ({"amount": "10.000"}, "without signs for thousands"),
        ({"amount": "0"}, "above zero"),
        ({"amount": "much"}, "not an amount"),
        ({"category": "because"}, "what is claimed is one of"),
        ({"currency": "LIRA"}, "currency"),
        ({"kind": "quarrel"}, "quarrel"),
        ({"opened": "10.11.2026"}, "no day as YYYY-MM-DD"),
        ({"card_last4": "42"}, "card_last4"),
        ({"refund_amount": "10.00"}, "a refund needs its amount, its day and its number"),
    ],
)
def test_a_bad_line_is_named_and_the_good_ones_are_kept(change: dict[str, str], words: str) -> None:
    found = read(table(GOOD, GOOD | {"case_number": "IYZ-2"} | change, GOOD | {"case_number": "IYZ-3"}), ZONE)
    assert [case.case_number for case in found.cases] == ["IYZ-1", "IYZ-3"]
    (refused,) = found.refused
    assert refused.startswith("Line 3: ")
    assert words in refused


def test_a_case_that_stands_twice_is_taken_once() -> None:
    found = read(table(GOOD, GOOD), ZONE)
    assert len(found.cases) == 1
    assert "twice" in found.refused[0]


def test_a_refund_made_before_is_kept_with_the_case() -> None:
    told = {"refund_amount": "249.90", "refund_date": "2026-11-01", "refund_reference": "R-7"}
    (case,) = read(table(GOOD | told), ZONE).cases
    assert case.refunds[0].amount == Money(24990, "TRY")


@pytest.mark.parametrize("data", [b"", b"amount;currency\n1;EUR", b"\x00\x01\x02"])
def test_a_file_that_is_no_such_table_is_refused_whole(data: bytes) -> None:
    with pytest.raises(NoTable):
        read(data, ZONE)
