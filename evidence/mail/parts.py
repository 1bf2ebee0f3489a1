"""The leaves of a message: every text, in order, with how deep and of what kind. Depth and number are bounded."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message as Parsed

from disputes.phrases import phrase
from evidence.mail.decoding import decode, header, plain

MAX_DEPTH = 12
MAX_PARTS = 200
MAX_TEXT = 2**20


class TooMuch(ValueError):
    """Nested or long beyond any honest mail."""


@dataclass(frozen=True, slots=True)
class Leaf:
    kind: str
    """text/plain, text/html, or the type of something that is no text."""
    text: str
    name: str
    size: int
    forwarded: bool
    """Lies in a message inside the message."""
    attached: bool
    relabelled: bool = False

    @property
    def words(self) -> bool:
        return self.kind in ("text/plain", "text/html")


def parse(data: bytes) -> Parsed:
    """Any bytes give a message; the old policy is the one that never raises on hostile headers."""
    try:
        return email.message_from_bytes(data, policy=email.policy.compat32)
    except RecursionError:
        raise TooMuch(phrase("is nested too deeply")) from None


def leaves(message: Parsed) -> list[Leaf]:
    found: list[Leaf] = []
    for leaf in _leaves(message, 0, forwarded=False):
        found.append(leaf)
        if len(found) > MAX_PARTS:
            raise TooMuch(phrase("has more than {most} parts", most=MAX_PARTS))
    return found


def _leaves(message: Parsed, depth: int, *, forwarded: bool) -> Iterator[Leaf]:
    if depth > MAX_DEPTH:
        raise TooMuch(phrase("is nested too deeply"))
    content = message.get_payload()
    kind = message.get_content_type()
    if isinstance(content, list):
        for part in content:
            inner = kind.startswith("message/")
            if inner and isinstance(part, Parsed):
                yield Leaf("text/plain", _envelope(part), "", 0, True, False)
            if isinstance(part, Parsed):
                yield from _leaves(part, depth + 1, forwarded=forwarded or inner)
        return
    yield _leaf(message, kind, forwarded)


def _envelope(message: Parsed) -> str:
    lines = [f"{name}: {header(message, name)}" for name in ("From", "To", "Date", "Subject") if header(message, name)]
    return "\n".join(["-----Forwarded message-----", *lines])


def _leaf(message: Parsed, kind: str, forwarded: bool) -> Leaf:
    payload = message.get_payload(decode=True)
    data = payload if isinstance(payload, bytes) else b""
    try:
        name = plain(message.get_filename() or "")
    except (LookupError, ValueError):
        name = ""
    disposition = header(message, "Content-Disposition").casefold()
    attached = disposition.startswith("attachment") or bool(name)
    main = kind.partition("/")[0]
    if main not in ("text", "multipart", "message"):
        return Leaf(kind, "", name, len(data), forwarded, True)
    if len(data) > MAX_TEXT:
        raise TooMuch(phrase("has a text of more than {mb} MB", mb=MAX_TEXT // 2**20))
    try:
        charset = message.get_content_charset()
    except (LookupError, ValueError):
        charset = None
    text, wrong = decode(data, charset)
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    text = "".join(sign for sign in lines if sign in "\n\t\u00ad" or sign.isprintable())
    shown = "text/html" if kind == "text/html" else "text/plain"
    # A broken multipart or an odd text type is shown as the words that stand in it.
    return Leaf(shown, text, name, len(data), forwarded, attached or kind == "text/calendar", wrong)
