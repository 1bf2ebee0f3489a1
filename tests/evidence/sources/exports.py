"""Exports of conversations as files: WhatsApp's text, the downloads of Instagram and Facebook, and ZIP archives."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

SHOP = "Lale Living"
WHATSAPP = (
    "10/11/2026, 09:00 - Messages and calls are end-to-end encrypted.\n"
    "10/11/2026, 09:05 - Emily Carter: Hello, where is my parcel?\n"
    f"13/11/2026, 10:00 - {SHOP}: It was delivered today.\n"
    "13/11/2026, 10:30 - Emily Carter: IMG-1.jpg (file attached)\nThank you, it came!"
)
"""A customer and the shop after the order LL-1 of the builders (5 November 2026)."""


def packed(files: Mapping[str, str | bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def broken_letters(text: str) -> str:
    """As Meta writes it: the bytes of UTF-8, each as if it were a letter of Latin-1."""
    return text.encode().decode("latin-1")


def at(day: int, hour: int = 9) -> int:
    """Milliseconds of an hour in November 2026, UTC."""
    return int(datetime(2026, 11, day, hour, tzinfo=UTC).timestamp()) * 1000


def said(sender: str, content: str | None, *, day: int = 10, **more: Any) -> dict[str, Any]:
    words = {} if content is None else {"content": broken_letters(content)}
    return {"sender_name": broken_letters(sender), "timestamp_ms": at(day), **words, **more}


def download(*messages: dict[str, Any], other: str = "Emily Carter", **more: Any) -> str:
    """message_1.json of one conversation, the newest message first as Meta writes it."""
    people = [{"name": broken_letters(name)} for name in (other, SHOP)]
    content = {
        "participants": people,
        "messages": sorted(messages, key=lambda each: -each.get("timestamp_ms", 0)),
        "title": broken_letters(other),
        "is_still_participant": True,
        "thread_path": "inbox/emilycarter_1",
        "magic_words": [],
        **more,
    }
    return json.dumps(content)
