"""Bytes to text when the label lies, and headers with raw letters in them."""

from __future__ import annotations

import codecs
import contextlib
import email.errors
import email.header
import re
from email.message import Message as Parsed

_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WESTERN = frozenset({"iso8859-1", "cp1252", "ascii"})
_TURKISH_LETTERS = re.compile("[ğĞıİşŞ]")
_TURKISH_WORDS = re.compile(
    r"\b(?:ve|bir|bu|için|ile|ama|çok|değil|siz|bana|nasıl|merhaba|teşekkür\w*|sipariş\w*|kargo\w*|ürün\w*|iade"
    r"|geldi|var|yok|gün\w*|lütfen|hanım|bey|sayın|selam|günler|ayşe|yılmaz)\b",
    re.IGNORECASE,
)


def decode(data: bytes, declared: str | None) -> tuple[str, bool]:
    """The text, and whether the label was wrong or missing."""
    name = _codec(declared)
    for mark, codec in _MARKS:
        if data.startswith(mark):
            return data.decode(codec, "replace"), name not in ("utf-8", "utf-16")
    if data.isascii() and name not in ("utf-7", "iso2022_jp", "hz"):
        return data.decode("ascii"), False
    if name in _WESTERN or name is None:
        return _western(data, name)
    try:
        return data.decode("cp1254" if name == "iso8859-9" else name), False
    except (UnicodeDecodeError, LookupError, ValueError):
        return _western(data, None)


def _western(data: bytes, name: str | None) -> tuple[str, bool]:
    """Said to be Western, or nothing said: UTF-8 and Windows Turkish are often sent under that name."""
    try:
        return data.decode("utf-8"), True
    except UnicodeDecodeError:
        pass
    turkish = data.decode("cp1254", "replace")
    if _TURKISH_LETTERS.search(turkish) and _TURKISH_WORDS.search(turkish):
        return turkish, True
    return data.decode("cp1252", "replace"), name not in ("iso8859-1", "cp1252")


def _codec(declared: str | None) -> str | None:
    if not declared:
        return None
    try:
        name = codecs.lookup(declared.strip().strip("\"'")[:40]).name
    except (LookupError, ValueError):
        return None
    # Codecs that are no character sets ("hex", "zlib") must not run on mail.
    return name if codecs.lookup(name)._is_text_encoding else None


def header(message: Parsed, name: str, charset: str | None = None) -> str:
    """One header as a single line of text: encoded words decoded, raw letters read with the body's charset."""
    return next(iter(headers(message, name, charset)), "")


def headers(message: Parsed, name: str, charset: str | None = None) -> list[str]:
    # raw_items: the ordinary look-up puts a question mark for every raw letter.
    return [plain(str(value), charset) for key, value in message.raw_items() if key.casefold() == name.casefold()]


def plain(value: str, charset: str | None = None) -> str:
    """Decoded, without line breaks and control characters: nothing of it can start a header of its own."""
    raw = value.encode("utf-8", "surrogateescape")
    text = decode(raw, charset if not raw.isascii() else None)[0]
    with contextlib.suppress(email.errors.HeaderParseError, ValueError, LookupError):
        words = email.header.decode_header(text)
        text = "".join(decode(part, name)[0] if isinstance(part, bytes) else part for part, name in words)
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
