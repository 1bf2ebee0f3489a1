"""Pictures of telephones and of people who mean harm: upright, bare, and within bounds."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from evidence.packet.child import Bounds, Helper
from evidence.packet.clean import clean_picture, clean_upload
from evidence.packet.errors import FileRefused
from tests.evidence.packet.builders import build_photo
from tests.evidence.packet.conftest import InProcess
from tests.evidence.packet.test_clean import HEIC, build_png_header

# One colour a corner: which way a picture was turned can be read off.
CORNERS = {(0, 0): "red", (1, 0): "lime", (0, 1): "blue", (1, 1): "white"}


def cornered(**options: Any) -> bytes:
    picture = Image.new("RGB", (64, 32))
    for (across, down), colour in CORNERS.items():
        picture.paste(colour, (32 * across, 16 * down, 32 * across + 32, 16 * down + 16))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=95, subsampling=0, **options)
    return out.getvalue()


def turned(orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif.get_ifd(0x8825)[2] = (41.0, 1.0, 2.0)
    return cornered(exif=exif.tobytes())


def upper_left(data: bytes) -> tuple[int, ...]:
    with Image.open(io.BytesIO(data)) as picture:
        found = picture.convert("RGB").getpixel((6, 6))
    assert isinstance(found, tuple)
    return tuple(round(one / 255) for one in found)


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (1, 0, 0)), (2, (0, 1, 0)), (3, (1, 1, 1)), (4, (0, 0, 1)), (5, (1, 0, 0)), (6, (0, 0, 1)), (7, (1, 1, 1)),
     (8, (0, 1, 0))],
)  # fmt: skip
def test_every_way_of_holding_a_telephone_gives_an_upright_picture(
    orientation: int, corner: tuple[int, int, int]
) -> None:
    cleaned, _, width, height = clean_picture(turned(orientation), "a.jpg")
    assert upper_left(cleaned) == corner
    assert (width, height) == ((64, 32) if orientation < 5 else (32, 64))


def test_nothing_but_the_picture_is_left() -> None:
    """Position, camera, thumbnail, comments, profiles, texts, and whatever was hung on behind."""
    exif = Image.Exif()
    exif[0x010F] = "Maker of cameras"
    exif.get_ifd(0x8825)[2] = (41.0, 1.0, 2.0)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "4242 4242 4242 4242")
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(out, "PNG", pnginfo=text, exif=exif, icc_profile=b"profile of somebody")
    photo = cornered(exif=exif.tobytes(), comment=b"4242 4242 4242 4242", icc_profile=b"profile of somebody")
    for data in (out.getvalue() + b"PK\x03\x04 more", photo + b"PK\x03\x04 more"):
        cleaned, _, _, _ = clean_picture(data, "a")
        with Image.open(io.BytesIO(cleaned)) as picture:
            assert not picture.getexif()
            assert set(picture.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density", "dpi"}
        for trace in (b"Maker of cameras", b"4242", b"profile of somebody", b"PK\x03\x04"):
            assert trace not in cleaned


def test_of_several_pictures_in_one_file_the_first_is_taken() -> None:
    """Telephones hang a second picture on the first."""
    out = io.BytesIO()
    first, second = Image.new("RGB", (40, 30), "red"), Image.new("RGB", (40, 30), "blue")
    first.save(out, "MPO", save_all=True, append_images=[second])
    cleaned, media, _, _ = clean_picture(out.getvalue(), "a.jpg")
    assert (upper_left(cleaned), media) == ((1, 0, 0), "image/jpeg")


@pytest.mark.parametrize("size", [(60_000, 60_000), (40_000, 1), (6_400, 6_400), (2**31 - 1, 2**31 - 1)])
def test_giants_are_refused_before_a_pixel_is_decoded(size: tuple[int, int]) -> None:
    tight = Helper(Bounds(seconds=30, cpu=20, bytes=400 * 2**20))
    try:
        with pytest.raises(FileRefused, match=r"pixels|damaged"):
            clean_upload(build_png_header(*size), "bomb.png", tight)
    finally:
        tight.close()


def test_a_picture_of_many_million_pixels_in_a_few_kilobytes_is_refused() -> None:
    """All it takes is a long run of one colour: 100 million pixels here."""
    rows = zlib.compressobj(9)
    packed = b"".join(rows.compress(bytes(1251) * 100) for _ in range(100)) + rows.flush()
    head = struct.pack("!IIBBBBB", 10_000, 10_000, 1, 0, 0, 0, 0)
    data = b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack("!I", len(body)) + kind + body + struct.pack("!I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", head), (b"IDAT", packed), (b"IEND", b""))
    )
    assert len(data) < 30_000
    with pytest.raises(FileRefused, match="pixels"):
        clean_upload(data, "bomb.png", InProcess())


def test_a_text_that_unpacks_to_very_much_is_refused() -> None:
    out = io.BytesIO()
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "x" * (80 * 2**20), zip=True)
    Image.new("L", (8, 8)).save(out, "PNG", pnginfo=text)
    assert len(out.getvalue()) < 200_000
    with pytest.raises(FileRefused, match="damaged"):
        clean_upload(out.getvalue(), "bomb.png", InProcess())


WHOLE = {
    "JPEG": build_photo(64, 48),
    "PNG": build_photo(64, 48, format="PNG"),
    "HEIC": HEIC,
}


@pytest.mark.parametrize("kind", sorted(WHOLE))
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_any_damage_is_survived_or_refused_by_name(kind: str, data: st.DataObject) -> None:
    whole = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del whole[data.draw(st.integers(1, len(whole) - 1)) :]
    try:
        cleaned, media, width, height = clean_picture(bytes(whole), "a.jpg")
    except FileRefused as refusal:
        assert "'a.jpg'" in str(refusal)  # noqa: PT017 - either way is right, and both are looked at
        return
    with Image.open(io.BytesIO(cleaned)) as picture:
        assert (picture.size, Image.MIME[picture.format or ""]) == ((width, height), media)
        picture.load()
