"""Fitting the packet under its limits: pictures go down the ladder, nothing is dropped, else a refusal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import pikepdf

from disputes.phrases import Phrase, joined, phrase
from evidence.packet.assemble import assemble
from evidence.packet.check_words import exhibit_words
from evidence.packet.context import BuiltFile, PacketContext, PacketLimits
from evidence.packet.errors import PacketRefused
from evidence.packet.images import LADDER, Encoded, Rung, encode
from evidence.packet.layout import Layout
from evidence.packet.shrink import Memory, shrink
from evidence.packet.slots import cut
from evidence.packet.sources import Pieces
from evidence.packet.view import Box

_MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Fitted:
    packet: bytes
    files: list[tuple[BuiltFile, bytes]]
    reductions: tuple[Phrase, ...]


def check_pages(layout: Layout, context: PacketContext, limits: PacketLimits) -> None:
    if layout.pages <= limits.total_pages:
        return
    told = {"pages": layout.pages, "limit": limits.total_pages, "source": limits.source or ""}
    published = phrase("The packet would have {pages} pages, {source} takes {limit}.", **told)
    own = phrase("The packet would have {pages} pages, the limit is {limit}.", **told)
    raise PacketRefused([joined([published if limits.source else own, _shorten(exhibit_pages(layout, context))])])


def check_files(context: PacketContext, pieces: Pieces, limits: PacketLimits) -> None:
    """Before any layout: documents that cannot fit even two pages on one are not worth the time."""
    sizes = {
        exhibit_words(index, exhibit.title): sum(len(pieces[part.sha256]) for part in exhibit.files)
        for index, exhibit in enumerate(context.exhibits)
    }
    if sum(sizes.values()) > 2 * limits.total_pages:
        told = {"pages": sum(sizes.values()), "limit": limits.total_pages, "source": limits.source or ""}
        published = phrase("The attached files alone have {pages} pages, {source} takes {limit}.", **told)
        own = phrase("The attached files alone have {pages} pages, the limit is {limit}.", **told)
        raise PacketRefused([joined([published if limits.source else own, _shorten(sizes)])])


def exhibit_pages(layout: Layout, context: PacketContext) -> dict[Phrase, int]:
    """Pages by exhibit, named as the paper names it."""
    starts = [layout.starts[exhibit.key] for exhibit in context.exhibits]
    ends = [*starts[1:], layout.pages + 1]
    return {
        exhibit_words(index, exhibit.title): max(1, ends[index] - starts[index])
        for index, exhibit in enumerate(context.exhibits)
    }


def _shorten(sizes: Mapping[Phrase, int]) -> Phrase:
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    named = (
        phrase("{name} ({pages} pages)", name=name, pages=pages) if pages != 1 else phrase("{name} (1 page)", name=name)
        for name, pages in largest
    )
    return phrase("Remove or shorten: {names}.", names=joined(named, "; "))


def fit(layout: Layout, context: PacketContext, limits: PacketLimits) -> Fitted:
    """The highest rung of the ladder on which all limits are held."""
    pictures: dict[tuple[str, Rung], Encoded] = {}
    documents: Memory = {}

    def at(rung: Rung) -> Fitted:
        packet = assemble(layout, context, _Encoder(rung, pictures, documents))
        return Fitted(packet, cut(packet, layout, context), _said(rung, layout, limits))

    return _highest(at, limits, layout, context)


def _highest(at: Callable[[Rung], Fitted], limits: PacketLimits, layout: Layout, context: PacketContext) -> Fitted:
    best = at(LADDER[0])
    if holds(best, limits):
        return best
    low, high, found = 1, len(LADDER) - 1, None
    while low <= high:
        middle = (low + high) // 2
        tried = at(LADDER[middle])
        if holds(tried, limits):
            found, high = tried, middle - 1
        else:
            best, low = tried, middle + 1
    if found is None:
        raise PacketRefused([_too_large(best, limits, layout, context)])
    return found


def holds(fitted: Fitted, limits: PacketLimits) -> bool:
    sizes = [file.size for file, _ in fitted.files]
    return max(sum(sizes), len(fitted.packet)) <= limits.total_bytes and max(sizes) <= limits.file_bytes


def _too_large(smallest: Fitted, limits: PacketLimits, layout: Layout, context: PacketContext) -> Phrase:
    total = max(len(smallest.packet), sum(file.size for file, _ in smallest.files))
    told = {
        "size": _megabytes(total),
        "pictures": LADDER[-1].words(),
        "limit": _megabytes(limits.total_bytes),
        "source": limits.source or "",
    }
    published = phrase("The packet is {size} even with its pictures at {pictures}; {source} takes {limit}.", **told)
    own = phrase("The packet is {size} even with its pictures at {pictures}; the limit is {limit}.", **told)
    return joined([published if limits.source else own, _shorten(exhibit_pages(layout, context))])


def _megabytes(size: int) -> str:
    return f"{size // 10_000 / 100:.2f} MB"


@dataclass(frozen=True, slots=True)
class _Encoder:
    rung: Rung
    pictures: dict[tuple[str, Rung], Encoded]
    documents: Memory

    def picture(self, box: Box) -> Encoded:
        key = (box.url, self.rung)
        if key not in self.pictures and box.piece.picture is not None:
            self.pictures[key] = encode(box.piece.picture, self.rung, _inches(box))
        return self.pictures[key]

    def document(self, box: Box, form: pikepdf.Object) -> None:
        """Documents stay untouched on the first rung: nothing needs to be saved there."""
        if self.rung != LADDER[0]:
            shrink(form, self.rung, _inches(box), self.documents)


def _inches(box: Box) -> tuple[float, float]:
    return box.width / _MM_PER_INCH, box.height / _MM_PER_INCH


def _said(rung: Rung, layout: Layout, limits: PacketLimits) -> tuple[Phrase, ...]:
    said = []
    if layout.dense:
        said.append(
            phrase(
                "Pictures and landscape pages were printed two a page to stay within {pages} pages.",
                pages=limits.total_pages,
            )
        )
    if rung != LADDER[0]:
        said.append(
            phrase(
                "Pictures were scaled to {pictures} to stay under {size}.",
                pictures=rung.words(),
                size=_megabytes(limits.total_bytes),
            )
        )
    return tuple(said)
