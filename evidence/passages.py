"""What a record says, in its own words or figures, as findings and contradictions show it to the merchant."""

from __future__ import annotations

from datetime import datetime

from disputes.facts import Address, Fact, Message, Record
from disputes.phrases import Phrase, phrase
from evidence.records import Ref, refs

QUOTE_LENGTH = 240


class Passage(Fact):
    """What one record says, in its own words or figures."""

    words: Phrase
    records: tuple[Ref, ...]


def passage(words: Phrase, *records: Record | None) -> Passage:
    return Passage(words=words, records=refs(each for each in records if each is not None))


def when(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"


def place(address: Address | None) -> str:
    return ", ".join(address.lines()) if address else ""


def shortened(text: str) -> str:
    """Short enough to stand in a letter or a list, never cut inside a word or in silence."""
    flat = " ".join(text.split())
    if len(flat) <= QUOTE_LENGTH:
        return flat
    return flat[:QUOTE_LENGTH].rsplit(" ", 1)[0] + " (...)"


def said(message: Message, sentence: str) -> Passage:
    """A sentence of a message with its day and who wrote it."""
    told = {"day": f"{message.at:%Y-%m-%d}", "words": shortened(sentence)}
    if message.direction == "out":
        return passage(phrase('You wrote on {day}: "{words}"', **told), message)
    return passage(phrase('The customer wrote on {day}: "{words}"', **told), message)
