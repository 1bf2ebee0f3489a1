"""A small picture of a stored file for the screen: of a photograph itself, of a document its first page."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2

from evidence.packet import child, images

SHOWN = frozenset({"application/pdf", "image/jpeg", "image/png"})
_BOUNDS = child.Bounds(seconds=20.0, cpu=15.0)


def thumbnail(data: bytes, side: int, helper: child.Helper | None = None) -> bytes:
    """A JPEG of at most `side` pixels a side; FileRefused or RenderFailed where none can be drawn."""
    _, pictures = (helper or child.default()).call("evidence.packet.thumbnail:job", {"side": side}, [data], _BOUNDS)
    return pictures[0]


def job(arguments: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """In the child."""
    side = arguments["side"]
    if images.sniff(blobs[0]) == "application/pdf":
        with pypdfium2.PdfDocument(blobs[0]) as document:
            page = document[0]
            scale = side / max(page.get_width(), page.get_height(), 1)
            picture = page.render(scale=scale).to_pil().convert("RGB")
    else:
        picture = images.open_picture(blobs[0], "this file").convert("RGB")
    picture.thumbnail((side, side))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=80, optimize=True)
    return {}, [out.getvalue()]
