"""Card data on the pages of a PDF: found in their text, covered in a picture of the page that takes the page's place.

Only text can be searched. A page that shows pictures may show a card in one of them, and a person is told so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from pikepdf import Array, Dictionary, Name
from PIL import Image, ImageDraw

from disputes.phrases import phrase
from evidence.packet.errors import FileRefused
from evidence.redaction import places

MAX_SIGNS = 4_000_000
"""In the text of one document: as many as a thousand full pages have."""
_ROOM = 0.25
"""Of a sign's height, around it: glyphs reach over their boxes, and a scanner's text layer lies beside its picture."""
_PICTURE = 300, 100
"""Pixels across and down from which on a picture may hold words; a logo or a stamp has fewer."""

Box = tuple[float, float, float, float]
"""Left, bottom, right, top in the page's own units."""


@dataclass(slots=True)
class Found:
    """What a look at the text of a document gave; pages count from 0."""

    boxes: dict[int, list[Box]] = field(default_factory=dict)
    pictures: list[int] = field(default_factory=list)
    """Pages with a picture on them that nothing here can read."""


def search(data: bytes, name: str, allowed: Iterable[str]) -> Found:
    """Where card numbers, security codes and track data stand. `allowed`: the case's own numbers."""
    allowed = tuple(allowed)
    found, signs = Found(), 0
    try:
        with pypdfium2.PdfDocument(data) as document:
            for index in range(len(document)):
                page = document[index]
                text_page = page.get_textpage()
                signs += text_page.count_chars()
                if signs > MAX_SIGNS:
                    raise FileRefused(
                        name, "holds more text than can be searched for card numbers. Upload a part of it"
                    )
                boxes = _boxes(text_page, name, index, allowed)
                if boxes:
                    found.boxes[index] = boxes
                if _has_picture(page):
                    found.pictures.append(index)
                text_page.close()
                page.close()
    except pypdfium2.PdfiumError as error:
        raise FileRefused(name, "is damaged and cannot be printed. Upload it again") from error
    return found


def filled_in(pdf: pikepdf.Pdf, allowed: Iterable[str]) -> dict[int, list[Box]]:
    """Whole fields and notes whose content is card data: what a viewer draws of them stands in no page's text."""
    allowed = tuple(allowed)
    boxes: dict[int, list[Box]] = {}
    for index, page in enumerate(pdf.pages):
        for note in page.obj.get(Name.Annots, Array()):
            if isinstance(note, Dictionary) and any(places(words, allowed) for words in _content(note)):
                left, bottom, right, top = (float(side) for side in note.get(Name.Rect, Array([0, 0, 0, 0])))
                box = (min(left, right), min(bottom, top), max(left, right), max(bottom, top))
                boxes.setdefault(index, []).append(box)
    return boxes


def cover(picture: Image.Image, where: pypdfium2.PdfPosConv, boxes: Sequence[Box]) -> None:
    """Black over every box, in the picture that `where` was made for."""
    draw = ImageDraw.Draw(picture)
    for left, bottom, right, top in boxes:
        room = _ROOM * max(top - bottom, 1.0)
        one = where.to_bitmap(left - room, bottom - room)
        other = where.to_bitmap(right + room, top + room)
        (across, across_to), (down, down_to) = sorted((one[0], other[0])), sorted((one[1], other[1]))
        draw.rectangle((across, down, across_to, down_to), fill="black")


def _boxes(text_page: pypdfium2.PdfTextPage, name: str, index: int, allowed: Sequence[str]) -> list[Box]:
    """One box for each sign of each hit."""
    count = text_page.count_chars()
    # Sign by sign: the text as a whole leaves out or adds signs, and then no place in it is a sign's number.
    signs = [pdfium.FPDFText_GetUnicode(text_page, number) for number in range(count)]
    text = "".join(chr(sign) if 0 < sign < 0xD800 or 0xE000 <= sign < 0x110000 else "\ufffd" for sign in signs)
    boxes: list[Box] = []
    for start, stop in places(text, allowed):
        for number in range(start, stop):
            if text[number].isspace():
                continue
            box = _box(text_page, number)
            if box is None and text[number].isdigit():
                words = phrase(
                    "shows card data on page {page} that cannot be covered. Cover it yourself and upload it again",
                    page=index + 1,
                )
                raise FileRefused(name, words)
            if box is not None:
                boxes.append(box)
    return boxes


def _box(text_page: pypdfium2.PdfTextPage, number: int) -> Box | None:
    try:
        left, bottom, right, top = text_page.get_charbox(number, loose=True)
    except pypdfium2.PdfiumError:
        return None
    return (left, bottom, right, top) if right > left and top > bottom else None


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    for picture in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=4):
        across, down = picture.get_px_size()
        if across >= _PICTURE[0] and down >= _PICTURE[1]:
            return True
    return False


def _content(note: Dictionary) -> list[str]:
    parent = note.get(Name.Parent)
    held = [note.get(Name.V), note.get(Name.Contents), note.get(Name.DV)]
    held += [parent.get(Name.V)] if isinstance(parent, Dictionary) else []
    return [str(value) for value in held if isinstance(value, pikepdf.String)]
