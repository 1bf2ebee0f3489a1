"""Sentences for people that are made in one place, stored, and said in another language later.

A phrase is its English text, usable wherever a text is, and remembers the sentence and the values it was made of.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

_MARK = '{"say":'


class Phrase(str):
    """`template` is the English sentence with {names}; "" where the text is data and is never translated."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, Any]

    def __new__(cls, text: str, template: str = "", values: Mapping[str, Any] | None = None) -> Phrase:
        made = super().__new__(cls, text)
        made.template, made.values = template, dict(values or {})
        return made

    @classmethod
    def of(cls, text: str) -> Phrase:
        """A phrase as it is, any other text as data."""
        return text if isinstance(text, Phrase) else cls(text)

    def as_json(self) -> str | dict[str, Any]:
        """A plain text, or {"say": template, "with": values}; phrases within phrases keep theirs."""
        if not self.template:
            return str(self)
        said = {name: value.as_json() if isinstance(value, Phrase) else value for name, value in self.values.items()}
        return {"say": self.template, "with": said} if said else {"say": self.template}

    def kept(self) -> str:
        """For a text column: JSON where there is a sentence to translate, else the text."""
        told = self.as_json()
        if isinstance(told, str):
            if not told.startswith(_MARK):
                return told
            # Somebody else's text that looks like one of ours stays a text.
            told = {"say": "{text}", "with": {"text": told}}
        return json.dumps(told, ensure_ascii=False, sort_keys=True)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls.read, serialization=core_schema.plain_serializer_function_ser_schema(lambda held: held.as_json())
        )

    @classmethod
    def read(cls, told: Any) -> Phrase:
        """Of what `as_json` or `kept` gave, of a phrase, or of a plain text; ValueError for anything else."""
        if isinstance(told, Phrase):
            return told
        if isinstance(told, str):
            return cls.read(json.loads(told)) if told.startswith(_MARK) else cls(told)
        if isinstance(told, dict) and isinstance(told.get("say"), str):
            values = told.get("with", {})
            inner = {name: cls.read(each) if isinstance(each, dict) else each for name, each in values.items()}
            return phrase(told["say"], **inner)
        raise ValueError("not a sentence")


NOTHING = Phrase("")
"""Where nothing is said."""


def phrase(template: str, /, **values: Any) -> Phrase:
    """The sentence with its values put in: texts, whole numbers or other phrases. Never an f-string before it."""
    held = {name: value if isinstance(value, (str, int)) else str(value) for name, value in values.items()}
    return Phrase(template.format(**held) if held else template, template, held)


def within(text: str, length: int) -> Phrase:
    """As it is where it is no longer than that, else its beginning as a plain text."""
    if len(text) > length:
        return Phrase(str(text)[:length])
    return Phrase.of(text)


def joined(parts: Iterable[str], between: str = " ") -> Phrase:
    """Sentences after one another, or the items of a list; what among them is a phrase is translated by itself."""
    held = {f"part{number}": part for number, part in enumerate(parts)}
    return phrase(between.join(f"{{{name}}}" for name in held), **held) if held else Phrase("")


def listed(words: Iterable[str]) -> str:
    """ "one, two and three"; at least one."""
    *most, last = words
    return phrase("{most} and {last}", most=joined(most, ", "), last=last) if most else last


def clause(text: str) -> Phrase:
    """To stand within a sentence: without a full stop of its own."""
    return Phrase.of(text) if not text.endswith(".") else Phrase(text.rstrip("."))


def said_by(error: BaseException) -> Phrase:
    """What an exception says to a person, still translatable where it was made so."""
    first = error.args[0] if error.args else ""
    return first if isinstance(first, Phrase) else Phrase(str(error))
