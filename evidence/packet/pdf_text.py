"""The words of a PDF."""

from __future__ import annotations

from typing import Any

import pypdfium2

from disputes.phrases import phrase
from evidence.packet import child
from evidence.packet.errors import FileRefused, RenderFailed

_MOST_SIGNS = 4 * 2**20


def pdf_text(data: bytes, name: str, helper: child.Helper | None = None) -> str:
    """Of a cleaned PDF, its pages one below the other; read in a limited child. Raises FileRefused."""
    try:
        done, _ = (helper or child.default()).call("evidence.packet.pdf_text:job", {}, [data])
    except RenderFailed as failure:
        raise FileRefused(name, phrase("could not be read within the limits of time and memory")) from failure
    return str(done["text"])


def job(arguments: dict[str, Any], blobs: list[bytes]) -> tuple[dict[str, object], list[bytes]]:
    """In the child."""
    document = pypdfium2.PdfDocument(blobs[0])
    try:
        pages = [document[index].get_textpage().get_text_range() for index in range(len(document))]
    finally:
        document.close()
    return {"text": "\n\n".join(pages)[:_MOST_SIGNS]}, []
