"""A conversation in one shape, whatever wrote it down, and the messages it makes once it is known who the shop is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from disputes.facts import Message
from disputes.phrases import Phrase, phrase
from evidence.matching import normalise
from evidence.redaction import mask
from evidence.sources.keys import phone_number

DateOrder = Literal["day_first", "month_first"]
MAX_RECIPIENTS = 50
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
LEFT_OUT = "[Picture or file; the export is without it]"


class ChatRefused(ValueError):
    """The conversation cannot be taken; the message is a clause: "is no WhatsApp export"."""


class DatesUnclear(ChatRefused):
    """Day and month cannot be told apart, and a wrong guess would move every message."""

    def __init__(self, example: str) -> None:
        super().__init__(phrase("has days that can be read in two ways, as {example}", example=example))


class OwnNameUnclear(ChatRefused):
    """Nobody can tell which of the names in it is the shop."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = tuple(names)
        shown = [repr(mask(name).text[:60]) for name in self.names[:6]]
        few = phrase("was written by {names}, and nobody can tell which name is yours", names=", ".join(shown))
        many = phrase(
            "was written by {names} and {count} more, and nobody can tell which name is yours",
            names=", ".join(shown),
            count=len(self.names) - len(shown),
        )
        super().__init__(many if len(self.names) > len(shown) else few)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the export does not say itself."""

    zone: str
    """Of the telephone."""
    own_names: frozenset[str] = frozenset()
    """The shop's names, as `name_key` spells them."""
    dates: DateOrder | None = None
    """Which number is the day; believed only where the export leaves it open."""
    not_after: datetime | None = None
    """When the export was handed over, where that is known."""
    allowed: frozenset[str] = frozenset()
    """Numbers of the shop's own that must not be taken for card numbers."""


@dataclass(frozen=True, slots=True)
class Line:
    """Somebody's words at one instant. `raw` is what stood in the export."""

    at: datetime
    sender: str
    text: str
    raw: str
    files: tuple[str, ...] = ()
    """Names of the files that came with it, as far as the export has them."""
    left_out: bool = False
    """A picture or file came with it, and the export is without it."""


@dataclass(frozen=True, slots=True)
class Conversation:
    channel: str
    """"whatsapp", "instagram" or "facebook"."""
    title: str
    """What the export calls it; empty where it says nothing."""
    lines: tuple[Line, ...]

    @property
    def people(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(line.sender for line in self.lines))


@dataclass(frozen=True, slots=True)
class Said:
    """One message, the bytes stored for it, and the names of its files."""

    message: Message
    data: bytes
    files: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Chat:
    channel: str
    others: tuple[str, ...]
    """Everybody in it but the shop; where only the shop wrote, whom the export is named for."""
    said: tuple[Said, ...]

    @property
    def words(self) -> Phrase:
        """ "whatsapp conversation with Emily"."""
        told = {"channel": self.channel, "names": mask(", ".join(self.others[:3])).text}
        if not self.others:
            return phrase("{channel} conversation", **told)
        if len(self.others) > 3:
            return phrase("{channel} conversation with {names} and others", **told)
        return phrase("{channel} conversation with {names}", **told)


def name_key(name: str) -> str:
    """A name as it is compared; a telephone number by its digits, however it is grouped."""
    number = phone_number(name) if not re.search(r"[^\W\d_]", name) else ""
    return number or normalise(name)


def chat_of(conversation: Conversation, asked: Asked) -> Chat:
    """Which way each message went. Raises OwnNameUnclear rather than take the shop's words for the customer's."""
    people = conversation.people
    own = [name for name in people if name_key(name) in asked.own_names]
    others = tuple(name for name in people if name not in own)
    if not others and len(own) == 1 and conversation.title:
        others = (conversation.title,)
    if not others and len(own) > 1:
        raise ChatRefused(phrase("is a conversation among yourselves"))
    if not own and people and not (asked.own_names and len(people) == 1):
        raise OwnNameUnclear(people)
    seen: Counter[tuple[datetime, str, str]] = Counter()
    beats: Counter[datetime] = Counter()
    said = []
    for line in conversation.lines:
        key = (line.at, line.sender, line.text or "|".join(line.files))
        seen[key] += 1
        found = _said(conversation, line, line.sender in own, own, others, asked, seen[key])
        # Many messages have one minute; their order is part of what they say, and lasts as microseconds.
        after = timedelta(microseconds=beats[line.at])
        beats[line.at] += 1
        said.append(replace(found, message=found.message.model_copy(update={"at": line.at + after})))
    return Chat(conversation.channel, others, tuple(said))


def _said(
    conversation: Conversation,
    line: Line,
    ours: bool,
    own: list[str],
    others: tuple[str, ...],
    asked: Asked,
    count: int,
) -> Said:
    """`count`: the how-manieth of the same words in the same minute. Export of today and export of tomorrow give one
    id for one message."""
    body = clean(mask(line.text, asked.allowed).text)
    files = [f"[File {clean(mask(name, asked.allowed).text)}]" for name in line.files]
    shown = "\n".join([*files, *([LEFT_OUT] if line.left_out else []), *([body] if body else [])])
    parts = (conversation.channel, "|".join(sorted(others)), line.at.isoformat(), line.sender, shown, str(count))
    digest = sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()
    message = Message(
        message_id=f"{conversation.channel}:{digest[:40]}",
        at=line.at,
        direction="out" if ours else "in",
        channel=conversation.channel,
        sender=clean(mask(line.sender, asked.allowed).text),
        recipients=tuple(clean(mask(name).text) for name in (others if ours else own)[:MAX_RECIPIENTS]),
        body=shown or "[No words]",
    )
    return Said(message, mask(line.raw, asked.allowed).text.encode("utf-8", "replace"), line.files)


def clean(text: str) -> str:
    """Without control signs and halves of letters, which no database stores; smileys stay whole."""
    return _CONTROLS.sub("", text).strip()
