"""Taking lines out of a table, which stays what it was otherwise."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from pathlib import Path


def leave_out(path: Path, column: str, values: Collection[str], *, delimiter: str = ",") -> None:
    text = path.read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter)
    out = io.StringIO(newline="")
    kept = csv.DictWriter(out, rows.fieldnames or (), delimiter=delimiter, lineterminator="\n")
    kept.writeheader()
    kept.writerows(row for row in rows if row[column] not in values)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
