"""Files that came with a message: pictures and PDFs are cleaned for a person to look at, the rest is only named."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import PurePosixPath

from disputes.clock import plainly
from disputes.facts import Message
from disputes.phrases import clause, joined, phrase, said_by
from disputes.ports import Gathered
from disputes.systems import Outside, SourceError
from evidence.packet.clean import clean_upload
from evidence.packet.errors import FileRefused
from evidence.sources.documents import TYPES, document
from evidence.uploads import shown_name

ITEM = "customer_communication"
MAX_FILES = 20
"""A case's messages together."""
MAX_SIZE = 15 * 2**20
MAX_TOGETHER = 60 * 2**20
_SMALLEST = 10_000
"""Bytes. A smaller picture inside the words of a mail is a logo or a smiley."""
_MEDIA = frozenset({"application/pdf", "image/jpeg", "image/jpg", "image/png", "image/heic", "image/heif"})


@dataclass(frozen=True, slots=True)
class Attached:
    """One file as a system tells of it; `read` fetches it and may raise SourceError."""

    name: str
    media_type: str
    size: int | None
    read: Callable[[], bytes]
    inline: bool = False
    """Shown inside the words."""

    @property
    def shown(self) -> str:
        return shown_name(self.name or self.media_type)

    @property
    def taken(self) -> bool:
        """A picture or a PDF, by what is said of it; what it really is, is looked at when it is cleaned."""
        suffix = PurePosixPath(self.name).suffix.casefold()
        return self.media_type.partition(";")[0].strip().casefold() in _MEDIA or suffix in TYPES

    @property
    def ornament(self) -> bool:
        return self.inline and self.size is not None and self.size < _SMALLEST


@dataclass(slots=True)
class Files:
    """What was taken so far, for one case."""

    outside: Outside
    refused: list[str] = field(default_factory=list)
    _seen: set[str] = field(default_factory=set)
    _bytes: int = 0
    _left_out: list[str] = field(default_factory=list)

    def of(self, message: Message, files: tuple[Attached, ...], *, request: str, why: str) -> list[Gathered]:
        """A document for each new picture or PDF, to be looked at by a person."""
        found = []
        for file in files:
            if not file.taken or file.ornament:
                continue
            if len(self._seen) >= MAX_FILES or self._bytes >= MAX_TOGETHER or self.outside.left() <= 1:
                self._left_out.append(file.shown)
                continue
            item = self._taken(message, file, request, why)
            if item is not None:
                found.append(item)
        return found

    def said(self) -> list[str]:
        """A sentence for everything that was not taken."""
        if not self._left_out:
            return self.refused
        more = ", ".join(dict.fromkeys(self._left_out[:10]))
        return [
            *self.refused,
            phrase(
                "{count} further attachments were not fetched, because they are too many for one case "
                "or the time was over: {more}.",
                count=len(self._left_out),
                more=more,
            ),
        ]

    def _taken(self, message: Message, file: Attached, request: str, why: str) -> Gathered | None:
        day = plainly(message.at, self.outside.zone)
        place = phrase("{file}, attached to a message of {day},", file=file.shown, day=day)
        if file.size is not None and file.size > MAX_SIZE:
            self.refused.append(
                phrase("{place} is larger than {mb} MB and was left out.", place=place, mb=MAX_SIZE // 2**20)
            )
            return None
        try:
            data = file.read()
            if len(data) > MAX_SIZE:
                raise FileRefused(file.shown, phrase("is larger than {mb} MB and was left out", mb=MAX_SIZE // 2**20))
            digest = sha256(data).hexdigest()
            if digest in self._seen:
                return None
            self._seen.add(digest)
            self._bytes += len(data)
            clean = clean_upload(data, file.shown)
        except FileRefused as refusal:
            self.refused.append(phrase("{file} {clause}.", file=place, clause=clause(refusal.reason)))
            return None
        except SourceError as error:
            self.refused.append(phrase("{place} could not be fetched: {why}", place=place, why=said_by(error)))
            return None
        side = "the customer" if message.direction == "in" else "the shop"
        title = f"{_stem(file.shown)}, sent by {side} on {day}"
        fact = document(clean, ITEM, title, order_ref=message.order_ref, dated=message.at)
        return Gathered(
            clean.data,
            clean.media_type,
            file.shown,
            f"{request}, attachment {file.shown}",
            fact,
            "likely",
            joined(
                [phrase("attached to a message that {why}; a person says what it shows", why=why), *clean.notes], "; "
            ),
        )


def _stem(name: str) -> str:
    return " ".join(re.sub(r"[_\s]+", " ", PurePosixPath(name).stem).split()) or "File"
