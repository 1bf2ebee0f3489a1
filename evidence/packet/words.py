"""Text before layout: what no font can draw is said in words in foreign text and refused in the merchant's own."""

from __future__ import annotations

import re
import unicodedata

from evidence.packet.fonts import coverage

_SILENT = {0x200D, 0xFE0E, 0xFE0F, 0x00AD, 0x200B, 0x2060, 0xFEFF}
"""Joiners, variation selectors and soft breaks: they only shape their neighbours."""
_TURNING = {0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)}
"""Marks that turn the direction of writing and can make a text read as another."""
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+\n")

STATED = re.compile(r"\[(?:emoji: [a-z0-9 ,'()&:.-]+|character U\+[0-9A-F]{4,6})\]")
"""How an undrawable character is printed; the placeholder check knows these."""


def foreign(text: str) -> str:
    """Text of others, ready to print: no control marks, every undrawable character stated in its place."""
    return "".join(_drawn(character) for character in unicodedata.normalize("NFC", text))


def letter_body(text: str) -> str:
    """A message's body: as `foreign`, and runs of empty lines folded to one."""
    body = foreign(text.replace("\r\n", "\n").replace("\r", "\n")).strip("\n")
    return _BLANK_LINES.sub("\n\n", body)


def undrawable(text: str) -> list[str]:
    """The characters of a text of ours that cannot be printed, as a person may look for them."""
    odd = dict.fromkeys(character for character in unicodedata.normalize("NFC", text) if _is_odd(character))
    return [f"{character!r} ({_name(character)}, U+{ord(character):04X})" for character in odd]


def own(text: str) -> str:
    """Text of the merchant, already found drawable."""
    return "".join(character for character in unicodedata.normalize("NFC", text) if not _is_silent(character))


def _is_silent(character: str) -> bool:
    point = ord(character)
    control = unicodedata.category(character) == "Cc" and character not in "\n\t"
    return control or point in _SILENT or point in _TURNING


def _is_odd(character: str) -> bool:
    return character > "~" and not _is_silent(character) and not coverage().draws(character)


def _drawn(character: str) -> str:
    if " " <= character <= "~" or character in "\n\t":
        return character
    if _is_silent(character) or 0x1F3FB <= ord(character) <= 0x1F3FF:  # a skin tone says nothing without its emoji
        return ""
    if unicodedata.category(character) in {"Cs", "Co", "Cn"} or not coverage().draws(character):
        return _stated(character)
    return character


def _stated(character: str) -> str:
    if unicodedata.category(character) == "Zs":
        return " "
    name = _name(character).lower()
    if unicodedata.category(character) == "So" and name != "unnamed":
        return f"[emoji: {name}]"
    return f"[character U+{ord(character):04X}]"


def _name(character: str) -> str:
    return unicodedata.name(character, "unnamed")
