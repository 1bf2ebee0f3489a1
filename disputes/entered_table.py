"""Cases as a CSV table: the template, its columns explained, and reading one back with an error for each bad line."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import ValidationError

from disputes.entered import Entered, EnteredRefund
from disputes.lifecycle import Kind
from disputes.money import Money
from disputes.phrases import Phrase, phrase, said_by

MOST_ROWS = 5_000


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    required: bool
    meaning: str
    example: str


COLUMNS = (
    Column("case_number", True, phrase("The case's number at the processor or bank"), "IYZ-2026-1042"),
    Column("amount", True, phrase("Disputed amount, with a decimal point"), "1249.90"),
    Column("currency", True, phrase("ISO code of the amount"), "TRY"),
    Column("category", True, phrase("What is claimed: not_received, fraudulent, not_as_described ..."), "not_received"),
    Column("opened", True, phrase("Day the dispute was opened, YYYY-MM-DD"), "2026-11-10"),
    Column(
        "due", True, phrase("Last moment to answer in your shop's zone, YYYY-MM-DD or with HH:MM"), "2026-11-24 17:00"
    ),
    Column("paid", True, phrase("Day of the payment, YYYY-MM-DD"), "2026-10-02"),
    Column(
        "kind", False, phrase("inquiry, chargeback, pre_arbitration, arbitration or compliance; empty: chargeback"), ""
    ),
    Column("network", False, phrase("visa, mastercard, amex, troy ..."), "visa"),
    Column("reason_code", False, phrase("The network's code, if the letter names one"), "13.1"),
    Column("payment_reference", False, phrase("The payment's number at the processor"), "1899120034"),
    Column("card_last4", False, phrase("Last four digits of the card"), "4242"),
    Column("authorization_code", False, phrase("Authorisation code of the payment"), "731902"),
    Column("order", False, phrase("Your order number; by it the records are found"), "LL-1042"),
    Column("customer_name", False, phrase("The customer's name"), "Ayşe Yılmaz"),
    Column("customer_email", False, phrase("The customer's e-mail address"), "ayse@example.com.tr"),
    Column("refund_amount", False, phrase("What you had already paid back, in the same currency"), ""),
    Column("refund_date", False, phrase("Day of that refund, YYYY-MM-DD"), ""),
    Column("refund_reference", False, phrase("The refund's number"), ""),
)
_NAMES = tuple(column.name for column in COLUMNS)


def template() -> str:
    """The table to fill in: its header and one example line."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(_NAMES)
    writer.writerow([column.example for column in COLUMNS])
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Read:
    cases: tuple[Entered, ...]
    refused: tuple[Phrase, ...]
    """One sentence for each line that could not be taken, with its number."""


class NoTable(ValueError):
    """The file is no such table at all; the message says what is wrong with it."""


def read(data: bytes, zone: str) -> Read:
    """Every good line, and a sentence for each bad one. Spreadsheets' own marks (BOM, semicolons) are taken."""
    rows = _rows(data)
    cases: dict[str, Entered] = {}
    refused: list[Phrase] = []
    for number, row in enumerate(rows, start=2):
        given = {name: (row.get(name) or "").strip() for name in _NAMES}
        if not any(given.values()):
            continue
        try:
            case = _case(given, ZoneInfo(zone))
        except ValueError as error:
            refused.append(phrase("Line {number}: {why}", number=number, why=_words(error)))
            continue
        if case.case_number in cases:
            refused.append(
                phrase(
                    "Line {number}: the case {case} stands in this table twice.", number=number, case=case.case_number
                )
            )
            continue
        cases[case.case_number] = case
    return Read(tuple(cases.values()), tuple(refused))


def _rows(data: bytes) -> list[dict[str, str]]:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1254", errors="replace")  # what a Turkish or Western spreadsheet writes
    if "\x00" in text:
        raise NoTable(phrase("This is no CSV table. Save the sheet as CSV and send that."))
    lines = text.splitlines()
    head = lines[0] if lines else ""
    separator = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text), delimiter=separator)
    missing = [column.name for column in COLUMNS if column.required and column.name not in (reader.fieldnames or ())]
    if missing:
        raise NoTable(phrase("Columns are missing: {columns}. Start from the template.", columns=", ".join(missing)))
    try:
        rows = [row for _, row in zip(range(MOST_ROWS + 1), reader, strict=False)]
    except csv.Error as error:
        raise NoTable(phrase("The table cannot be read: {why}.", why=error)) from error
    if len(rows) > MOST_ROWS:
        raise NoTable(phrase("The table has more than {most} lines. Send it in parts.", most=f"{MOST_ROWS:,}"))
    return rows


def _case(given: dict[str, str], zone: ZoneInfo) -> Entered:
    for column in COLUMNS:
        if column.required and not given[column.name]:
            raise ValueError(phrase("{column} is empty.", column=column.name))
    currency = given["currency"].upper()
    return Entered(
        case_number=given["case_number"],
        kind=Kind(given["kind"].lower() or Kind.CHARGEBACK),
        category=given["category"].lower().replace(" ", "_"),
        network=given["network"].lower() or None,
        reason_code=given["reason_code"] or None,
        amount=money(given["amount"], currency),
        opened_at=moment(given["opened"], zone),
        due_at=moment(given["due"], zone, at=time(23, 59)),
        payment_reference=given["payment_reference"] or None,
        paid_at=moment(given["paid"], zone, at=time(12)),
        card_last4=given["card_last4"] or None,
        authorization_code=given["authorization_code"] or None,
        order_ref=given["order"] or None,
        customer_name=given["customer_name"] or None,
        customer_email=given["customer_email"] or None,
        refunds=_refunds(given, currency, zone),
    )


def _refunds(given: dict[str, str], currency: str, zone: ZoneInfo) -> tuple[EnteredRefund, ...]:
    told = [given[name] for name in ("refund_amount", "refund_date", "refund_reference")]
    if not any(told):
        return ()
    if not all(told):
        raise ValueError(phrase("a refund needs its amount, its day and its number."))
    at = moment(given["refund_date"], zone, at=time(12))
    return (EnteredRefund(reference=told[2], amount=money(told[0], currency), at=at),)


def money(text: str, currency: str) -> Money:
    """ "1249.90" or "1249,90" as the spreadsheet wrote it."""
    return Money.typed(text.replace(" ", ""), currency)


def moment(text: str, zone: ZoneInfo, *, at: time = time(0)) -> datetime:
    """A day, or a day and hour, in the shop's zone; a day alone means `at` on it."""
    try:
        if len(text) <= 10:
            return datetime.combine(date.fromisoformat(text), at, zone)
        found = datetime.fromisoformat(text.replace(" ", "T"))
    except ValueError as error:
        raise ValueError(phrase("{text} is no day as YYYY-MM-DD.", text=repr(text))) from error
    return found if found.tzinfo else found.replace(tzinfo=zone)


def _words(error: ValueError) -> Phrase:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        where = str(first["loc"][0]) if first["loc"] else phrase("the line")
        return phrase("{where}: {why}.", where=where, why=wrong_with(first))
    return said_by(error)


_LIMITS = {
    "string_too_long": phrase("String should have at most {max_length} characters"),
    "greater_than_equal": phrase("Input should be greater than or equal to {ge}"),
    "less_than_equal": phrase("Input should be less than or equal to {le}"),
}
"""What pydantic says of the limits that a case has, in its own words."""


def wrong_with(found: Mapping[str, Any]) -> Phrase:
    """One of pydantic's errors: our own sentence, or its words for a limit."""
    told = found.get("ctx") or {}
    if isinstance(told.get("error"), ValueError):
        return said_by(told["error"])
    template = _LIMITS.get(found["type"])
    return phrase(template.template, **told) if template else Phrase(found["msg"])
