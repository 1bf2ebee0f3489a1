"""PDF pages of others: opened or refused by name, forms and notes burnt in, riders stripped."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator, Sequence
from typing import Any

import pikepdf
import pypdfium2
from pikepdf import Array, Dictionary, Name
from PIL import Image

from disputes.phrases import phrase
from evidence.packet import covering, images
from evidence.packet.errors import FileRefused

_RASTER_DPI = 200
_SMALLEST, _LARGEST = 18.0, 14_400.0
_RIDERS = "/AA /Annots /Thumb /Metadata /PieceInfo /B /StructParents /Tabs /Trans /Dur /AF".split()  # noqa: SIM905
_BOXES = ("/TrimBox", "/BleedBox", "/ArtBox")


def open_pdf(data: bytes, name: str, max_pages: int) -> pikepdf.Pdf:
    """The document, or a refusal that names it. Pages are counted before one is copied: insertion is quadratic."""
    try:
        pdf = pikepdf.open(io.BytesIO(data))
    except pikepdf.PasswordError:
        raise FileRefused(name, "is protected with a password. Save it without one and upload it again") from None
    except (pikepdf.PikepdfError, ValueError, RuntimeError) as error:
        raise FileRefused(name, "is damaged and cannot be opened. Upload it again") from error
    reason = _objection(pdf, max_pages)
    if reason:
        pdf.close()
        raise FileRefused(name, reason)
    return pdf


def _objection(pdf: pikepdf.Pdf, max_pages: int) -> str | None:
    if pdf.is_encrypted:
        return phrase("is encrypted. Save it without protection and upload it again")
    try:
        pages = len(pdf.pages)
        form = pdf.Root.get(Name.AcroForm)
    except (pikepdf.PikepdfError, ValueError, RuntimeError, AttributeError):
        return phrase("is damaged and cannot be opened. Upload it again")
    if pages == 0:
        return phrase("has no pages")
    if pages > max_pages:
        return phrase("has {pages} pages, more than the {most} one file may have", pages=pages, most=max_pages)
    if (isinstance(form, Dictionary) and Name.XFA in form) or pdf.Root.get(Name.NeedsRendering):
        return phrase("is an XFA form that only Adobe's reader can show. Print it to a PDF and upload that")
    return None


def loose_pages(pdf: pikepdf.Pdf) -> set[int]:
    """Pages that only a viewer's own fonts can show: they have to become pictures, before anything is burnt in."""
    return {index for index, page in enumerate(pdf.pages) if _needs_raster(pdf, page)}


def flatten(pdf: pikepdf.Pdf, name: str) -> None:
    """Burn notes and field values in."""
    try:
        pdf.flatten_annotations("all")
    except (pikepdf.PikepdfError, RuntimeError) as error:
        raise FileRefused(name, "holds notes or form fields that cannot be printed. Print it to a PDF first") from error


def _needs_raster(pdf: pikepdf.Pdf, page: pikepdf.Page) -> bool:
    form = pdf.Root.get(Name.AcroForm)
    unsure = isinstance(form, Dictionary) and bool(form.get(Name.NeedAppearances))
    for note in page.obj.get(Name.Annots, Array()):
        subtype = note.get(Name.Subtype) if isinstance(note, Dictionary) else None
        if subtype == Name.Widget and (unsure or Name.AP not in note):
            return True
    return any(not is_embedded(font) for font in fonts_of(page.resources))


def fonts_of(resources: object, depth: int = 0) -> Iterator[Any]:
    """Every font a page can reach, also through nested forms."""
    if not isinstance(resources, Dictionary) or depth > 8:
        return
    fonts = resources.get(Name.Font)
    if isinstance(fonts, Dictionary):
        yield from (font for font in fonts.values() if isinstance(font, Dictionary))
    for kind in (Name.XObject, Name.Pattern):
        nested = resources.get(kind)
        for item in nested.values() if isinstance(nested, Dictionary) else ():
            if isinstance(item, pikepdf.Stream):
                yield from fonts_of(item.get(Name.Resources), depth + 1)


def is_embedded(font: Any) -> bool:
    if font.get(Name.Subtype) == Name.Type3:
        return True
    if font.get(Name.Subtype) == Name.Type0:
        return all(is_embedded(one) for one in font.get(Name.DescendantFonts, Array()))
    descriptor = font.get(Name.FontDescriptor)
    return isinstance(descriptor, Dictionary) and any(
        key in descriptor for key in (Name.FontFile, Name.FontFile2, Name.FontFile3)
    )


def raster(data: bytes, index: int, name: str, covered: Sequence[covering.Box] = ()) -> images.Encoded:
    """The page as a picture, with black over the boxes `covered`."""
    try:
        with pypdfium2.PdfDocument(data) as document:
            document.init_forms()
            page = document[index]
            scale = min(_RASTER_DPI / 72, (images.MAX_PIXELS / max(1.0, page.get_width() * page.get_height())) ** 0.5)
            drawn = page.render(scale=scale, may_draw_forms=True)
            picture = drawn.to_pil().convert("RGB")
            covering.cover(picture, drawn.get_posconv(page), covered)
    except pypdfium2.PdfiumError as error:
        raise FileRefused(name, "is damaged and cannot be printed. Upload it again") from error
    if images.is_grey(picture):
        return _sixteen_greys(picture.convert("L"))
    return images.encode(picture, images.Rung(_RASTER_DPI, 80), page_inches(picture))


def page_inches(picture: Image.Image) -> tuple[float, float]:
    return picture.width / _RASTER_DPI, picture.height / _RASTER_DPI


def _sixteen_greys(picture: Image.Image) -> images.Encoded:
    """Print stays crisp and small at four bits a pixel, where JPEG would blur it."""
    even = Image.new("L", (picture.width + picture.width % 2, picture.height), 255)
    even.paste(picture)
    raw = even.point(lambda value: value & 0xF0).tobytes()
    # Two pixels a byte: as one great number, the odd pixels' high halves slide under the even ones'.
    high, low = int.from_bytes(raw[::2], "big"), int.from_bytes(raw[1::2], "big")
    packed = (high | low >> 4).to_bytes(len(raw) // 2, "big")
    picture = even
    return images.Encoded(zlib.compress(packed, 9), picture.width, picture.height, True, "/FlateDecode", bits=4)


def strip_page(page: pikepdf.Page) -> None:
    for key in (*_RIDERS, *_BOXES):
        if key in page.obj:
            del page.obj[key]


def image_stream(pdf: pikepdf.Pdf, image: images.Encoded) -> pikepdf.Stream:
    stream = pikepdf.Stream(pdf, image.data)
    stream[Name.Type], stream[Name.Subtype] = Name.XObject, Name.Image
    stream[Name.Width], stream[Name.Height] = image.width, image.height
    stream[Name.ColorSpace] = Name.DeviceGray if image.grey else Name.DeviceRGB
    stream[Name.BitsPerComponent] = image.bits
    stream[Name.Filter] = Name(image.filter)
    return stream


def add_raster(pdf: pikepdf.Pdf, like: pikepdf.Page, image: images.Encoded) -> None:
    """A page that is one picture, of the size `like` is seen at."""
    width, height = seen_size(like)
    page = pdf.add_blank_page(page_size=(width, height))
    page.obj[Name.Resources] = Dictionary(XObject=Dictionary(Scan=image_stream(pdf, image)))
    page.obj[Name.Contents] = pikepdf.Stream(pdf, f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Scan Do Q".encode())


def is_possible(page: pikepdf.Page) -> bool:
    """Between a stamp and a poster; anything else is a mistake or a trap."""
    return all(_SMALLEST <= side <= _LARGEST for side in seen_size(page))


def seen_size(page: pikepdf.Page) -> tuple[float, float]:
    """Width and height in points as a reader shows it, turned pages turned."""
    left, bottom, right, top = (float(value) for value in page.cropbox)
    width, height = abs(right - left), abs(top - bottom)
    unit = float(page.obj.get(Name.UserUnit, 1))
    turned = int(page.rotation if hasattr(page, "rotation") else page.obj.get(Name.Rotate, 0)) % 180 == 90
    return (height * unit, width * unit) if turned else (width * unit, height * unit)
