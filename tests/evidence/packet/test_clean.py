from __future__ import annotations

import base64
import io
import struct
import zlib

import pikepdf
import pypdfium2
import pytest
from pikepdf import Array, Dictionary, Name, Stream, String
from PIL import Image

from evidence.packet.clean import CleanFile, clean_pdf, clean_picture, clean_upload
from evidence.packet.errors import FileRefused
from evidence.packet.images import sniff
from tests.evidence.packet.builders import build_drawn_pdf, build_pdf, build_photo, build_scan, page_texts
from tests.evidence.packet.conftest import InProcess


def taken(data: bytes, name: str) -> CleanFile:
    return clean_upload(data, name, InProcess())


def saved(pdf: pikepdf.Pdf, **options: object) -> bytes:
    out = io.BytesIO()
    pdf.save(out, **options)
    return out.getvalue()


def build_live_pdf() -> bytes:
    """All that a PDF can do besides lying on the paper."""
    with pikepdf.open(io.BytesIO(build_drawn_pdf())) as pdf:
        page = pdf.pages[0]
        script = pdf.make_indirect(Dictionary(S=Name.JavaScript, JS=String("app.alert(1)")))
        pdf.Root.OpenAction = script
        pdf.Root.AA = Dictionary(WC=script)
        page.obj.AA = Dictionary(O=Dictionary(S=Name.Launch, F=String("calc.exe")))
        link = Dictionary(
            Type=Name.Annot,
            Subtype=Name.Link,
            Rect=Array([0, 0, 99, 99]),
            A=Dictionary(S=Name.URI, URI=String("http://x.test")),
        )
        page.obj.Annots = Array([pdf.make_indirect(link)])
        page.obj.Thumb = Stream(pdf, b"\xff", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1)
        pdf.attachments["evil.exe"] = pikepdf.AttachedFileSpec(pdf, b"MZ")
        pdf.docinfo[Name.Author] = String("Private Person")
        return saved(pdf)


def build_form(*, appearance: bool) -> bytes:
    with pikepdf.open(io.BytesIO(build_drawn_pdf())) as pdf:
        font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
        field = Dictionary(
            Type=Name.Annot, Subtype=Name.Widget, FT=Name.Tx, T=String("who"), V=String("Signed Ayse"), F=4,
            Rect=Array([100, 600, 400, 640]), DA=String("/Helv 18 Tf 0 g"),
        )  # fmt: skip
        if appearance:
            look = Stream(pdf, b"0 0 300 40 re f", Type=Name.XObject, Subtype=Name.Form, BBox=Array([0, 0, 300, 40]))
            field.AP = Dictionary(N=look)
        held = pdf.make_indirect(field)
        pdf.pages[0].obj.Annots = Array([held])
        pdf.Root.AcroForm = Dictionary(
            Fields=Array([held]), DR=Dictionary(Font=Dictionary(Helv=font)), DA=String("/Helv 0 Tf")
        )
        pdf.Root.AcroForm.NeedAppearances = not appearance
        return saved(pdf)


def darkness(pdf: bytes, box: tuple[float, float, float, float]) -> float:
    """Share of dark pixels in a part of page one, given in parts of its width and height from the top left."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture = document[0].render(scale=1).to_pil().convert("L")
    wide, high = picture.size
    part = picture.crop((int(box[0] * wide), int(box[1] * high), int(box[2] * wide), int(box[3] * high)))
    return sum(part.histogram()[:128]) / (part.width * part.height)


FIELD = (100 / 595, 1 - 640 / 842, 400 / 595, 1 - 600 / 842)


class TestPdf:
    def test_scripts_links_files_thumbnails_and_metadata_are_gone(self) -> None:
        cleaned, pages = clean_pdf(build_live_pdf(), "pod.pdf")
        assert pages == 1
        for trace in (b"JavaScript", b"Launch", b"URI", b"evil.exe", b"Private Person", b"Thumb", b"Annots"):
            with pikepdf.open(io.BytesIO(cleaned)) as pdf:
                assert trace not in saved(
                    pdf, object_stream_mode=pikepdf.ObjectStreamMode.disable, compress_streams=False
                )

    def test_an_encrypted_pdf_is_refused_by_name(self) -> None:
        for owner, user in (("o", "u"), ("o", "")):
            with pikepdf.open(io.BytesIO(build_pdf())) as pdf:
                locked = saved(pdf, encryption=pikepdf.Encryption(owner=owner, user=user))
            with pytest.raises(FileRefused, match=r"'pod.pdf' is (protected with a password|encrypted)"):
                taken(locked, "pod.pdf")

    @pytest.mark.parametrize("data", [b"%PDF-1.7\nnothing", b"%PDF-1.4\n" + b"\0" * 400, build_pdf()[:300]])
    def test_a_damaged_pdf_is_refused_by_name(self, data: bytes) -> None:
        with pytest.raises(FileRefused, match=r"'pod.pdf' (is damaged|has no pages)"):
            taken(data, "pod.pdf")

    def test_an_xfa_form_is_refused_by_name(self) -> None:
        with pikepdf.open(io.BytesIO(build_pdf())) as pdf:
            pdf.Root.AcroForm = Dictionary(XFA=Stream(pdf, b"<xdp/>"), Fields=Array([]))
            xfa = saved(pdf)
        with pytest.raises(FileRefused, match=r"'form.pdf' is an XFA form"):
            taken(xfa, "form.pdf")

    def test_too_many_pages_are_refused_by_name(self) -> None:
        with pytest.raises(FileRefused, match=r"'manual.pdf' has 201 pages"):
            taken(build_drawn_pdf(201), "manual.pdf")

    @pytest.mark.parametrize("appearance", [True, False])
    def test_what_was_filled_into_a_form_stays_readable_and_the_form_is_gone(self, appearance: bool) -> None:
        cleaned, _ = clean_pdf(build_form(appearance=appearance), "form.pdf")
        assert darkness(cleaned, FIELD) > 0.02
        with pikepdf.open(io.BytesIO(cleaned)) as pdf:
            assert "/AcroForm" not in pdf.Root
            assert "/Annots" not in pdf.pages[0].obj

    def test_a_page_whose_fonts_are_not_embedded_becomes_a_picture_that_looks_the_same(self) -> None:
        original = build_pdf(size=(595, 842))
        cleaned, _ = clean_pdf(original, "pod.pdf")
        assert page_texts(cleaned) == [""]
        heading = (0.05, 0.03, 0.6, 0.1)
        assert darkness(cleaned, heading) == pytest.approx(darkness(original, heading), rel=0.25)
        with pikepdf.open(io.BytesIO(cleaned)) as pdf:
            assert [float(side) for side in pdf.pages[0].mediabox] == pytest.approx([0, 0, 595, 842])

    def test_a_page_of_an_impossible_size_is_refused_by_name(self) -> None:
        with pytest.raises(FileRefused, match=r"'dot.pdf' has a page of an impossible size \(page 1\)"):
            taken(build_drawn_pdf(size=(3, 3)), "dot.pdf")

    def test_a_document_that_breaks_its_own_rules_is_refused_by_name(self) -> None:
        with pikepdf.open(io.BytesIO(build_drawn_pdf())) as pdf:
            pdf.pages[0].obj.Annots = Dictionary(A=1)
            pdf.pages[0].obj.Resources = Dictionary(
                Font=Dictionary(F=Dictionary(Subtype=Name.Type0, DescendantFonts=1))
            )
            odd = saved(pdf)
        with pytest.raises(FileRefused, match=r"'odd.pdf' is damaged"):
            taken(odd, "odd.pdf")

    def test_a_file_larger_than_any_upload_is_refused_unread(self) -> None:
        with pytest.raises(FileRefused, match=r"'a.pdf' is larger than 50 MB"):
            taken(bytes((50 << 20) + 1), "a.pdf")

    def test_a_turned_page_that_becomes_a_picture_is_upright(self) -> None:
        cleaned, _ = clean_pdf(build_pdf(size=(842, 595), rotate=90), "pod.pdf")
        with pikepdf.open(io.BytesIO(cleaned)) as pdf:
            assert [float(side) for side in pdf.pages[0].mediabox] == pytest.approx([0, 0, 595, 842])

    @pytest.mark.parametrize("data", [build_drawn_pdf(3), build_scan(), build_pdf(2)])
    def test_cleaning_what_is_clean_changes_nothing(self, data: bytes) -> None:
        once, pages = clean_pdf(data, "a.pdf")
        twice, again = clean_pdf(once, "a.pdf")
        assert (again, len(twice)) == (pages, len(once))
        assert clean_pdf(twice, "a.pdf")[0] == clean_pdf(once, "a.pdf")[0]

    def test_a_flate_bomb_is_harmless(self) -> None:
        with pikepdf.open(io.BytesIO(build_drawn_pdf())) as pdf:
            packed = zlib.compress(bytes(60 << 20), 9)
            pdf.pages[0].obj.Contents = Stream(pdf, packed, Filter=Name.FlateDecode)
            bomb = saved(pdf)
        assert len(clean_upload(bomb, "bomb.pdf").data) < 1_000_000


class TestPicture:
    @pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
    def test_every_kind_of_png_becomes_plain_grey_or_colour(self, mode: str) -> None:
        out = io.BytesIO()
        Image.new(mode, (30, 20)).save(out, "PNG")
        cleaned, _, _, _ = clean_picture(out.getvalue(), "a.png")
        with Image.open(io.BytesIO(cleaned)) as picture:
            assert picture.mode in {"L", "RGB"}

    def test_a_cmyk_photo_becomes_rgb(self) -> None:
        out = io.BytesIO()
        Image.new("CMYK", (30, 20), (0, 255, 255, 0)).save(out, "JPEG")
        cleaned, _, _, _ = clean_picture(out.getvalue(), "a.jpg")
        with Image.open(io.BytesIO(cleaned)) as picture:
            red, green, blue = picture.convert("RGB").getpixel((5, 5))
        assert red > 200 > 60 > max(green, blue)

    def test_a_pdf_is_no_picture(self) -> None:
        with pytest.raises(FileRefused, match=r"is not a JPEG, PNG or HEIC picture"):
            clean_picture(build_pdf(), "a.jpg")

    def test_position_and_camera_are_gone_and_the_picture_is_upright(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6  # turned by a quarter
        exif[0x010F] = "Maker of cameras"
        exif.get_ifd(0x8825)[2] = (41.0, 1.0, 2.0)
        data = build_photo(400, 300, exif=exif.tobytes())
        cleaned = taken(data, "kapi.jpg")
        with Image.open(io.BytesIO(cleaned.data)) as picture:
            assert picture.size == (300, 400) == (cleaned.width, cleaned.height)
            assert not picture.getexif()
        assert b"Maker of cameras" in data
        assert b"Maker of cameras" not in cleaned.data

    def test_the_type_is_taken_from_the_bytes_not_the_name(self) -> None:
        assert taken(build_photo(40, 30, format="PNG"), "photo.jpg").media_type == "image/png"

    def test_a_heic_photo_becomes_a_jpeg(self) -> None:
        cleaned = taken(HEIC, "IMG_0042.HEIC")
        assert (cleaned.media_type, cleaned.width, cleaned.height) == ("image/jpeg", 64, 64)

    @pytest.mark.parametrize("data", [b"GIF89a" + bytes(50), b"<svg/>", b"MZ" + bytes(80), b"{}"])
    def test_other_kinds_are_refused_by_name(self, data: bytes) -> None:
        with pytest.raises(FileRefused, match=r"'a.png' is no PDF, JPEG, PNG or HEIC file"):
            taken(data, "a.png")

    def test_an_empty_file_is_refused_by_name(self) -> None:
        with pytest.raises(FileRefused, match=r"'a.png' is empty"):
            taken(b"", "a.png")

    def test_a_decompression_bomb_is_refused(self) -> None:
        with pytest.raises(FileRefused, match=r"'bomb.png' has (60000 x 60000|more) pixels"):
            clean_upload(build_png_header(60_000, 60_000), "bomb.png")

    def test_a_truncated_photo_is_refused_by_name(self) -> None:
        data = build_photo(800, 600)
        with pytest.raises(FileRefused, match=r"'kapi.jpg' is damaged and cannot be printed. Upload it again"):
            taken(data[: len(data) // 2], "kapi.jpg")

    def test_what_is_see_through_becomes_paper(self) -> None:
        out = io.BytesIO()
        Image.new("RGBA", (20, 20), (0, 0, 0, 0)).save(out, "PNG")
        cleaned, _, _, _ = clean_picture(out.getvalue(), "a.png")
        with Image.open(io.BytesIO(cleaned)) as picture:
            assert picture.convert("L").getextrema() == (255, 255)

    def test_a_huge_photo_is_stored_at_a_size_paper_can_show(self) -> None:
        _, _, width, height = clean_picture(build_photo(4800, 3600), "a.jpg")
        assert (width, height) == (3000, 2250)

    def test_a_signature_in_the_wrong_place_is_no_signature(self) -> None:
        assert sniff(b"xx\xff\xd8\xff") is None


def build_png_header(width: int, height: int) -> bytes:
    """A PNG that promises far more than it holds."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))

    head = struct.pack("!IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


HEIC = base64.b64decode(
    "AAAAGGZ0eXBoZWljAAAAAG1pZjFoZWljAAABJ21ldGEAAAAAAAAAIWhkbHIAAAAAAAAAAHBpY3QAAAAAAAAAAAAAAAAAAAAADnBpdG0AAAAA"
    "AAEAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAB5pbG9jAAAAAEQAAAEAAQAAAAEAAAFHAAAAGgAAAKtpcHJwAAAAjmlw"
    "Y28AAAByaHZjQwEECAAAAwCfqAAAAwDwAPz9+PgAAA8DoAABABdAAQwB//8ECAAAAwCfqAAAAwAAHroCQKEAAQAmQgEBBAgAAAMAn6gAAAMA"
    "AB6gIIEFlupJMrmwIAAAAwAgAAADACGiAAEAB0QBwXKwIkAAAAAUaXNwZQAAAAAAAABAAAAAQAAAABVpcG1hAAAAAAAAAAEAAQKBAgAAACJt"
    "ZGF0AAAAFigBrwtg+l8dBbrCpbnKoL18XvAqpYA="
)
"""A grey ramp of 64 x 64, as telephones store photographs: one HEVC picture in an ISO box."""
