"""A message as a help desk tells it, read into a fact and the masked bytes that are stored for it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.message import Message as Parsed
from typing import Any

from disputes.facts import Message
from disputes.phrases import phrase, said_by
from evidence.mail import Own, signs
from evidence.mail.hypertext import to_text
from evidence.mail.parts import MAX_TEXT, TooMuch
from evidence.mail.quotes import apart
from evidence.redaction import mask
from evidence.sources.message_identity import mail_id
from evidence.sources.values import Unreadable
from evidence.systems.correspondence.attached import Attached
from evidence.systems.correspondence.report import Found
from evidence.systems.raw import part

MAX_RECIPIENTS = 50
_CHANNELS = (
    ("e-mail", ("email", "mail")),
    ("whatsapp", ("whatsapp",)),
    ("instagram", ("instagram",)),
    ("facebook", ("facebook", "messenger")),
    ("twitter", ("twitter", "x_corp")),
    ("tiktok", ("tiktok",)),
    ("sms", ("sms", "text")),
    ("phone", ("phone", "voice", "aircall", "voicemail", "call")),
    ("chat", ("chat", "messaging", "live_chat", "native_messaging", "web_messaging")),
    ("web form", ("web", "contact_form", "help-center", "helpcenter", "help_center", "web_form", "web_widget")),
    ("review", ("yotpo-review", "review")),
    ("help desk", ("api", "helpdesk", "web_service", "any_channel", "rule", "system", "other")),
)
_HELP_DESK = "help desk"
_LINE_OF_A_CHAT = re.compile(
    r"^\s*[(\[]?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?[)\]]?\s*[-–:]?\s*([^:\n]{1,60}):\s",
    re.IGNORECASE | re.MULTILINE,
)
_FROM_THE_SHOP = phrase("the help desk says that the customer wrote it, but it came from the shop's own address")
_BOTH_SIDES = phrase("it is the record of a conversation and holds both sides' words")


@dataclass(frozen=True, slots=True)
class Told:
    """What a help desk says of one message. Texts are as they came."""

    number: str
    """Its own id of the message."""
    at: datetime
    name: str
    address: str
    """Of the writer: mail address, telephone number, account name; else what the help desk calls the person by."""
    by_shop: bool | None
    """The help desk's own word about who wrote; None where it says nothing."""
    channel: str
    raw: Mapping[str, Any]
    """What is stored, once it is masked."""
    request: str
    text: str = ""
    html: str = ""
    subject: str = ""
    recipients: tuple[str, ...] = ()
    message_id: str | None = None
    automatic: bool = False
    thread: tuple[str, ...] = ()
    files: tuple[Attached, ...] = ()
    notes: tuple[str, ...] = field(default=())
    doubt: str = ""
    """Why a person has to look at it, where the help desk itself gives a reason."""


def channel_of(word: str | None) -> str:
    """One word for a help desk's own: "instagram-direct-message" is instagram. A new one stays as it is."""
    plain = (word or "").strip().casefold()
    for name, known in _CHANNELS:
        if plain in known or any(plain.startswith((f"{each}-", f"{each}_")) for each in known):
            return name
    return plain or _HELP_DESK


def person(name: str | None, address: str | None) -> str:
    """ "Emily Carter <emily@example.com>". A display name cannot pose as an address."""
    shown = " ".join(re.sub(r"[<>\"@]", " ", _line(name)).split())
    bare = re.sub(r"[<>\s]+", " ", _line(address)).strip()
    if shown and bare and shown.casefold() != bare.casefold():
        return f"{shown} <{bare}>"
    return bare or shown


def found_of(told: Told, own: Own, system: str, allowed: Iterable[str]) -> Found | None:
    """The fact and its bytes; None for a message without a word or a file. Raises Unreadable."""
    allowed = tuple(allowed)
    direction, doubt = _direction(told, own)
    doubt = told.doubt or doubt
    text, hidden = _visible(told)
    body, quoted = apart(text)
    if not body and not quoted and not told.files:
        return None
    if len({each.strip().casefold() for each in _LINE_OF_A_CHAT.findall(body)}) > 1:
        doubt = doubt or _BOTH_SIDES
    subject = mask(_line(told.subject), allowed).text
    stored = part(_bare_numbers(dict(told.raw), allowed), allowed)
    words = mask(body, allowed), mask(quoted, allowed)
    others = [file.shown for file in told.files if not file.taken]
    notes = [
        *told.notes,
        *([phrase("hidden text in it was left out")] if hidden else []),
        *([phrase("attachments are not kept with it: {names}", names=", ".join(others[:10]))] if others else []),
        *([phrase("card data was masked")] if any(each.hits for each in words) else []),
    ]
    fact = Message(
        message_id=mail_id(told.message_id) or f"{system}:{told.number}",
        at=told.at,
        direction=direction,
        channel=channel_of(told.channel),
        sender=mask(person(told.name, told.address), allowed).text,
        recipients=tuple(mask(each, allowed).text for each in told.recipients[:MAX_RECIPIENTS] if each),
        subject=subject or None,
        body=words[0].text,
        quoted=words[1].text,
        automatic=told.automatic or signs.automatic(Parsed(), told.address, subject),
    )
    name = f"{system} message {told.number}.json"
    return Found(
        fact, stored, "application/json", name, told.request, told.thread, tuple(notes), told.files, doubt=doubt
    )


def _direction(told: Told, own: Own) -> tuple[Any, str]:
    mine = "@" in told.address and own.has(told.address)
    if told.by_shop is None:
        if not told.address:
            raise Unreadable(phrase("does not say who wrote"))
        return ("out" if mine else "in"), ""
    if not told.by_shop and mine:
        return "in", _FROM_THE_SHOP
    return ("out" if told.by_shop else "in"), ""


def _visible(told: Told) -> tuple[str, bool]:
    """The page as a reader sees it: what a help desk makes of it itself may hold words nobody saw."""
    if len(told.html) > MAX_TEXT or len(told.text) > MAX_TEXT:
        raise Unreadable(phrase("has a text of more than {mb} MB", mb=MAX_TEXT // 2**20))
    plain = told.text.replace("\r\n", "\n").replace("\r", "\n")
    plain = "".join(sign for sign in plain if sign in "\n\t" or sign.isprintable())
    if not told.html.strip():
        return plain, False
    try:
        seen, hidden = to_text(told.html)
    except TooMuch as error:
        raise Unreadable(said_by(error)) from None
    return (seen, hidden) if seen or hidden else (plain, False)


def _line(text: str | None) -> str:
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text or "").split())


def _bare_numbers(content: Any, allowed: tuple[str, ...]) -> Any:
    """A card number that tags or entities break up shows only without them: then the tags go."""
    match content:
        case str() if "<" in content or "&" in content:
            masked = mask(content, allowed).text
            bare = mask(html.unescape(re.sub(r"<[^>]{0,5000}>", "", masked)), allowed)
            return bare.text if bare.hits else content
        case list():
            return [_bare_numbers(each, allowed) for each in content]
        case dict():
            return {name: _bare_numbers(value, allowed) for name, value in content.items()}
    return content
