"""Which characters the installed fonts can draw, asked of fontconfig, which is what the renderer asks too."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

FAMILY = "DejaVu Sans"


class _FontSet(ctypes.Structure):
    _fields_ = (("count", ctypes.c_int), ("room", ctypes.c_int), ("fonts", ctypes.POINTER(ctypes.c_void_p)))


def _library() -> ctypes.CDLL:
    library = ctypes.CDLL("libfontconfig.so.1")
    pointer = ctypes.c_void_p
    for name, result, arguments in (
        ("FcInitLoadConfigAndFonts", pointer, []),
        ("FcConfigGetFonts", ctypes.POINTER(_FontSet), [pointer, ctypes.c_int]),
        ("FcPatternGetCharSet", ctypes.c_int, [pointer, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(pointer)]),
        ("FcPatternGetBool", ctypes.c_int, [pointer, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(ctypes.c_int)]),
        ("FcPatternGetString", ctypes.c_int, [pointer, ctypes.c_char_p, ctypes.c_int, ctypes.POINTER(ctypes.c_char_p)]),
        ("FcCharSetHasChar", ctypes.c_int, [pointer, ctypes.c_uint32]),
    ):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Coverage:
    """The outline fonts of this machine; colour bitmap fonts do not count, they do not survive a fax."""

    def __init__(self) -> None:
        self._library = _library()
        self._config = self._library.FcInitLoadConfigAndFonts()
        self._charsets: list[Any] = []
        self.families: set[str] = set()
        system_fonts = 0
        fonts = self._library.FcConfigGetFonts(self._config, system_fonts)
        for index in range(fonts.contents.count if fonts else 0):
            self._add(fonts.contents.fonts[index])
        self._known: dict[str, bool] = {}

    def _add(self, font: Any) -> None:
        outline, color, charset, name = ctypes.c_int(1), ctypes.c_int(0), ctypes.c_void_p(), ctypes.c_char_p()
        self._library.FcPatternGetBool(font, b"outline", 0, ctypes.byref(outline))
        self._library.FcPatternGetBool(font, b"color", 0, ctypes.byref(color))
        if not outline.value or color.value:
            return
        if self._library.FcPatternGetString(font, b"family", 0, ctypes.byref(name)) == 0 and name.value:
            self.families.add(name.value.decode(errors="replace"))
        if self._library.FcPatternGetCharSet(font, b"charset", 0, ctypes.byref(charset)) == 0:
            self._charsets.append(charset)

    def draws(self, character: str) -> bool:
        known = self._known.get(character)
        if known is None:
            point = ord(character)
            known = any(self._library.FcCharSetHasChar(charset, point) for charset in self._charsets)
            self._known[character] = known
        return known


@cache
def coverage() -> Coverage:
    return Coverage()
