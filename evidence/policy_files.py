"""A policy as a file: text, Markdown, web page or PDF, cleaned, masked and read into its words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import PurePosixPath

from disputes.phrases import phrase
from evidence.junk import junk
from evidence.mail.decoding import decode
from evidence.mail.parts import TooMuch
from evidence.packet.clean import clean_upload
from evidence.packet.errors import FileRefused
from evidence.packet.images import sniff
from evidence.packet.pdf_text import pdf_text
from evidence.redaction import mask
from evidence.sources.reading import MEGABYTE
from evidence.systems.page_text import page_text
from evidence.uploads import shown_name

MAX_POLICY = 5 * MEGABYTE
MAX_WORDS = 40_000
FEWEST_WORDS = 5
ACCEPTED = (".txt", ".md", ".html", ".htm", ".pdf")
_PAGE = re.compile(rb"^\s*(?:<!doctype\s+html|<html|<head|<body)", re.IGNORECASE)
_CHARSET = re.compile(rb"charset=[\"']?([\w.-]{2,30})", re.IGNORECASE)
_WRAPPED = 50
"""Signs from which on a line without a full stop was broken by its page and not by who wrote it."""
_POINT = re.compile(r"[-*•–]\s|\(?(?:\d{1,2}|[a-z]|[ivx]+)[.)]\s|#{1,6}\s")
_MARKS = (
    (re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE), r"\1"),
    (re.compile(r"^(?:={3,}|-{3,}|\*{3,})$\n?", re.MULTILINE), ""),
    (re.compile(r"\[([^\]\n]{1,200})\]\([^)\n]{1,500}\)"), r"\1"),
    (re.compile(r"(\*\*|__)(?=\S)(.{1,400}?)(?<=\S)\1"), r"\2"),
)
"""What Markdown draws with and no reader of the words wants to see."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """`data` is what is stored (cleaned and masked), `text` the words read out of it."""

    data: bytes
    media_type: str
    text: str


def read_policy_file(data: bytes, name: str) -> PolicyFile:
    """Raises FileRefused with a reason a person can act on."""
    shown = shown_name(name)
    if not data:
        raise FileRefused(shown, phrase("is empty"))
    if len(data) > MAX_POLICY:
        raise FileRefused(shown, phrase("is larger than {most} MB", most=MAX_POLICY // MEGABYTE))
    kind = sniff(data)
    suffix = PurePosixPath(shown).suffix.casefold()
    if kind == "application/pdf":
        return _checked(shown, _from_pdf(data, shown))
    if kind is not None:
        raise FileRefused(
            shown, phrase("is a picture, and a policy is quoted by its words. Paste them, or upload the page")
        )
    if suffix not in ACCEPTED or suffix == ".pdf":
        raise FileRefused(shown, phrase("is no text, Markdown, web page or PDF file"))
    named = _CHARSET.search(data[:2048])
    text, _ = decode(data, named.group(1).decode("ascii", "replace") if named else None)
    if suffix in (".html", ".htm") or _PAGE.match(data):
        return _checked(shown, _from_page(text, shown))
    return _checked(shown, read_policy_text(text, markdown=suffix == ".md"))


def read_policy_text(text: str, *, markdown: bool = False) -> PolicyFile:
    """Words that were pasted or lay in a text file."""
    masked = mask(_tidy(text)).text
    return PolicyFile(masked.encode(), "text/plain", _without_marks(masked) if markdown else masked)


def too_little(text: str) -> bool:
    """A filler, a placeholder or next to nothing: no bank is ever shown such a policy."""
    return len(text.split()) < FEWEST_WORDS or junk(text)


def _checked(name: str, read: PolicyFile) -> PolicyFile:
    if too_little(read.text):
        raise FileRefused(name, phrase("says next to nothing that can be read. Paste the words of the policy instead"))
    if len(read.text.split()) > MAX_WORDS:
        raise FileRefused(name, phrase("has more than {most} words. Upload the policy alone", most=MAX_WORDS))
    return read


def _from_page(source: str, name: str) -> PolicyFile:
    masked = mask(source).text
    try:
        text = page_text(masked)
    except TooMuch as error:
        raise FileRefused(name, phrase("is built too deep to be read. Paste its words instead")) from error
    return PolicyFile(masked.encode("utf-8", "replace"), "text/html", _tidy(text))


def _from_pdf(data: bytes, name: str) -> PolicyFile:
    clean = clean_upload(data, name)
    return PolicyFile(clean.data, clean.media_type, mask(_tidy(pdf_text(clean.data, name))).text)


def _tidy(text: str) -> str:
    lines = [" ".join(line.split()) for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(_unwrapped(lines))).strip()


def _unwrapped(lines: list[str]) -> list[str]:
    """Lines that were broken at a page's width put together again: what is quoted is a paragraph, never half of it."""
    joined: list[str] = []
    before = ""
    for line in lines:
        goes_on = len(before) >= _WRAPPED and not before.endswith((".", ":", ";", "!", "?")) and line
        if joined and goes_on and not _POINT.match(line):
            # A word parted at the end of its line by a soft hyphen is one word again.
            joined[-1] = joined[-1].removesuffix("\u00ad") + ("" if joined[-1].endswith("\u00ad") else " ") + line
        else:
            joined.append(line)
        before = line
    return joined


def _without_marks(text: str) -> str:
    for found, kept in _MARKS:
        text = found.sub(kept, text)
    return text.strip()
