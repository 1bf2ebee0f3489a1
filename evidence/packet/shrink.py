"""Pictures inside attached documents go down the same ladder as photographs: a scan is a picture too."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name

from evidence.packet.images import MAX_PIXELS, Encoded, Rung, encode

Memory = dict[tuple[bytes, Rung], Encoded | None]
_KNOWN = (Name.DeviceRGB, Name.DeviceGray, Name.CalRGB, Name.CalGray)
_SMALL = 20_000
"""Bytes; a logo is not what makes a packet heavy."""


def shrink(form: Any, rung: Rung, inches: tuple[float, float], memory: Memory) -> None:
    """Re-encode the form's pictures in place. None is placed larger than the form, so none falls below the rung."""
    for picture in _pictures(form.get(Name.Resources), 0):
        raw = picture.read_raw_bytes()
        if len(raw) < _SMALL:
            continue
        key = (sha256(raw).digest(), rung)
        if key not in memory:
            memory[key] = _smaller(picture, len(raw), rung, inches)
        better = memory[key]
        if better is not None:
            _replace(picture, better)


def _pictures(resources: object, depth: int) -> Iterator[Any]:
    held = resources.get(Name.XObject) if isinstance(resources, Dictionary) and depth < 8 else None
    for item in held.values() if isinstance(held, Dictionary) else ():
        if not isinstance(item, pikepdf.Stream):
            continue
        if item.get(Name.Subtype) == Name.Image:
            yield item
        elif item.get(Name.Subtype) == Name.Form:
            yield from _pictures(item.get(Name.Resources), depth + 1)


def _smaller(picture: Any, size: int, rung: Rung, inches: tuple[float, float]) -> Encoded | None:
    if not _is_plain(picture):
        return None
    try:
        image = pikepdf.PdfImage(picture).as_pil_image()
        encoded = encode(image.convert("L" if image.mode in {"L", "1"} else "RGB"), rung, inches)
    except (pikepdf.PikepdfError, ValueError, NotImplementedError, OSError, TypeError, AttributeError):
        return None  # kept as it is: a picture of a kind we do not know is no reason to lose it
    return encoded if len(encoded.data) < size else None


def _is_plain(picture: Any) -> bool:
    """Whether the picture means the same after re-encoding: no stencil, no colour key, no inverted values."""
    if any(key in picture for key in (Name.ImageMask, Name.Mask, Name.Decode)):
        return False
    if int(picture.Width) * int(picture.Height) > MAX_PIXELS or int(picture.get(Name.BitsPerComponent, 8)) != 8:
        return False
    space = picture.get(Name.ColorSpace)
    kind = space[0] if isinstance(space, Array) else space
    return kind in (*_KNOWN, Name.ICCBased, Name.Indexed)


def _replace(picture: Any, better: Encoded) -> None:
    picture.write(better.data, filter=Name(better.filter))
    picture[Name.Width], picture[Name.Height] = better.width, better.height
    picture[Name.ColorSpace] = Name.DeviceGray if better.grey else Name.DeviceRGB
    picture[Name.BitsPerComponent] = better.bits
    for key in ("/DecodeParms", "/Intent", "/Alternates", "/OPI", "/Metadata"):
        if key in picture:
            del picture[key]
