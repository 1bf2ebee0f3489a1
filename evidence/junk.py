"""What stands in a record and says nothing: fillers, test words, placeholders, invented tracking numbers."""

from __future__ import annotations

import re

from evidence.matching import normalise

_FILLERS = frozenset(
    {
        *("lorem", "ipsum", "dolor", "amet", "asdf", "asdfgh", "qwerty", "qwertz", "foo", "bar", "baz"),
        *("test", "tests", "testing", "deneme", "xxx", "xxxx", "blah", "bla", "abc"),
    }
)
_TO_FILL_IN = r"(?:insert|enter|add|your|company|shop|store|name|date|address|number|amount|days?)"
_PLACEHOLDER = re.compile(
    rf"[\[<{{]\s*{_TO_FILL_IN}\b[^\]>}}\n]{{0,60}}[\]>}}]|\{{\{{[^{{}}\n]{{1,60}}\}}\}}|_{{3,}}|\b(?:TODO|TBD|FIXME|XXX+)\b"
    r"|\b(?:insert|your) (?:text|policy|name|company)(?: name)? here\b",
    re.IGNORECASE,
)
_NO_NUMBER = re.compile(
    r"(?:n ?a|none|null|nil|no|yok|tbd|todo|unknown|pending|not yet|to follow|test\w*|deneme|tracking(?: number)?"
    r"|0+|1234567?8?9?0?|x{3,})?"
)
_NO_USE = re.compile(
    r"\b(?:cancel\w*|renew\w*|sign ?up|signed up|register\w*|registration|(?:account|user) created|invoice\w*"
    r"|payment|paid|charge[ds]?|refund\w*|(?:e ?)?mail sent|reminder|bounce\w*|fail\w*|error|denied|refused|blocked"
    r"|locked|unsubscribe\w*|test|kayit|hesap olusturuldu|fatura\w*|odeme\w*|hata\w*|basarisiz)\b"
)
"""Lines of a log that are no use of what was bought; a log holds bookings and failures beside it."""
_FEWEST_WORDS = 4


def placeholder(text: str) -> str | None:
    """A mark left to be filled in ("<date>", "[name]", "TODO"), or None."""
    found = _PLACEHOLDER.search(text)
    return found.group(0) if found else None


def filler(text: str) -> bool:
    """Mostly test words, or with a placeholder left in it."""
    words = [word for word in normalise(text).split() if len(word) > 1 and not word.isdigit()]
    return sum(word in _FILLERS for word in words) * 3 > len(words) or placeholder(text) is not None


def junk(text: str) -> bool:
    """As a policy or a letter it says nothing: too few different words, or filler."""
    return len(set(normalise(text).split())) < _FEWEST_WORDS or filler(text)


def no_tracking_number(text: str) -> bool:
    """A word where a carrier's number should be: "n/a", "TBD", "0000"."""
    return _NO_NUMBER.fullmatch(normalise(text)) is not None


def no_use(action: str) -> bool:
    """A booking, a notice or a failure in a usage log: nobody used anything."""
    return _NO_USE.search(normalise(action)) is not None
