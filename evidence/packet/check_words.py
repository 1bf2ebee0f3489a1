"""What must hold of a packet's words before anything is laid out."""

from __future__ import annotations

from collections.abc import Iterator

from disputes.clock import local_day, plainly
from disputes.phrases import Phrase, joined, phrase
from evidence.packet.context import PacketContext
from evidence.packet.sources import letter_of
from evidence.packet.words import undrawable

MAX_ROWS = 5
MAX_TITLE = 100
"""It stands in the head of each page."""
MAX_CHARACTERS = 400_000
"""Twice what any known limit of pages can hold; more would only cost time before it is refused."""


def check_words(context: PacketContext) -> list[str]:
    """Reasons to refuse, in words for the merchant; empty when there are none."""
    return [
        *_structure(context),
        *_undrawable(context),
        *_untranslated(context),
        *_not_in_force(context),
        *_too_long(context),
    ]


def _structure(context: PacketContext) -> Iterator[str]:
    keys = [exhibit.key for exhibit in context.exhibits]
    if len(set(keys)) != len(keys):
        yield phrase("Two exhibits have the same key; each exhibit may stand in the packet once.")
    if len(context.rows) > MAX_ROWS:
        yield phrase(
            "Page one takes at most {most} claims, there are {count}. Choose the strongest.",
            most=MAX_ROWS,
            count=len(context.rows),
        )
    cited = [row.exhibit for row in context.rows] + [key for paragraph in context.letter for key in paragraph.exhibits]
    for key in dict.fromkeys(cited):
        if key not in keys:
            yield phrase(
                "The exhibit '{key}' is cited but is not in the packet. Add it or take the sentence out.", key=key
            )
    for exhibit in context.exhibits:
        if len(exhibit.title) > MAX_TITLE or len(exhibit.source) > MAX_TITLE:
            yield phrase(
                "Title or source of the exhibit '{title}': over {most} characters. Shorten it.",
                title=exhibit.title[:40],
                most=MAX_TITLE,
            )
        if not (exhibit.tables or exhibit.messages or exhibit.quotes or exhibit.files):
            yield phrase("The exhibit '{title}' is empty. Add its records or take it out.", title=exhibit.title)
        for table in exhibit.tables:
            if len({len(row) for row in (table.columns, *table.rows) if row}) > 1:
                yield phrase("A table of the exhibit '{title}' has rows of different lengths.", title=exhibit.title)


def _undrawable(context: PacketContext) -> Iterator[str]:
    for where, text in own_texts(context):
        odd = undrawable(text)
        if odd:
            yield phrase(
                "{where} contains {names}, which no installed font can print. Write it another way.",
                where=where,
                names=", ".join(odd[:3]),
            )


def own_texts(context: PacketContext) -> Iterator[tuple[str, str]]:
    """What the merchant typed, and where: it is never changed on its way to the paper."""
    head = context.letterhead
    for line in (head.legal_name, *head.address, head.country, head.contact, head.registration):
        if line:
            yield phrase("The letterhead in the settings"), line
    if context.signatory:
        yield phrase("The name or role of who signs"), f"{context.signatory.name} {context.signatory.role}"
    for number, paragraph in enumerate(context.letter, 1):
        if paragraph.by_merchant:
            yield phrase("Paragraph {number} of the letter", number=number), paragraph.text
    for index, exhibit in enumerate(context.exhibits):
        for text in _typed(exhibit.messages, exhibit.quotes, exhibit.files):
            yield (
                phrase(
                    "A caption or translation in exhibit {letter}, {title},",
                    letter=letter_of(index),
                    title=exhibit.title,
                ),
                text,
            )


def _typed(*groups: tuple[object, ...]) -> Iterator[str]:
    for part in (part for group in groups for part in group):
        for field in ("caption", "translation"):
            text = getattr(part, field, None)
            if text:
                yield text


def _untranslated(context: PacketContext) -> Iterator[str]:
    """A passage in another language is cited only with an English translation a person entered or confirmed."""
    for exhibit in context.exhibits:
        for message in exhibit.messages:
            if is_foreign_tongue(message.language) and not message.translation:
                when = plainly(message.at, context.zone)
                yield phrase(
                    "The message of {when} is not in English. Enter an English translation or leave the message out.",
                    when=when,
                )
        for quote in exhibit.quotes:
            if is_foreign_tongue(quote.language) and not quote.translation:
                yield phrase(
                    "The policy '{title}' is not in English. Enter an English translation of the clause.",
                    title=quote.title,
                )
        for part in exhibit.files:
            if is_foreign_tongue(part.language) and not part.translation:
                name = part.name or exhibit.title
                yield phrase(
                    "The file '{name}' is not in English. Enter an English translation of what it says.", name=name
                )


def is_foreign_tongue(language: str | None) -> bool:
    return language is not None and language.lower().split("-")[0].split("_")[0] not in {"en", "eng", "und", "zxx", ""}


def _not_in_force(context: PacketContext) -> Iterator[str]:
    if context.paid_at is None:
        return
    paid_on = local_day(context.paid_at, context.zone)
    for quote in (quote for exhibit in context.exhibits for quote in exhibit.quotes):
        if quote.in_force_from > paid_on:
            yield phrase(
                "The policy '{title}' came into force after the payment. Quote the one in force that day.",
                title=quote.title,
            )


def exhibit_words(index: int, title: str) -> Phrase:
    """As the paper names it."""
    return phrase("Exhibit {letter}, {title}", letter=letter_of(index), title=title)


def _too_long(context: PacketContext) -> Iterator[str]:
    sizes = {
        exhibit_words(index, exhibit.title): sum(len(message.body) for message in exhibit.messages)
        + sum(len(cell) for table in exhibit.tables for row in table.rows for cell in row)
        + sum(len(quote.text) for quote in exhibit.quotes)
        for index, exhibit in enumerate(context.exhibits)
    }
    if sum(sizes.values()) > MAX_CHARACTERS:
        largest = sorted(sizes.items(), key=lambda item: -item[1])[:3]
        named = joined(
            (phrase("{name} ({count} characters)", name=name, count=f"{size:,}") for name, size in largest), "; "
        )
        yield phrase("The packet holds more text than any bank takes. Remove or shorten: {named}.", named=named)
