from __future__ import annotations

import io

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Stream
from PIL import Image, ImageCms

from evidence.packet.images import LADDER
from evidence.packet.shrink import shrink
from tests.evidence.packet.builders import build_photo

PAGE = (8.27, 11.69)


def build_form(pdf: pikepdf.Pdf, data: bytes, **over: object) -> Stream:
    """A page's form that holds one picture in a nested form, as many scanners write it."""
    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
    values = {"Width": width, "Height": height, "BitsPerComponent": 8, "ColorSpace": Name.DeviceRGB}
    image = Stream(pdf, data)
    image.stream_dict = Dictionary(Type=Name.XObject, Subtype=Name.Image, Filter=Name.DCTDecode, **{**values, **over})
    inner = Stream(pdf, b"/I Do", Subtype=Name.Form, Resources=Dictionary(XObject=Dictionary(I=image)))
    return Stream(pdf, b"/F Do", Subtype=Name.Form, Resources=Dictionary(XObject=Dictionary(F=inner)))


def picture_of(form: Stream) -> Stream:
    return form.Resources.XObject.F.Resources.XObject.I


def test_a_nested_picture_is_scaled_to_the_rung() -> None:
    with pikepdf.new() as pdf:
        form = build_form(pdf, build_photo(1240, 1754, quality=95))
        shrink(form, LADDER[-1], PAGE, {})
        picture = picture_of(form)
        assert (int(picture.Width), picture.ColorSpace) == (595, Name.DeviceGray)
        with Image.open(io.BytesIO(picture.read_raw_bytes())) as written:
            assert written.size == (int(picture.Width), int(picture.Height))


@pytest.mark.parametrize(
    "over",
    [
        {"ImageMask": True},
        {"Mask": Array([0, 1, 0, 1, 0, 1])},
        {"Decode": Array([1, 0, 1, 0, 1, 0])},
        {"BitsPerComponent": 1},
        {"ColorSpace": Array([Name.Separation, Name.Black, Name.DeviceGray])},
        {"Width": 90_000, "Height": 90_000},
    ],
)
def test_a_picture_that_would_not_mean_the_same_is_left_alone(over: dict[str, object]) -> None:
    with pikepdf.new() as pdf:
        data = build_photo(1240, 1754)
        form = build_form(pdf, data, **over)
        shrink(form, LADDER[-1], PAGE, {})
        assert picture_of(form).read_raw_bytes() == data


@pytest.mark.parametrize("space", [Name.CalRGB, Name.ICCBased])
def test_a_picture_with_a_colour_profile_is_scaled_too(space: Name) -> None:
    with pikepdf.new() as pdf:
        data = build_photo(1240, 1754)
        profile = Stream(pdf, ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(), N=3)
        form = build_form(pdf, data, ColorSpace=Array([space, profile]))
        shrink(form, LADDER[-1], PAGE, {})
        assert len(picture_of(form).read_raw_bytes()) < len(data) // 2


def test_a_small_picture_and_a_picture_that_cannot_be_read_are_left_alone() -> None:
    with pikepdf.new() as pdf:
        small, broken = build_photo(60, 40), build_photo(1240, 1754)
        for data, over in ((small, {}), (broken, {"Filter": Name.FlateDecode})):
            form = build_form(pdf, data)
            for key, value in over.items():
                picture_of(form)[key if key.startswith("/") else f"/{key}"] = value
            shrink(form, LADDER[-1], PAGE, {})
            assert picture_of(form).read_raw_bytes() == data


def test_the_same_picture_is_encoded_once() -> None:
    memory: dict[object, object] = {}
    with pikepdf.new() as pdf:
        for _ in range(3):
            shrink(build_form(pdf, build_photo(1240, 1754, quality=95)), LADDER[-1], PAGE, memory)
    assert len(memory) == 1
