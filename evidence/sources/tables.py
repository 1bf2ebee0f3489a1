"""A CSV or JSON export as rows of known fields, whatever its encoding, separator and header words."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evidence.matching import normalise
from evidence.redaction import mask
from evidence.sources.reading import MEGABYTE, FileSeen, FileUnreadable, read

MAX_TABLE = 64 * MEGABYTE
_UNMASKED = frozenset({"order_ref", "payment_id", "tracking_number", "account_id", "device_id"})
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
        return f"{self.file}, line {self.line}"


@cache
def _headings(table: str) -> dict[str, str]:
    data = json.loads(Path(__file__).with_name("columns.json").read_text(encoding="utf-8"))
    words: dict[str, str] = {}
    for field, synonyms in data[table].items():
        for synonym in [field, *synonyms]:
            words.setdefault(normalise(synonym.replace("_", " ")), field)
    return words


def fields_of(table: str) -> tuple[str, ...]:
    """Every field the table knows, in the order of its template."""
    return tuple(dict.fromkeys(_headings(table).values()))


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
        raise FileUnreadable(f"{name} is no text file.")
    return text


def _strict(name: str, data: bytes, encoding: str) -> str:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        raise FileUnreadable(f"{name} has letters that cannot be read; save it as CSV UTF-8.") from None


def _from_csv(name: str, text: str, table: str) -> tuple[list[Row], list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_separator(text, table), strict=True)
    rows: list[Row] = []
    refused: list[str] = []
    try:
        header = next(reader, [])
        names = _named(name, header, table)
        before = reader.line_num
        for cells in reader:
            line, before = before + 1, reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(header) and any(cell.strip() for cell in cells[len(header) :]):
                refused.append(f"{name}, line {line}: has more values than there are headings; the line was left out.")
                continue
            rows.append(_row(name, line, dict(zip(header, cells, strict=False)), names))
    except csv.Error as error:
        refused.append(f"{name}, line {reader.line_num}: {_csv_words(error)}; from there on nothing was read.")
    return rows, refused


def _csv_words(error: csv.Error) -> str:
    return "a quotation mark is opened and never closed" if "end of data" in str(error) else "the line is no CSV"


def _separator(text: str, table: str) -> str:
    """The one that splits the first line into the most headings we know."""
    first = text.lstrip("\r\n").split("\n", 1)[0]
    words = _headings(table)

    def known(mark: str) -> int:
        cells = next(csv.reader([first.rstrip("\r")], delimiter=mark), [])
        return sum(normalise(cell) in words for cell in cells)

    return max((",", ";", "\t", "|"), key=known)


def _named(name: str, header: list[str], table: str) -> dict[str, str]:
    """Our field for each heading; one heading a field, the first wins."""
    words = _headings(table)
    names: dict[str, str] = {}
    for heading in header:
        field = words.get(normalise(heading.replace("_", " ")))
        if field and field not in names.values():
            names[heading] = field
    if not names:
        raise FileUnreadable(
            f"{name} has no heading that is known; its first line should read like {','.join(fields_of(table)[:5])}."
        )
    return names


def _row(file: str, line: int, cells: Mapping[str, str], names: Mapping[str, str]) -> Row:
    raw, fields = {}, {}
    for heading, cell in cells.items():
        heading_shown = _printable(heading.strip())
        if not heading_shown:
            continue
        field = names.get(heading)
        value = _printable(cell.strip())
        value = value if field in _UNMASKED else mask(value).text
        raw[heading_shown] = value
        if field and value:
            fields[field] = value
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
        raise FileUnreadable(f"{name} is no JSON that can be read.") from None
    if isinstance(content, dict):
        lists = [value for value in content.values() if isinstance(value, list)]
        content = lists[0] if len(lists) == 1 else None
    if not isinstance(content, list):
        raise FileUnreadable(f"{name} should be a list of objects.")
    rows: list[Row] = []
    refused: list[str] = []
    for number, entry in enumerate(content, 1):
        if not isinstance(entry, dict):
            refused.append(f"{name}, entry {number}: is no object; it was left out.")
            continue
        flat = {key: _cell(value) for key, value in _flat(entry).items()}
        rows.append(_row(name, number, flat, _named(name, list(flat), table)))
    return rows, refused


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
