"""Pages as pictures for the screen."""

from __future__ import annotations

import io
from typing import Any

import pypdfium2

from evidence.packet import child

MAX_WIDTH = 2400


def page_images(pdf: bytes, width: int, helper: child.Helper | None = None) -> list[bytes]:
    """One PNG a page, `width` pixels wide, drawn in a limited child."""
    arguments = {"width": min(width, MAX_WIDTH)}
    _, pictures = (helper or child.default()).call("evidence.packet.preview:job", arguments, [pdf])
    return pictures


def job(arguments: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, Any], list[bytes]]:
    """In the child."""
    pictures = []
    with pypdfium2.PdfDocument(blobs[0]) as document:
        for page in document:
            out = io.BytesIO()
            scale = arguments["width"] / page.get_width()
            page.render(scale=scale).to_pil().convert("RGB").save(out, "PNG")
            pictures.append(out.getvalue())
    return {}, pictures
