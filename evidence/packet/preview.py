"""Pages as pictures for the screen."""

from __future__ import annotations

import io
from typing import Any, Literal

import pypdfium2
from PIL import Image

from evidence.packet import child

MAX_WIDTH = 2400
_COLOURS = 16
_LOSSY = {"quality": 45, "method": 4}
_LOSSLESS = {"lossless": True, "quality": 50, "method": 3}


def page_images(
    pdf: bytes, width: int, helper: child.Helper | None = None, *, form: Literal["PNG", "WEBP"] = "PNG"
) -> list[bytes]:
    """One picture a page, `width` pixels wide, drawn in a limited child. WEBP is for small ones that load quickly."""
    arguments = {"width": min(width, MAX_WIDTH), "form": form}
    _, pictures = (helper or child.default()).call("evidence.packet.preview:job", arguments, [pdf])
    return pictures


def job(arguments: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """In the child."""
    pictures = []
    with pypdfium2.PdfDocument(blobs[0]) as document:
        for page in document:
            picture = page.render(scale=arguments["width"] / page.get_width()).to_pil().convert("RGB")
            pictures.append(_saved(picture, arguments["form"], with_photos=_with_photos(page)))
    return {}, pictures


def _with_photos(page: pypdfium2.PdfPage) -> bool:
    return any(page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=5))


def _saved(picture: Image.Image, form: str, *, with_photos: bool) -> bytes:
    out = io.BytesIO()
    if form == "PNG":
        picture.save(out, "PNG")
    elif with_photos:
        picture.save(out, "WEBP", **_LOSSY)
    else:
        # Text has few colours: kept exactly, they take a third less than when they are blurred.
        picture.quantize(_COLOURS, dither=Image.Dither.NONE).convert("RGB").save(out, "WEBP", **_LOSSLESS)
    return out.getvalue()
