"""What people outside are written when they are asked for a document, in their language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from templates import text_of


@cache
def _all() -> Mapping[str, Mapping[str, Any]]:
    found: Mapping[str, Mapping[str, Any]] = json.loads(text_of("asking.json"))
    return found


def languages() -> dict[str, str]:
    """Code -> its own name."""
    return {code: str(words["name"]) for code, words in _all().items()}


def words(language: str) -> Mapping[str, Any]:
    """Every sentence of mail and page; English for a language that is not there."""
    return _all().get(language, _all()["en"])


def askable() -> tuple[str, ...]:
    """Evidence items that somebody outside may have."""
    return tuple(_all()["en"]["items"])
