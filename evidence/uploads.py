"""One file a person lays on a case: cleaned or masked, and turned into a fact."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePosixPath, PureWindowsPath
from typing import IO

from disputes.clock import plainly
from disputes.knowledge import evidence_items
from disputes.ports import Gathered
from evidence.mail import MailRefused, Own, read_mail
from evidence.packet.clean import clean_upload
from evidence.packet.errors import FileRefused
from evidence.packet.images import sniff
from evidence.redaction import mask
from evidence.sources.documents import document

MAX_UPLOAD = 20 * 2**20
ACCEPTED = (".pdf", ".jpg", ".jpeg", ".png", ".heic", ".heif", ".eml")
_TABLES = (".csv", ".tsv", ".json", ".xls", ".xlsx", ".ods", ".mbox")


def read_capped(stream: IO[bytes], name: str) -> bytes:
    """The bytes of an upload, at most MAX_UPLOAD of them in memory, or a refusal."""
    data = stream.read(MAX_UPLOAD + 1)
    if len(data) > MAX_UPLOAD:
        raise FileRefused(shown_name(name), f"is larger than {MAX_UPLOAD // 2**20} MB")
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
        raise FileRefused(shown, f"is larger than {MAX_UPLOAD // 2**20} MB")
    request = f"Added by a person, {plainly(now, zone)}"
    suffix = PurePosixPath(shown).suffix.casefold()
    if sniff(data):
        return _document(data, shown, item, order_ref, request)
    if suffix == ".eml":
        return _message(data, shown, Own.of(own), order_ref, request, tuple(allowed))
    if suffix in _TABLES:
        raise FileRefused(
            shown, "is an export. Lay it into the import folder, where its lines are matched to their orders"
        )
    if suffix in ACCEPTED:
        raise FileRefused(shown, f"is no {suffix.removeprefix('.').upper()} file inside")
    kind = f"a {suffix} file" if suffix else "a file without a known type"
    raise FileRefused(shown, f"is {kind}; PDF, JPEG, PNG, HEIC and .eml are taken")


def shown_name(name: str) -> str:
    """The last part of the name, printable, without a path of somebody's machine."""
    last = PureWindowsPath(PurePosixPath(name).name).name
    plain = "".join(sign if sign.isprintable() else " " for sign in last)
    return mask(" ".join(plain.split())).text[-120:].strip() or "file without a name"


def _document(data: bytes, name: str, item: str, order_ref: str | None, request: str) -> Gathered:
    clean = clean_upload(data, name)
    title = " ".join(
        re.sub(r"[_\s]+", " ", PurePosixPath(name).stem.partition("__")[2] or PurePosixPath(name).stem).split()
    )
    fact = document(clean, item, title or item.replace("_", " ").capitalize(), order_ref=order_ref)
    return Gathered(clean.data, clean.media_type, name, request, fact, "certain", "laid on the case by a person")


def _message(
    data: bytes, name: str, own: Own, order_ref: str | None, request: str, allowed: tuple[str, ...]
) -> Gathered:
    if not own:
        raise FileRefused(
            name, "cannot be taken before the shop's own mail addresses are set; without them nobody can tell who wrote"
        )
    try:
        letter = read_mail(data, own, allowed=allowed)
    except MailRefused as refusal:
        raise FileRefused(name, str(refusal)) from None
    if letter is None:
        raise FileRefused(name, "is a draft or an internal note; only mail exchanged with the customer is evidence")
    fact = letter.message.model_copy(update={"order_ref": order_ref})
    why = "; ".join(["laid on the case by a person", *letter.notes])
    return Gathered(letter.data, "message/rfc822", name, request, fact, "certain", why)
