"""Uploads and carrier files made harmless: what is stored is what was cleaned."""

from __future__ import annotations

import io
from dataclasses import dataclass

import pikepdf

from evidence.packet import child, images, paper
from evidence.packet.errors import FileRefused, RenderFailed

MAX_UPLOAD = 50 * 2**20
MAX_PAGES = 200
_SIDE = 3000
"""Longest side of a stored picture: 300 per inch over a whole page with little to spare."""


@dataclass(frozen=True, slots=True)
class CleanFile:
    data: bytes
    media_type: str
    pages: int
    width: int | None = None
    height: int | None = None


def clean_upload(data: bytes, name: str, helper: child.Helper | None = None) -> CleanFile:
    """Clean one upload in a limited child; raises FileRefused with a reason a person can act on."""
    if not data:
        raise FileRefused(name, "is empty")
    if len(data) > MAX_UPLOAD:
        raise FileRefused(name, f"is larger than {MAX_UPLOAD // 2**20} MB")
    try:
        done, blobs = (helper or child.default()).call("evidence.packet.clean:job", {"name": name}, [data])
    except RenderFailed as failure:
        raise FileRefused(name, "could not be read within the limits of time and memory") from failure
    return CleanFile(blobs[0], done["media_type"], done["pages"], done["width"], done["height"])


def job(arguments: dict[str, str], blobs: list[bytes]) -> tuple[dict[str, object], list[bytes]]:
    """In the child."""
    name, data = arguments["name"], blobs[0]
    kind = images.sniff(data)
    if kind == "application/pdf":
        cleaned, pages = clean_pdf(data, name)
        return {"media_type": kind, "pages": pages, "width": None, "height": None}, [cleaned]
    if kind is None:
        raise FileRefused(name, "is no PDF, JPEG, PNG or HEIC file")
    cleaned, media_type, width, height = clean_picture(data, name)
    return {"media_type": media_type, "pages": 1, "width": width, "height": height}, [cleaned]


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


def clean_pdf(data: bytes, name: str, max_pages: int = MAX_PAGES) -> tuple[bytes, int]:
    """Only its pages: no scripts, actions, forms, links, notes, embedded files, thumbnails or metadata."""
    try:
        with paper.open_pdf(data, name, max_pages) as source:
            return _only_pages(source, data, name), len(source.pages)
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


def _only_pages(source: pikepdf.Pdf, data: bytes, name: str) -> bytes:
    rasters = paper.flatten(source, data, name)
    with pikepdf.new() as target:
        for index, page in enumerate(source.pages):
            if not paper.is_possible(page):
                raise FileRefused(name, f"has a page of an impossible size (page {index + 1})")
            if index in rasters:
                paper.add_raster(target, page, rasters[index])
            else:
                target.pages.append(page)
                paper.strip_page(target.pages[-1])
        target.remove_unreferenced_resources()
        out = io.BytesIO()
        target.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
        return out.getvalue()
