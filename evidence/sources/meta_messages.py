"""Messages as Instagram and Facebook hand them out for download: inbox/<conversation>/message_1.json.

Their texts are UTF-8 whose bytes were written as if each were a letter of Latin-1; "Ã¼" is "ü".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import PurePosixPath
from typing import Any

from disputes.phrases import phrase
from evidence.sources.conversation import ChatRefused, Conversation, Line

MAX_MESSAGES = 100_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FILES = ("photos", "videos", "audio_files", "files", "gifs")
_FILE_NAME = re.compile(r"message_\d{1,4}\.json", re.IGNORECASE)
_KEPT = ("sender_name", "timestamp_ms", "content", "share", "call_duration", *_FILES)


def is_download(name: str) -> bool:
    return _FILE_NAME.fullmatch(PurePosixPath(name).name) is not None


def read(data: bytes, name: str) -> Conversation:
    """One file of one conversation. `name`: its path, which may say whose download it is. Raises ChatRefused."""
    try:
        content = json.loads(data.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        raise ChatRefused(phrase("is no JSON that can be read")) from None
    messages = content.get("messages") if isinstance(content, dict) else None
    if not isinstance(content, dict) or not isinstance(messages, list) or "participants" not in content:
        raise ChatRefused(phrase("is no conversation of an Instagram or Facebook download"))
    if len(messages) > MAX_MESSAGES:
        raise ChatRefused(phrase("holds more than {most} messages", most=f"{MAX_MESSAGES:,}"))
    lines = sorted(_lines(messages), key=lambda line: line.at)
    return Conversation(_channel(content, name), mended(str(content.get("title") or ""))[:100], tuple(lines))


def mended(text: str) -> str:
    """The text as it was written; one that is no such mistake stays."""
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def _channel(content: Mapping[str, Any], name: str) -> str:
    said = f"{name} {content.get('thread_path') or ''}".casefold()
    if "instagram" in said:
        return "instagram"
    if "facebook" in said or "messenger" in said:
        return "facebook"
    return "chat"


def _lines(messages: list[Any]) -> Iterator[Line]:
    for message in messages:
        if not isinstance(message, dict) or message.get("is_unsent"):
            continue
        at, sender = _moment(message.get("timestamp_ms")), message.get("sender_name")
        if at is None or not isinstance(sender, str) or not sender.strip():
            continue
        files = tuple(_files(message))
        text = "\n".join(filter(None, (_text(message.get("content")), _shared(message.get("share")), _call(message))))
        if text or files:
            kept = {key: _mended(message[key]) for key in _KEPT if key in message}
            raw = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
            yield Line(at, " ".join(mended(sender).split())[:100], text, raw, files)


def _moment(value: Any) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    try:
        return _EPOCH + timedelta(milliseconds=value)
    except OverflowError:
        return None


def _text(value: Any) -> str:
    return mended(value).strip() if isinstance(value, str) else ""


def _shared(value: Any) -> str:
    if not isinstance(value, dict):
        return ""
    return "\n".join(filter(None, (_text(value.get("share_text")), _text(value.get("link")))))


def _call(message: Mapping[str, Any]) -> str:
    seconds = message.get("call_duration")
    return f"[Call, {seconds} seconds]" if isinstance(seconds, int) and not isinstance(seconds, bool) else ""


def _files(message: Mapping[str, Any]) -> Iterator[str]:
    for kind in _FILES:
        for each in message.get(kind) or () if isinstance(message.get(kind), list) else ():
            if isinstance(each, dict) and isinstance(each.get("uri"), str):
                yield mended(each["uri"])[-200:]


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return mended(value)
    if isinstance(value, list):
        return [_mended(each) for each in value[:100]]
    if isinstance(value, dict):
        return {key: _mended(each) for key, each in value.items()}
    return value
