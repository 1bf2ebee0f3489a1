"""The files of a packet, opened: every picture and every PDF page becomes one piece with a size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

from disputes.phrases import Phrase, phrase
from evidence.packet import clean, images, paper
from evidence.packet.context import FilePart, PacketContext, PacketLimits
from evidence.packet.errors import FileRefused, PacketRefused


@dataclass(frozen=True, slots=True)
class Piece:
    """What stands in one box on the paper. Sizes are in millimetres, as large as it may sensibly be printed."""

    width: float
    height: float
    picture: Image.Image | None = None
    pdf: bytes = b""
    page: int = 0


Pieces = dict[str, tuple[Piece, ...]]
"""By SHA-256 of the stored bytes."""


def letter_of(index: int) -> str:
    """A, B ... Z, AA, AB: the exhibit's letter follows from its place."""
    return (letter_of(index // 26 - 1) if index >= 26 else "") + chr(ord("A") + index % 26)


def open_files(context: PacketContext, files: Mapping[str, bytes], limits: PacketLimits) -> Pieces:
    """Open each file once; all that cannot be printed are refused together."""
    pieces: Pieces = {}
    reasons: list[Phrase] = []
    for index, exhibit in enumerate(context.exhibits):
        for number, part in enumerate(exhibit.files, 1):
            if part.sha256 in pieces:
                continue
            name = part.name or _unnamed(number, letter_of(index), exhibit.title)
            try:
                pieces[part.sha256] = _open(part, files.get(part.sha256), name, limits.total_pages)
            except FileRefused as refusal:
                reasons.append(_refused(part, refusal))
    if reasons:
        raise PacketRefused(reasons)
    return pieces


def _unnamed(number: int, letter: str, title: str) -> Phrase:
    return phrase("file {number} of exhibit {letter}, {title}", number=number, letter=letter, title=title)


def _refused(part: FilePart, refusal: FileRefused) -> Phrase:
    told = {"name": refusal.name, "why": refusal.reason}
    if part.media_type == "application/pdf":
        return phrase("Document '{name}' {why}.", **told)
    return phrase("Photo '{name}' {why}.", **told)


def _open(part: FilePart, data: bytes | None, name: str, max_pages: int) -> tuple[Piece, ...]:
    if data is None:
        raise FileRefused(name, "is no longer in the file store. Upload it again")
    if part.media_type == "application/pdf":
        cleaned, _ = clean.clean_pdf(data, name, max_pages)
        with paper.open_pdf(cleaned, name, max_pages) as pdf:
            sizes = [paper.seen_size(page) for page in pdf.pages]
        return tuple(
            Piece(width * _MM, height * _MM, pdf=cleaned, page=page) for page, (width, height) in enumerate(sizes)
        )
    picture = images.open_picture(data, name)
    return (Piece(picture.width * _MM, picture.height * _MM, picture=picture),)


_MM = 25.4 / 72
"""A point; a picture without better knowledge is printed no larger than 72 pixels per inch."""
