"""The packet cut at exhibit bounds into one file per slot: no page twice, none left out."""

from __future__ import annotations

import io
import re
from dataclasses import dataclass
from hashlib import sha256

import pikepdf

from evidence.packet.assemble import Bookmark, bookmarks, finish
from evidence.packet.context import BuiltFile, PacketContext
from evidence.packet.layout import Layout

SHORT_NAMES = {
    "cancellation_policy": "cancellation",
    "customer_communication": "messages",
    "customer_signature": "signature",
    "duplicate_charge_documentation": "duplicate",
    "receipt": "receipt",
    "refund_policy": "refund-policy",
    "service_documentation": "service",
    "shipping_documentation": "shipping",
    "uncategorized_file": "response",
}
"""File names for Stripe's nine file fields; any other slot gives its own word, cut to what a name may be."""


@dataclass(frozen=True, slots=True)
class Slice:
    slot: str
    pages: tuple[int, ...]
    """Of the whole packet, from 1, in order."""


def slices(layout: Layout, context: PacketContext) -> list[Slice]:
    """Which pages go into which slot, in the order the slots first appear."""
    bounds = [(context.front_slot, 1), *((exhibit.slot, layout.starts[exhibit.key]) for exhibit in context.exhibits)]
    pages: dict[str, list[int]] = {}
    for (slot, start), (_, end) in zip(bounds, [*bounds[1:], ("", layout.pages + 1)], strict=True):
        pages.setdefault(slot, []).extend(range(start, end))
    return [Slice(slot, tuple(numbers)) for slot, numbers in pages.items()]


def cut(packet: bytes, layout: Layout, context: PacketContext) -> list[tuple[BuiltFile, bytes]]:
    marks = bookmarks(layout, context)
    with pikepdf.open(io.BytesIO(packet)) as source:
        pieces = slices(layout, context)
        return [_file(piece.slot, _copy(source, piece, marks, context), len(piece.pages)) for piece in pieces]


def _copy(source: pikepdf.Pdf, piece: Slice, marks: list[Bookmark], context: PacketContext) -> bytes:
    with pikepdf.new() as target:
        for number in piece.pages:
            target.pages.append(source.pages[number - 1])
        target.remove_unreferenced_resources()
        own = [(text, piece.pages.index(page) + 1) for text, page in marks if page in piece.pages]
        return finish(target, f"Response to dispute {context.case_id}", own)


def _file(slot: str, data: bytes, pages: int) -> tuple[BuiltFile, bytes]:
    digest = sha256(data).hexdigest()
    name = f"{short_name(slot)}-{digest[:10]}.pdf"
    return BuiltFile(slot=slot, name=name, sha256=digest, size=len(data), pages=pages), data


def short_name(slot: str) -> str:
    plain = re.sub(r"[^a-z0-9]+", "-", slot.lower()).strip("-")[:24].strip("-")
    return SHORT_NAMES.get(slot, plain or "file")
