"""What preflight looks at, one question a function."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator

import pikepdf
import pypdfium2
from pikepdf import Name

from disputes.phrases import phrase, said_by
from evidence.packet import paper
from evidence.packet.context import PacketContext, PacketLimits
from evidence.packet.sources import letter_of
from evidence.packet.view import PAPER, facts
from evidence.packet.words import STATED, foreign

_POINTS = 72 / 25.4
_PLACEHOLDER = re.compile(
    r"<[^<>]{0,60}>|\[[^\[\]]{0,60}\]|\{\{|\}\}|\bn/a\b|\b(?:TODO|TBD|XXX|null|undefined|NaN)\b|\bNone\b(?! of\b)"
)
INTERNAL_WORDS = (
    "win probability", "win rate", "internal note", "evidence gap", "missing evidence", "confidence score",
    "assessment score", "counterproof", "(required)",
)  # fmt: skip
"""Words of ours that no bank should read."""
_ACTIONS = (Name.JavaScript, Name.Launch, Name.URI, Name.SubmitForm, Name.GoToR)
_READ_IN_ORDER = "\u0590"
"""Hebrew, and in Unicode's order all scripts after it, which a PDF may give back otherwise than written."""


def examine(data: bytes, context: PacketContext, limits: PacketLimits) -> list[str]:
    try:
        with pikepdf.open(io.BytesIO(data)) as pdf:
            problems = [*_size(data, pdf, limits), *_live(pdf), *_pages(pdf, context), *_fonts(pdf)]
        return [*problems, *_texts(data, context)]
    except (pikepdf.PikepdfError, pypdfium2.PdfiumError) as error:
        return [phrase("The finished packet cannot be opened again: {why}", why=said_by(error))]


def _size(data: bytes, pdf: pikepdf.Pdf, limits: PacketLimits) -> Iterator[str]:
    if pdf.is_encrypted:
        yield phrase("The finished packet is encrypted.")
    if len(data) > limits.total_bytes:
        yield phrase(
            "The finished packet has {count} bytes, the limit is {total_bytes}.",
            count=len(data),
            total_bytes=limits.total_bytes,
        )
    if len(pdf.pages) > limits.total_pages:
        yield phrase(
            "The finished packet has {count} pages, the limit is {total_pages}.",
            count=len(pdf.pages),
            total_pages=limits.total_pages,
        )
    if tuple(int(part) for part in pdf.pdf_version.split(".")) > (1, 7):
        yield phrase("The finished packet is PDF {pdf_version}, the limit is 1.7.", pdf_version=pdf.pdf_version)


def _live(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Scripts, actions, forms, links, embedded files: anything that does more than lie on the paper."""
    for key in ("/OpenAction", "/AA", "/AcroForm", "/Names", "/URI", "/Collection"):
        if key in pdf.Root:
            yield phrase("The finished packet holds {key}.", key=key)
    for number, page in enumerate(pdf.pages, 1):
        if page.obj.get(Name.Annots) is not None or Name.AA in page.obj:
            yield phrase("Page {number} holds links, notes or actions.", number=number)
    for item in pdf.objects:
        if isinstance(item, pikepdf.Dictionary | pikepdf.Stream) and (
            item.get(Name.S) in _ACTIONS or item.get(Name.Type) in (Name.EmbeddedFile, Name.Filespec)
        ):
            yield phrase("The finished packet holds a script, an action or an embedded file.")
            return
        if isinstance(item, pikepdf.Stream) and Name.F in item:
            yield phrase("The finished packet takes content from another file.")
            return


def _pages(pdf: pikepdf.Pdf, context: PacketContext) -> Iterator[str]:
    wide, high = (side * _POINTS for side in PAPER[context.page_size])
    for number, page in enumerate(pdf.pages, 1):
        width, height = paper.seen_size(page)
        if abs(width - wide) > 1 or abs(height - high) > 1:
            yield phrase("Page {number} is not upright {page_size}.", number=number, page_size=context.page_size)


def _fonts(pdf: pikepdf.Pdf) -> Iterator[str]:
    for number, page in enumerate(pdf.pages, 1):
        fonts = paper.fonts_of(page.resources)
        loose = sorted({str(font.get(Name.BaseFont)) for font in fonts if not paper.is_embedded(font)})
        if loose:
            yield phrase(
                "Page {number} uses fonts that are not embedded: {names}.", number=number, names=", ".join(loose)
            )


def _texts(data: bytes, context: PacketContext) -> Iterator[str]:
    with pypdfium2.PdfDocument(data) as document:
        texts = [document[index].get_textpage().get_text_range() for index in range(len(document))]
    squeezed = [squeeze(text) for text in texts]
    yield from _furniture(squeezed, context)
    yield from _facts(squeezed[0], context)
    yield from _references(squeezed, context)
    for text in own_words(context):
        yield from _bad_words(text)
    yield from _bad_words(texts[0])
    yield from _bad_cells(context)


def squeeze(text: str) -> str:
    """Without blanks, ligatures and hyphens: what a line break on the paper cannot change."""
    return re.sub(r"[\s\x00-\x1f\u00ad\u2010\ufffe-]+", "", unicodedata.normalize("NFKC", text))


def shows(page: str, words: str) -> bool:
    """Whether the squeezed page bears the words, but for scripts that come out of a PDF in another order."""
    plain = foreign(words)
    looked_for = [plain] if max(plain, default="") < _READ_IN_ORDER else re.findall(r"[\x21-\u0400]{3,}", plain)
    return all(squeeze(part) in page for part in looked_for)


def _furniture(pages: list[str], context: PacketContext) -> Iterator[str]:
    for number, text in enumerate(pages, 1):
        wanted = [f"Case {context.case_id}", f"Page {number} of {len(pages)}"]
        if context.card_last4:
            wanted.append(f"Card ending {context.card_last4}")
        for words in wanted:
            if not shows(text, words):
                yield phrase("Page {number} does not bear '{words}'.", number=number, words=words)


def _facts(page_one: str, context: PacketContext) -> Iterator[str]:
    head = context.letterhead
    wanted = [head.legal_name, head.country, head.contact, context.ask, context.ground]
    wanted += [value for _, value in facts(context)]
    wanted += [text for row in context.rows for text in (row.claim, row.shown)]
    wanted += [text for credit in context.credits for text in (str(credit.amount), credit.reference)]
    for words in wanted:
        if words and not shows(page_one, words):
            yield phrase("Page one does not show '{words}'.", words=words)


def _references(pages: list[str], context: PacketContext) -> Iterator[str]:
    """Each claim's "Exhibit C, page 6" is looked up: page 6 must be headed Exhibit C."""
    for row in context.rows:
        index = [exhibit.key for exhibit in context.exhibits].index(row.exhibit)
        letter, title = letter_of(index), context.exhibits[index].title
        found = re.search(rf"Exhibit{letter},page(\d+)", pages[0])
        heading = squeeze(foreign(f"Exhibit {letter} · {title}"))
        if found is None or not 1 <= int(found[1]) <= len(pages) or heading not in pages[int(found[1]) - 1]:
            yield phrase("Page one's reference to exhibit {letter} does not lead there.", letter=letter)


def own_words(context: PacketContext) -> Iterator[str]:
    """Everything we say ourselves; what others wrote may hold any sign."""
    yield from (context.ask, context.ground)
    for row in context.rows:
        yield from (row.claim, row.shown)
    for paragraph in context.letter:
        yield paragraph.text
    for exhibit in context.exhibits:
        yield from (exhibit.title, exhibit.source, exhibit.explanation or "")


def _bad_cells(context: PacketContext) -> Iterator[str]:
    for exhibit in context.exhibits:
        for cell in (cell for table in exhibit.tables for row in table.rows for cell in row):
            if cell.strip().lower() in {"n/a", "none", "null", "nan", "unknown", "undefined", "todo"}:
                yield phrase(
                    "A table of the exhibit '{title}' holds '{cell}'; what is unknown must be absent.",
                    title=exhibit.title,
                    cell=cell,
                )


def _bad_words(text: str) -> Iterator[str]:
    plain = STATED.sub("", " ".join(foreign(text).split()))
    for found in dict.fromkeys(_PLACEHOLDER.findall(plain)):
        yield phrase("A placeholder is left in the text: '{found}'.", found=found)
    for words in INTERNAL_WORDS:
        if words in plain.lower():
            yield phrase("An internal word is in the text: '{words}'.", words=words)
