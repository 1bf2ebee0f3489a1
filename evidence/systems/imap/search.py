"""Finding a sale's mails in one open folder, and fetching them, without marking anything."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from imap_tools.consts import SHORT_MONTH_NAMES
from imap_tools.errors import ImapToolsError
from imap_tools.mailbox import BaseMailBox

from disputes.ports import Wanted
from disputes.systems import Outside
from evidence.systems.imap.door import patience

_BEFORE = timedelta(days=3)
"""The server compares days of its own zone, and a mail may be a day older than the order."""
_AFTER = timedelta(days=400)
_SHORTEST = 4
"""Letters of the shortest number that is looked for by itself."""
_LONGEST = 100
_MOST = 20
_CHUNK = 100
_UID, _SIZE = re.compile(rb"UID (\d+)"), re.compile(rb"RFC822\.SIZE (\d+)")
_DRAFT = re.compile(rb"\\+Drafts?\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Question:
    """What is looked for: the customer's addresses, the sale's numbers, and the days."""

    addresses: tuple[str, ...]
    numbers: tuple[str, ...]
    window: str

    @classmethod
    def of(cls, wanted: Wanted, now: datetime) -> Question:
        numbers = (*wanted.order_numbers, *(parcel.number for parcel in wanted.parcels))
        plain = (number.strip().lstrip("#").strip() for number in numbers)
        started = wanted.placed_at or now - _AFTER
        until = started + _AFTER
        window = f"SINCE {_day(started - _BEFORE)}"
        # The day the server got a mail moves when a mailbox is moved, so the end goes by the mail's own date.
        window += f" SENTBEFORE {_day(until)}" if until < now else ""
        return cls(
            _sayable(each for each in wanted.emails if "@" in each),
            _sayable(each for each in plain if len(each) >= _SHORTEST),
            window,
        )

    def __bool__(self) -> bool:
        return bool(self.addresses or self.numbers)

    def in_words(self) -> str:
        return ", ".join((*self.addresses, *self.numbers))


@dataclass(frozen=True, slots=True)
class Hit:
    uid: int
    size: int
    rank: int
    """0: the customer's address and a number; 1: the address; 2: only a number."""


class Open:
    """One folder, opened to be read only."""

    def __init__(self, box: BaseMailBox, folder: str, outside: Outside) -> None:
        self._box, self._outside = box, outside
        self.folder = folder
        self.unsearchable: list[str] = []
        """Words the server cannot look for."""
        self._ready()
        box.folder.set(folder, readonly=True)

    def hits(self, question: Question) -> list[Hit]:
        """Mails that fit, the surest first, then by age. Drafts are left out."""
        people = self._found(question.addresses, ("FROM", "TO", "CC"), question.window)
        named = self._found(question.numbers, ("SUBJECT", "BODY"), question.window)
        ranks = {uid: 0 if uid in people and uid in named else 1 if uid in people else 2 for uid in people | named}
        sizes = self._sizes(sorted(ranks))
        return sorted((Hit(uid, size, ranks[uid]) for uid, size in sizes.items()), key=lambda hit: (hit.rank, hit.uid))

    def mail(self, uid: int) -> bytes | None:
        """The mail as it lies there; None where it is gone by now, or the server itself cannot read it."""
        return self._section(uid, "BODY.PEEK[]")

    def head(self, uid: int) -> bytes:
        """Only what names a mail that is too large to be fetched."""
        return self._section(uid, "BODY.PEEK[HEADER.FIELDS (SUBJECT DATE FROM)]") or b""

    # ---- questions --------------------------------------------------------------------------------------------------

    def _found(self, terms: Sequence[str], keys: tuple[str, ...], window: str) -> set[int]:
        found: set[int] = set()
        plain = [f"{key} {_quoted(term)}" for term in terms if term.isascii() for key in keys]
        if plain:
            found |= self._search(f"{window} {_either(plain)}")
        for term in terms:
            if not term.isascii():
                found |= self._search_letters(term, keys, window)
        return found

    def _search(self, criteria: str) -> set[int]:
        # No CHARSET: some servers refuse to hear of one, and ASCII needs none.
        self._ready()
        return {int(uid) for uid in self._box.uids(criteria, charset=None)}

    def _search_letters(self, term: str, keys: tuple[str, ...], window: str) -> set[int]:
        """Letters beyond ASCII go as a literal, which has to be the last word of a question."""
        found: set[int] = set()
        client = self._box.client
        for key in keys:
            self._ready()
            client.literal = term.encode()  # type: ignore[assignment]  # it has to be bytes, whatever its type says
            answer, data = client.uid("SEARCH", "CHARSET", "UTF-8", *window.split(), key)
            if answer != "OK":
                self.unsearchable.append(term)
                break
            found |= {int(uid) for uid in (data[0] or b"").split()}
        return found

    def _sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """By UID; without drafts, by their flag or their label."""
        labels = " X-GM-LABELS" if "X-GM-EXT-1" in self._box.client.capabilities else ""
        found: dict[int, int] = {}
        for start in range(0, len(uids), _CHUNK):
            self._ready()
            chosen = ",".join(map(str, uids[start : start + _CHUNK]))
            answer, data = self._box.client.uid("FETCH", chosen, f"(UID FLAGS RFC822.SIZE{labels})")
            if answer != "OK":
                raise imaplib.IMAP4.error(repr(data))
            for line in _lines(data):
                uid, size = _UID.search(line), _SIZE.search(line)
                if uid and size and not _DRAFT.search(line):
                    found[int(uid[1])] = int(size[1])
        return found

    def _section(self, uid: int, section: str) -> bytes | None:
        self._ready()
        answer, data = self._box.client.uid("FETCH", str(uid), f"({section})")
        return next((bytes(each[1]) for each in data if isinstance(each, tuple)), None) if answer == "OK" else None

    def _ready(self) -> None:
        self._box.client.sock.settimeout(patience(self._outside))


FAILURES = (imaplib.IMAP4.error, ImapToolsError, OSError, ValueError, LookupError)
"""What a server that breaks off, or says nonsense, makes the libraries raise."""


def _lines(data: Iterable[object]) -> list[bytes]:
    """An answer's lines, one a message; what came as a literal in the middle belongs to its line."""
    lines: list[bytes] = []
    open_line = b""
    for each in data:
        if isinstance(each, tuple):
            open_line += b" ".join(bytes(part) for part in each)
        elif isinstance(each, bytes):
            lines.append(open_line + each)
            open_line = b""
    return [*lines, open_line] if open_line else lines


def _either(criteria: Sequence[str]) -> str:
    """One of them: OR takes two."""
    found = criteria[-1]
    for each in reversed(criteria[:-1]):
        found = f"OR {each} {found}"
    return found


def _quoted(term: str) -> str:
    return '"' + term.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _sayable(terms: Iterable[str]) -> tuple[str, ...]:
    """Nothing with a line break may reach the server: it would be a command of its own."""
    return tuple(dict.fromkeys(each for each in terms if each.isprintable() and len(each) <= _LONGEST))[:_MOST]


def _day(moment: datetime) -> str:
    return f"{moment.day}-{SHORT_MONTH_NAMES[moment.month - 1]}-{moment.year}"
