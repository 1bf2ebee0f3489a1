"""The writer's own words and the quoted earlier text, apart. English and Turkish; nothing is thrown away."""

from __future__ import annotations

import re

_WROTE = re.compile(
    r"^(?:>\s*)*(?:on\b.{3,200}\bwrote\s*:|.{3,250}\b(?:tarihinde|günü)\b.{0,200}(?:yazdı|yazmış)\s*:"
    r"|.{3,200}yazdı\s*:)\s*$",
    re.IGNORECASE,
)
_OPENS = re.compile(
    r"^\s*(?:>\s*)*(?:on\b.{0,40}\d|(?:\w{2,10}[.,]{0,2}\s+)?\d{1,4}[./ -]\s?\w{2,10}"
    r"|[^,;!?]{2,80}<\S{1,100}@\S{1,100}>)",
    re.IGNORECASE,
)
"""A date or an address stands at its beginning; a sentence of the writer's own does not."""
_MARK = re.compile(
    r"^\s*[-_]{2,}\s*(?:original message|forwarded message|(?:özgün|orijinal|iletilen|yönlendirilen) (?:ileti|mesaj))"
    r"\s*[-_]{2,}\s*$"
    r"|^\s*(?:begin forwarded message|başlangıçta iletilen mesaj)\s*:\s*$",
    re.IGNORECASE,
)
_HEADS = re.compile(
    r"^\s*\*?(?:from|sent|date|to|cc|subject|kimden|gönderen|gönderildi|gönderilme tarihi|tarih|kime|bilgi|konu)"
    r"\s*\*?\s*:\s*\S",
    re.IGNORECASE,
)
_FIRST_HEAD = re.compile(r"^\s*\*?(?:from|kimden|gönderen)\s*\*?\s*:", re.IGNORECASE)


def apart(text: str) -> tuple[str, str]:
    """(own words, quoted text). A reply below or between quoted lines stays with the own words."""
    lines = text.split("\n")
    quoted = [False] * len(lines)
    for number, line in enumerate(lines):
        if line.lstrip().startswith(">"):
            quoted[number] = True
    number = 0
    while number < len(lines):
        length = _introduction(lines, number)
        if length and not all(quoted[number : number + length]):
            _fold(lines, quoted, number, length)
            break
        number += 1
    own = "\n".join(line for line, old in zip(lines, quoted, strict=True) if not old)
    old = "\n".join(line for line, is_old in zip(lines, quoted, strict=True) if is_old)
    return _tidy(own), _tidy(old)


def _introduction(lines: list[str], number: int) -> int:
    """How many lines from here on introduce a quotation: one, or several when a mail program wrapped them."""
    if _MARK.match(lines[number]):
        return 1
    if _FIRST_HEAD.match(lines[number]):
        heads = [bool(_HEADS.match(line)) for line in lines[number : number + 6] if line.strip()]
        if sum(heads) >= 3:
            return 1
    if not _OPENS.match(lines[number]):
        return 0
    for length in (1, 2, 3):
        joined = " ".join(line.strip() for line in lines[number : number + length])
        if len(joined) > 320:
            return 0
        if _WROTE.match(joined):
            return length
    return 0


def _fold(lines: list[str], quoted: list[bool], start: int, length: int) -> None:
    """With ">" marks below, only marked lines are old (the reply may stand under them); without, all that follows."""
    for number in range(start, start + length):
        quoted[number] = True
    below = range(start + length, len(lines))
    filled = [number for number in below if lines[number].strip()]
    if filled and quoted[filled[0]]:
        return
    for number in below:
        quoted[number] = True


def _tidy(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in text.split("\n"))).strip("\n")
