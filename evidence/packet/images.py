"""Pictures: opened safely, turned upright, stripped of all that is not picture, and scaled by a stated ladder."""

from __future__ import annotations

import io
import warnings
import zlib
from dataclasses import dataclass
from typing import Literal

from PIL import Image, ImageChops, ImageFile, ImageOps

from disputes.phrases import Phrase, phrase
from evidence.packet.errors import FileRefused

MAX_PIXELS = 40_000_000
MAX_SIDE = 20_000
_FEW_COLOURS = 4096
"""A picture with fewer is a screenshot or a drawing, which JPEG would blur."""

Image.MAX_IMAGE_PIXELS = MAX_PIXELS


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder: pixels per inch on the paper, JPEG quality, and whether colour is given up."""

    dpi: int
    quality: int
    grey: bool = False

    def words(self) -> Phrase:
        figures = {"dpi": self.dpi, "quality": self.quality}
        if self.grey:
            return phrase("{dpi} pixels per inch, JPEG quality {quality}, in grey", **figures)
        return phrase("{dpi} pixels per inch, JPEG quality {quality}", **figures)


LADDER = (
    Rung(300, 85),
    Rung(200, 80),
    Rung(150, 75),
    Rung(150, 65),
    Rung(120, 60),
    Rung(120, 55, grey=True),
    Rung(100, 50, grey=True),
    Rung(85, 45, grey=True),
    Rung(72, 40, grey=True),
)
"""Measured on photographs of parcels and screenshots: below the last rung print is no longer read by a person."""


@dataclass(frozen=True, slots=True)
class Encoded:
    """Image data as a PDF carries it."""

    data: bytes
    width: int
    height: int
    grey: bool
    filter: Literal["/DCTDecode", "/FlateDecode"]
    bits: int = 8


def sniff(data: bytes) -> str | None:
    """The type by signature; a file's name and stated type are not believed."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if data[4:8] == b"ftyp" and data[8:12] in {b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1", b"heif"}:
        return "image/heic"
    if b"%PDF-" in data[:1024]:
        return "application/pdf"
    return None


def open_picture(data: bytes, name: str) -> Image.Image:
    """Decoded, upright, RGB or grey, on white; the size is looked at before a pixel is decoded."""
    kind = sniff(data)
    if kind is None or kind == "application/pdf":
        raise FileRefused(name, "is not a JPEG, PNG or HEIC picture")
    if kind == "image/heic":
        from pi_heif import register_heif_opener

        register_heif_opener(thumbnails=False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=["JPEG", "PNG", "HEIF"]) as picture:
                if picture.width * picture.height > MAX_PIXELS or max(picture.size) > MAX_SIDE:
                    raise FileRefused(
                        name,
                        phrase(
                            "has {width} x {height} pixels, more than can be printed",
                            width=picture.width,
                            height=picture.height,
                        ),
                    )
                ImageFile.LOAD_TRUNCATED_IMAGES = False  # WeasyPrint switches it on for the whole process
                picture.load()
                return _flat(ImageOps.exif_transpose(picture))
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise FileRefused(name, "has more pixels than can be printed") from None
    except FileRefused:
        raise
    except MemoryError:
        raise
    except Exception as error:
        raise FileRefused(name, "is damaged and cannot be printed. Upload it again") from error


def _flat(picture: Image.Image) -> Image.Image:
    """On white and without palette, alpha, profile or any other rider."""
    if picture.mode in {"RGBA", "LA", "PA", "P"} or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        paper = Image.new("RGBA", rgba.size, "white")
        picture = Image.alpha_composite(paper, rgba)
    if picture.mode in {"I", "I;16", "I;16B", "F"}:
        picture = picture.convert("I").point(lambda value: value / 256).convert("L")
    picture = picture.convert("L" if picture.mode in {"L", "1"} else "RGB")
    if picture.mode == "RGB" and is_grey(picture):
        picture = picture.convert("L")
    picture.info.clear()
    return picture


def is_grey(picture: Image.Image) -> bool:
    small = picture.resize((min(picture.width, 256), min(picture.height, 256)))
    red, green, blue = small.split()
    spread = [ImageChops.difference(red, green).getextrema()[1], ImageChops.difference(green, blue).getextrema()[1]]
    return all(isinstance(value, int | float) and value <= 8 for value in spread)


def encode(picture: Image.Image, rung: Rung, inches: tuple[float, float]) -> Encoded:
    """The picture for its place on the paper: never enlarged, the smaller of JPEG and (for drawings) deflate."""
    scale = min(1.0, max(rung.dpi * inches[0] / picture.width, rung.dpi * inches[1] / picture.height))
    if scale < 1.0:
        size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        picture = picture.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
    if rung.grey and picture.mode != "L":
        picture = picture.convert("L")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=rung.quality, optimize=True)
    grey = picture.mode == "L"
    if picture.getcolors(_FEW_COLOURS):
        crisp = zlib.compress(picture.tobytes(), 9)
        if len(crisp) <= len(out.getvalue()):
            return Encoded(crisp, picture.width, picture.height, grey, "/FlateDecode")
    return Encoded(out.getvalue(), picture.width, picture.height, grey, "/DCTDecode")
