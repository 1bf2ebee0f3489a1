"""A CSV or JSON export as rows of known fields, whatever its encoding, separator and header words."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from disputes.phrases import phrase
from evidence.matching import normalise
from evidence.redaction import mask
from evidence.sources.reading import MEGABYTE, FileSeen, FileUnreadable, read

MAX_TABLE = 64 * MEGABYTE
_UNMASKED = frozenset(
    {
        *("order_ref", "other_numbers", "payment_id", "transaction_ids", "tracking_number", "onward_number"),
        *("account_id", "device_id", "supplier_order", "return_id"),
    }
)
_MANY = frozenset({"other_numbers", "transaction_ids"})
_POINT_OF_SALE = frozenset({"device id"})
"""In Shopify's export this is the till, and not the customer's device."""
_GOODS = frozenset({"lines", "line items", "items", "order lines", "products", "goods", "urunler", "kalemler"})
_SEPARATOR_LINE = re.compile(r"sep=([,;\t|])\r?\n", re.IGNORECASE)
_TURKISH_BYTES = frozenset(b"\xd0\xdd\xde\xf0\xfd\xfe")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its fields by our words, and the whole line as it stood (masked) under its own headings."""

    file: str
    line: int
    fields: Mapping[str, str]
    raw: Mapping[str, str]

    def get(self, field: str) -> str | None:
        return self.fields.get(field) or None

    @property
    def place(self) -> str:
        return phrase("{file}, line {line}", file=self.file, line=self.line)


@cache
def _columns(table: str) -> dict[str, tuple[str, ...]]:
    """Field -> its headings, normalised, the better ones first."""
    data = json.loads(Path(__file__).with_name("columns.json").read_text(encoding="utf-8"))
    return {
        field: tuple(dict.fromkeys(normalise(word.replace("_", " ")) for word in [field, *synonyms]))
        for field, synonyms in data[table].items()
    }


@cache
def _known(table: str) -> frozenset[str]:
    return frozenset(word for words in _columns(table).values() for word in words)


def fields_of(table: str) -> tuple[str, ...]:
    """Every field the table knows, in the order of its template."""
    return tuple(_columns(table))


def read_table(file: FileSeen, table: str) -> tuple[list[Row], list[str]]:
    """Rows and one sentence for each line that could not be taken. A file that is no table raises FileUnreadable."""
    data = read(file, MAX_TABLE)
    if file.name.casefold().endswith(".json"):
        return _from_json(file.name, data, table)
    return _from_csv(file.name, decoded(file.name, data), table)


def decoded(name: str, data: bytes) -> str:
    """UTF-8 (with or without its mark), UTF-16 with its mark, else Windows Turkish or Western."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return _strict(name, data, "utf-16")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # The two pages differ in six letters only: Turkish ones here, Icelandic ones there.
        text = _strict(name, data, "cp1254" if _TURKISH_BYTES & set(data) else "cp1252")
    if "\x00" in text:
        raise FileUnreadable(phrase("{name} is no text file.", name=name))
    return text


def _strict(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise FileUnreadable(
            phrase("{name} has letters that cannot be read; save it as CSV UTF-8.", name=name)
        ) from None


def _from_csv(name: str, text: str, table: str) -> tuple[list[Row], list[str]]:
    text, separator, skipped = _separated(text, table)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    refused: list[str] = []
    try:
        header = next((cells for cells in reader if any(cell.strip() for cell in cells)), [])
        names = _named(name, header, table)
        before = reader.line_num
        for cells in reader:
            line, before = before + 1 + skipped, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                refused.append(
                    phrase(
                        "{name}, line {line}: has more values than there are headings; the line was left out.",
                        name=name,
                        line=line,
                    )
                )
                continue
            rows.append(_row(name, line, list(zip(header, cells, strict=False)), names))
    except csv.Error as error:
        line = reader.line_num + skipped
        refused.append(
            phrase(
                "{name}, line {line}: {why}; from there on nothing was read.",
                name=name,
                line=line,
                why=_csv_words(error),
            )
        )
    return rows, refused


def _csv_words(error: csv.Error) -> str:
    return (
        phrase("a quotation mark is opened and never closed")
        if "end of data" in str(error)
        else phrase("the line is no CSV")
    )


def _separated(text: str, table: str) -> tuple[str, str, int]:
    """The text, its separator, and how many lines before it were left out. Excel may name the separator in a line of
    its own ("sep=;"); else it is the one that splits the heading into the most words we know."""
    if said := _SEPARATOR_LINE.match(text):
        return text[said.end() :], said[1], 1
    first = next((line for line in text.split("\n") if re.search(r"\w", line)), "")

    def known(mark: str) -> int:
        cells = next(csv.reader([first.rstrip("\r")], delimiter=mark), [])
        return sum(normalise(cell.replace("_", " ")) in _known(table) for cell in cells)

    return text, max((",", ";", "\t", "|"), key=known), 0


def _named(name: str, header: Sequence[str], table: str) -> dict[int, str]:
    """Our field for each column, by its place. Of several headings for one field the better word wins, whatever their
    order; fields of many values take them all."""
    words = [normalise(heading.replace("_", " ")) for heading in header]
    names: dict[int, str] = {}
    for field, synonyms in _columns(table).items():
        for synonym in synonyms:
            if synonym in _POINT_OF_SALE and "financial status" in words:
                continue
            free = [place for place, word in enumerate(words) if word == synonym and place not in names]
            if field in _MANY:
                names |= dict.fromkeys(free, field)
            elif free:
                names[free[0]] = field
                break
    if not names:
        raise FileUnreadable(
            phrase(
                "{name} has no heading that is known; its first line should read like {names}.",
                name=name,
                names=",".join(fields_of(table)[:5]),
            )
        )
    return names


def _row(file: str, line: int, cells: Sequence[tuple[str, str]], names: Mapping[int, str]) -> Row:
    raw: dict[str, str] = {}
    fields: dict[str, str] = {}
    for place, (heading, cell) in enumerate(cells):
        heading_shown = _printable(heading.strip())
        if not heading_shown:
            continue
        field = names.get(place)
        value = _printable(cell.strip())
        value = value if field in _UNMASKED else mask(value).text
        raw[heading_shown] = value
        # Excel's own mark that a number is meant as text: '02108
        value = value[1:].strip() if re.match(r"'[\d+=@-]", value) else value
        if field and value:
            fields[field] = f"{fields[field]}; {value}" if field in fields else value
    return Row(file, line, fields, raw)


def _printable(text: str) -> str:
    """Without control characters and halves of letters, which no database stores."""
    return (
        text if text.isprintable() else "".join(sign if sign.isprintable() or sign in "\n\t" else " " for sign in text)
    )


def _from_json(name: str, data: bytes, table: str) -> tuple[list[Row], list[str]]:
    """A list of objects, or an object with one list in it; the n-th object counts as line n."""
    try:
        content = json.loads(data.decode("utf-8-sig"), parse_float=str, parse_int=str)
    except (ValueError, RecursionError):
        raise FileUnreadable(phrase("{name} is no JSON that can be read.", name=name)) from None
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        content = lists[0] if len(lists) == 1 else None
    if not isinstance(content, list):
        raise FileUnreadable(phrase("{name} should be a list of objects.", name=name))
    rows: list[Row] = []
    refused: list[str] = []
    for number, entry in enumerate(content, 1):
        if not isinstance(entry, dict):
            refused.append(phrase("{name}, entry {number}: is no object; it was left out.", name=name, number=number))
            continue
        rows += _rows_of(name, number, entry, table)
    return rows, refused


def _rows_of(name: str, number: int, entry: Mapping[str, Any], table: str) -> Iterator[Row]:
    """One row; in a table of orders one more for each further thing in a list of goods, as platforms write CSV."""
    flat = _flat(entry)
    lists = (flat[key] for key in flat if normalise(key.replace("_", " ")) in _GOODS)
    goods = next(lists, None) if table == "orders" else None
    items = [each for each in goods if isinstance(each, dict)] if isinstance(goods, list) else []
    whole = {key: _cell(value) for key, value in flat.items() if not (items and value is goods)}
    first = [*whole.items(), *_item(items[0])] if items else list(whole.items())
    names = _named(name, [key for key, _ in first], table)
    yield _row(name, number, first, names)
    ref = [pair for place, pair in enumerate(first) if names.get(place) == "order_ref"]
    for item in items[1:]:
        cells = [*ref, *_item(item)]
        yield _row(name, number, cells, _named(name, [key for key, _ in cells], table))


def _item(item: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(f"lineitem_{key}", _cell(value)) for key, value in _flat(item).items()]


def _flat(entry: Mapping[str, Any], prefix: str = "", depth: int = 3) -> dict[str, Any]:
    """Nested objects as joined headings: {"shipping": {"city": ...}} is "shipping_city"."""
    flat: dict[str, Any] = {}
    for key, value in entry.items():
        if isinstance(value, dict) and depth:
            flat |= _flat(value, f"{prefix}{key}_", depth - 1)
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
