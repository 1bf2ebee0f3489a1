"""Stripe's nested evidence under flat names and back: "enhanced_evidence.x.y[0].charge"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

STRUCTURED = "enhanced_evidence"
_PART = re.compile(r"([a-z0-9_]+)(?:\[(\d+)\])?")


def nested(fields: Mapping[str, str]) -> dict[str, Any]:
    """Flat names as the objects and lists that Stripe wants; names without a dot stay as they are."""
    made: dict[str, Any] = {}
    for name, value in fields.items():
        if not name.startswith(f"{STRUCTURED}."):
            made[name] = value
            continue
        _put(made, [_part(part) for part in name.split(".")], value)
    return made


def _part(part: str) -> tuple[str, int | None]:
    found = _PART.fullmatch(part)
    if found is None:
        raise ValueError(f"not a field of Stripe's evidence: {part}")
    return found[1], int(found[2]) if found[2] else None


def _put(node: dict[str, Any], path: list[tuple[str, int | None]], value: str) -> None:
    for place, (name, index) in enumerate(path):
        last = place == len(path) - 1
        if index is None:
            if last:
                node[name] = value
            else:
                node = node.setdefault(name, {})
            continue
        rows = node.setdefault(name, [])
        while len(rows) <= index:
            rows.append({})
        node = rows[index]


def flat(evidence: Mapping[str, Any]) -> dict[str, str]:
    """What lies in the nested evidence, empty parts left out."""
    return dict(_leaves(STRUCTURED, evidence.get(STRUCTURED)))


def _leaves(name: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, below in value.items():
            yield from _leaves(f"{name}.{key}", below)
    elif isinstance(value, list):
        for index, below in enumerate(value):
            yield from _leaves(f"{name}[{index}]", below)
    elif value not in (None, ""):
        yield name, str(value)
