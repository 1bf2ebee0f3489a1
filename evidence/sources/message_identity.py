"""One message seen twice: in INBOX and Sent, in the mailbox and in the help desk."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypeVar

from disputes.facts import Message
from evidence.matching import address_in, normalise

T = TypeVar("T")
_APART = timedelta(minutes=2)
"""A help desk writes down when it got a message, the mail when it was sent."""
_BEGINNING = 40
"""Letters from which on a text that the other one begins with is that text without its signature."""
_MAIL = re.compile(r"<[^<>\s]+@[^<>\s]+>")
_MADE = "@no-message-id>"


def mail_id(text: str | None) -> str | None:
    """A Message-ID as mail has it, with its brackets; None for a system's own number and for anything else."""
    plain = (text or "").strip()
    framed = plain if plain.startswith("<") else f"<{plain}>"
    return framed if _MAIL.fullmatch(framed) and len(framed) <= 200 else None


def same_message(one: Message, other: Message) -> bool:
    """By the Message-ID where both have one. Else the same side wrote the same words within two minutes, to the same
    people as far as both name them; two messages of one system with numbers of their own are two."""
    mine, theirs = _id(one), _id(other)
    if mine and theirs:
        return mine == theirs and (one.direction == other.direction or _same_words(one, other))
    if one.message_id == other.message_id:
        return True
    if not mine and not theirs and _system(one) and _system(one) == _system(other):
        return False
    return (
        one.direction == other.direction
        and abs(one.at - other.at) <= _APART
        and _same_sender(one, other)
        and _shared_recipient(one, other)
        and _same_words(one, other)
    )


def deduplicated(messages: Iterable[Message]) -> list[Message]:
    """Each message once, in the order given; of two copies the one that tells more stays."""
    return without_copies(list(messages), lambda message: message)


def without_copies(items: Sequence[T], message_of: Callable[[T], Message]) -> list[T]:
    """The same for things that carry a message: evidence items, what a source gathered."""
    kept: list[T] = []
    for item in items:
        message = message_of(item)
        place = next((at for at, each in enumerate(kept) if same_message(message_of(each), message)), None)
        if place is None:
            kept.append(item)
        elif _tells(message) > _tells(message_of(kept[place])):
            kept[place] = item
    return kept


def _tells(message: Message) -> tuple[bool, bool, int]:
    """A mail with its own Message-ID says most, then who got it, then how much of the words is there."""
    return _id(message) is not None, bool(message.recipients), len(message.body) + len(message.quoted)


def _id(message: Message) -> str | None:
    found = mail_id(message.message_id)
    return found.casefold() if found and not found.endswith(_MADE) else None


def _system(message: Message) -> str:
    return message.message_id.partition(":")[0] if ":" in message.message_id else ""


def _same_sender(one: Message, other: Message) -> bool:
    """The customer by address. The shop by being the shop: its help desk writes from an address of its own."""
    if one.direction == "out":
        return True
    addresses = {address_in(each.sender) for each in (one, other)}
    return len(addresses) == 1 or not all("@" in each for each in addresses)


def _shared_recipient(one: Message, other: Message) -> bool:
    """Only what goes out tells people apart: what comes in goes to the shop, by whatever name."""
    first, second = ({address_in(each) for each in message.recipients} for message in (one, other))
    return one.direction == "in" or not first or not second or bool(first & second)


def _same_words(one: Message, other: Message) -> bool:
    short, long = sorted((normalise(one.body), normalise(other.body)), key=len)
    return bool(short) and (short == long or (len(short) >= _BEGINNING and long.startswith(f"{short} ")))
