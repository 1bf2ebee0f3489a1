"""Order and tracking numbers in people's own words: "order no. 1001", "LL-1001", "1001 numaralı siparişim"."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from evidence.sources.keys import order_number

_SHORTEST = 3
_FREE_STANDING = 8
"""A bare number of so many digits is an order's without a word for "order" beside it."""

_ORDER = r"(?:order|bestell(?:ung|nummer|nr)|commande|pedido|ordine|siparis)"
_BEFORE = re.compile(
    rf"(?:[#№]|\b{_ORDER}\w*[\s:.#-]*(?:(?:no|nr|number|id|ref|num)\w*)?)[\s:.#-]*(?:(?:is|was|ist|est|es)\s+)?\Z"
)
_AFTER = re.compile(rf"\A(?:['’\s]*(?:no['’]?lu|numarali|sayili))?\s+{_ORDER}")
_TOKEN = re.compile(r"[^\W_]+(?:[-/._][^\W_]+)*")
_LETTERS = str.maketrans({"İ": "i", "I": "i", "ı": "i", "ş": "s", "Ş": "s"} | dict.fromkeys("‐‑‒–", "-"))
_BESIDE = 40


def folded(text: str) -> str:
    """As numbers are compared inside a text: one case, one hyphen, and both Turkish i's the same."""
    return unicodedata.normalize("NFKC", text).translate(_LETTERS).casefold()


@dataclass(frozen=True, slots=True)
class Numbers:
    """Numbers that may stand in a text."""

    known: frozenset[str]
    _written: re.Pattern[str] | None
    _alike: re.Pattern[str] | None

    @classmethod
    def of(cls, orders: Iterable[str], parcels: Iterable[str] = ()) -> Numbers:
        numbers = [each for each in (folded(order_number(number)) for number in orders) if len(each) >= _SHORTEST]
        labels = [each for each in (_plain(number) for number in parcels) if len(each) >= _FREE_STANDING]
        words = [r"[\s\-/._]?".join(map(re.escape, re.findall(r"[^\W_]+", each))) for each in numbers]
        words += [r"[\s\-]?".join(map(re.escape, each)) for each in labels]
        shapes = [_shape(each) for each in numbers]
        return cls(
            frozenset([*numbers, *labels]),
            re.compile(rf"(?<![\w-])(?:{'|'.join(filter(None, words))})(?!\w|-\d)") if any(words) else None,
            re.compile("|".join(shapes)) if shapes else None,
        )

    def named_in(self, text: str) -> bool:
        """One of them stands in the text (folded) as a number of its own."""
        hits = self._written.finditer(text) if self._written else ()
        return any(_counts(text, hit.start(), hit.end()) for hit in hits)

    def another_named_in(self, text: str, others: frozenset[str] = frozenset()) -> bool:
        """A number of `others`, or one that is only written like these, stands in the text (folded)."""
        for hit in _TOKEN.finditer(text):
            word = hit.group()
            if word in self.known:
                continue
            alike = self._alike is not None and self._alike.fullmatch(word) is not None
            if (alike or word in others) and _counts(text, hit.start(), hit.end()):
                return True
        return False


def _plain(number: str) -> str:
    return "".join(re.findall(r"[^\W_]+", folded(number)))


def _shape(number: str) -> str:
    """What numbers of the same shop look like: the same letters, about as many digits."""

    def digits(run: re.Match[str]) -> str:
        return rf"\d{{{max(1, len(run.group()) - 1)},{len(run.group()) + 1}}}"

    parts = re.split(r"(\d+)", number)
    return "".join(re.sub(r"\d+", digits, part) if part.isdigit() else re.escape(part) for part in parts)


def _counts(text: str, start: int, end: int) -> bool:
    """A number with letters, or a long one, speaks for itself; a bare short one needs a word for "order" beside it."""
    digits = _plain(text[start:end])
    if not digits.isdigit() or len(digits) >= _FREE_STANDING:
        return True
    before, after = text[max(0, start - _BESIDE) : start], text[end : end + _BESIDE]
    return bool(_BEFORE.search(before) or _AFTER.search(after))
