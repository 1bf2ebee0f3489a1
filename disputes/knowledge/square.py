"""Square's evidence types: which item goes under which, what may be text and what a file, and how long things may be.

Here and not in `gateways/`, because the packet is cut by these types and evidence never imports a gateway; the Square
adapter reads the same file.
"""

from __future__ import annotations

from functools import cache

from disputes.facts import Fact
from disputes.knowledge.data import load


class SquareType(Fact):
    """One of Square's evidence types and the forms in which it is taken."""

    name: str
    file: bool
    text: bool


@cache
def square_types() -> dict[str, SquareType]:
    """Every type in Square's own order."""
    return {
        entry["type"]: SquareType(name=entry["type"], file=entry["file"], text=entry["text"])
        for entry in load("square_slots")["types"]
    }


@cache
def _by_item() -> dict[str, str]:
    return {entry["item"]: entry["type"] for entry in load("square_slots")["items"]}


def square_type(item: str) -> str:
    """The type an evidence item is filed under; Square itself assumes the general one where none is given."""
    return _by_item().get(item, str(load("square_slots")["default"]))


def square_limit(name: str) -> int | None:
    """One figure by its name in the data; None where Square publishes none (the size of a file)."""
    found: int | None = next(entry["value"] for entry in load("square_slots")["limits"] if entry["limit"] == name)
    return found


@cache
def square_media_types() -> frozenset[str]:
    """What a file may be."""
    return frozenset(load("square_slots")["media_types"])
