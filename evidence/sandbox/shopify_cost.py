"""What a question costs and whether there are points for it: an object is one, a list as many times its contents as was
asked for, and a connection two more. The bucket fills again by so many points a second."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

MOST = 1000
_UNSIZED = 1


class Bucket:
    """Points of one app in one shop. What was asked for is held; what was not needed is given back."""

    def __init__(self, maximum: float, rate: float) -> None:
        self.maximum, self.rate = maximum, rate
        self._points, self._told_at = maximum, time.monotonic()

    @property
    def points(self) -> float:
        now = time.monotonic()
        self._points = min(self.maximum, self._points + (now - self._told_at) * self.rate)
        self._told_at = now
        return self._points

    def take(self, cost: float) -> bool:
        if self.points < cost:
            return False
        self._points -= cost
        return True

    def status(self) -> dict[str, float]:
        return {
            "maximumAvailable": float(self.maximum), "currentlyAvailable": float(int(self.points)),
            "restoreRate": float(self.rate),
        }  # fmt: skip


def requested(document: Any, variables: Mapping[str, Any]) -> int:
    """Of the one operation in a parsed document."""
    fragments = {each.name.value: each for each in document.definitions if each.kind == "fragment_definition"}
    operation = next(each for each in document.definitions if each.kind == "operation_definition")
    return _of(operation.selection_set, fragments, variables)


def _of(selections: Any, fragments: Mapping[str, Any], variables: Mapping[str, Any]) -> int:
    cost = 0
    for each in selections.selections if selections else ():
        if each.kind == "fragment_spread":
            cost += _of(fragments[each.name.value].selection_set, fragments, variables)
        elif each.kind == "inline_fragment":
            cost += _of(each.selection_set, fragments, variables)
        elif each.selection_set:
            cost += _field(each, fragments, variables)
    return cost


def _field(field: Any, fragments: Mapping[str, Any], variables: Mapping[str, Any]) -> int:
    names = {each.name.value for each in field.selection_set.selections if each.kind == "field"}
    size = next(
        (_size(each.value, variables) for each in field.arguments or () if each.name.value == "first"), _UNSIZED
    )
    if "nodes" not in names:
        return size * (1 + _of(field.selection_set, fragments, variables))
    nodes = next(each for each in field.selection_set.selections if getattr(each.name, "value", "") == "nodes")
    return 2 + size * (1 + _of(nodes.selection_set, fragments, variables))


def _size(value: Any, variables: Mapping[str, Any]) -> int:
    return int(variables.get(value.name.value) or 0) if value.kind == "variable" else int(value.value)


def returned(data: Any) -> int:
    """Of an answer: one for each object in it."""
    if isinstance(data, dict):
        return 1 + sum(returned(each) for each in data.values())
    return sum(returned(each) for each in data) if isinstance(data, list) else 0
