"""Square's objects in the sandbox's file, with the columns they are found by."""

from __future__ import annotations

from typing import Any

from gateways.sandbox.store import JSON, Row


def row(body: JSON, *, created: int, parent: str | None = None, label: str | None = None, **hidden: Any) -> Row:
    """`body` is what Square shows; `created` orders it, `parent` and `label` are what lists filter by."""
    columns = {"id": body["id"], "created": created, "parent": parent, "label": label}
    return Row(body, {"columns": columns, **hidden})


def created(row: Row) -> int:
    return int(row.hidden["columns"]["created"])


def relabel(row: Row, label: str) -> None:
    row.hidden["columns"]["label"] = label
