"""Pictures and PDFs laid beside an order: documents/<order>/<evidence item>__<title>.<type>, cleaned before use."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import PurePosixPath
from typing import Any, Literal, cast

from disputes.facts import Document
from disputes.knowledge import evidence_items
from disputes.phrases import clause, joined, phrase, said_by
from disputes.ports import Gathered
from evidence.packet.clean import CleanFile, clean_upload
from evidence.packet.errors import FileRefused
from evidence.redaction import mask
from evidence.sources import values
from evidence.sources.reading import MEGABYTE, FileSeen, FileUnreadable, read
from evidence.sources.values import Unreadable

MAX_DOCUMENT = 20 * MEGABYTE
CORRESPONDENCE = "customer_communication"
TYPES = (".jpg", ".jpeg", ".png", ".heic", ".heif", ".pdf")
_KEPT_BYTES = 64 * MEGABYTE


class Cleaned:
    """Cleaned files of a process, the most recent ones kept: twenty-five disputes clean a file once."""

    def __init__(self, room: int = _KEPT_BYTES) -> None:
        self._room = room
        self._held: OrderedDict[tuple[Hashable, ...], CleanFile | FileRefused] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, file: FileSeen, allowed: frozenset[str] = frozenset()) -> CleanFile:
        """`allowed`: the case's own numbers, which must not be taken for card numbers."""
        key = (str(file.path), file.stamp, allowed)
        return self.made(key, file.name, lambda: read(file, MAX_DOCUMENT), allowed)

    def made(
        self, key: tuple[Hashable, ...], name: str, data: Callable[[], bytes], allowed: frozenset[str] = frozenset()
    ) -> CleanFile:
        """The cleaned file of this key, cleaned now if it is not there. Raises FileRefused."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
        if found is None:
            found = self._clean(name, data, allowed)
            with self._lock:
                self._held[key] = found
                while sum(len(each.data) for each in self._held.values() if isinstance(each, CleanFile)) > self._room:
                    self._held.popitem(last=False)
        if isinstance(found, FileRefused):
            raise FileRefused(found.name, found.reason)
        return found

    @staticmethod
    def _clean(name: str, data: Callable[[], bytes], allowed: frozenset[str]) -> CleanFile | FileRefused:
        try:
            return clean_upload(data(), name, allowed=allowed)
        except FileRefused as refusal:
            return refusal


cleaned = Cleaned()


@dataclass(frozen=True, slots=True)
class Sidecar:
    dated: datetime | None = None
    caption: str | None = None
    source: str | None = None


def order_of(file: FileSeen) -> str | None:
    """The order a document lies with: the folder right under documents/."""
    parts = PurePosixPath(file.name).parts
    return parts[1] if len(parts) == 3 else None


def named(file: FileSeen) -> tuple[str, str]:
    """Evidence item and title out of the file's name. Raises FileUnreadable."""
    path = PurePosixPath(file.name)
    item, mark, title = path.stem.partition("__")
    if path.suffix.casefold() not in TYPES:
        raise FileUnreadable(phrase("{name} is no JPEG, PNG, HEIC or PDF file and was left out.", name=file.name))
    if not mark or item not in evidence_items():
        raise FileUnreadable(
            phrase(
                "{name}: its name should begin with an evidence item and two underscores, as in "
                "delivery_photo__Parcel at the door.jpg.",
                name=file.name,
            )
        )
    return item, " ".join(title.replace("_", " ").split()) or item.replace("_", " ").capitalize()


def gathered(
    file: FileSeen,
    sidecar: FileSeen | None,
    order_ref: str,
    zone: str,
    confidence: str,
    why: str,
    allowed: frozenset[str] = frozenset(),
) -> Gathered:
    """Raises FileUnreadable with a sentence that names the file."""
    item, title = named(file)
    beside = read_sidecar(sidecar, zone) if sidecar else Sidecar()
    try:
        clean = cleaned.get(file, allowed)
    except FileRefused as refusal:
        raise FileUnreadable(phrase("{file} {clause}.", file=file.name, clause=clause(refusal.reason))) from None
    title = screenshot(title, item, clean)
    fact = document(clean, item, title, order_ref=order_ref, dated=beside.dated, caption=beside.caption)
    why = joined([why, *clean.notes], "; ")
    request = f"Import folder, {file.name}" + (f" ({beside.source})" if beside.source else "")
    return Gathered(clean.data, clean.media_type, PurePosixPath(file.name).name, request, fact, confidence, why)


def screenshot(title: str, item: str, clean: CleanFile) -> str:
    """A picture that stands for correspondence says of itself that it is one: nobody here can read its words, and it
    shows what the person who took it chose."""
    seen = item == CORRESPONDENCE and clean.media_type.startswith("image/")
    return f"Screenshot: {title}" if seen and not title.casefold().startswith("screenshot") else title


def document(
    clean: CleanFile,
    item: str,
    title: str,
    *,
    order_ref: str | None,
    dated: datetime | None = None,
    caption: str | None = None,
) -> Document:
    return Document(
        item=item,
        title=mask(title).text,
        media_type=cast('Literal["application/pdf", "image/jpeg", "image/png"]', clean.media_type),
        sha256=sha256(clean.data).hexdigest(),
        size=len(clean.data),
        pages=clean.pages,
        dated=dated,
        order_ref=order_ref,
        caption=caption,
    )


def read_sidecar(file: FileSeen, zone: str) -> Sidecar:
    try:
        content = json.loads(read(file, MEGABYTE).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise FileUnreadable(
            phrase("{name} is no JSON object that can be read; the file beside it was left out.", name=file.name)
        )
    try:
        dated = values.instant(str(content["dated"]), zone) if content.get("dated") else None
    except Unreadable as error:
        raise FileUnreadable(
            phrase("{name}, dated: {why}; the file beside it was left out.", name=file.name, why=said_by(error))
        ) from None
    return Sidecar(dated, _words(content.get("caption")), _words(content.get("source")))


def _words(value: Any) -> str | None:
    plain = "".join(sign if sign.isprintable() else " " for sign in str(value or ""))
    return " ".join(mask(plain).text.split())[:500] or None
