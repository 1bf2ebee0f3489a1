"""What must hold of a packet's words before anything is laid out."""

from __future__ import annotations

from collections.abc import Iterator

from disputes.clock import local_day, plainly
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
        yield "Two exhibits have the same key; each exhibit may stand in the packet once."
    if len(context.rows) > MAX_ROWS:
        yield f"Page one takes at most {MAX_ROWS} claims, there are {len(context.rows)}. Choose the strongest."
    cited = [row.exhibit for row in context.rows] + [key for paragraph in context.letter for key in paragraph.exhibits]
    for key in dict.fromkeys(cited):
        if key not in keys:
            yield f"The exhibit '{key}' is cited but is not in the packet. Add it or take the sentence out."
    for exhibit in context.exhibits:
        if len(exhibit.title) > MAX_TITLE or len(exhibit.source) > MAX_TITLE:
            yield f"Title or source of the exhibit '{exhibit.title[:40]}': over {MAX_TITLE} characters. Shorten it."
        if not (exhibit.tables or exhibit.messages or exhibit.quotes or exhibit.files):
            yield f"The exhibit '{exhibit.title}' is empty. Add its records or take it out."
        for table in exhibit.tables:
            if len({len(row) for row in (table.columns, *table.rows) if row}) > 1:
                yield f"A table of the exhibit '{exhibit.title}' has rows of different lengths."


def _undrawable(context: PacketContext) -> Iterator[str]:
    for where, text in own_texts(context):
        odd = undrawable(text)
        if odd:
            yield f"{where} contains {', '.join(odd[:3])}, which no installed font can print. Write it another way."


def own_texts(context: PacketContext) -> Iterator[tuple[str, str]]:
    """What the merchant typed, and where: it is never changed on its way to the paper."""
    head = context.letterhead
    for line in (head.legal_name, *head.address, head.country, head.contact, head.registration):
        if line:
            yield "The letterhead in the settings", line
    if context.signatory:
        yield "The name or role of who signs", f"{context.signatory.name} {context.signatory.role}"
    for number, paragraph in enumerate(context.letter, 1):
        if paragraph.by_merchant:
            yield f"Paragraph {number} of the letter", paragraph.text
    for index, exhibit in enumerate(context.exhibits):
        for text in _typed(exhibit.messages, exhibit.quotes, exhibit.files):
            yield f"A caption or translation in exhibit {letter_of(index)}, {exhibit.title},", text


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
                yield f"The message of {when} is not in English. Enter an English translation or leave the message out."
        for quote in exhibit.quotes:
            if is_foreign_tongue(quote.language) and not quote.translation:
                yield f"The policy '{quote.title}' is not in English. Enter an English translation of the clause."
        for part in exhibit.files:
            if is_foreign_tongue(part.language) and not part.translation:
                name = part.name or exhibit.title
                yield f"The file '{name}' is not in English. Enter an English translation of what it says."


def is_foreign_tongue(language: str | None) -> bool:
    return language is not None and language.lower().split("-")[0].split("_")[0] not in {"en", "eng", "und", "zxx", ""}


def _not_in_force(context: PacketContext) -> Iterator[str]:
    if context.paid_at is None:
        return
    paid_on = local_day(context.paid_at, context.zone)
    for quote in (quote for exhibit in context.exhibits for quote in exhibit.quotes):
        if quote.in_force_from > paid_on:
            yield f"The policy '{quote.title}' came into force after the payment. Quote the one in force that day."


def _too_long(context: PacketContext) -> Iterator[str]:
    sizes = {
        f"Exhibit {letter_of(index)}, {exhibit.title}": sum(len(message.body) for message in exhibit.messages)
        + sum(len(cell) for table in exhibit.tables for row in table.rows for cell in row)
        + sum(len(quote.text) for quote in exhibit.quotes)
        for index, exhibit in enumerate(context.exhibits)
    }
    if sum(sizes.values()) > MAX_CHARACTERS:
        largest = sorted(sizes.items(), key=lambda item: -item[1])[:3]
        named = "; ".join(f"{name} ({size:,} characters)" for name, size in largest)
        yield f"The packet holds more text than any bank takes. Remove or shorten: {named}."
