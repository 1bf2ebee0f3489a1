"""The writer's own words and the quoted earlier text, apart; nothing is thrown away.

English and Turkish are ours; the library knows how mail programs introduce a quotation in a dozen further languages.
"""

from __future__ import annotations

import re
from functools import cache

from mailparser_reply.constants import MAIL_LANGUAGES
from mailparser_reply.parser import EmailMessage

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
_FOREIGN_WROTE = re.compile(
    r"^(?:>\s*)*(?:(?:le|el|em|op|a)\b.{5,250}(?:a écrit|escribió|escreveu|va escriure)\s*:|op\b.{5,250}"
    r"(?:schreef\b.{0,120}|het volgende geschreven\s*):"
    r"|\d{4}\s?[年년].{5,250}(?:写道|寫道|작성하였습니다|작성|썼습니다)\s*[:：])\s*$",
    re.IGNORECASE,
)
"""Where the library misses what its languages write: a name that holds the first word again, the Spanish line."""
_WHEN_OR_WHO = re.compile(r"\d{4}|\d{1,2}[:.]\d{2}|\S@\S")
"""A quotation is introduced with its year, its hour or an address; "Am 3. Mai schrieb ich Ihnen:" is none."""
_MARK = re.compile(
    r"^\s*[-_]{2,}\s*(?:original message|forwarded message|(?:özgün|orijinal|iletilen|yönlendirilen) (?:ileti|mesaj)"
    r"|(?:ursprüngliche|weitergeleitete) nachricht|message (?:d.origine|transféré)|mensaje (?:original|reenviado)"
    r"|messaggio (?:originale|inoltrato)|(?:oorspronkelijk|doorgestuurd) bericht|mensagem (?:original|encaminhada)"
    r"|wiadomość oryginalna|původní zpráva|ursprungligt meddelande|oprindelig meddelelse|opprinnelig melding)"
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
_FOREIGN_HEAD = re.compile(
    r"^\s*\*?(?:von|de|da|van|från|fra|od|差出人|发件人|寄件者|보낸\s?사람)\s*\*?\s*[:：]\s*\S", re.IGNORECASE
)
_LONGEST = 320
"""Signs of an introduction, however a mail program wrapped it."""
_TRIES = 25
"""How often the library is asked about one text: its patterns take their time on lines made to cost it."""


def apart(text: str) -> tuple[str, str]:
    """(own words, quoted text). A reply below or between quoted lines stays with the own words."""
    lines = text.split("\n")
    quoted = [line.lstrip().startswith(">") for line in lines]
    tries = _TRIES
    for number in range(len(lines)):
        length = _introduction(lines, number)
        if not length and tries and _may_introduce(lines[number]):
            tries -= 1
            length = _foreign_introduction(lines, number)
        if length and not all(quoted[number : number + length]):
            _fold(lines, quoted, number, length)
            break
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
    for length, joined in _windows(lines, number):
        if _WROTE.match(joined):
            return length
    return 0


def _windows(lines: list[str], number: int) -> list[tuple[int, str]]:
    """The line, and the line with one or two below it, as one; none that is longer than an introduction."""
    joined = [(length, " ".join(line.strip() for line in lines[number : number + length])) for length in (1, 2, 3)]
    return [(length, words) for length, words in joined if len(words) <= _LONGEST]


# ---- the library's languages ---------------------------------------------------------------------------------------


@cache
def _library() -> re.Pattern[str]:
    pattern: re.Pattern[str] = EmailMessage(
        text="", languages=[each for each in MAIL_LANGUAGES if len(each) == 2]
    ).HEADER_REGEX
    return pattern


def _may_introduce(line: str) -> bool:
    return bool(_FOREIGN_HEAD.match(line)) or (_WHEN_OR_WHO.search(line) is not None and len(line) <= _LONGEST)


def _foreign_introduction(lines: list[str], number: int) -> int:
    if _FOREIGN_HEAD.match(lines[number]):
        below = "\n".join(line.replace("\u00a0", " ")[:_LONGEST] for line in lines[number : number + 6])
        found = _library().match(below)
        return 1 if found and sum(":" in line for line in found[0].strip().split("\n")) >= 3 else 0
    for length, joined in _windows(lines, number):
        words = joined.replace("\u00a0", " ").replace("\u202f", " ")
        if words.rstrip().endswith((":", "：")) and (_FOREIGN_WROTE.match(words) or _library().fullmatch(words)):
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
