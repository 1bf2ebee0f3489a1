"""Card numbers masked to their last four digits, security codes and track data removed, before anything is stored.

Luhn alone hits every tenth order number, so a number must also lie in an issuer's range; the case's own identifiers and
bank account numbers are left alone. Pictures cannot be read here; pages of a PDF are `evidence.packet.covering`'s work.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

_RANGES: tuple[tuple[int, int, frozenset[int]], ...] = tuple(
    (low, high, frozenset(lengths))
    for low, high, lengths in (
        (4, 4, (16, 18, 19)),  # Visa; its 13 digits are long gone and collide with shop ids
        (51, 55, (16,)),
        (2221, 2720, (16,)),
        (34, 34, (15,)),
        (37, 37, (15,)),
        (300, 305, (14, 16)),
        (3095, 3095, (14, 16)),
        (36, 36, (14, 16, 19)),
        (38, 39, (14, 16, 19)),
        (6011, 6011, (16, 19)),
        (644, 649, (16, 19)),
        (65, 65, (16, 19)),
        (3528, 3589, (16, 17, 18, 19)),
        (62, 62, (16, 17, 18, 19)),
        (81, 81, (16, 17, 18, 19)),
        (50, 50, (16, 17, 18, 19)),
        (56, 58, (16, 17, 18, 19)),
        (60, 60, (16,)),
        (6304, 6304, (16, 17, 18, 19)),
        (67, 67, (16, 17, 18, 19)),
        (9792, 9792, (16,)),  # Troy
        (2200, 2204, (16, 17, 18, 19)),  # Mir
    )
)
_GAP = r"[\s\u200b-\u200f\u2060\ufeff\u00ad.\-\u2010-\u2015_/*|·]{1,3}"
_RUN = re.compile(rf"\d+(?:{_GAP}\d+)*")
_GROUP = re.compile(r"\d+")
_INVISIBLE = re.compile(r"[\u200b-\u200f\u2060\ufeff\u00ad]+")
_CARD_WORDS = re.compile(
    r"(?:card|kart|kartı|kartim|kartım|visa|mastercard|amex|troy|pan|no|nr|num|number|numara|numarası)$", re.IGNORECASE
)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?\b")
_TRACK = re.compile(r"%?B\d{12,19}\^[^\^\n]{2,45}\^\d{4}[^\s?]{0,60}\??|;?\d{12,19}[=D]\d{7}\d{0,24}\??", re.ASCII)
_CODE_WORD = (
    r"(?:cvv2?|cvc2?|cav2|csc|cvn2?|card (?:security|verification|validation) (?:code|value|number|no)|security code"
    r"|verification code of (?:my|the) card"
    r"|kart(?:ın)? (?:güvenlik|guvenlik|doğrulama|dogrulama) (?:kodu|numarası|numarasi|no)"
    r"|g[üu]venlik (?:kodu|kodum|numaras[ıi]|no)|do[ğg]rulama kodu)"
)
_CODE = re.compile(
    rf"(?<!\w)({_CODE_WORD}(?:['’]?\w{{0,6}})?(?:\s{{0,3}}(?:is|was|:|=|-|–|no|nr|code|kodu|kodum|number|numarası|numaram"
    r"|of my card|on the back|,|#|\(|\*)){0,4}\s{0,3})"
    r"(\d(?:[ -]?\d){2,3})(?![\w]|[.,]\d)",
    re.IGNORECASE,
)
_CODE_AFTER = re.compile(
    rf"(?<![\w.,])(\d{{3,4}})(\s{{1,3}}(?:is|was|as|=|\()\s{{0,3}}(?:my |the |our )?{_CODE_WORD}(?!\w))", re.IGNORECASE
)

TRACK_REMOVED = "[card track removed]"
CODE_REMOVED = "[removed]"


@dataclass(frozen=True, slots=True)
class Masked:
    text: str
    hits: int
    """How many numbers, codes and tracks were masked or removed."""


def mask(text: str, allowed: Iterable[str] = ()) -> Masked:
    """The text without anything a thief could pay with. `allowed`: order, tracking and payment numbers of the shop."""
    hits = 0

    def count(words: str) -> str:
        nonlocal hits
        hits += 1
        return words

    text = _TRACK.sub(lambda _: count(TRACK_REMOVED), text)
    text, numbers = _mask_numbers(text, frozenset(map(bare, allowed)))
    text = _CODE.sub(lambda found: count(f"{found[1]}{CODE_REMOVED}"), text)
    text = _CODE_AFTER.sub(lambda found: count(f"{CODE_REMOVED}{found[2]}"), text)
    return Masked(text, hits + numbers)


def places(text: str, allowed: Iterable[str] = ()) -> list[tuple[int, int]]:
    """Where (from, to) something stands that `mask` takes out: for pages, where it is covered and not replaced."""
    found = [each.span() for each in _TRACK.finditer(text)]
    found += [(start, stop) for start, stop, _ in _numbers(text, frozenset(map(bare, allowed)))]
    found += [each.span(2) for each in _CODE.finditer(text)]
    found += [each.span(1) for each in _CODE_AFTER.finditer(text)]
    return sorted(found)


def bare(identifier: str) -> str:
    """Letters and digits only, so that "1Z 999" and "1z999" are one."""
    return "".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFKC", identifier))).casefold()


def is_card_number(digits: str) -> bool:
    """Luhn holds and an issuer's range and length agree."""
    if not _luhn(digits):
        return False
    return any(len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high for low, high, lengths in _RANGES)


def worth_allowing(identifier: str) -> bool:
    """Would this identifier be taken for a card number if nobody said that it is the shop's own?"""
    return mask(identifier).hits > 0


_DOUBLED = {str(digit): sum(divmod(2 * digit, 10)) for digit in range(10)}
_FIRST_DIGITS = frozenset("2345689")


def _luhn(digits: str) -> bool:
    back = digits[::-1]
    return (sum(map(int, back[::2])) + sum(_DOUBLED[sign] for sign in back[1::2])) % 10 == 0


def _mask_numbers(text: str, allowed: frozenset[str]) -> tuple[str, int]:
    kept: list[str] = []
    end = hits = 0
    for start, stop, digits in _numbers(text, allowed):
        kept += [text[end:start], "*" * (len(digits) - 4) + digits[-4:]]
        end, hits = stop, hits + 1
    kept.append(text[end:])
    return "".join(kept), hits


def _numbers(text: str, allowed: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """Every card number, from left to right, none reaching into another: from, to, digits."""
    end = 0
    spared = [found.span() for found in _IBAN.finditer(text) if _is_iban(found[0])]
    for run in _RUN.finditer(text):
        if run.end() - run.start() < 14:
            continue
        for start, stop, digits in _cards(text, run, allowed):
            if start < end or any(low <= start and stop <= high for low, high in spared):
                continue
            yield start, stop, digits
            end = stop


def _digits(text: str) -> str:
    """ASCII digits of the text: full-width and other scripts' digits count."""
    return text if text.isascii() else "".join(str(unicodedata.digit(sign)) for sign in text)


def _cards(text: str, run: re.Match[str], allowed: frozenset[str]) -> Iterator[tuple[int, int, str]]:
    """Spans of whole digit groups within one run that make a card number, from left to right, longest first."""
    groups = [
        (run.start() + found.start(), run.start() + found.end(), _digits(found[0])) for found in _GROUP.finditer(run[0])
    ]
    first = 0
    while first < len(groups):
        last = _longest(text, groups, first, allowed) if groups[first][2][:1] in _FIRST_DIGITS else None
        if last is None:
            first += 1
            continue
        yield groups[first][0], groups[last][1], "".join(digits for _, _, digits in groups[first : last + 1])
        first = last + 1


def _longest(text: str, groups: list[tuple[int, int, str]], first: int, allowed: frozenset[str]) -> int | None:
    found = None
    digits, kind = "", ""
    for last in range(first, min(first + 19, len(groups))):
        digits += groups[last][2]
        if len(digits) > 19:
            break
        if last > first:
            gap = _kind(text[groups[last - 1][1] : groups[last][0]])
            if gap and kind and gap != kind:
                break
            kind = kind or gap
        if (
            len(digits) >= 14
            and is_card_number(digits)
            and _stands_alone(text, groups[first][0], groups[last][1], allowed)
        ):
            found = last
    return found


def _kind(gap: str) -> str:
    """One writer separates the groups of one number in one way; a date beside a time is no number."""
    if gap in (" ", "-", "."):
        return gap
    visible = _INVISIBLE.sub("", gap)
    if not visible.strip():
        return " " if visible else ""
    return unicodedata.normalize("NFKC", visible.strip())[0].translate(dict.fromkeys(range(0x2010, 0x2016), "-"))


def _stands_alone(text: str, start: int, stop: int, allowed: frozenset[str]) -> bool:
    """Not a piece of a longer word such as a tracking number, and none of the shop's own identifiers."""
    before = re.search(r"[^\W\d_]+$", text[max(0, start - 30) : start])
    after = re.match(r"[^\W\d_]+", text[stop : stop + 30])
    if (before and not _CARD_WORDS.search(before[0])) or (after and len(after[0]) < 3):
        return False
    return bare(text[start:stop]) not in allowed


def _is_iban(text: str) -> bool:
    packed = text.replace(" ", "")
    turned = packed[4:] + packed[:4]
    return int("".join(str(int(sign, 36)) for sign in turned)) % 97 == 1
