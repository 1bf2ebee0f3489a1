"""Uploads and carrier files made harmless: what is stored is what was cleaned."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pikepdf

from disputes.phrases import Phrase, phrase
from evidence.packet import child, covering, images, paper
from evidence.packet.errors import FileRefused, RenderFailed

MAX_UPLOAD = 50 * 2**20
MAX_PAGES = 200
_SIDE = 3000
"""Longest side of a stored picture: 300 per inch over a whole page with little to spare."""

_NAMED = 5
UNSEARCHED = phrase("a picture cannot be searched for card numbers: look at it")


@dataclass(frozen=True, slots=True)
class CleanFile:
    data: bytes
    media_type: str
    pages: int
    width: int | None = None
    height: int | None = None
    notes: tuple[Phrase, ...] = ()
    """What a person should know: card data that was covered, and pictures that nobody could search for it."""


def clean_upload(
    data: bytes, name: str, helper: child.Helper | None = None, *, allowed: Iterable[str] = ()
) -> CleanFile:
    """Clean one upload in a limited child; raises FileRefused with a reason a person can act on.

    `allowed`: the case's own order and tracking numbers, which must not be taken for card numbers.
    """
    if not data:
        raise FileRefused(name, "is empty")
    if len(data) > MAX_UPLOAD:
        raise FileRefused(name, phrase("is larger than {mb} MB", mb=MAX_UPLOAD // 2**20))
    try:
        arguments = {"name": name, "allowed": sorted(set(allowed))}
        done, blobs = (helper or child.default()).call("evidence.packet.clean:job", arguments, [data])
    except RenderFailed as failure:
        raise FileRefused(name, "could not be read within the limits of time and memory") from failure
    return CleanFile(
        blobs[0],
        done["media_type"],
        done["pages"],
        done["width"],
        done["height"],
        tuple(map(Phrase.read, done["notes"])),
    )


def job(arguments: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, object], list[bytes]]:
    """In the child."""
    name, data = arguments["name"], blobs[0]
    kind = images.sniff(data)
    if kind == "application/pdf":
        notes: list[Phrase] = []
        cleaned, pages = clean_pdf(data, name, look=Look(frozenset(arguments["allowed"]), notes))
        told = [each.as_json() for each in notes]
        return {"media_type": kind, "pages": pages, "width": None, "height": None, "notes": told}, [cleaned]
    if kind is None:
        raise FileRefused(name, "is no PDF, JPEG, PNG or HEIC file")
    cleaned, media_type, width, height = clean_picture(data, name)
    done = {"media_type": media_type, "pages": 1, "width": width, "height": height, "notes": [UNSEARCHED.as_json()]}
    return done, [cleaned]


def clean_picture(data: bytes, name: str) -> tuple[bytes, str, int, int]:
    """Re-encoded and upright: bytes, media type, width, height. Position, camera and thumbnail are gone."""
    picture = images.open_picture(data, name)
    picture.thumbnail((_SIDE, _SIDE))
    out = io.BytesIO()
    if images.sniff(data) == "image/png":
        picture.save(out, "PNG", optimize=True)
        return out.getvalue(), "image/png", picture.width, picture.height
    picture.save(out, "JPEG", quality=90, optimize=True)
    return out.getvalue(), "image/jpeg", picture.width, picture.height


@dataclass(frozen=True, slots=True)
class Look:
    """A search for card data on the pages, and what it has to say."""

    allowed: frozenset[str]
    notes: list[Phrase]


def clean_pdf(data: bytes, name: str, max_pages: int = MAX_PAGES, *, look: Look | None = None) -> tuple[bytes, int]:
    """Only its pages: no scripts, actions, forms, links, notes, embedded files, thumbnails or metadata.

    With `look`, a page with card data in its text becomes a picture of itself with the data covered. What is stored
    was looked through once; a packet made of it needs no second look, which would not know the case's own numbers.
    """
    try:
        with paper.open_pdf(data, name, max_pages) as source:
            return _only_pages(source, data, name, look), len(source.pages)
    except _MALFORMED as error:
        raise FileRefused(name, "is damaged and cannot be printed. Upload it again") from error


_MALFORMED = (
    pikepdf.PikepdfError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    RuntimeError,
    ArithmeticError,
    OSError,
)
"""What a file that is not what it says makes the libraries raise."""


def _only_pages(source: pikepdf.Pdf, data: bytes, name: str, look: Look | None) -> bytes:
    for index, page in enumerate(source.pages):
        if not paper.is_possible(page):
            raise FileRefused(name, phrase("has a page of an impossible size (page {page})", page=index + 1))
    rasters = _rasters(source, data, name, look)
    with pikepdf.new() as target:
        for index, page in enumerate(source.pages):
            if index in rasters:
                paper.add_raster(target, page, rasters[index])
            else:
                target.pages.append(page)
                paper.strip_page(target.pages[-1])
        target.remove_unreferenced_resources()
        out = io.BytesIO()
        target.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()


def _rasters(source: pikepdf.Pdf, data: bytes, name: str, look: Look | None) -> dict[int, images.Encoded]:
    """The pages that become pictures. Leaves notes and field values burnt in on the others."""
    loose = paper.loose_pages(source)
    fields = covering.filled_in(source, look.allowed) if look else {}
    paper.flatten(source, name)
    if look is None:
        return {index: paper.raster(data, index, name) for index in sorted(loose)}
    flat = io.BytesIO()
    source.save(flat)
    found = covering.search(flat.getvalue(), name, look.allowed)
    boxes = {index: [*found.boxes.get(index, ()), *fields.get(index, ())] for index in {*found.boxes, *fields}}
    if boxes:
        look.notes.append(phrase("card data on {pages} was covered", pages=_pages(boxes)))
    if found.pictures:
        pages = _pages(found.pictures)
        one = phrase("{pages} shows a picture, which cannot be searched for card numbers: look at it", pages=pages)
        many = phrase("{pages} show pictures, which cannot be searched for card numbers: look at it", pages=pages)
        look.notes.append(one if len(found.pictures) == 1 else many)
    return {
        index: paper.raster(data if index in loose else flat.getvalue(), index, name, boxes.get(index, ()))
        for index in sorted(loose | boxes.keys())
    }


def _pages(numbers: Iterable[int]) -> Phrase:
    """ "page 3", "pages 1, 2 and 5"; counted from 1, and of very many only the first."""
    said = [str(number + 1) for number in sorted(numbers)]
    if len(said) == 1:
        return phrase("page {number}", number=said[0])
    if len(said) > _NAMED:
        return phrase("pages {numbers} and {count} more", numbers=", ".join(said[:_NAMED]), count=len(said) - _NAMED)
    return phrase("pages {numbers} and {last}", numbers=", ".join(said[:-1]), last=said[-1])
