"""Mails as they were fetched, read into what is gathered: words, bytes, threads and files."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial

from disputes.phrases import phrase, said_by
from evidence.mail import MailRefused, Own, read_mail
from evidence.mail.decoding import header, plain
from evidence.mail.parts import TooMuch, parse
from evidence.redaction import mask
from evidence.systems.correspondence import Attached, Found

_WORDS = ("text", "multipart", "message")


def read(data: bytes, own: Own, *, folder: str, mailbox: str, allowed: Iterable[str]) -> Found | None:
    """None for drafts and mail among the shop's own people. Raises MailRefused."""
    letter = read_mail(data, own, folder=f"{folder}/mail", allowed=allowed)
    if letter is None:
        return None
    subject = letter.message.subject or "no subject"
    return Found(
        letter.message,
        letter.data,
        "message/rfc822",
        f"{folder}: {subject}"[:200],
        f"Mailbox {mailbox}, folder {folder}, Message-ID {letter.message.message_id}",
        letter.answers,
        letter.notes,
        tuple(_files(data)),
    )


def titled(data: bytes, folder: str) -> str:
    """A mail that cannot be taken, as a person would look for it."""
    try:
        message = parse(data)
        subject, date = (mask(header(message, name)).text for name in ("Subject", "Date"))
    except (TooMuch, ValueError, LookupError):
        subject = date = ""
    told = {"folder": folder, "subject": subject[:80] or phrase("no subject"), "date": date[:40]}
    if not date:
        return phrase("A mail in {folder}, “{subject}”,", **told)
    return phrase("A mail in {folder}, “{subject}” of {date},", **told)


def refusal(data: bytes, folder: str, reason: MailRefused) -> str:
    return phrase("{titled} {reason}; it was left out.", titled=titled(data, folder), reason=said_by(reason))


def threaded(found: Sequence[Found]) -> list[Found]:
    """Each mail with the ids of its whole conversation, before and after it, as far as it was found."""
    leader: dict[str, str] = {}

    def lead(message_id: str) -> str:
        while leader.setdefault(message_id, message_id) != message_id:
            message_id = leader[message_id] = leader[leader[message_id]]
        return message_id

    for each in found:
        for other in each.thread:
            leader[lead(other)] = lead(each.message.message_id)
    together: dict[str, list[str]] = {}
    for each in found:
        together.setdefault(lead(each.message.message_id), []).append(each.message.message_id)
    return [
        replace(each, thread=tuple(one for one in together[lead(mine)] if one != mine))
        for each in found
        for mine in (each.message.message_id,)
    ]


def _files(data: bytes) -> Iterable[Attached]:
    """What is no words: read again from the mail when it is wanted, so that nothing large is kept."""
    for number, part in enumerate(parse(data).walk()):
        kind = part.get_content_type()
        if kind.partition("/")[0] in _WORDS:
            continue
        try:
            name = plain(part.get_filename() or "")
        except (LookupError, ValueError):
            name = ""
        inside = not header(part, "Content-Disposition").casefold().startswith("attachment")
        yield Attached(
            name or kind.replace("/", "."),
            kind,
            _size(part.get_payload()),
            partial(_part, data, number),
            inline=inside and bool(header(part, "Content-ID") or not name),
        )


def _size(payload: object) -> int | None:
    """About: base64 writes three bytes as four."""
    return len(payload) * 3 // 4 if isinstance(payload, str) else None


def _part(data: bytes, number: int) -> bytes:
    content = next(part for at, part in enumerate(parse(data).walk()) if at == number).get_payload(decode=True)
    return content if isinstance(content, bytes) else b""
