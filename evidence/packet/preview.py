"""Pages as pictures for the screen."""

from __future__ import annotations

import io
from typing import Any, Literal

import pypdfium2

from evidence.packet import child

MAX_WIDTH = 2400
_HOW: dict[str, dict[str, Any]] = {"PNG": {}, "WEBP": {"quality": 60, "method": 3}}


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
            out = io.BytesIO()
            scale = arguments["width"] / page.get_width()
            page.render(scale=scale).to_pil().convert("RGB").save(out, arguments["form"], **_HOW[arguments["form"]])
            pictures.append(out.getvalue())
    return {}, pictures
