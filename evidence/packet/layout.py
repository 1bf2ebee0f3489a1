"""Context to paper: one WeasyPrint run in which every picture and foreign page is still an empty box."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from PIL import Image
from weasyprint import CSS, HTML, Document
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

import templates
from disputes.phrases import phrase
from evidence.packet.context import PacketContext
from evidence.packet.errors import PacketRefused, RenderFailed
from evidence.packet.sources import Pieces, letter_of
from evidence.packet.view import Box, view

SIZES = ("full", "snug", "tight")
"""Page one's sizes of type, tried until it is one page."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Pages with empty boxes, and the page (from 1) each exhibit starts on."""

    pdf: bytes
    pages: int
    starts: dict[str, int]
    boxes: list[Box]
    dense: bool = False
    """Pictures and lying pages stand two a page, to save pages."""


class Fetcher(URLFetcher):  # type: ignore[misc]  # weasyprint ships no types
    """Knows the packet's own empty boxes; anything else ends the render."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        if not url.startswith("packet:box/"):
            raise FatalURLFetchingError(f"the packet asked for {url}")
        return URLFetcherResponse(url, _DOT, {"Content-Type": "image/png"})


def _dot() -> bytes:
    out = io.BytesIO()
    Image.new("L", (1, 1), 255).save(out, "PNG")
    return out.getvalue()


_DOT = _dot()


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(record.getMessage())


@contextmanager
def no_warnings() -> Iterator[None]:
    """Any warning of the renderer fails the packet: a missing glyph, an ignored rule, a picture not found."""
    ear, logger = _Ear(), logging.getLogger("weasyprint")
    logger.addHandler(ear)
    try:
        yield
    finally:
        logger.removeHandler(ear)
    if ear.heard:
        raise RenderFailed(
            [phrase("The renderer warned: {message}", message=message) for message in dict.fromkeys(ear.heard)]
        )


def lay_out(context: PacketContext, pieces: Pieces, *, dense: bool = False) -> Layout:
    fonts = FontConfiguration()
    # Nearly every page one fits at the first size, so the whole is tried with it at once.
    document, boxes = _whole(context, pieces, SIZES[0], fonts, dense=dense)
    if _starts(document)["letter"] > 2:
        document, boxes = _whole(context, pieces, _smaller_page_one(context, fonts), fonts, dense=dense)
    with no_warnings():
        pdf = document.write_pdf(pdf_version="1.6")
    starts = _starts(document)
    keys = {exhibit.key: starts[f"exhibit-{letter_of(index)}"] for index, exhibit in enumerate(context.exhibits)}
    return Layout(pdf, len(document.pages), keys, boxes, dense)


def _whole(
    context: PacketContext, pieces: Pieces, size: str, fonts: FontConfiguration, *, dense: bool
) -> tuple[Document, list[Box]]:
    values, boxes = view(context, pieces, size, dense=dense)
    with no_warnings():
        return _document(values, context, fonts, whole=True), boxes


def _starts(document: Document) -> dict[str, int]:
    """The page (from 1) each anchor stands on first."""
    starts: dict[str, int] = {}
    for number, page in enumerate(document.pages, 1):
        for anchor in page.anchors:
            starts.setdefault(anchor, number)
    return starts


def _smaller_page_one(context: PacketContext, fonts: FontConfiguration) -> str:
    for size in SIZES[1:]:
        values, _ = view(context.model_copy(update={"letter": ()}), _NoPieces(), size)
        with no_warnings():
            if len(_document(values, context, fonts, whole=False).pages) == 1:
                return size
    raise PacketRefused(
        [phrase("Page one is longer than one page. Shorten the ground, the claims or what the records show.")]
    )


class _NoPieces(dict[str, Any]):
    def __missing__(self, key: str) -> tuple[()]:
        return ()


def _document(values: dict[str, Any], context: PacketContext, fonts: FontConfiguration, *, whole: bool) -> Document:
    html = templates.environment().get_template("packet/packet.html").render(**values, whole=whole)
    fetcher = Fetcher(allowed_protocols=(), allow_redirects=False)
    css = templates.text_of("packet/packet.css") + f"\n@page {{ size: {context.page_size} portrait; }}"
    sheet = CSS(string=css, url_fetcher=fetcher, font_config=fonts, base_url="packet:")
    return HTML(string=html, url_fetcher=fetcher, base_url="packet:").render(stylesheets=[sheet], font_config=fonts)
