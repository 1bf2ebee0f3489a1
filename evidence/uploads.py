"""One file a person lays on a case: cleaned or masked, and turned into facts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from disputes.clock import plainly
from disputes.knowledge import evidence_items
from disputes.phrases import Phrase, joined, phrase, said_by
from disputes.ports import Gathered
from evidence.mail import MailRefused, Own, read_mail
from evidence.matching import same_person
from evidence.packet.clean import CleanFile, clean_upload
from evidence.packet.errors import FileRefused
from evidence.packet.images import sniff
from evidence.redaction import mask
from evidence.sources import chats
from evidence.sources.conversation import Asked, Chat, ChatRefused, DateOrder, DatesUnclear, OwnNameUnclear, name_key
from evidence.sources.documents import document, screenshot

MAX_UPLOAD = 20 * 2**20
_BY_A_PERSON = phrase("laid on the case by a person")
MAX_MESSAGES = 300
"""Of one conversation."""
_BEFORE_SALE = timedelta(days=30)
"""So long before the sale the customer may have asked about it."""
ACCEPTED = (".pdf", ".jpg", ".jpeg", ".png", ".heic", ".heif", ".eml")
_TABLES = (".csv", ".tsv", ".json", ".xls", ".xlsx", ".ods", ".mbox")


@dataclass(frozen=True, slots=True)
class Telling:
    """What a person says about an exported conversation, and what the case knows."""

    own_names: tuple[str, ...] = ()
    """The shop's names in it."""
    dates: DateOrder | None = None
    customer: str | None = None
    placed_at: datetime | None = None


def read_capped(stream: IO[bytes], name: str) -> bytes:
    """The bytes of an upload, at most MAX_UPLOAD of them in memory, or a refusal."""
    data = stream.read(MAX_UPLOAD + 1)
    if len(data) > MAX_UPLOAD:
        raise FileRefused(shown_name(name), phrase("is larger than {most} MB", most=MAX_UPLOAD // 2**20))
    return data


def read_upload(
    data: bytes,
    name: str,
    *,
    item: str,
    zone: str,
    own: Iterable[str],
    now: datetime,
    order_ref: str | None = None,
    allowed: Iterable[str] = (),
) -> Gathered:
    """A document or a message. Raises FileRefused with a reason a person can act on.

    `item`: the evidence item it is for; `own`: the shop's own addresses and domains; `allowed`: the case's order and
    tracking numbers, which must not be taken for card numbers.
    """
    shown = shown_name(name)
    if item not in evidence_items():
        raise ValueError(f"no evidence item {item!r}")
    if not data:
        raise FileRefused(shown, "is empty")
    if len(data) > MAX_UPLOAD:
        raise FileRefused(shown, phrase("is larger than {most} MB", most=MAX_UPLOAD // 2**20))
    request = f"Added by a person, {plainly(now, zone)}"
    suffix = PurePosixPath(shown).suffix.casefold()
    if sniff(data):
        return _document(data, shown, item, order_ref, request, frozenset(allowed))
    if suffix == ".eml":
        return _message(data, shown, Own.of(own), order_ref, request, tuple(allowed))
    if suffix in _TABLES:
        raise FileRefused(
            shown, phrase("is an export. Lay it into the import folder, where its lines are matched to their orders")
        )
    if suffix in ACCEPTED:
        raise FileRefused(shown, phrase("is no {kind} file inside", kind=suffix.removeprefix(".").upper()))
    if not suffix:
        raise FileRefused(shown, phrase("is a file without a known type; PDF, JPEG, PNG, HEIC and .eml are taken"))
    raise FileRefused(shown, phrase("is a {kind} file; PDF, JPEG, PNG, HEIC and .eml are taken", kind=suffix))


def read_uploads(
    data: bytes,
    name: str,
    *,
    item: str,
    zone: str,
    own: Iterable[str],
    now: datetime,
    telling: Telling,
    order_ref: str | None = None,
    allowed: Iterable[str] = (),
) -> tuple[Gathered, ...]:
    """The same for a file that may be an exported conversation: then every message of it about the time of the sale,
    and its pictures for a person to look at."""
    shown, allowed = shown_name(name), frozenset(allowed)
    if not chats.may_be_export(shown):
        return (read_upload(data, name, item=item, zone=zone, own=own, now=now, order_ref=order_ref, allowed=allowed),)
    if len(data) > MAX_UPLOAD:
        raise FileRefused(
            shown,
            phrase("is larger than {most} MB. Export the conversation without its media", most=MAX_UPLOAD // 2**20),
        )
    names = frozenset(filter(None, map(name_key, telling.own_names)))
    asked = Asked(zone, names, telling.dates, not_after=now, allowed=allowed)
    try:
        chat = _the_one(chats.read_export(data, shown, asked), telling)
    except DatesUnclear as refusal:
        raise FileRefused(
            shown, phrase("{why}. Choose below which number is the day, and add it again", why=_why(refusal))
        ) from None
    except OwnNameUnclear as refusal:
        raise FileRefused(
            shown, phrase("{why}. Write it into \u201cYour name in it\u201d and add it again", why=_why(refusal))
        ) from None
    except ChatRefused as refusal:
        raise FileRefused(shown, _why(refusal)) from None
    found = _of_the_sale(chat, shown, telling, order_ref, zone)
    request = f"Added by a person, {plainly(now, zone)}: {shown}"
    refused: list[str] = []
    items = [*chats.messages(found, chat, zone=zone, request=request)]
    items += chats.pictures(
        found, chat, zone=zone, request=request, cleaned=lambda file: _picture(data, file, allowed), refused=refused
    )
    if refused:
        items[0] = replace(
            items[0],
            why=phrase(
                "{why}; {number} of its pictures left out: {first}",
                why=items[0].why,
                number=len(refused),
                first=refused[0],
            ),
        )
    return tuple(items)


def _the_one(found: Sequence[Chat], telling: Telling) -> Chat:
    """A download holds everybody's conversations; the case's is the customer's."""
    if len(found) > 1:
        found = [chat for chat in found if any(same_person(each, telling.customer) for each in chat.others)]
    if len(found) != 1:
        raise ChatRefused(
            phrase(
                "holds several conversations, and not exactly one of them with the customer's name. "
                "Add the file of that one alone"
            )
        )
    return found[0]


def _of_the_sale(chat: Chat, name: str, telling: Telling, order_ref: str | None, zone: str) -> list[chats.ChatItem]:
    since = telling.placed_at - _BEFORE_SALE if telling.placed_at else None
    kept = [each for each in chat.said if since is None or each.message.at >= since]
    if not kept:
        if since is None:
            raise FileRefused(name, "has no message")
        raise FileRefused(name, phrase("has no message since {at}, a month before the sale", at=plainly(since, zone)))
    if len(kept) > MAX_MESSAGES:
        raise FileRefused(
            name,
            phrase(
                "has {number} messages that may be about this sale, more than the {most} that are taken. Cut it to the "
                "days that matter",
                number=len(kept),
                most=MAX_MESSAGES,
            ),
        )
    older = len(chat.said) - len(kept)
    why = phrase("out of the {chat}, laid on the case by a person", chat=chat.words)
    if older:
        why = phrase("{why}; {number} older messages were left out", why=why, number=older)
    return [chats.ChatItem(each, order_ref, "certain", why) for each in kept]


def _why(refusal: Exception) -> Phrase:
    """Its clause, translatable where it is one of the fixed ones."""
    said = said_by(refusal)
    return said if said.template else phrase(said)


def _picture(data: bytes, file: str, allowed: frozenset[str]) -> CleanFile | None:
    found = chats.picture_bytes(data, file)
    return clean_upload(found, shown_name(file), allowed=allowed) if found else None


def shown_name(name: str) -> str:
    """The last part of the name, printable, without a path of somebody's machine."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    plain = "".join(sign if sign.isprintable() else " " for sign in last)
    return mask(" ".join(plain.split())).text[-120:].strip() or "file without a name"


def _document(
    data: bytes, name: str, item: str, order_ref: str | None, request: str, allowed: frozenset[str]
) -> Gathered:
    clean = clean_upload(data, name, allowed=allowed)
    title = " ".join(
        re.sub(r"[_\s]+", " ", PurePosixPath(name).stem.partition("__")[2] or PurePosixPath(name).stem).split()
    )
    title = screenshot(title or item.replace("_", " ").capitalize(), item, clean)
    fact = document(clean, item, title, order_ref=order_ref)
    why = joined((_BY_A_PERSON, *map(phrase, clean.notes)), "; ")
    return Gathered(clean.data, clean.media_type, name, request, fact, "certain", why)


def _message(
    data: bytes, name: str, own: Own, order_ref: str | None, request: str, allowed: tuple[str, ...]
) -> Gathered:
    if not own:
        raise FileRefused(
            name,
            phrase(
                "cannot be taken before the shop's own mail addresses are set; without them nobody can tell who wrote"
            ),
        )
    try:
        letter = read_mail(data, own, allowed=allowed)
    except MailRefused as refusal:
        raise FileRefused(name, _why(refusal)) from None
    if letter is None:
        raise FileRefused(
            name, phrase("is a draft or an internal note; only mail exchanged with the customer is evidence")
        )
    fact = letter.message.model_copy(update={"order_ref": order_ref})
    why = joined((_BY_A_PERSON, *map(phrase, letter.notes)), "; ")
    return Gathered(letter.data, "message/rfc822", name, request, fact, "certain", why)
