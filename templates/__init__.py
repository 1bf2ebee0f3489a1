"""Presentation only: the pages, mails and papers, and the one Jinja environment that fills them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from templates import language

_FOLDER = Path(__file__).parent


@cache
def environment() -> Environment:
    """Autoescaped, and strict: a name a template misspells is an error, not an empty place."""
    made = Environment(
        loader=FileSystemLoader(_FOLDER),
        extensions=["jinja2.ext.i18n"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.install_gettext_callables(language.say, language.say_many, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        told=language.told,
        capitalised=lambda text: text[:1].upper() + text[1:],
        money=language.money_words,
        day=language.day_words,
        number=language.number_words,
        share=language.share_words,
    )
    made.globals.update(spoken=language.spoken)
    return made


def text_of(name: str) -> str:
    """A file beside the templates as it is: a style sheet."""
    return (_FOLDER / name).read_text(encoding="utf-8")
