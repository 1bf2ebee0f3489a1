"""One message of a mailbox read into a Message, with the masked bytes that are stored for it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import Message as Parsed
from email.utils import getaddresses, parsedate_to_datetime

from disputes.facts import Message
from disputes.phrases import phrase, said_by
from evidence.mail import signs
from evidence.mail.decoding import header, headers
from evidence.mail.hypertext import to_text
from evidence.mail.own import Own
from evidence.mail.parts import Leaf, TooMuch, leaves, parse
from evidence.mail.quotes import apart
from evidence.mail.stored import stored_bytes
from evidence.redaction import mask

MAX_MAIL = 25 * 2**20
MAX_RECIPIENTS = 50


class MailRefused(Exception):
    """This message cannot be taken; the text is a clause: "has no date"."""


@dataclass(frozen=True, slots=True)
class Letter:
    message: Message
    data: bytes
    answers: tuple[str, ...]
    """Message-IDs it replies to or refers to."""
    people: frozenset[str]
    """Bare addresses of sender and recipients."""
    notes: tuple[str, ...] = ()
    """What a person should know: hidden text dropped, numbers masked, attachments not kept."""


def read_mail(data: bytes, own: Own, *, folder: str = "", allowed: Iterable[str] = ()) -> Letter | None:
    """None for what never becomes evidence: drafts, mail never sent, internal notes. `folder` is the file's path."""
    if len(data) > MAX_MAIL:
        raise MailRefused(phrase("is larger than {mb} MB", mb=MAX_MAIL // 2**20))
    try:
        message = parse(data)
        parts = leaves(message)
        return _letter(data, message, parts, own, folder, tuple(allowed))
    except TooMuch as error:
        raise MailRefused(said_by(error)) from None
    except RecursionError:
        raise MailRefused(phrase("is nested too deeply")) from None


def _letter(
    data: bytes, message: Parsed, parts: list[Leaf], own: Own, folder: str, allowed: tuple[str, ...]
) -> Letter | None:
    if signs.never_sent(message, folder) or signs.internal_note(message):
        return None
    charset = next((each.get_content_charset() for each in message.walk() if each.get_content_charset()), None)
    senders = _people(message, ("From", "Sender"), charset)
    recipients = _people(message, ("To", "Cc"), charset)[:MAX_RECIPIENTS]
    if not senders:
        raise MailRefused(phrase("names no sender"))
    if own.has(senders[0][1]) and recipients and all(own.has(address) for _, address in recipients):
        return None
    at = _moment(message)
    if at is None:
        raise MailRefused(phrase("has no date that can be read"))
    body, quoted, notes = _words(parts)
    stored, hits = stored_bytes(data, message, parts, allowed)
    if hits:
        notes.append(phrase("card data was masked"))
    subject = mask(header(message, "Subject", charset), allowed).text
    fact = Message(
        message_id=_identity(message, data),
        at=at,
        direction="out" if own.has(senders[0][1]) else "in",
        sender=mask(_written(*senders[0]), allowed).text,
        recipients=tuple(mask(_written(*each), allowed).text for each in recipients),
        subject=subject or None,
        body=mask(body, allowed).text,
        quoted=mask(quoted, allowed).text,
        automatic=signs.automatic(message, senders[0][1], subject),
    )
    before = " ".join(headers(message, "In-Reply-To") + headers(message, "References"))
    answers = tuple(re.findall(r"<[^<>\s]{1,250}>", before))
    people = frozenset(address for _, address in [*senders[:1], *recipients])
    return Letter(fact, stored, answers, people, tuple(notes))


def _words(parts: list[Leaf]) -> tuple[str, str, list[str]]:
    """Body, quoted text and notes. The plain text speaks for the message; HTML where there is none."""
    notes: list[str] = []
    own = [part for part in parts if part.words and not part.attached and not part.forwarded]
    plain = [part.text for part in own if part.kind == "text/plain" and part.text.strip()]
    pages = [to_text(part.text) for part in own if part.kind == "text/html"]
    if any(hidden for _, hidden in pages):
        notes.append(phrase("hidden text in it was left out"))
    text = "\n\n".join(plain) or "\n\n".join(words for words, _ in pages if words)
    body, quoted = apart(text)
    forwarded = [part for part in parts if part.words and part.forwarded]
    inner = [to_text(part.text)[0] if part.kind == "text/html" else part.text for part in forwarded]
    quoted = "\n\n".join(each.strip("\n") for each in [quoted, *inner] if each.strip())
    attached = [part.name or part.kind for part in parts if part.attached and not part.forwarded]
    if attached:
        notes.append(phrase("attachments are not kept with it: {names}", names=", ".join(attached)))
    if any(part.relabelled for part in own):
        notes.append(phrase("its character set was named wrongly and corrected"))
    return body, quoted, notes


def _people(message: Parsed, names: tuple[str, ...], charset: str | None) -> list[tuple[str, str]]:
    values = [value for name in names for value in headers(message, name, charset)]
    try:
        found = getaddresses(values)
    except (ValueError, IndexError):
        found = []
    bare = [(name, address.strip().casefold()) for name, address in found]
    return [(name, address) for name, address in bare if re.fullmatch(r"[^\s<>@]+@[^\s<>@]+", address)]


def _written(name: str, address: str) -> str:
    """A display name cannot pose as an address: brackets and signs of one are taken out of it."""
    shown = " ".join(re.sub(r"[<>\"@]", " ", name).split())
    return f"{shown} <{address}>" if shown else address


def _moment(message: Parsed) -> datetime | None:
    dates = [header(message, "Date"), *(each.rpartition(";")[2] for each in headers(message, "Received"))]
    for text in dates:
        try:
            found = parsedate_to_datetime(text.strip())
        except (ValueError, TypeError, IndexError, OverflowError):
            continue
        try:
            return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
        except OverflowError:
            continue
    return None


def _identity(message: Parsed, data: bytes) -> str:
    """The Message-ID, or one made of the bytes, the same each time they are read."""
    found = re.search(r"<[^<>\s]{1,180}>", header(message, "Message-ID"))
    return found[0] if found else f"<{hashlib.sha256(data).hexdigest()[:32]}@no-message-id>"
