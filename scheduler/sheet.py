"""A mail as data: what stands in it, in order. HTML and text are filled from the same one, so both say the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session

from disputes import store_mail
from templates import render
from templates.language import speaking, spoken


@dataclass(frozen=True, slots=True)
class Line:
    words: str
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """One thing, with what is told of it; the whole of it is a link where it has one."""

    title: str
    lines: tuple[Line, ...] = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    rows: tuple[Row, ...] = ()
    nothing: str = ""
    """What is said where there is no row."""
    link: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Everything a reader sees, said already in their language."""

    subject: str
    title: str
    intro: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()
    link: str = ""
    label: str = ""
    foot: tuple[str, ...] = ()
    settings_link: str = ""
    record: str = ""
    """The head of the audit chain."""
    language: str = field(default_factory=spoken)
    """In which it was said; the rest of it is said in the same."""

    @property
    def html(self) -> str:
        with speaking(self.language):
            return render.html("email/sheet.html", sheet=self)

    @property
    def text(self) -> str:
        with speaking(self.language):
            return render.text("email/sheet.txt", sheet=self)


def lines(*words: str) -> tuple[Line, ...]:
    return tuple(Line(each) for each in words if each)


def post(
    session: Session,
    sheet: Sheet,
    *,
    merchant_id: str,
    recipients: Iterable[str],
    kind: str,
    dedupe: str,
    now: datetime,
    dispute_id: str | None = None,
) -> None:
    """Into the outbox, one mail a recipient. Order numbers come from outside: no line break of theirs in a subject."""
    text, html = sheet.text, sheet.html
    for recipient in recipients:
        store_mail.put(
            session,
            merchant_id=merchant_id,
            kind=kind,
            dedupe=dedupe,
            recipient=recipient,
            subject=" ".join(sheet.subject.split()),
            text=text,
            html=html,
            now=now,
            dispute_id=dispute_id,
        )
