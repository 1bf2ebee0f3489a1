"""Presentation only: the pages, mails and papers, and the one Jinja environment that fills them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

_FOLDER = Path(__file__).parent


@cache
def environment() -> Environment:
    """Autoescaped, and strict: a name a template misspells is an error, not an empty place."""
    return Environment(
        loader=FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def text_of(name: str) -> str:
    """A file beside the templates as it is: a style sheet."""
    return (_FOLDER / name).read_text(encoding="utf-8")
