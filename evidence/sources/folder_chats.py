"""Conversations and calls of the import folder that belong to a sale, as evidence items."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import partial

from disputes.phrases import phrase, said_by
from disputes.ports import Gathered, Wanted
from evidence.packet.clean import CleanFile
from evidence.packet.errors import FileRefused
from evidence.sources import chats
from evidence.sources.chat_matching import matched_calls, matched_chat
from evidence.sources.documents import cleaned
from evidence.sources.library import MAX_EXPORT, Library
from evidence.sources.matching import Match, the_sale
from evidence.sources.orders import same_reference
from evidence.sources.reading import FileSeen, FileUnreadable, read

_MISSING = phrase("is not in the export")


def chats_and_calls(
    library: Library, matches: Sequence[Match], wanted: Wanted, refused: list[str]
) -> Iterator[Gathered]:
    sale = the_sale(library, matches, wanted)
    if sale is not None:
        yield from _chats(library, *sale, refused)
        yield from _calls(library, *sale)


def _chats(library: Library, wanted: Wanted, others: set[str], refused: list[str]) -> Iterator[Gathered]:
    zone, seen = library.shop.zone, set[str]()
    for record in library.chats:
        found, more = matched_chat(record.chat, wanted, others)
        request = f"Import folder, {record.file.name}"
        if more:
            refused.append(
                phrase(
                    "{name}: {more} further messages of the {words} were left out, because no case takes "
                    "more than {count} of one.",
                    name=record.file.name,
                    more=more,
                    words=record.chat.words,
                    count=len(found),
                )
            )
        # The same conversation exported twice is one; the first file speaks for it.
        new = [each for each in found if each.said.message.message_id not in seen]
        seen |= {each.said.message.message_id for each in new}
        yield from chats.messages(new, record.chat, zone=zone, request=request)
        picture = partial(_picture, record.file, library.allowed)
        yield from chats.pictures(new, record.chat, zone=zone, request=request, cleaned=picture, refused=refused)


def _picture(export: FileSeen, allowed: frozenset[str], file: str) -> CleanFile | None:
    key = (str(export.path), export.stamp, file, allowed)
    try:
        return cleaned.made(key, file, lambda: _bytes(export, file), allowed)
    except FileRefused as refusal:
        if refusal.reason == _MISSING:
            return None
        raise


def _bytes(export: FileSeen, file: str) -> bytes:
    try:
        data = chats.picture_bytes(read(export, MAX_EXPORT), file) or _beside(export, file)
    except FileUnreadable as error:
        raise FileRefused(file, said_by(error)) from None
    if data is None:
        raise FileRefused(file, _MISSING)
    return data


def _beside(export: FileSeen, file: str) -> bytes | None:
    """A picture that lies unpacked beside its conversation."""
    path = export.path.parent / file.rpartition("/")[2]
    if path.is_symlink() or not path.is_file():
        return None
    facts = path.stat()
    return read(
        FileSeen(path, file, facts.st_size, (facts.st_mtime_ns, facts.st_size, facts.st_ino)), chats.MAX_PICTURE
    )


def _calls(library: Library, wanted: Wanted, others: set[str]) -> Iterator[Gathered]:
    named, elsewhere = {}, set()
    for call in library.calls:
        if call.order_ref is not None:
            refs = [
                order.order_ref
                for order in wanted.orders
                if any(same_reference(number, call.order_ref) for number in (order.order_ref, *order.numbers))
            ]
            if refs:
                named[call.message.message_id] = refs[0]
            else:
                elsewhere.add(call.message.message_id)
    records = {call.message.message_id: call for call in library.calls if call.message.message_id not in elsewhere}
    asked = [call.message for call in records.values()]
    for message, confidence, why in matched_calls(asked, wanted, others, named):
        row = records[message.message_id].row
        listed = {"file": row.file, "line": row.line, "values": dict(row.raw)}
        data = json.dumps([listed], ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
        name = f"call {message.at:%Y-%m-%d %H:%M} UTC.json"
        yield Gathered(data, "application/json", name, f"Import folder, {row.place}", message, confidence, why)
