"""Words of carriers, shops and applications in ours; what is not known stays unknown."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from evidence.matching import normalise


@cache
def _words(kind: str) -> dict[str, str]:
    data = json.loads(Path(__file__).with_name("vocabulary.json").read_text(encoding="utf-8"))
    return {normalise(word.replace("_", " ")): ours for ours, words in data[kind].items() for word in [ours, *words]}


def known(kind: str, word: str | None) -> str | None:
    """Our word for theirs, or None."""
    return _words(kind).get(normalise((word or "").replace("_", " ").replace("-", " ")))
