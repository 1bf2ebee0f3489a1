"""A mailbox of the tests: what is typed for it, what lies in it, and what was read from it."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from PIL import Image

from disputes.facts import Document, Message
from disputes.ports import Gathered, SourceReport
from disputes.systems import SourceError
from evidence.systems.imap import KIND
from tests.dovecot import HOST, PASSWORD, Dovecot
from tests.evidence.mail.builders import mail, multipart
from tests.evidence.systems.builders import outside, wanted

CUSTOMER = "Emily Carter <emily.carter@example.com>"
SHOP = "help@lumen.example"
WHEN = "Sat, 05 Sep 2026 12:00:00 +0300"
CARD = "4242 4242 4242 4242"


def settings(server: Dovecot, user: str, **changes: str) -> dict[str, str]:
    typed = {"host": HOST, "port": str(server.port), "security": "none", "user": user, "password": PASSWORD}
    return typed | changes


def asked(server: Dovecot, user: str, typed: dict[str, str] | None = None, **changes: Any) -> SourceReport:
    return KIND.open(typed or settings(server, user), outside()).gather(wanted(**changes))


def letter(words: str | bytes = "Where is my order LL-1001?", number: int = 1, **changes: Any) -> bytes:
    told: dict[str, Any] = {
        "body": words, "sender": CUSTOMER, "to": SHOP, "date": WHEN, "subject": "A question",
        "message_id": f"<{number}@mail.example.com>",
    }  # fmt: skip
    return mail(**(told | changes))


def said(report: SourceReport) -> list[tuple[str, str, str]]:
    """Direction, confidence and words of each message."""
    return [
        (item.fact.direction, item.confidence, item.fact.body)
        for item in report.items
        if isinstance(item.fact, Message)
    ]


def documents(items: Sequence[Gathered]) -> list[Gathered]:
    return [item for item in items if isinstance(item.fact, Document)]


def picture(size: int = 60) -> bytes:
    """Another one each time."""
    out = io.BytesIO()
    Image.effect_noise((size, size), 90).convert("RGB").save(out, "PNG")
    return out.getvalue()


def with_file(name: str, data: bytes, kind: str = "image/png", head: str = "", number: int = 1) -> bytes:
    packed = base64.encodebytes(data).decode()
    part = f'{kind}; name="{name}"\nContent-Transfer-Encoding: base64{head}'
    body = multipart(("text/plain; charset=utf-8", "See my order LL-1001."), (part, packed))
    return letter(body, number, content_type='multipart/mixed; boundary="b"')


# ---- who is let in -------------------------------------------------------------------------------------------------


def refused(typed: dict[str, str], **changes: Any) -> SourceError:
    with pytest.raises(SourceError) as caught:
        KIND.open(typed, replace(outside(), **changes)).account()
    assert PASSWORD not in str(caught.value)
    return caught.value
