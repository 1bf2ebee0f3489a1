"""The knowledge is versioned, and no entry comes without a source and the day it was checked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from disputes.knowledge.data import DATA, load, sources, version

ENTRY_KEYS = ("code", "category", "item", "who", "gateway", "key", "limit", "reason")


def entries(node: Any, path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object that stands for one thing known."""
    if isinstance(node, list):
        for number, each in enumerate(node):
            if isinstance(each, dict):
                yield f"{path}[{number}]", each
            yield from entries(each, f"{path}[{number}]")
    elif isinstance(node, dict):
        for name, each in node.items():
            yield from entries(each, f"{path}.{name}")


def unsourced(document: dict[str, Any]) -> list[str]:
    """Paths of the entries a reviewer could not trace."""
    known = sources()
    found = list(entries(document))
    found += [(f".playbooks.{name}", each) for name, each in document.get("playbooks", {}).items()]
    return [
        path
        for path, entry in found
        if not entry.get("source")
        or not set(entry["source"]) <= set(known)
        or not re.fullmatch(r"\d{4}-\d\d-\d\d", str(entry.get("checked", "")))
    ]


@pytest.mark.parametrize("name", DATA)
def test_every_entry_names_its_source_and_the_day_it_was_checked(name: str) -> None:
    assert unsourced(load(name)) == []


def test_an_entry_without_a_source_is_refused() -> None:
    assert unsourced({"codes": [{"code": "13.1", "checked": "2026-11-22"}]}) == [".codes[0]"]


def test_an_entry_without_a_date_is_refused() -> None:
    assert unsourced({"codes": [{"code": "13.1", "source": ["s1"]}]}) == [".codes[0]"]


def test_an_entry_with_a_source_nobody_knows_is_refused() -> None:
    assert unsourced({"codes": [{"code": "13.1", "source": ["s9999"], "checked": "2026-11-22"}]}) == [".codes[0]"]


@pytest.mark.parametrize("name", [*DATA, "sources"])
def test_all_files_carry_the_same_version(name: str) -> None:
    assert load(name)["version"] == version()


def test_no_source_is_an_orphan() -> None:
    used = {each for name in DATA for each in re.findall(r'"(s\d+)"', str(load(name)).replace("'", '"'))}
    assert used == set(sources())


def test_the_set_is_complete() -> None:
    assert len(load("reason_codes")["codes"]) == 229
    assert len(load("evidence_items")["items"]) == 94
    assert len(load("categories")["categories"]) == 17
