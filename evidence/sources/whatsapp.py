"""A conversation as WhatsApp exports it: "31.12.2025 21:15 - Name: text" or, by an iPhone, "[31.12.2025 21:15:33] ...".

The telephone writes days in its owner's way and does not say which; the whole export decides, and where it cannot,
somebody is asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

from disputes.phrases import phrase
from evidence.matching import normalise
from evidence.sources.conversation import Asked, ChatRefused, Conversation, DatesUnclear, Line

CHANNEL = "whatsapp"
MAX_LINES = 200_000
MAX_TEXT = 100_000
"""Signs of one message; WhatsApp itself takes 65,536."""
_BACK = timedelta(days=1)
"""So far messages may stand behind later ones: delivered late, or a clock that was set."""

_MARKS = re.compile("[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_BLANKS = str.maketrans({"\u202f": " ", "\u00a0": " ", "\u2007": " ", "\u2009": " "})
_HALF = r"(?:[ap]\.?\s?m\.?|öö|ös)"
_HEAD = re.compile(
    r"(?P<open>\[)?(?P<a>\d{4}|\d{1,2})(?P<mark>[./-])\s?(?P<b>\d{1,2})(?P=mark)\s?(?P<c>\d{4}|\d{1,2})\.?,?\s{1,3}"
    rf"(?:(?P<before>{_HALF})\s?)?(?P<hour>\d{{1,2}})[:.](?P<minute>\d{{2}})(?:[:.](?P<second>\d{{2}}))?"
    rf"(?:\s?(?P<after>{_HALF}))?(?(open)\]\s|\s[-–]\s)",
    re.IGNORECASE,
)
_SAID = re.compile(r"(?P<sender>[^\n]{1,100}?):(?:\s(?P<text>.*))?", re.DOTALL)
_QUOTED = re.compile(r'["“”„«»]')
_KINDS = (
    r"media|image|photo|video|audio|sticker|gif|document|contact card|medya|görüntü|resim|fotoğraf|ses|çıkartma|belge"
    r"|kişi kartı"
)
_OMITTED = re.compile(
    rf"<?(?:[^<>\n]{{1,120}}\s)?(?:{_KINDS}) (?:omitted|dahil edilmedi|atlandı|atlanmış)>?", re.IGNORECASE
)
_NAME = r"(?P<name>[^<>/\\\n]{1,160}\.\w{2,5})"
_ATTACHED = re.compile(
    rf"(?:<(?:attached|ekli|eklendi|ek): {_NAME}>|{_NAME.replace('name', 'named')} \((?:file attached|dosya ekli|dosya"
    r" eklendi|ekli dosya)\))\s*",
    re.IGNORECASE,
)
_NOTHING = re.compile(
    r"(?:this message was deleted|you deleted this message|bu mesaj silindi|bu mesajı sildiniz)\b.{0,40}"
    r"|(?:messages and calls are end-to-end encrypted|mesajlar ve aramalar uçtan uca şifreli).*"
    r"|(?:your security code with|.{1,80}güvenlik kodunuz).{0,200}(?:changed|değişti).*"
    r"|(?:waiting for this message|bu mesaj bekleniyor).*",
    re.IGNORECASE | re.DOTALL,
)
"""What WhatsApp writes in somebody's name: nobody said anything there."""

Day = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line with a date, and the lines under it that have none."""

    head: re.Match[str]
    rest: str
    raw: str

    @property
    def shape(self) -> tuple[bool, str, bool, bool]:
        """What stays the same through one export; a line of another shape is quoted words and no message."""
        head = self.head
        return bool(head["open"]), head["mark"], head["second"] is None, not (head["before"] or head["after"])


def is_export(text: str) -> bool:
    """The first line with words on it has a date, a time and WhatsApp's marks between them."""
    return _HEAD.match(_first(text)) is not None


def read(text: str, title: str, asked: Asked) -> Conversation:
    """Raises ChatRefused, and DatesUnclear where a person has to say which number is the day."""
    entries = list(_entries(text))
    days = _days([entry.head for entry in entries], asked)
    lines = []
    for entry, day in zip(entries, days, strict=True):
        line = _line(entry, _moment(entry.head, day, asked.zone))
        if line:
            lines.append(line)
    return Conversation(CHANNEL, title, tuple(lines))


def title_of(name: str) -> str:
    """The other side out of the export's name: "WhatsApp Chat with Emily.txt", "WhatsApp Sohbeti - Emily.zip"."""
    stem = " ".join(_plain(re.sub(r"\.\w{2,4}$", "", name.rpartition("/")[2])).replace("_", " ").split())
    bare = re.sub(
        r"^whatsapp (?:chat|sohbeti?|konuşması)(?: with| -|:)?\s+|\s+ile whatsapp sohbeti$",
        "",
        stem,
        flags=re.IGNORECASE,
    )
    return "" if normalise(bare) in {"", "chat", "whatsapp chat", "sohbet"} else bare[:100]


# ---- lines ---------------------------------------------------------------------------------------------------------


def _first(text: str) -> str:
    return next((line for line in map(_plain, text[:2000].split("\n")) if line.strip()), "")


def _plain(line: str) -> str:
    return _MARKS.sub("", line).translate(_BLANKS).rstrip("\r")


def _entries(text: str) -> Iterator[_Entry]:
    shape = None
    held: list[str] = []
    begun: re.Match[str] | None = None
    count = 0
    # By line feeds only: other signs that end a line may stand inside a message.
    for raw in text.split("\n"):
        line = _plain(raw)
        head = _HEAD.match(line)
        if head and (shape is None or _Entry(head, "", "").shape == shape):
            if begun:
                yield _entry(begun, held)
            shape = shape or _Entry(head, "", "").shape
            begun, held = head, [raw.rstrip("\r")]
            count += 1
            if count > MAX_LINES:
                raise ChatRefused(
                    phrase("holds more than {most} messages. Export a shorter time", most=f"{MAX_LINES:,}")
                )
        elif begun:
            held.append(raw.rstrip("\r"))
        elif line.strip():
            break
    if begun is None:
        raise ChatRefused(phrase("is no WhatsApp export: it does not begin with a date, a time and a name"))
    yield _entry(begun, held)


def _entry(head: re.Match[str], held: list[str]) -> _Entry:
    rest = "\n".join([_plain(held[0])[head.end() :], *(_plain(line) for line in held[1:])])
    if len(rest) > MAX_TEXT:
        raise ChatRefused(phrase("holds a message longer than any that WhatsApp takes"))
    return _Entry(head, rest.rstrip(), "\n".join(held).rstrip())


def _line(entry: _Entry, at: datetime) -> Line | None:
    said = _SAID.fullmatch(entry.rest)
    # A notice such as: Emily changed the group name to "Order: 1001". Its colon stands inside the quotation marks.
    if not said or len(_QUOTED.findall(said["sender"])) % 2:
        return None
    sender = " ".join(said["sender"].removeprefix("~").split())
    text = (said["text"] or "").strip()
    if not sender or not text or _NOTHING.fullmatch(text):
        return None
    if attached := _ATTACHED.match(text):
        file = attached["name"] or attached["named"]
        return Line(at, sender, text[attached.end() :].strip(), entry.raw, (file,))
    first, _, caption = text.partition("\n")
    if _OMITTED.fullmatch(first):
        return Line(at, sender, caption.strip(), entry.raw, left_out=True)
    return Line(at, sender, text, entry.raw)


# ---- days and times ------------------------------------------------------------------------------------------------


def _days(heads: Sequence[re.Match[str]], asked: Asked) -> list[date]:
    """Every line's day, by the one order that the whole export allows."""
    written = [(head["a"], head["b"], head["c"]) for head in heads]
    if all(len(first) == 4 for first, _, _ in written):
        return _calendar([(int(a), int(b), int(c)) for a, b, c in written]) or _no_days(written)
    day_first = _calendar([(_year(c), int(b), int(a)) for a, b, c in written])
    # Nowhere is a month written first with points.
    month_first = None
    if heads[0]["mark"] != ".":
        month_first = _calendar([(_year(c), int(a), int(b)) for a, b, c in written])
    readings = {"day_first": day_first, "month_first": month_first}
    left = {name: days for name, days in readings.items() if days}
    for narrower in (_not_after(asked.not_after), _forward):
        kept = {name: days for name, days in left.items() if narrower(days)}
        left = kept or left
    if not left:
        _no_days(written)
    if len(left) == 1 or day_first == month_first:
        return next(iter(left.values()))
    if asked.dates in left:
        return left[asked.dates]
    unclear = next(each for each in written if each[0] != each[1])
    raise DatesUnclear(heads[0]["mark"].join(unclear))


def _year(text: str) -> int:
    return int(text) + 2000 if len(text) <= 2 else int(text)


def _calendar(days: Sequence[Day]) -> list[date] | None:
    try:
        return [date(*day) for day in days]
    except ValueError:
        return None


def _no_days(written: Sequence[tuple[str, str, str]]) -> NoReturn:
    raise ChatRefused(phrase("has days that no calendar has, as {day}", day="/".join(written[0])))


def _not_after(end: datetime | None) -> Callable[[list[date]], bool]:
    """Nobody has written yet what is still to come."""
    latest = (end + _BACK).date() if end else date.max
    return lambda days: max(days) <= latest


def _forward(days: list[date]) -> bool:
    """An export runs from the oldest to the newest."""
    newest = days[0]
    for day in days:
        if day < newest - _BACK:
            return False
        newest = max(newest, day)
    return True


def _moment(head: re.Match[str], day: date, zone: str) -> datetime:
    hour, minute, second = int(head["hour"]), int(head["minute"]), int(head["second"] or 0)
    half = (head["before"] or head["after"] or "").casefold()
    if half:
        if hour > 12:
            raise ChatRefused(
                phrase(
                    "has a time that no clock shows: {hour}:{minute} {half}",
                    hour=head["hour"],
                    minute=head["minute"],
                    half=half,
                )
            )
        hour = hour % 12 + (12 if half in ("ös",) or half.startswith("p") else 0)
    try:
        local = datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ChatRefused(
            phrase("has a time that no clock shows: {hour}:{minute}", hour=head["hour"], minute=head["minute"])
        ) from None
