"""Card data on the pages of a PDF is covered before anything is stored; the other pages stay as they were."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pikepdf
import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pikepdf import Array, Dictionary, Name, Stream, String

from evidence.packet.clean import CleanFile, clean_pdf, clean_upload
from evidence.packet.errors import FileRefused
from tests.evidence.packet.builders import build_photo, build_scan, page_texts
from tests.evidence.packet.conftest import InProcess

CARD = "4242 4242 4242 4242"
WIDE, HIGH = 595, 842


def build_text_pdf(*pages: str, rotate: int = 0, crop: bool = False, embedded: bool = True) -> bytes:
    """A PDF of lines of text, 20 points high, the first one 60 points under the upper edge.

    `embedded`: in a font of the document's own (each sign a black block), as most documents have; else in Helvetica.
    """
    with pikepdf.new() as pdf:
        for text in pages:
            page = pdf.add_blank_page(page_size=(WIDE, HIGH))
            page.obj.Resources = Dictionary(Font=Dictionary(F1=_blocks(pdf) if embedded else _helvetica()))
            lines = [f"({line}) Tj 0 -30 Td" for line in text.split("\n")]
            page.obj.Contents = Stream(pdf, f"BT /F1 20 Tf 50 {HIGH - 60} Td {' '.join(lines)} ET".encode("cp1252"))
            if rotate:
                page.rotation = rotate
            if crop:
                page.obj.CropBox = Array([20, 30, WIDE - 10, HIGH - 15])
        return saved(pdf)


def _helvetica() -> Dictionary:
    return Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)


def _blocks(pdf: pikepdf.Pdf) -> Dictionary:
    """A Type 3 font, drawn inside the document: every sign a block of half its height in width."""
    block = pdf.make_indirect(Stream(pdf, b"500 0 0 0 500 700 d1 50 0 400 700 re f"))
    blank = pdf.make_indirect(Stream(pdf, b"500 0 0 0 0 0 d1"))
    names = {chr(code): Name(f"/c{code}") for code in range(32, 127)}
    names_of_signs = Array([32, *(Name(f"/{NAMES.get(sign, sign)}") for sign in names)])
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font, Subtype=Name.Type3, FontBBox=Array([0, 0, 500, 700]),
            FontMatrix=Array([0.001, 0, 0, 0.001, 0, 0]), FirstChar=32, LastChar=126, Widths=Array([500] * 95),
            Encoding=Dictionary(Type=Name.Encoding, Differences=names_of_signs), Resources=Dictionary(),
            CharProcs=Dictionary({f"/{NAMES.get(sign, sign)}": blank if sign == " " else block for sign in names}),
        )
    )  # fmt: skip


NAMES = dict(
    zip(
        " !\"#$%&'()*+,-./0123456789:;<=>?@[\\]^_`{|}~",
        (  # noqa: SIM905 - thirty words read better than thirty strings
            "space exclam quotedbl numbersign dollar percent ampersand quotesingle parenleft parenright asterisk plus "
            "comma hyphen period slash zero one two three four five six seven eight nine colon semicolon less equal "
            "greater question at bracketleft backslash bracketright asciicircum underscore grave braceleft bar "
            "braceright asciitilde"
        ).split(),
        strict=True,
    )
)
"""What Adobe's list of glyphs calls the signs whose names are not they themselves."""


def saved(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out)
    return out.getvalue()


def taken(data: bytes, *, allowed: Iterable[str] = ()) -> CleanFile:
    return clean_upload(data, "pod.pdf", InProcess(), allowed=allowed)


def share_of_black(pdf: bytes, box: tuple[float, float, float, float], page: int = 0) -> float:
    """Of a part of a page as it is seen, in points from its upper left corner."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[page].render(scale=2).to_pil().convert("L")
    left, top, right, bottom = (int(2 * side) for side in box)
    part = picture.crop((left, top, right, bottom))
    return float(sum(part.histogram()[:64]) / (part.width * part.height))


@pytest.mark.parametrize("embedded", [True, False])
def test_a_page_with_a_card_number_becomes_its_picture_with_the_number_covered(embedded: bool) -> None:
    before = build_text_pdf("Delivered to Emily", f"Paid by\n{CARD}\nThank you", embedded=embedded)
    clean = taken(before)
    assert page_texts(clean.data)[1] == ""
    assert clean.notes == ("card data on page 2 was covered",)
    assert share_of_black(clean.data, (50, 78, 240, 92), page=1) > 0.95
    for line in ((50, 45, 110, 61), (50, 106, 140, 121)):
        assert share_of_black(clean.data, line, page=1) == pytest.approx(share_of_black(before, line, page=1), abs=0.06)


def test_the_other_pages_stay_text() -> None:
    clean = taken(build_text_pdf("Delivered to Emily", CARD, "Weight 3 kg"))
    assert page_texts(clean.data) == ["Delivered to Emily", "", "Weight 3 kg"]
    assert clean.pages == 3


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("crop", [True, False])
def test_the_number_is_covered_wherever_the_page_shows_it(rotate: int, crop: bool) -> None:
    """What is black on the covered page and was not before is a bar as long as the number, and nothing else."""
    data = build_text_pdf(f"{CARD}\nof Emily", rotate=rotate, crop=crop)
    clean = taken(data)
    left, top = (20, 15) if crop else (0, 0)
    with pikepdf.open(io.BytesIO(clean.data)) as pdf:
        pdf.pages[0].rotation = (360 - rotate) % 360
        upright = saved(pdf)
    number = (52 - left, 48 - top, 238 - left, 59 - top)
    assert share_of_black(upright, number) > 0.9


@pytest.mark.parametrize(
    "text",
    [
        "4242-4242-4242-4242",
        "4242 4242\n4242 4242",
        "CVV: 123",
        ";4242424242424242=2512101123456789?",
        "Card No 4242424242424242 exp 12/28",
    ],
)
def test_all_that_pays_is_covered(text: str) -> None:
    clean = taken(build_text_pdf(f"Receipt\n{text}"))
    assert page_texts(clean.data) == [""]
    assert clean.notes == ("card data on page 1 was covered",)


def test_the_cases_own_numbers_are_left_alone() -> None:
    data = build_text_pdf(f"Parcel {CARD}")
    assert page_texts(taken(data, allowed=["4242424242424242"]).data) == [f"Parcel {CARD}"]


def test_what_was_stored_is_not_looked_through_again_for_the_packet() -> None:
    data = taken(build_text_pdf(f"Parcel {CARD}"), allowed=["4242424242424242"]).data
    assert page_texts(clean_pdf(data, "pod.pdf")[0]) == [f"Parcel {CARD}"]


def test_a_number_typed_into_a_field_is_covered_with_its_field() -> None:
    with pikepdf.open(io.BytesIO(build_text_pdf("Form", embedded=False))) as pdf:
        field = pdf.make_indirect(
            Dictionary(
                Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("card"), V=String(CARD), F=4,
                Rect=Array([100, 600, 400, 640]), DA=String("/Helv 18 Tf 0 g"),
            )
        )  # fmt: skip
        pdf.pages[0].obj.Annots = Array([field])
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([field]), DR=Dictionary(Font=Dictionary(Helv=_helvetica())), NeedAppearances=True
        )
        data = saved(pdf)
    clean = taken(data)
    assert share_of_black(clean.data, (101, HIGH - 639, 399, HIGH - 601)) > 0.99
    assert clean.notes == ("card data on page 1 was covered",)


def test_a_person_is_told_which_pages_are_pictures() -> None:
    assert taken(build_scan(2)).notes == (
        "pages 1 and 2 show pictures, which cannot be searched for card numbers: look at it",
    )
    assert taken(build_text_pdf("No picture at all")).notes == ()
    photo = clean_upload(build_photo(400, 300), "door.jpg", InProcess())
    assert photo.notes == ("a picture cannot be searched for card numbers: look at it",)


def test_more_text_than_can_be_searched_is_refused_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evidence.packet.covering.MAX_SIGNS", 10)
    with pytest.raises(FileRefused, match=r"'pod.pdf' holds more text than can be searched"):
        taken(build_text_pdf("More than ten signs"))


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_damage_to_a_pdf_is_survived_or_refused(data: st.DataObject) -> None:
    whole = bytearray(build_text_pdf(CARD, "Delivered"))
    for _ in range(data.draw(st.integers(1, 12))):
        place = data.draw(st.integers(0, len(whole) - 1))
        whole[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(0, len(whole) - 1)) :]
    try:
        clean = taken(bytes(whole))
    except FileRefused:
        return
    assert all("4242 4242 4242" not in text for text in page_texts(clean.data))
