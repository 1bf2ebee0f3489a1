"""Fitting the packet under its limits: pictures go down the ladder, nothing is dropped, else a refusal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pikepdf

from evidence.packet.assemble import assemble
from evidence.packet.context import BuiltFile, PacketContext, PacketLimits
from evidence.packet.errors import PacketRefused
from evidence.packet.images import LADDER, Encoded, Rung, encode
from evidence.packet.layout import Layout
from evidence.packet.shrink import Memory, shrink
from evidence.packet.slots import cut
from evidence.packet.sources import Pieces, letter_of
from evidence.packet.view import Box

_MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Fitted:
    packet: bytes
    files: list[tuple[BuiltFile, bytes]]
    reductions: tuple[str, ...]


def check_pages(layout: Layout, context: PacketContext, limits: PacketLimits) -> None:
    if layout.pages <= limits.total_pages:
        return
    reason = f"The packet would have {layout.pages} pages, {_whose(limits)} {limits.total_pages}."
    raise PacketRefused([f"{reason} Remove or shorten: {_by_size(exhibit_pages(layout, context), 'page')}."])


def check_files(context: PacketContext, pieces: Pieces, limits: PacketLimits) -> None:
    """Before any layout: documents that cannot fit even two pages on one are not worth the time."""
    sizes = {
        f"Exhibit {letter_of(index)}, {exhibit.title}": sum(len(pieces[part.sha256]) for part in exhibit.files)
        for index, exhibit in enumerate(context.exhibits)
    }
    if sum(sizes.values()) > 2 * limits.total_pages:
        reason = f"The attached files alone have {sum(sizes.values())} pages, {_whose(limits)} {limits.total_pages}."
        raise PacketRefused([f"{reason} Remove or shorten: {_by_size(sizes, 'page')}."])


def _whose(limits: PacketLimits) -> str:
    return f"{limits.source} takes" if limits.source else "the limit is"


def exhibit_pages(layout: Layout, context: PacketContext) -> dict[str, int]:
    """Pages by exhibit, named as the paper names it."""
    starts = [layout.starts[exhibit.key] for exhibit in context.exhibits]
    ends = [*starts[1:], layout.pages + 1]
    return {
        f"Exhibit {letter_of(index)}, {exhibit.title}": max(1, ends[index] - starts[index])
        for index, exhibit in enumerate(context.exhibits)
    }


def _by_size(sizes: dict[str, int], unit: str) -> str:
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:5]
    return "; ".join(f"{name} ({size} {unit}{'' if size == 1 else 's'})" for name, size in largest)


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


def _too_large(smallest: Fitted, limits: PacketLimits, layout: Layout, context: PacketContext) -> str:
    total = max(len(smallest.packet), sum(file.size for file, _ in smallest.files))
    named = exhibit_pages(layout, context)
    return (
        f"The packet is {_megabytes(total)} even with its pictures at {LADDER[-1]}; {_whose(limits)} "
        f"{_megabytes(limits.total_bytes)}. Remove or shorten: {_by_size(named, 'page')}."
    )


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


def _said(rung: Rung, layout: Layout, limits: PacketLimits) -> tuple[str, ...]:
    said = []
    if layout.dense:
        said.append(f"Pictures and landscape pages were printed two a page to stay within {limits.total_pages} pages.")
    if rung != LADDER[0]:
        said.append(f"Pictures were scaled to {rung} to stay under {_megabytes(limits.total_bytes)}.")
    return tuple(said)
