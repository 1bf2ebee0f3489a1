"""Mails of the import folder as one ticket of a help desk each order, with what a help desk has beside them."""

from __future__ import annotations

import base64
import email
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.utils import parseaddr
from html import escape
from pathlib import Path
from typing import Any

from disputes.facts import Message, Order
from evidence.sources.library import Library
from web.demo.systems.orders import NotThere, digits

Thing = dict[str, Any]
_STAFF = ("Defne", "support@lale.example")


def mails(folder: Path, ref: str) -> list[Path]:
    """Every single mail that lies under the order's number, notes and drafts among them."""
    return sorted((folder / "mail").rglob(f"{ref}-*.eml"))


def ticket(library: Library, folder: Path, ref: str, plan: Thing, now: datetime) -> Thing:
    """`plan`: the help desk's part of systems.json, with the notes and drafts that only a help desk has."""
    order = next((each.order for each in library.orders if each.order.order_ref == ref), None)
    if order is None:
        raise NotThere(f"order {ref}")
    told = {each.file: each.letter.message for each in library.mails}
    said = [_mail(folder, path, told.get(path.relative_to(folder).as_posix())) for path in mails(folder, ref)]
    last = max((datetime.fromisoformat(each["at"]) for each in said), default=now)
    said += [_aside(words, last, public=False) for words in _of(plan, "notes", ref)]
    said += [_aside(words, last, draft=True) for words in _of(plan, "drafts", ref)]
    said.sort(key=lambda each: each["at"])
    number = digits(ref)
    subject = said[0]["subject"]
    messages = [each | {"id": number * 100 + place} for place, each in enumerate(said, 1)]
    return {
        "id": number, "subject": subject, "status": "closed", "channel": "email",
        "created_at": messages[0]["at"], "updated_at": messages[-1]["at"], "customer": _customer(order, number),
        "order_number": ref, "messages": messages,
    }  # fmt: skip


def _of(plan: Thing, kind: str, ref: str) -> list[str]:
    words = plan[kind].get(ref)
    return [words] if words else []


def _customer(order: Order, number: int) -> Thing:
    return {"id": 70_000 + number, "name": order.customer_name, "email": order.customer_email}


def _mail(folder: Path, path: Path, told: Message | None) -> Thing:
    """`told`: the message as the folder's reader takes it; None for what never becomes evidence there either."""
    letter = email.message_from_bytes(path.read_bytes(), policy=policy.default)
    assert isinstance(letter, EmailMessage)
    name, address = parseaddr(told.sender if told else str(letter["From"]))
    ours = told.direction == "out" if told else True
    text = _text(letter)
    return {
        "message_id": str(letter["Message-ID"]), "at": _moment(letter).isoformat(),
        "from": "agent" if ours else "customer", "name": name or address, "email": address,
        "to": [parseaddr(str(letter["To"]))[1]], "channel": "email", "draft": path.parent.name == "Drafts",
        "public": told is not None or path.parent.name == "Drafts", "failed_at": None,
        "text": text, "html": _page(text), "attachments": list(_attachments(letter)), "subject": str(letter["Subject"]),
    }  # fmt: skip


def _page(text: str) -> str:
    return "".join(f"<p>{escape(part).replace(chr(10), '<br>')}</p>" for part in text.strip().split("\n\n"))


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body else ""


def _moment(letter: EmailMessage) -> datetime:
    at: datetime = letter["Date"].datetime
    return at.astimezone(UTC)


def _attachments(letter: EmailMessage) -> Any:
    for part in letter.iter_attachments():
        data = base64.b64encode(part.get_content()).decode()
        yield {"name": part.get_filename(), "media_type": part.get_content_type(), "base64": data}


def _aside(words: str, after: datetime, *, public: bool = True, draft: bool = False) -> Thing:
    name, address = _STAFF
    return {
        "message_id": None, "at": (after + timedelta(minutes=20)).isoformat(), "from": "agent", "name": name,
        "email": address, "to": [], "channel": "email", "public": public, "draft": draft, "failed_at": None,
        "text": words, "html": _page(words), "attachments": [],
    }  # fmt: skip
