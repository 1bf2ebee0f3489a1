"""The bytes of a message as they are stored: masked, readable, and without what cannot be looked into.

A message without anything to mask is kept to the byte, so that its signatures still verify. Every other one is written
anew: headers one line each, texts in UTF-8, attachments named but not kept, blind copies gone.
"""

from __future__ import annotations

import base64
import email.header
import hashlib
import html
import re
from collections.abc import Iterable, Sequence
from email.message import Message as Parsed
from itertools import groupby

from evidence.mail.decoding import plain
from evidence.mail.parts import Leaf
from evidence.redaction import Masked, mask

MAX_HEADERS = 200
_BLIND = frozenset({"bcc", "resent-bcc"})
_OURS = frozenset(
    {"content-type", "content-transfer-encoding", "content-disposition", "mime-version", "content-length"}
)
"""Headers that are written anew."""
_NAME = re.compile(r"[!-9;-~]{1,76}")


def stored_bytes(data: bytes, message: Parsed, parts: Sequence[Leaf], allowed: Iterable[str]) -> tuple[bytes, int]:
    """What may be stored, and how many numbers were masked in it."""
    allowed = tuple(allowed)
    texts = [_masked(part, allowed) for part in parts]
    names = [(name, mask(plain(str(value)), allowed)) for name, value in message.raw_items()]
    hits = sum(each.hits for _, each in texts) + sum(value.hits for _, value in names)
    blind = any(name.casefold() in _BLIND for name, _ in names)
    unseen = any(not part.words for part in parts) or any(mask(part.name, allowed).hits for part in parts)
    if not (hits or blind or unseen or _broken(message) or mask(data.decode("latin-1"), allowed).hits):
        return data, 0
    told = [(name, value.text) for name, value in names if name.casefold() not in _BLIND | _OURS]
    head = [(name, value) for name, value in told if _NAME.fullmatch(name)][:MAX_HEADERS]
    bodies = [
        (kind, text.text) if part.words else ("text/plain", _left_out(part, allowed))
        for part, (kind, text) in zip(parts, texts, strict=True)
    ]
    return _written(head, bodies), hits


def _masked(part: Leaf, allowed: tuple[str, ...]) -> tuple[str, Masked]:
    """Type and text to store. A number that tags or entities break up shows only without them: then the tags go."""
    masked = mask(part.text, allowed)
    if part.kind != "text/html":
        return part.kind, masked
    bare = mask(html.unescape(re.sub(r"<[^>]{0,5000}>", "", masked.text)), allowed)
    return ("text/plain", Masked(bare.text, masked.hits + bare.hits)) if bare.hits else (part.kind, masked)


def _broken(message: Parsed) -> bool:
    """Text may hide where a damaged structure is not read: before the first part, after the last, in a defect."""
    if message.defects:
        return True
    if not message.is_multipart():
        return False
    riders = [str(each).strip() for each in (message.preamble or "", message.epilogue or "")]
    inner = message.get_payload()
    known = all(not each or each.casefold().startswith("this is a multi") for each in riders)
    return not known or any(_broken(part) for part in inner if isinstance(part, Parsed))


def _left_out(part: Leaf, allowed: Iterable[str]) -> str:
    name = mask(part.name, allowed).text or "without a name"
    return f"[Attachment not kept with the message: {name}, {part.kind}, {part.size} bytes]"


def _written(head: Sequence[tuple[str, str]], bodies: Sequence[tuple[str, str]]) -> bytes:
    lines = [_header(name, value) for name, value in head]
    lines.append("MIME-Version: 1.0")
    if len(bodies) == 1:
        return ("\r\n".join([*lines, *_body(*bodies[0])]) + "\r\n").encode("ascii")
    digest = hashlib.sha256(repr(bodies).encode("utf-8", "surrogatepass")).hexdigest()[:24]
    lines += [f'Content-Type: multipart/mixed; boundary="=_{digest}"', ""]
    for body in bodies:
        lines += [f"--=_{digest}", *_body(*body)]
    lines += [f"--=_{digest}--", ""]
    return "\r\n".join(lines).encode("ascii")


def _header(name: str, value: str) -> str:
    """Folded, ASCII, and one header only whatever its value was."""
    if value.isascii() and len(value) < 900:
        return f"{name}: {value}"
    runs = groupby(value.split(" "), key=lambda word: not word.isascii())
    words = [_encoded(list(run)) if foreign else " ".join(run) for foreign, run in runs]
    return f"{name}: " + "\r\n ".join(words)


def _encoded(words: list[str]) -> str:
    """Only the words that need it, so that an address beside a name stays one."""
    clean = " ".join(words).encode("utf-8", "replace").decode()
    return email.header.Header(clean, "utf-8", maxlinelen=75).encode(linesep="\r\n")


def _body(kind: str, text: str) -> list[str]:
    packed = base64.encodebytes(text.encode("utf-8", "replace")).decode("ascii").splitlines()
    return [f"Content-Type: {kind}; charset=utf-8", "Content-Transfer-Encoding: base64", "", *packed]
