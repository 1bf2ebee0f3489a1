"""The demo's photographs, drawn: a parcel at a door, goods on a packing table."""

from __future__ import annotations

import io
import random
from collections.abc import Callable

from PIL import Image, ImageDraw, ImageFilter, ImageFont

_SIZE = 720, 960
Shade = tuple[int, int, int]


def photo(kind: str, band: str, colour: str = "#5b7a6d") -> bytes:
    """A JPEG; `band` is the line of print a scanner app puts under a picture."""
    picture = Image.new("RGB", _SIZE, "#b9b1a4")
    _SCENES[kind](ImageDraw.Draw(picture), colour)
    picture = _grain(picture.filter(ImageFilter.GaussianBlur(1.2)), seed=band)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 910, 720, 960), fill="#111111")
    draw.text((18, 921), band, fill="#f2f2f2", font=ImageFont.load_default(24))
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=72)
    return out.getvalue()


def broken(band: str) -> bytes:
    """A photograph whose upload broke off: the demo shows how it is refused by name."""
    whole = photo("plates", band)
    return whole[: len(whole) // 3]


def _grain(picture: Image.Image, seed: str) -> Image.Image:
    dice = random.Random(seed)
    noise = Image.frombytes("L", (180, 240), dice.randbytes(180 * 240)).resize(_SIZE, Image.Resampling.BICUBIC)
    return Image.blend(picture, Image.merge("RGB", (noise, noise, noise)), 0.07)


def _door(draw: ImageDraw.ImageDraw, colour: str) -> None:
    for row in range(0, 700, 46):
        for column in range(-60, 720, 120):
            left = column + (60 if row // 46 % 2 else 0)
            draw.rectangle((left + 3, row + 3, left + 116, row + 42), fill="#a2664f")
    draw.rectangle((170, 60, 550, 760), fill="#e6e1d8")
    draw.rectangle((195, 85, 525, 760), fill=colour)
    for box in ((225, 120, 345, 380), (375, 120, 495, 380), (225, 430, 345, 690), (375, 430, 495, 690)):
        draw.rectangle(box, outline="#2a3a34", width=5)
    draw.ellipse((490, 400, 515, 425), fill="#c9a24a")
    draw.rectangle((0, 760, 720, 910), fill="#8d8a84")
    draw.polygon(((180, 800), (540, 800), (590, 880), (130, 880)), fill="#4a3b2c")
    draw.polygon(((250, 660), (470, 640), (480, 830), (255, 855)), fill="#b98a57")
    draw.polygon(((470, 640), (530, 665), (535, 815), (480, 830)), fill="#8f6840")
    draw.polygon(((250, 660), (330, 635), (530, 665), (470, 640)), fill="#cda06c")
    draw.polygon(((345, 652), (375, 649), (385, 842), (352, 846)), fill="#d9c7a2")
    draw.rectangle((275, 710, 345, 790), fill="#f6f4ee")
    for stripe in range(280, 340, 6):
        draw.rectangle((stripe, 745, stripe + 2 + stripe % 3, 780), fill="#222222")
    for line in (717, 726, 735):
        draw.rectangle((280, line, 330, line + 3), fill="#666666")


def _table(draw: ImageDraw.ImageDraw) -> None:
    for row in range(0, 960, 80):
        draw.rectangle((0, row, 720, row + 77), fill=("#caa778", "#c29f70")[row // 80 % 2])
    draw.rectangle((60, 120, 660, 830), fill="#efe9dd", outline="#ded5c3", width=8)


def _bowls(draw: ImageDraw.ImageDraw, _: str) -> None:
    _table(draw)
    tones: tuple[Shade, ...] = (
        (196, 106, 72),
        (186, 97, 64),
        (170, 84, 55),
        (201, 114, 80),
        (160, 78, 52),
        (190, 101, 69),
    )
    for number, tone in enumerate(tones):
        left, top = 100 + number % 2 * 270, 160 + number // 2 * 220
        rim: Shade = (tone[0] - 35, tone[1] - 30, tone[2] - 25)
        draw.ellipse((left, top, left + 240, top + 200), fill=rim)
        draw.ellipse((left + 16, top + 14, left + 224, top + 182), fill=tone)
        draw.ellipse((left + 62, top + 60, left + 178, top + 150), fill=rim)
        draw.arc((left + 40, top + 34, left + 190, top + 150), 200, 260, fill="#f3d9c8", width=5)


def _plates(draw: ImageDraw.ImageDraw, _: str) -> None:
    _table(draw)
    dice = random.Random(8)
    for number in range(8):
        left, top = 95 + number % 2 * 280, 140 + number // 2 * 170
        draw.ellipse((left, top, left + 250, top + 160), fill="#8c7b66")
        draw.ellipse((left + 9, top + 6, left + 241, top + 152), fill="#e8e2d4")
        draw.ellipse((left + 45, top + 30, left + 205, top + 126), outline="#d3cab8", width=3)
        for _speck in range(40):
            x, y = left + dice.randint(40, 210), top + dice.randint(30, 125)
            draw.ellipse((x, y, x + 3, y + 3), fill="#6b5a45")


def _cushions(draw: ImageDraw.ImageDraw, _: str) -> None:
    _table(draw)
    for number, tone in enumerate(("#9a4c31", "#8a3d2a", "#7a3227", "#92462e")):
        left, top = 90 + number % 2 * 280, 170 + number // 2 * 320
        draw.rounded_rectangle((left, top, left + 260, top + 280), 34, fill=tone, outline="#5f281e", width=5)
        for row in range(3):
            middle = top + 70 + row * 70
            draw.polygon(
                ((left + 40, middle), (left + 130, middle - 28), (left + 220, middle), (left + 130, middle + 28)),
                outline="#d9b48a",
                width=4,
            )


def _lamp(draw: ImageDraw.ImageDraw, _: str) -> None:
    _table(draw)
    draw.rectangle((335, 300, 385, 420), fill="#b08d57")
    draw.polygon(((250, 170), (470, 170), (530, 330), (190, 330)), fill="#e3dccb", outline="#cbbfa6", width=4)
    draw.ellipse((230, 400, 490, 760), fill="#87957d", outline="#66745f", width=5)
    draw.ellipse((270, 470, 370, 620), fill="#97a58c")
    draw.rectangle((290, 740, 430, 785), fill="#6f7d67")


_SCENES: dict[str, Callable[[ImageDraw.ImageDraw, str], None]] = {
    "door": _door,
    "bowls": _bowls,
    "plates": _plates,
    "cushions": _cushions,
    "lamp": _lamp,
}
