"""Exports of conversations, single or in a ZIP with their pictures, and the evidence items they make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from disputes.clock import plainly
from disputes.phrases import clause, joined, phrase, said_by
from disputes.ports import Gathered
from evidence.packet.clean import CleanFile
from evidence.packet.errors import FileRefused
from evidence.sources import meta_messages, whatsapp
from evidence.sources.archives import Archive, ArchiveRefused, is_archive
from evidence.sources.conversation import Asked, Chat, ChatRefused, Conversation, Said, chat_of
from evidence.sources.documents import TYPES, document
from evidence.sources.reading import MEGABYTE, FileUnreadable
from evidence.sources.tables import decoded

MAX_TEXT = 32 * MEGABYTE
MAX_PICTURE = 20 * MEGABYTE
MAX_PICTURES = 20
"""Of one conversation; a person looks at each."""
MAX_CONVERSATIONS = 5_000
ITEM = "customer_communication"
ENDINGS = (".txt", ".zip", ".json")


@dataclass(frozen=True, slots=True)
class ChatItem:
    """One message of a conversation that belongs to a sale, and how that is known."""

    said: Said
    order_ref: str | None
    confidence: str
    why: str


def may_be_export(name: str) -> bool:
    """By its name: a text, an archive, or a message_1.json. What it is, is seen when it is read."""
    suffix = PurePosixPath(name).suffix.casefold()
    return suffix in (".txt", ".zip") or meta_messages.is_download(name)


def read_export(data: bytes, name: str, asked: Asked) -> list[Chat]:
    """Every conversation of one file. Raises ChatRefused (DatesUnclear, OwnNameUnclear), its text a clause."""
    found = list(_conversations(data, name, asked))
    if not found:
        raise ChatRefused(phrase("holds no WhatsApp export and no Instagram or Facebook messages"))
    return [chat_of(each, asked) for each in found if each.lines]


def _conversations(data: bytes, name: str, asked: Asked) -> Iterator[Conversation]:
    if not is_archive(data):
        if meta_messages.is_download(name) or data.lstrip()[:1] == b"{":
            yield meta_messages.read(data, name)
        else:
            yield whatsapp.read(_text(data), whatsapp.title_of(name), asked)
        return
    try:
        archive = Archive.of(data)
        names = [each for each in archive.names() if may_be_export(each) and not each.casefold().endswith(".zip")]
        if len(names) > MAX_CONVERSATIONS:
            raise ChatRefused(phrase("holds more than {most} conversations", most=f"{MAX_CONVERSATIONS:,}"))
        for each in names:
            content = archive.read(each, MAX_TEXT)
            if meta_messages.is_download(each):
                yield meta_messages.read(content, f"{name}/{each}")
            elif whatsapp.is_export(text := _text(content)):
                yield whatsapp.read(text, whatsapp.title_of(each) or whatsapp.title_of(name), asked)
    except ArchiveRefused as refusal:
        raise ChatRefused(said_by(refusal)) from None


def _text(data: bytes) -> str:
    if len(data) > MAX_TEXT:
        raise ChatRefused(phrase("is larger than {mb} MB", mb=MAX_TEXT // MEGABYTE))
    try:
        return decoded("It", data)
    except FileUnreadable:
        raise ChatRefused(phrase("is no text that can be read")) from None


# ---- items ---------------------------------------------------------------------------------------------------------


def messages(found: Iterable[ChatItem], chat: Chat, *, zone: str, request: str) -> Iterator[Gathered]:
    for item in found:
        when = plainly(item.said.message.at, zone)
        fact = item.said.message.model_copy(update={"order_ref": item.order_ref})
        name = f"{chat.words}, {when}.txt"
        yield Gathered(item.said.data, "text/plain", name, request, fact, item.confidence, item.why)


def pictures(
    found: Sequence[ChatItem],
    chat: Chat,
    *,
    zone: str,
    request: str,
    cleaned: Callable[[str], CleanFile | None],
    refused: list[str],
) -> Iterator[Gathered]:
    """The pictures and PDFs among the files of these messages, for a person to look at. `cleaned` gives one by its
    name, None where the export is without it, and raises FileRefused."""
    asked = [(item, file) for item in found for file in item.said.files if file.casefold().endswith(TYPES)]
    for item, file in asked[:MAX_PICTURES]:
        shown = PurePosixPath(file).name
        message = item.said.message
        try:
            clean = cleaned(file)
        except FileRefused as refusal:
            refused.append(
                phrase(
                    "{request}: {shown} {why}; it was left out.",
                    request=request,
                    shown=shown,
                    why=clause(refusal.reason),
                )
            )
            continue
        if clean is None:
            continue
        side = "the customer" if message.direction == "in" else "the shop"
        kind = "Document" if clean.media_type == "application/pdf" else "Picture"
        title = f"{kind} in the {chat.words}, sent by {side} on {plainly(message.at, zone)}"
        fact = document(clean, ITEM, title, order_ref=item.order_ref, dated=message.at)
        sent = phrase("sent with a message of the {chat}; a person says what it shows", chat=chat.words)
        why = joined([sent, *clean.notes], "; ")
        yield Gathered(clean.data, clean.media_type, shown, f"{request}, {shown}", fact, "likely", why)
    if len(asked) > MAX_PICTURES:
        refused.append(
            phrase(
                "{request}: {count} further pictures were left out; add those that matter.",
                request=request,
                count=len(asked) - MAX_PICTURES,
            )
        )


def picture_bytes(data: bytes, file: str) -> bytes | None:
    """One file that a message came with, out of the archive of the export; None where it is not in it."""
    if not is_archive(data):
        return None
    try:
        archive = Archive.of(data)
        ends = file.lstrip("/")
        name = next((each for each in archive.names() if each == ends or each.endswith(f"/{ends}")), None)
        return archive.read(name, MAX_PICTURE) if name else None
    except ArchiveRefused as refusal:
        raise FileRefused(PurePosixPath(file).name, said_by(refusal)) from None
